"""Turn the bytes of an answer into raw orders, however broken some of them are."""

import codecs
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import ParseError  # nosec B405 # parses nothing

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from stores.marketplaces.base import Received, gettext_noop
from stores.marketplaces.custom_store.notices import FORBIDDEN

# An option of an item stands six levels deep.
DEEPEST = 20
MOST_ELEMENTS = 500_000
MOST_PIECES = 100_000
LONGEST_PIECE = 20_000
LONGEST_NAME = 1000
# Elements that hold a list, whatever its entries are called.
LISTS = frozenset({"Items", "Options"})
# An order that could not be read is these two: why, and what there is of it.
BROKEN, PIECE = "#broken", "#xml"
CHANGES_BY_ITSELF = "LastModified"

CDATA, END_OF_CDATA = "<![CDATA[", "]]>"
REFERENCE = re.compile(
    r"&(?:(amp|lt|gt|quot|apos);|#(\d{1,7});|#x([0-9A-Fa-f]{1,6});)?"
)
ENCODING = re.compile(rb"""<\?xml[^>]{0,100}encoding=["']([A-Za-z0-9_-]{1,40})""")
# Encodings of one byte a character. Not any that Python knows: some take an age.
OLD_ENCODING = re.compile(r"(?i:iso-?8859-?\d{1,2}|windows-125\d|cp125\d|latin-?1)")
FIRST_ELEMENT = re.compile(r"<([A-Za-z_][\w.-]{0,40})[^<>]{0,1000}>")
MARK = re.compile(r"<Order(?=[\s/>])|</Order\s{0,20}>|</Orders\s{0,20}>")

CUT_OFF = gettext_noop("a list of orders that breaks off")
REFUSED_XML = gettext_noop("XML with a DOCTYPE or entities, which is refused")
TOO_MUCH = gettext_noop("XML that is too deep or too large")
UNREADABLE_XML = gettext_noop("unreadable XML")


class NoDocument(Exception):
    """The bytes are nothing that is read here; the text is an English one for them."""


class _Broken(Exception):
    """XML that is not well-formed, and where."""


@dataclass(frozen=True)
class Document:
    """The root of an answer: its name, its attributes, and the elements in it."""

    root: str
    attributes: dict[str, str]
    elements: list[tuple[str, Any]]
    text: str = ""

    @property
    def orders(self) -> list[Received]:
        """Return the raw orders of a list."""
        return [
            value if isinstance(value, Received) else as_received(value)
            for name, value in self.elements
            if name == "Order"
        ]

    @property
    def pages(self) -> int | None:
        """The number of pages it says there are; None without one that makes sense."""
        text = self.attributes.get("pages", "").strip()
        is_number = text.isascii() and text.isdecimal() and len(text) < 10
        return int(text) if is_number else None


def read_document(content: bytes) -> Document:
    """Return what an answer holds, or raise `NoDocument`.

    Read as it is, if that goes; else without what no XML may hold; else order by order,
    so that one that is broken costs no other one.
    """
    try:
        return _parse(content)
    except _Broken:
        text = _mended(_decoded(content))
    try:
        return _parse(text)
    except _Broken:
        return _in_pieces(text)


def as_received(value: Any, broken: str = "") -> Received:
    """Return an element as a raw order, with the JSON to keep of it."""
    if broken:
        value = {BROKEN: broken, PIECE: value[:LONGEST_PIECE]}
    raw = Received(value if isinstance(value, dict) else {"#text": value})
    raw.text = json.dumps(raw, ensure_ascii=False)
    if CHANGES_BY_ITSELF in raw:
        kept = {name: raw[name] for name in raw if name != CHANGES_BY_ITSELF}
        raw.lasting = json.dumps(kept, ensure_ascii=False)
    return raw


class _Builder:
    """Makes plain values of elements: a text, an object or a list.

    Attributes and namespaces are left out; what comes twice in an object is a list.
    """

    def __init__(self) -> None:
        self.root = ""
        self.attributes: dict[str, str] = {}
        self.elements: list[tuple[str, Any]] = []
        self.text = ""
        self._levels: list[list[tuple[str, Any]]] = []
        self._texts: list[str] = []
        self._count = 0

    def listen_to(self, parser: DefusedXMLParser) -> None:
        """Take the elements from within: the way around takes twice the time."""
        expat = parser.parser
        expat.StartElementHandler = self._start
        expat.EndElementHandler = self._end
        expat.CharacterDataHandler = self._texts.append

    def close(self) -> None:
        """Nothing is left to do; the parser asks for it."""

    def _start(self, tag: str, attributes: list[str]) -> None:
        self._count += 1
        if self._count > MOST_ELEMENTS or len(self._levels) > DEEPEST:
            raise NoDocument(TOO_MUCH)
        # The namespace is in each name again, however long it is.
        if any(len(name) > LONGEST_NAME for name in (tag, *attributes[::2])):
            raise NoDocument(TOO_MUCH)
        if not self._levels:
            self.root = _without_namespace(tag)
            self.attributes = dict(zip(attributes[::2], attributes[1::2], strict=True))
        elif self._texts:
            # Words before an element are kept; blanks are layout.
            if text := "".join(self._texts).strip():
                self._levels[-1].append(("#text", text))
            self._texts.clear()
        self._levels.append([])

    def _end(self, tag: str) -> None:
        elements = self._levels.pop()
        text = "".join(self._texts)
        self._texts.clear()
        if not self._levels:
            self.elements, self.text = elements, text
            return
        name = _without_namespace(tag) if "}" in tag else tag
        value: Any = text
        if elements:
            if text := text.strip():
                elements.append(("#text", text))
            is_list = name in LISTS
            value = [one for _, one in elements] if is_list else _as_object(elements)
        elif name in LISTS and not text.strip():
            value = []
        self._levels[-1].append((name, value))


def _without_namespace(tag: str) -> str:
    return tag.rpartition("}")[2]


def _as_object(elements: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(elements)
    if len(found) < len(elements):
        values = defaultdict(list)
        for name, value in elements:
            values[name].append(value)
        found |= {name: many for name, many in values.items() if len(many) > 1}
    return found


def _parse(xml: str | bytes) -> Document:
    builder = _Builder()
    parser = DefusedXMLParser(target=builder, forbid_dtd=True)
    builder.listen_to(parser)
    try:
        parser.feed(xml)
        parser.close()
    except DefusedXmlException:
        raise NoDocument(REFUSED_XML) from None
    except (ParseError, LookupError, ValueError) as error:
        raise _Broken(str(error)) from None
    return Document(builder.root, builder.attributes, builder.elements, builder.text)


def _decoded(content: bytes) -> str:
    """Return the text of bytes that may be declared as something else."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        declared = ENCODING.search(content[:1000])
        name = declared[1].decode() if declared else ""
        known = name if OLD_ENCODING.fullmatch(name) else "utf-8"
        return content.decode(known, "replace")


def _mended(text: str) -> str:
    """Return the text without what stands before it and what no XML may hold.

    A program's notice may stand before the declaration, in HTML of its own.
    """
    start = text.find("<?xml")
    text = FORBIDDEN.sub("", text[max(start if start >= 0 else text.find("<"), 0) :])
    return "".join(
        part if is_cdata else REFERENCE.sub(_escaped, part)
        for part, is_cdata in _parts(text)
    )


def _parts(text: str) -> Iterator[tuple[str, bool]]:
    """Yield the text in parts, and whether each is a section of plain characters."""
    place = 0
    while (start := text.find(CDATA, place)) >= 0:
        end = text.find(END_OF_CDATA, start)
        if end < 0:
            break
        end += len(END_OF_CDATA)
        yield text[place:start], False
        yield text[start:end], True
        place = end
    yield text[place:], False


def _escaped(found: re.Match[str]) -> str:
    """Return a sign as XML wants it; one that stands for no character is dropped."""
    named, decimal, hexadecimal = found.groups()
    if named:
        return found[0]
    if decimal is None and hexadecimal is None:
        return "&amp;"
    number = int(decimal) if decimal else int(hexadecimal, 16)
    is_one = number < 0x110000 and not FORBIDDEN.match(chr(number))
    return found[0] if is_one else ""


def _in_pieces(text: str) -> Document:
    """Read each order alone. A list without its end is none: the rest is missing."""
    head = FIRST_ELEMENT.search(text)
    if not head or head[1] != "Orders":
        raise NoDocument(UNREADABLE_XML)
    try:
        attributes = _parse(head[0].rstrip("/>") + "/>").attributes
    except _Broken:
        attributes = {}
    elements = [("Order", _piece(piece)) for piece in _cut(text)]
    return Document("Orders", attributes, elements)


def _piece(text: str) -> Received:
    try:
        return as_received(_as_object(_parse(text).elements))
    except (_Broken, NoDocument) as error:
        return as_received(text, broken=str(error))


def _cut(text: str) -> list[str]:
    """Return the orders of a list, each from its beginning to its end or the next one.

    What a buyer wrote stands in sections of plain characters, where nothing counts.
    """
    pieces: list[str] = []
    place = 0
    begun: int | None = None
    for part, is_cdata in _parts(text):
        for mark in () if is_cdata else MARK.finditer(part):
            is_end = mark[0].startswith("</Order") and mark[0][7:8] != "s"
            if begun is not None:
                ended = place + (mark.end() if is_end else mark.start())
                pieces.append(text[begun:ended])
            if mark[0].startswith("</Orders"):
                return pieces
            if len(pieces) > MOST_PIECES:
                raise NoDocument(TOO_MUCH)
            begun = None if is_end else place + mark.start()
        place += len(part)
    raise NoDocument(CUT_OFF)
