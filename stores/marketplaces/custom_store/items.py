"""Understand the items of a raw order: what goes into the parcel, and what does not."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, Decimal
from typing import Any

from stores.marketplaces.base import MarketplaceLine
from stores.marketplaces.custom_store.texts import (
    grams,
    is_true,
    signed_number,
    whole_id,
)
from stores.marketplaces.values import (
    MOST_PIECES,
    entries_of,
    money,
    objects_in,
    prose,
    spared,
    text,
    unreadable,
)

MOST_ITEMS = 2000
MOST_OPTIONS = 50
# More than a column holds; no parcel weighs a thousand tonnes.
MOST_PARCEL_GRAMS = 1_000_000_000


@dataclass
class Parcel:
    """The lines of an order, what of it is left out, and what all of it weighs."""

    lines: list[MarketplaceLine] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    weight: Decimal | None = None


def read_parcel(raw: dict[str, Any], unread: dict[str, str]) -> Parcel:
    """Return what is to be packed: neither discounts nor items without a piece left."""
    parcel = Parcel()
    for item in items_of(raw):
        if is_true(item, "Adjustment"):
            continue
        pieces = _pieces(item)
        if not pieces:
            parcel.left_out.append(_title(item))
            continue
        line = _line(item, pieces, unread)
        parcel.lines.append(line)
        if line.weight is not None:
            parcel.weight = (parcel.weight or Decimal(0)) + line.weight * pieces
    if parcel.weight is not None:
        parcel.weight = round(parcel.weight, 2)
        if parcel.weight > MOST_PARCEL_GRAMS:
            unread.setdefault("Items.Weight", str(parcel.weight))
            parcel.weight = None
    return parcel


def items_of(raw: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the items as they came; an order may have none."""
    return list(entries_of(raw, "Items", MOST_ITEMS))


def _pieces(item: dict[str, Any]) -> Decimal:
    """Return how many pieces, maybe a part of one; it has to be said."""
    pieces = signed_number(item, "Quantity")
    if pieces is None or not 0 <= pieces <= MOST_PIECES:
        raise unreadable("Items.Quantity", item.get("Quantity"))
    return pieces


def _title(item: dict[str, Any]) -> str:
    """Return what an item is called, for a person."""
    name = spared({}, prose, item, "Name", 200)
    return name or spared({}, prose, item, "SKU", 100) or "?"


def _line(
    item: dict[str, Any], pieces: Decimal, unread: dict[str, str]
) -> MarketplaceLine:
    within = "Items."
    whole = int(pieces.to_integral_value(ROUND_CEILING))
    sku = prose(item, "SKU", 100)
    name = (
        spared(unread, prose, item, "Name", 500, within=within)
        if sku
        # Nothing else says what it is.
        else prose(item, "Name", 500)
    )
    return MarketplaceLine(
        sku=sku,
        name=name or "",
        quantity=whole,
        quantity_received="" if whole == pieces else text(item, "Quantity", 20),
        unit_price=spared(unread, money, item, "UnitPrice", within=within),
        variation_id="",
        line_item_id=spared(unread, whole_id, item, "LineItemID", within=within) or "",
        weight=spared(unread, _weight, item, "Weight", within=within),
        options=tuple(_options(item, unread)),
    )


def _weight(item: dict[str, Any], field: str) -> Decimal | None:
    """Return the weight of one piece with its options, in grams."""
    unit = text(item, "WeightUnits", 40)
    weights = [grams(one, unit) for one in (item, *_given_options(item))]
    known = [weight for weight in weights if weight is not None]
    return sum(known, Decimal(0)) if known else None


def _options(item: dict[str, Any], unread: dict[str, str]) -> Iterator[tuple[str, str]]:
    for option in _given_options(item):
        named = [
            spared(unread, prose, option, name, 200, within="Items.Options.") or ""
            for name in ("Name", "Value")
        ]
        if any(named):
            yield named[0], named[1]


def _given_options(item: dict[str, Any]) -> list[dict[str, Any]]:
    return objects_in(item, "Options")[:MOST_OPTIONS]
