"""The line items of orders, written where they are not here as they are."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import NamedTuple

from backoffice.kit import bulk
from orders.models import LineItem, Order
from stores.marketplaces.base import MarketplaceLine, MarketplaceOrder
from stores.models import Store


class ItemRow(NamedTuple):
    """A line item's columns, its options as JSON."""

    position: int
    sku: str
    name: str
    quantity: int
    unit_price: Decimal | None
    product_id: str
    line_item_id: str
    quantity_received: str
    weight: Decimal | None
    options: str

    def __str__(self) -> str:
        return str(LineItem(sku=self.sku, name=self.name, quantity=self.quantity))


COLUMNS = ItemRow._fields  # noqa: SLF001 (a named tuple has no other name for it)


def item_rows(told: MarketplaceOrder, store: Store) -> list[ItemRow]:
    """Return the lines of an order as they are to be written."""
    return [
        ItemRow(
            position,
            line.sku,
            line.name,
            line.quantity,
            line.unit_price,
            line.product_id,
            line.line_item_id,
            line.quantity_received,
            line.weight,
            json.dumps(options_of(line, store.import_variation_as_option)),
        )
        for position, line in enumerate(told.lines)
    ]


def options_of(line: MarketplaceLine, has_variation: bool) -> dict[str, str]:
    """Return an item's options; `has_variation` is the store's toggle."""
    options = dict(line.options)
    if has_variation and line.variation_id:
        options["Variation ID"] = line.variation_id
    return options


def read_lines(order_pks: Iterable[int]) -> dict[int, list[ItemRow]]:
    """Return the lines that are here, by the order's key."""
    found = defaultdict(list)
    rows = LineItem.objects.filter(order__in=order_pks).order_by("position")
    for pk, *values, options in rows.values_list("order", *COLUMNS):
        found[pk].append(ItemRow(*(*values, json.dumps(options))))
    return found


def write_lines(
    store: Store, lines: Mapping[str, list[ItemRow]], here: Mapping[str, list[ItemRow]]
) -> None:
    """Write the lines of these orders by their numbers, where they differ from `here`.

    The orders themselves are written already.
    """
    news = {
        number: wanted for number, wanted in lines.items() if here.get(number) != wanted
    }
    if not news:
        return
    orders = Order.objects.filter(store=store).numbered(news)
    keys = dict(orders.values_list("marketplace_order_id", "pk"))
    rows = [(keys[number], *line) for number, wanted in news.items() for line in wanted]
    bulk.upsert(LineItem, ("order", *COLUMNS), rows, unique=("order", "position"))
    shrunk = {
        keys[number]: len(wanted)
        for number, wanted in news.items()
        if any(line.position >= len(wanted) for line in here.get(number, ()))
    }
    stored = LineItem.objects.filter(order__in=shrunk)
    gone = [
        pk
        for pk, order, position in stored.values_list("pk", "order", "position")
        if position >= shrunk[order]
    ]
    LineItem.objects.filter(pk__in=gone).delete()
