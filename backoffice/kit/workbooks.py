"""The rows of a workbook, its cells as a person sees them."""

import io
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date, datetime, time
from typing import Any
from xml.etree.ElementTree import ParseError  # nosec B405 # the error alone
from xml.parsers.expat import (  # nosec B407 # entities are refused
    ExpatError,
    ParserCreate,
)

from defusedxml.common import DefusedXmlException
from django.utils.translation import gettext as _

from backoffice.kit.errors import UnreadableFile
from backoffice.kit.number_forms import shown
from backoffice.kit.spreadsheet_numbers import EXACT_DIGITS

ZIP = b"PK\x03\x04"
# A small XLSX may unpack to anything; this is what five megabytes of work look like.
MOST_UNPACKED = 40 * 1024 * 1024
MOST_PARTS = 500
# Reading an element of a cell costs some microseconds, and any other up to fifty times
# as much. So many are five thousand lines of fifty cells, or, where they are made to
# hurt, a few seconds.
MOST_CELL_TAGS = 500_000
MOST_OTHER_TAGS = 20_000
# What lines and shared texts are made of, by the root of their part and what is below
# it. Nothing else that is read out of such a part looks into these.
CELL_TAGS = {
    ("worksheet", "sheetData"): {"sheetData", "row", "c", "v", "f", "is", "t", "r"},
    ("sst", "si"): {"si", "t", "r"},
}
# How letters in the middle of a text look and sound, at so many times the price.
RICH_TAGS = {"rPr", "rFont", "charset", "family", "b", "i", "strike", "color", "sz"}
RICH_TAGS |= {"u", "vertAlign", "scheme", "outline", "shadow", "condense", "extend"}
RICH_TAGS |= {"rPh", "phoneticPr"}
RICH_PRICE = 5
# The forms of numbers are searched for brackets, again and again.
STYLES = "xl/styles.xml"
LONGEST_STYLE = 1000
# Marks of byte order, the zeros of UTF-16, blanks.
BEFORE_XML = b"\xef\xbb\xbf\xfe\xff\0 \t\r\n"
# Of all sheets that are looked at, empty ones between and whole rows included.
MOST_CELLS = 2_000_000
# Archives that are no XLSX, by a part that no XLSX has.
OTHER_FORMATS = {"content.xml": "OpenDocument", "xl/workbook.bin": "XLSB"}

BELOW_ROOT = 2
# Names and values alike; a cell has fewer of both.
ATTRIBUTES_A_TAG = 8

# What openpyxl raises for a broken file is not documented: anything, as it seems.
UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    DefusedXmlException,
    ParseError,
    ArithmeticError,
    AttributeError,
    EOFError,
    IndexError,
    KeyError,
    NotImplementedError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
)


def rows_of(
    data: bytes, width: int, weigh: Callable[[Iterator[list[str]]], tuple[int, int]]
) -> Iterator[list[str]]:
    """Yield the rows of the first sheet of the greatest weight, cut at this width."""
    from openpyxl import load_workbook

    try:
        _refuse_other_archives(data)
        _refuse_heavy_parts(data)
        workbook = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        try:
            sheets = [
                one for one in workbook.worksheets if one.sheet_state == "visible"
            ]
            if not sheets:
                raise UnreadableFile(_("The workbook has no sheet."))
            for sheet in sheets:
                # What a sheet says of its size may be wrong, and cut lines off.
                sheet.reset_dimensions()
            spent = Counter[str]()
            table = sheets[0]
            if len(sheets) > 1:
                table = max(sheets, key=lambda one: weigh(_rows(one, width, spent)))
            yield from _rows(table, width, spent)
        finally:
            workbook.close()
    except UNREADABLE:
        raise UnreadableFile(
            _("The file is not a workbook that can be read; save it as CSV instead.")
        ) from None


def _rows(sheet: Any, width: int, spent: Counter[str]) -> Iterator[list[str]]:
    for row in sheet.iter_rows():
        spent["cells"] += len(row) + 1
        if spent["cells"] > MOST_CELLS:
            raise _too_large()
        yield [_as_text(cell) for cell in row[:width]]


def _refuse_other_archives(data: bytes) -> None:
    """Refuse what is no XLSX, or unpacks to more than one of this size does.

    The sizes are the archive's own claim, and what is read later stops at them.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = archive.infolist()
    if len(parts) > MOST_PARTS or sum(one.file_size for one in parts) > MOST_UNPACKED:
        raise _too_large()
    names = {one.filename for one in parts}
    for part, name in OTHER_FORMATS.items():
        if part in names:
            message = _("The file is in the format %(name)s; save it as XLSX or CSV.")
            raise UnreadableFile(message % {"name": name})
    if not any(name.startswith("xl/") for name in names):
        raise UnreadableFile(
            _("The file is neither CSV nor XLSX; save it as one of them.")
        )


def _refuse_heavy_parts(data: bytes) -> None:
    """Refuse what would take longer to read than anybody waits."""
    scales = _Scales()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for one in archive.infolist():
            part = archive.read(one)
            if not part[:100].lstrip(BEFORE_XML).startswith(b"<"):
                continue
            is_styles = one.filename == STYLES
            if is_styles and max(map(len, part.split(b"<"))) > LONGEST_STYLE:
                raise _too_large()
            scales.weigh(
                part, may_hold_cells=one.filename.startswith("xl/") and not is_styles
            )


class _Scales:
    """Counts the elements of a workbook's parts, until there are too many.

    By what stands in a part: a workbook names its parts as it likes.
    """

    def __init__(self) -> None:
        self.cell_tags = self.other_tags = 0
        self._path: list[str] = []
        self._cheap: set[str] = set()

    def weigh(self, part: bytes, may_hold_cells: bool) -> None:
        self._path, self._cheap = [], set()
        parser = ParserCreate()
        parser.ordered_attributes = True
        parser.StartElementHandler = self._begin if may_hold_cells else self._count
        parser.EndElementHandler = self._end if may_hold_cells else None
        parser.EntityDeclHandler = _refuse_entity
        # Whoever reads it gets no further than this. Parts that nobody reads, as old
        # drawings, are often no XML.
        with suppress(ExpatError):
            parser.Parse(part, True)

    def _begin(self, name: str, attributes: list[str]) -> None:
        tag = name.rpartition(":")[2]
        self._path.append(tag)
        if len(self._path) == BELOW_ROOT:
            root, below = self._path
            self._cheap = CELL_TAGS.get((root, below), set())
        is_rich = bool(self._cheap) and tag in RICH_TAGS
        if tag not in self._cheap and not is_rich:
            self._count(name, attributes)
            return
        price = RICH_PRICE if is_rich else 1
        self.cell_tags += price * (1 + len(attributes) // ATTRIBUTES_A_TAG)
        if self.cell_tags > MOST_CELL_TAGS:
            raise _too_large()

    def _end(self, _name: str) -> None:
        self._path.pop()

    def _count(self, _name: str, attributes: list[str]) -> None:
        self.other_tags += 1 + len(attributes) // ATTRIBUTES_A_TAG
        if self.other_tags > MOST_OTHER_TAGS:
            raise _too_large()


def _refuse_entity(*_declared: object) -> None:
    raise ValueError


def _too_large() -> UnreadableFile:
    return UnreadableFile(
        _("The workbook is too large once unpacked; save the sheet as CSV.")
    )


def _as_text(cell: Any) -> str:
    """Return a cell as a person sees it; a number that lost digits as rounded."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, int | float):
        if len(f"{abs(value):.0f}") > EXACT_DIGITS:
            return f"{value:.5E}"
        whole = value == int(value)
        return shown(int(value), cell.number_format) if whole else repr(value)
    if isinstance(value, datetime):
        whole_day = value.time() == time.min
        return value.date().isoformat() if whole_day else value.isoformat(sep=" ")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)
