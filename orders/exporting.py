"""Orders, line items and shipments as rows of a file, in the order of their list.

What a list shows is taken down as keys; its rows are read by them, so many at a time:
no file is gathered in memory, and none read again from the beginning.
Columns carry the fields' own names in every language, so that scripts and a later
import find them.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC
from operator import attrgetter
from typing import Any

from django.db.models import Model, Prefetch, QuerySet
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from backoffice import audit
from backoffice.kit.paging import count_rows
from backoffice.kit.sentences import sentence
from backoffice.kit.sheets import Row
from backoffice.models import AuditEntry
from orders.models import SHIP_TO, LineItem, Order, Shipment

# Enough to be quick, and little to hold.
KEYS_A_TIME = 500
# What is read of an order and, beside it, of its shipments.
OF_AN_ORDER = (
    *SHIP_TO,
    *(
        "store",
        "marketplace_order_id",
        "order_number",
        "currency",
        "status",
        "marketplace_status",
    ),
    *("marketplace_state", "ordered_at", "paid_at", "ship_by"),
    *("customer_name", "customer_email", "buyer_email", "buyer_phone"),
    *("unknown_country", "refund_amount", "imported_at", "changed_at"),
)
OF_A_PARCEL = ("order", "carrier", "tracking_number", "notification")

# A column's name, and what reads its value from a row.
Columns = dict[str, Callable[[Any], Any]]


def _of_shipments(name: str) -> Callable[[Any], str]:
    """Return what reads a fact of each of the order's shipments, the latest first."""
    return lambda order: ", ".join(getattr(one, name) for one in order.parcels)


def _at(name: str) -> Callable[[Any], str]:
    """Return what reads a time: ISO 8601 with its offset in the store's zone."""

    def read(row: Order | LineItem | Shipment) -> str:
        moment = getattr(row, name)
        order = row if isinstance(row, Order) else row.order
        zone = order.store.zone
        return moment.astimezone(zone).isoformat(timespec="seconds") if moment else ""

    return read


def _own(*names: str, of: str = "") -> Columns:
    """Return columns that are called as what they read; of a row behind, by `of`."""
    return {name: attrgetter(of + name) for name in names}


ORDER: Columns = {
    "store": attrgetter("store.name"),
    **_own("marketplace_order_id"),
    "order_number": attrgetter("number"),
    **_own("status", "marketplace_status"),
    "ordered_at": _at("ordered_at"),
    "paid_at": _at("paid_at"),
    "ship_by": _at("ship_by"),
    "time_zone": attrgetter("store.timezone"),
    **_own("customer_name", "customer_email"),
    **_own(*SHIP_TO, of="to."),
    "ship_to_country": attrgetter("to.country"),
    **_own("currency", "refund_amount"),
    "carrier": _of_shipments("carrier"),
    "tracking_number": _of_shipments("tracking_number"),
    "notification": _of_shipments("notification"),
    "imported_at": _at("imported_at"),
    "changed_at": _at("changed_at"),
}
OF_ITS_ORDER: Columns = {
    "store": attrgetter("order.store.name"),
    "marketplace_order_id": attrgetter("order.marketplace_order_id"),
    "order_number": attrgetter("order.number"),
}
LINE_ITEM: Columns = {
    **OF_ITS_ORDER,
    "status": attrgetter("order.status"),
    "ordered_at": lambda item: ORDER["ordered_at"](item.order),
    "time_zone": attrgetter("order.store.timezone"),
    **_own("sku", "name"),
    "options": attrgetter("options_in_words"),
    **_own("quantity", "unit_price"),
}
SHIPMENT: Columns = {
    **OF_ITS_ORDER,
    **_own("carrier", "tracking_number"),
    "shipped_at": _at("shipped_at"),
    "time_zone": attrgetter("order.store.timezone"),
    "shipped_by": lambda parcel: getattr(parcel.shipped_by, "username", ""),
    **_own("notification", "notification_error", "attempts"),
    "next_attempt_at": _at("next_attempt_at"),
    "notified_at": _at("notified_at"),
}
AUDIT: Columns = {
    "at": lambda entry: entry.at.astimezone(UTC).isoformat(timespec="seconds"),
    **_own("kind", "user", "address", "about", "store_key"),
    "text": lambda entry: str(entry.text),
    "changes": lambda entry: "; ".join(
        f"{name}: {before} → {after}" for name, before, after in entry.changes
    ),
}


_ORDERS = Order.objects.only(*OF_AN_ORDER)
_NUMBERS = Shipment.objects.only(*OF_A_PARCEL)
_PARCELS = Shipment.objects.defer("receipt").prefetch_related("shipped_by")


def _in_order(rows: QuerySet, keys: Sequence[int]) -> Iterator[Any]:
    """Yield the rows with these keys in their order; what is gone is left out."""
    found = rows.in_bulk(keys)
    return (found[key] for key in keys if key in found)


def _orders(keys: Sequence[int]) -> Iterator[Order]:
    # As a list, because asking the order for them costs a query's copy each time.
    parcels = Prefetch("shipments", _NUMBERS, "parcels")
    orders = _ORDERS.prefetch_related("store", "correction")
    for order in _in_order(orders.prefetch_related(parcels), keys):
        # Found once: asking for a correction that is not there costs an exception.
        order.to = order.ship_to
        yield order


def _line_items(keys: Sequence[int]) -> Iterator[LineItem]:
    orders = _ORDERS.prefetch_related("store", "line_items")
    for order in _in_order(orders, keys):
        yield from order.line_items.all()


def _shipments(keys: Sequence[int]) -> Iterator[Shipment]:
    shipments = Prefetch("shipments", _PARCELS)
    orders = _ORDERS.prefetch_related("store", shipments)
    for order in _in_order(orders, keys):
        yield from order.shipments.all()


def _listed_shipments(keys: Sequence[int]) -> Iterator[Shipment]:
    orders = Prefetch("order", _ORDERS)
    return _in_order(_PARCELS.prefetch_related(orders, "order__store"), keys)


def _entries(keys: Sequence[int]) -> Iterator[AuditEntry]:
    return _in_order(AuditEntry.objects.all(), keys)


@dataclass(frozen=True)
class Export:
    """What a list can be exported as: which rows belong to it, and their columns."""

    title: Promise
    model: type[LineItem] | type[Shipment] | type[Order] | type[AuditEntry]
    columns: Columns
    read: Callable[[Sequence[int]], Iterable[Model]]

    def count(self, listed: QuerySet, most: int) -> int:
        """Return how many rows the list gives, one above `most` for any more."""
        if listed.model is self.model:
            return count_rows(listed, most)
        rows: QuerySet = self.model.objects.filter(order__in=listed.order_by())
        return count_rows(rows, most)

    @property
    def header(self) -> Row:
        return list(self.columns)

    def rows_of(self, keys: Sequence[int]) -> Iterator[Row]:
        """Yield the rows of what the list shows under these keys, in their order."""
        reads = list(self.columns.values())
        for row in self.read(keys):
            yield [read(row) for read in reads]

    def rows(self, listed: QuerySet) -> Iterator[Row]:
        """Yield the names of the columns, then a row for each of the list's."""
        yield self.header
        keys = keys_of(listed)
        for start in range(0, len(keys), KEYS_A_TIME):
            yield from self.rows_of(keys[start : start + KEYS_A_TIME])


def note_export(
    name: str, rows: int, filters: str = "", request: HttpRequest | None = None
) -> None:
    """Write into the audit which file left, with how many rows, and of what."""
    text = sentence("%(rows)d rows.") % {"rows": rows}
    if filters:
        message = sentence("%(rows)d rows, filtered by %(filters)s.")
        text = message % {"rows": rows, "filters": filters}
    audit.record(AuditEntry.Kind.EXPORTED, request=request, about=name, text=text)


def keys_of(listed: QuerySet) -> list[int]:
    """Return the keys of what a list shows, in its order."""
    return list(listed.values_list("pk", flat=True))


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
    AuditEntry: {"audit": Export(_("Audit"), AuditEntry, AUDIT, _entries)},
}
