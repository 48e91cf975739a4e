"""Orders, line items and shipments as rows of a file, in the order of their list.

Rows leave one by one: no file is gathered in memory before its first byte leaves.
Columns carry the fields' own names in every language, so that scripts and a later
import find them.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any

from django.db.models import Model, Prefetch, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from backoffice.kit.sheets import Row, Value
from orders.models import LineItem, Order, Shipment

ROWS_A_TIME = 1000

# A column's name, and what reads its value from a row.
Columns = dict[str, Callable[[Any], Any]]


def _parcels(order: Any) -> list[Shipment]:
    """Return the shipments that `rows` has read with the order."""
    parcels: list[Shipment] = order.parcels
    return parcels


def _of_shipments(name: str) -> Callable[[Order], str]:
    """Return what reads a fact of each of the order's shipments, the latest first."""
    return lambda order: ", ".join(getattr(one, name) for one in _parcels(order))


def _options(item: LineItem) -> str:
    """Return an item's options in words, as on its page."""
    return ", ".join(f"{name}: {value}" for name, value in item.options.items())


def _shipped_by(shipment: Shipment) -> str:
    return shipment.shipped_by.username if shipment.shipped_by else ""


ORDER: Columns = {
    "store": attrgetter("store.name"),
    "marketplace_order_id": attrgetter("marketplace_order_id"),
    "status": attrgetter("status"),
    "marketplace_status": attrgetter("marketplace_status"),
    "ordered_at": attrgetter("ordered_at"),
    "paid_at": attrgetter("paid_at"),
    "ship_by": attrgetter("ship_by"),
    "time_zone": attrgetter("store.timezone"),
    "customer_name": attrgetter("customer_name"),
    "customer_email": attrgetter("customer_email"),
    "ship_to_name": attrgetter("ship_to.ship_to_name"),
    "ship_to_address1": attrgetter("ship_to.ship_to_address1"),
    "ship_to_address2": attrgetter("ship_to.ship_to_address2"),
    "ship_to_city": attrgetter("ship_to.ship_to_city"),
    "ship_to_state": attrgetter("ship_to.ship_to_state"),
    "ship_to_postal_code": attrgetter("ship_to.ship_to_postal_code"),
    "ship_to_country": attrgetter("ship_to.country"),
    "refund_amount": attrgetter("refund_amount"),
    "carrier": _of_shipments("carrier"),
    "tracking_number": _of_shipments("tracking_number"),
    "notification": _of_shipments("notification"),
    "imported_at": attrgetter("imported_at"),
    "changed_at": attrgetter("changed_at"),
}
LINE_ITEM: Columns = {
    "store": attrgetter("order.store.name"),
    "marketplace_order_id": attrgetter("order.marketplace_order_id"),
    "status": attrgetter("order.status"),
    "ordered_at": attrgetter("order.ordered_at"),
    "time_zone": attrgetter("order.store.timezone"),
    "sku": attrgetter("sku"),
    "name": attrgetter("name"),
    "options": _options,
    "quantity": attrgetter("quantity"),
    "unit_price": attrgetter("unit_price"),
}
SHIPMENT: Columns = {
    "store": attrgetter("order.store.name"),
    "marketplace_order_id": attrgetter("order.marketplace_order_id"),
    "carrier": attrgetter("carrier"),
    "tracking_number": attrgetter("tracking_number"),
    "shipped_at": attrgetter("shipped_at"),
    "time_zone": attrgetter("order.store.timezone"),
    "shipped_by": _shipped_by,
    "notification": attrgetter("notification"),
    "notification_error": attrgetter("notification_error"),
    "attempts": attrgetter("attempts"),
    "next_attempt_at": attrgetter("next_attempt_at"),
    "notified_at": attrgetter("notified_at"),
}


def _cell(value: Any, row: Any) -> Value:
    """Return a time as ISO 8601 with its offset in the store's zone, the rest as it is.

    Numbers stay numbers, without a country's commas.
    """
    if isinstance(value, datetime):
        order = row if isinstance(row, Order) else row.order
        return value.astimezone(order.store.zone).isoformat(timespec="seconds")
    return "" if value is None else value


def _orders(orders: QuerySet[Order]) -> Iterator[Order]:
    # As a list, because asking the order for them costs a query's copy each time.
    shipments = Prefetch("shipments", to_attr="parcels")
    return _stream(orders.select_related("store", "correction"), shipments)


def _line_items(orders: QuerySet[Order]) -> Iterator[LineItem]:
    for order in _stream(orders.select_related("store"), "line_items"):
        yield from order.line_items.all()


def _shipments(orders: QuerySet[Order]) -> Iterator[Shipment]:
    shipments = Prefetch("shipments", Shipment.objects.select_related("shipped_by"))
    for order in _stream(orders.select_related("store"), shipments):
        yield from order.shipments.all()


def _listed_shipments(shipments: QuerySet[Shipment]) -> Iterator[Shipment]:
    return _stream(
        shipments.select_related("order__store", "shipped_by").defer("order__payload")
    )


def _stream(rows: QuerySet, *prefetched: str | Prefetch) -> Iterator[Any]:
    if rows.model is Order:
        rows = rows.defer("payload")
    return rows.prefetch_related(*prefetched).iterator(chunk_size=ROWS_A_TIME)


@dataclass(frozen=True)
class Export:
    """What a list can be exported as: which rows belong to it, and their columns."""

    title: Promise
    model: type[LineItem] | type[Shipment] | type[Order]
    columns: Columns
    read: Callable[[QuerySet], Iterable[Model]]

    def count(self, listed: QuerySet) -> int:
        """Return how many rows the list gives."""
        if listed.model is self.model:
            return listed.count()
        return self.model.objects.filter(order__in=listed.order_by()).count()

    def rows(self, listed: QuerySet) -> Iterator[Row]:
        """Yield the names of the columns, then a row for each of the list's."""
        yield list(self.columns)
        for row in self.read(listed):
            yield [_cell(read(row), row) for read in self.columns.values()]


# By the list they are taken from, and their name in file names.
EXPORTS: dict[type[Model], dict[str, Export]] = {
    Order: {
        "orders": Export(_("Orders"), Order, ORDER, _orders),
        "line-items": Export(_("Line items"), LineItem, LINE_ITEM, _line_items),
        "shipments": Export(_("Shipments"), Shipment, SHIPMENT, _shipments),
    },
    Shipment: {
        "shipments": Export(_("Shipments"), Shipment, SHIPMENT, _listed_shipments),
    },
}
