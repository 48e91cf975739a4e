"""The items of an order, and what is read of any part of it."""

import re
from collections.abc import Iterator
from decimal import ROUND_CEILING, Decimal, InvalidOperation
from html import unescape
from typing import Any

from stores.marketplaces.base import MarketplaceLine
from stores.marketplaces.values import (
    MOST_PIECES,
    clean,
    mapping,
    money,
    spared,
    text,
    unreadable,
    web_address,
)

MOST_LINES = 1000
PLACES = 4
MOST_OPTIONS = 100
# What the client adds to an order of which something was paid back: the pieces by the
# number of their line.
REFUNDED_PIECES = "refunded_pieces"
TAGS = re.compile(r"</?[A-Za-z][^<>]*>")
ENTITIES = re.compile(r"&(#\d+|#x[0-9a-f]+|[a-z]\w*);", re.ASCII | re.IGNORECASE)


def entries_of(raw: dict[str, Any], field: str) -> Iterator[dict[str, Any]]:
    """Yield the objects of a list; none where it is null or missing."""
    entries = raw.get(field) or []
    if not isinstance(entries, list) or len(entries) > MOST_LINES:
        raise unreadable(field, entries)
    for entry in entries:
        if not isinstance(entry, dict):
            raise unreadable(field, entry)
        yield entry


def plain(raw: dict[str, Any], field: str, length: int, unread: dict[str, str]) -> str:
    return without_tags(spared(unread, text, raw, field, 2 * length) or "")[:length]


def without_tags(written: str) -> str:
    """Return what a browser would show of a text, whether it is HTML or not.

    A shop's names come with `&amp;` and `<b>` as often as without.
    """
    shown = TAGS.sub(" ", written) if "<" in written else written
    return clean(unescape(shown) if ENTITIES.search(shown) else shown)


def signed(
    raw: dict[str, Any], field: str, unread: dict[str, str] | None = None
) -> Decimal | None:
    """Return an amount that may be below zero; an unreadable one is noted."""
    value = raw.get(field)
    sign = -1 if str(value).strip().startswith("-") else 1
    if sign < 0:
        raw = {field: str(value).strip().removeprefix("-")}
    amount = spared({} if unread is None else unread, money, raw, field)
    return None if amount is None else sign * amount


def read_lines(
    raw: dict[str, Any], unread: dict[str, str]
) -> tuple[list[MarketplaceLine], list[str]]:
    """Return what lies in the parcel, and the names of items of which nothing is left.

    Fees and coupons stand elsewhere in the order: they are amounts.
    """
    refunded = mapping(raw, REFUNDED_PIECES)
    lines: list[MarketplaceLine] = []
    left_out: list[str] = []
    for item in entries_of(raw, "line_items"):
        line_id = _number(item, "id", unread)
        amount = _pieces(item, "quantity")
        if line_id in refunded:
            amount -= _pieces(refunded, line_id)
        if amount > 0:
            lines.append(_line(item, line_id, amount, unread))
        else:
            left_out.append(plain(item, "name", 200, unread) or line_id)
    return lines, left_out


def _line(
    item: dict[str, Any], line_id: str, amount: Decimal, unread: dict[str, str]
) -> MarketplaceLine:
    sku = text(item, "sku", 100)
    # A shop may sell cloth by the metre; what it takes up is rounded up.
    whole = int(amount.to_integral_value(ROUND_CEILING))
    return MarketplaceLine(
        sku=sku,
        name=plain(item, "name", 500, unread) if sku else _name(item),
        quantity=whole,
        quantity_received="" if whole == amount else f"{amount.normalize():f}",
        # Below zero it is a discount that somebody wrote as an item.
        unit_price=signed(item, "price", unread),
        variation_id=_number(item, "variation_id", unread),
        product_id=_number(item, "product_id", unread),
        line_item_id=line_id,
        options=tuple(_options(item)),
        picture_url=_picture(item),
    )


def _name(item: dict[str, Any]) -> str:
    """Return what an item is called, where nothing else says what it is."""
    name = without_tags(text(item, "name", 1000))[:500]
    if not name:
        raise unreadable("line_items.name", item.get("name"))
    return name


def _pieces(item: dict[str, Any], field: str) -> Decimal:
    """Return how many pieces it are, which may be a fraction."""
    value = item.get(field)
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise unreadable("line_items.quantity", value)
    try:
        amount = Decimal(str(value).strip())
    except InvalidOperation:
        raise unreadable("line_items.quantity", value) from None
    is_sane = amount.is_finite() and 0 <= amount <= MOST_PIECES
    # Beyond the fourth place it is an attack, or a float's mistake.
    if not is_sane or amount != round(amount, PLACES):
        raise unreadable("line_items.quantity", value)
    return round(amount, PLACES)


def _number(raw: dict[str, Any], field: str, unread: dict[str, str]) -> str:
    """Return a number as text; 0 is how WooCommerce says that there is none."""
    given = spared(unread, text, raw, field, 50, within="line_items.") or ""
    return "" if given == "0" else given


def _options(item: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what was chosen of an item; names with a line before them are internal."""
    metas = item.get("meta_data")
    for meta in metas[:MOST_OPTIONS] if isinstance(metas, list) else ():
        if not isinstance(meta, dict) or str(meta.get("key", "_")).startswith("_"):
            continue
        name, value = (
            plain(meta, f"display_{field}", 200, {}) or plain(meta, field, 200, {})
            for field in ("key", "value")
        )
        if name and value:
            yield name, value


def _picture(item: dict[str, Any]) -> str:
    image = item.get("image")
    return web_address(image.get("src"), "") if isinstance(image, dict) else ""
