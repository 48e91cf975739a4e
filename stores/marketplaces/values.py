"""Read single values of a marketplace's JSON: tolerant of form, strict on sense."""

import html
import re
import reprlib
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from stores.marketplaces.base import UnreadableOrder, gettext_noop
from stores.marketplaces.hosts import is_loopback, is_private

Value = TypeVar("Value")


class Brief(reprlib.Repr):
    """Of a deep, long or huge value only the beginning is written."""

    def __init__(self) -> None:
        super().__init__()
        self.maxstring = self.maxother = 60

    def repr_Decimal(self, value: Decimal, level: int) -> str:
        return str(value)[: self.maxother]


BRIEF = Brief()
CENT = Decimal("0.01")
MOST_MONEY = Decimal("9999999.99")
MOST_PIECES = 100_000
# A whole number as the marketplace's own language writes it: 2, 2.0, 1,000.
PIECES = re.compile(r"(\d+|\d{1,3}(,\d{3})+)(\.0*)?", re.ASCII)
STAMP = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d([.,]\d{1,9})?)?\s*(Z|[+-]\d\d:?\d\d)?",
    re.ASCII,
)
# The characters of RFC 3986 without the quote: an address that needs no escaping.
ADDRESS = re.compile(r"https?://[A-Za-z0-9\-._~:/?#\[\]@!$&()*+,;=%]+", re.ASCII)
LONGEST_ADDRESS = 500
# Much longer than any field here, so that entities and tags go before it is clipped.
LONGEST_WORDS = 20_000
ENTITY = re.compile(r"&(?:[A-Za-z]{2,31}|#\d{1,7}|#x[0-9A-Fa-f]{1,6});")
# One that holds an @ is an address of mail.
TAG = re.compile(r"</?[A-Za-z][^<>@]{0,500}>")
# What turns the direction of all that follows, soft hyphens, blanks without width, the
# mark of byte order. Joiners and single marks of direction stay, which Persian, Hindi,
# Hebrew and faces are written with.
UNSEEN = re.compile("[\u00ad\u180e\u200b\u202a-\u202e\u2060-\u206f\ufeff]")


UNREADABLE_FIELD = gettext_noop(
    "Order %(order)s cannot be read, its field %(field)s is %(value)s."
)


@contextmanager
def naming(order_id: str) -> Iterator[None]:
    """Say of what cannot be read which order it is of."""
    try:
        yield
    except UnreadableOrder as error:
        raise UnreadableOrder(
            UNREADABLE_FIELD, order_id=order_id, order=order_id, **error.facts
        ) from None


def unreadable(field: str, value: Any) -> UnreadableOrder:
    return UnreadableOrder(
        gettext_noop("The field %(field)s cannot be read: %(value)s."),
        field=field,
        value=clean(BRIEF.repr(value))[:60],
    )


def id_if_readable(read_id: Callable[[Any], str], raw: Any) -> str:
    """Return the id of an order, an empty text where it cannot be read."""
    try:
        return read_id(raw)
    except UnreadableOrder:
        return ""


def spared(
    unread: dict[str, str],
    read: Callable[..., Value],
    raw: dict[str, Any],
    field: str,
    *options: Any,
    within: str = "",
) -> Value | None:
    """Return a value that an order can do without; an unreadable one is noted."""
    try:
        return read(raw, field, *options)
    except UnreadableOrder as error:
        unread.setdefault(within + field, str(error.facts["value"]))
        return None


def clean(text: str) -> str:
    """Return one line without control characters, NUL and lone surrogates.

    Nor with what is seen by nobody and makes a text look like another.
    """
    if text.isprintable():
        return " ".join(text.split())
    text = UNSEEN.sub("", text)
    kept = (
        " " if character.isspace() else character
        for character in text
        if character.isspace() or unicodedata.category(character) not in {"Cc", "Cs"}
    )
    return " ".join("".join(kept).split())


def text(raw: dict[str, Any], field: str, length: int) -> str:
    """Return the text clipped to `length`; empty when null or missing."""
    value = raw.get(field)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise unreadable(field, value)
    return clean(str(value))[:length].strip()


def prose(raw: dict[str, Any], field: str, length: int) -> str:
    """Return a text that people wrote, clipped to `length`.

    Shops code it once too often and send tags with it; some cut it inside a letter.
    """
    found = shown_words(text(raw, field, LONGEST_WORDS))
    return found[:length].rstrip("\ufffd").strip()


def shown_words(written: str) -> str:
    """Return what a browser would show of a text, whether it is HTML or not."""
    found = written
    if "&" in found and ENTITY.search(found):
        found = html.unescape(found)
    if "<" in found:
        found = TAG.sub(" ", found)
    return clean(found)


def _is_nothing(value: Any) -> bool:
    """Whether a field is null, missing, or blank."""
    return value is None or (isinstance(value, str) and not value.strip())


def money(raw: dict[str, Any], field: str) -> Decimal | None:
    """Return an amount from a number or a numeric text; None when null or missing."""
    value = raw.get(field)
    if _is_nothing(value):
        return None
    if isinstance(value, float):
        # From a stored payload: the text it was written as, not its binary value.
        value = repr(value)
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise unreadable(field, value)
    if isinstance(value, str) and "_" in value:
        raise unreadable(field, value)
    try:
        amount = Decimal(value)
    except InvalidOperation:
        raise unreadable(field, value) from None
    if not amount.is_finite() or not 0 <= amount <= MOST_MONEY:
        raise unreadable(field, value)
    return amount.quantize(CENT, ROUND_HALF_UP)


def signed_money(raw: dict[str, Any], field: str) -> Decimal | None:
    """Return an amount that may be below zero, as those of discounts are."""
    value = raw.get(field)
    digits = (
        str(value).strip() if isinstance(value, str | int | float | Decimal) else ""
    )
    if not digits.startswith("-") or digits == "-":
        return money(raw, field)
    amount = money({field: digits[1:]}, field)
    return None if amount is None else -amount


def quantity(raw: dict[str, Any], field: str) -> int:
    """Return the number of pieces; one when the marketplace does not say."""
    value = raw.get(field)
    if _is_nothing(value):
        return 1
    if isinstance(value, str) and PIECES.fullmatch(value.strip()):
        value = Decimal(value.replace(",", ""))
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise unreadable(field, value)
    # The size comes first: 1e999999999 as an `int` would take all memory.
    if not 1 <= value <= MOST_PIECES or value != int(value):
        raise unreadable(field, value)
    return int(value)


def entries_of(raw: dict[str, Any], field: str, most: int) -> Iterator[dict[str, Any]]:
    """Yield the objects of a list, which holds nothing else; none where it is null."""
    entries = raw.get(field) or []
    if not isinstance(entries, list) or len(entries) > most:
        raise unreadable(field, entries)
    for entry in entries:
        if not isinstance(entry, dict):
            raise unreadable(field, entry)
        yield entry


def objects_in(raw: dict[str, Any], field: str) -> list[dict[str, Any]]:
    """Return the objects of a list; none where it is no list."""
    entries = raw.get(field)
    found = entries if isinstance(entries, list) else []
    return [one for one in found if isinstance(one, dict)]


def plain_part(raw: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """Return the plain values of these fields."""
    return {
        name: raw[name]
        for name in names
        if name in raw and not isinstance(raw[name], (dict, list))
    }


def mapping(raw: dict[str, Any], field: str) -> dict[str, Any]:
    """Return an object; an empty one when null, missing or empty of any kind."""
    value = raw.get(field) or {}
    if not isinstance(value, dict):
        raise unreadable(field, value)
    return value


def moment(raw: dict[str, Any], field: str, timezone: ZoneInfo) -> datetime | None:
    """Return a time in UTC; None when null or missing.

    An offset is taken at its word. Without one the time is read in `timezone`: one
    that happens twice is its first occurrence, one that does not exist moves forward
    by the gap (design, rule 6).
    """
    value = raw.get(field)
    if _is_nothing(value):
        return None
    if not isinstance(value, str) or not STAMP.fullmatch(value.strip()):
        raise unreadable(field, value)
    try:
        stamp = datetime.fromisoformat(value.strip().replace(",", "."))
        if stamp.tzinfo is None:
            stamp = stamp.replace(tzinfo=timezone, fold=0)
        stamp = stamp.astimezone(UTC)
    except (ValueError, OverflowError):
        raise unreadable(field, value) from None
    if not 2000 <= stamp.year <= 2100:
        raise unreadable(field, value)
    return stamp


def has_offset(stamp: str) -> bool:
    """Return whether a time, as received, carries an offset of its own."""
    found = STAMP.fullmatch(stamp.strip())
    return bool(found and found[3])


def web_address(value: Any, base_url: str) -> str:
    """Return a plain https address of 500 characters at the most, or an empty text.

    One without TLS, or in a private network, is taken on this computer only, from a
    marketplace that is there too: the one to practise with.
    """
    if not isinstance(value, str) or len(value) > LONGEST_ADDRESS:
        return ""
    if not ADDRESS.fullmatch(value):
        return ""
    try:
        parts = urlsplit(value)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return ""
    if not host or "@" in parts.netloc:
        return ""
    if parts.scheme == "http" or is_private(host):
        is_practice = base_url.startswith("http://") and is_loopback(host)
        return value if is_practice else ""
    return value
