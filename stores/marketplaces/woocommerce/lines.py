"""The items of an order: what lies in the parcel, and what does not."""

from collections.abc import Iterator
from decimal import ROUND_CEILING, Decimal, InvalidOperation
from typing import Any

from stores.marketplaces.base import MarketplaceLine
from stores.marketplaces.values import (
    MOST_PIECES,
    entries_of,
    mapping,
    prose,
    signed_money,
    spared,
    text,
    unreadable,
)

MOST_LINES = 1000
PLACES = 4
MOST_OPTIONS = 100
ITEMS = "line_items."
# What the client adds to an order of which something was paid back: the pieces by the
# number of their line.
REFUNDED_PIECES = "refunded_pieces"
# And, where the shop did not tell them, the status that it answered with.
UNREAD_REFUNDS = "unread_refunds"


def woo_lines(
    raw: dict[str, Any], unread: dict[str, str]
) -> tuple[list[MarketplaceLine], list[str]]:
    """Return what lies in the parcel, and the names of items of which nothing is left.

    Fees and coupons stand elsewhere in the order: they are amounts.
    """
    refunded = mapping(raw, REFUNDED_PIECES)
    lines: list[MarketplaceLine] = []
    left_out: list[str] = []
    for item in entries_of(raw, "line_items", MOST_LINES):
        line_id = _number(item, "id", unread)
        amount = _pieces(item, "quantity")
        if line_id in refunded:
            amount -= _pieces(refunded, line_id)
        if amount > 0:
            lines.append(_line(item, line_id, amount, unread))
        else:
            left_out.append(_words(item, "name") or line_id)
    return lines, left_out


def _line(
    item: dict[str, Any], line_id: str, amount: Decimal, unread: dict[str, str]
) -> MarketplaceLine:
    sku = text(item, "sku", 100)
    # A shop may sell cloth by the metre; what it takes up is rounded up.
    whole = int(amount.to_integral_value(ROUND_CEILING))
    return MarketplaceLine(
        sku=sku,
        name=_item_name(item, sku, unread),
        quantity=whole,
        quantity_received="" if whole == amount else f"{amount.normalize():f}",
        # Below zero it is a discount that somebody wrote as an item.
        unit_price=spared(unread, signed_money, item, "price", within=ITEMS),
        variation_id=_number(item, "variation_id", unread),
        product_id=_number(item, "product_id", unread),
        line_item_id=line_id,
        options=tuple(_options(item)),
    )


def _item_name(item: dict[str, Any], sku: str, unread: dict[str, str]) -> str:
    """Return what an item is called; without a SKU nothing else says what it is."""
    if sku:
        return spared(unread, prose, item, "name", 500, within=ITEMS) or ""
    name = prose(item, "name", 500)
    if not name:
        raise unreadable(f"{ITEMS}name", item.get("name"))
    return name


def _pieces(item: dict[str, Any], field: str) -> Decimal:
    """Return how many pieces it are, which may be a fraction."""
    value = item.get(field)
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise unreadable(f"{ITEMS}quantity", value)
    try:
        amount = Decimal(str(value).strip())
    except InvalidOperation:
        raise unreadable(f"{ITEMS}quantity", value) from None
    is_sane = amount.is_finite() and 0 <= amount <= MOST_PIECES
    # Beyond the fourth place it is an attack, or a float's mistake.
    if not is_sane or amount != round(amount, PLACES):
        raise unreadable(f"{ITEMS}quantity", value)
    return round(amount, PLACES)


def _number(raw: dict[str, Any], field: str, unread: dict[str, str]) -> str:
    """Return a number as text; 0 is how WooCommerce says that there is none."""
    given = spared(unread, text, raw, field, 50, within=ITEMS) or ""
    return "" if given == "0" else given


def _options(item: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what was chosen of an item; names with a line before them are internal."""
    metas = item.get("meta_data")
    for meta in metas[:MOST_OPTIONS] if isinstance(metas, list) else ():
        if not isinstance(meta, dict) or str(meta.get("key", "_")).startswith("_"):
            continue
        name, value = (
            _words(meta, f"display_{field}") or _words(meta, field)
            for field in ("key", "value")
        )
        if name and value:
            yield name, value


def _words(raw: dict[str, Any], field: str) -> str:
    return spared({}, prose, raw, field, 200) or ""
