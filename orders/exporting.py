"""Orders, line items and shipments as rows of a file, in the order of their list.

Resources and fields are django-import-export's. Its admin and `Resource.export` are
not used: they gather the whole result in memory, as a data set and then as one text,
before the first byte leaves. Columns carry the fields' own names in every language, so
that scripts and a later import find them.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, Prefetch, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from import_export.fields import Field
from import_export.resources import Resource

from backoffice.kit.sheets import Row, Value
from orders.models import LineItem, Order, Shipment

ROWS_A_TIME = 1000


class Fact(Field):
    """A value as it is: numbers stay numbers, without a country's commas."""

    def export(self, instance: Model, **options: Any) -> Value:
        value = self.get_value(instance)
        return "" if value is None else value


class Moment(Field):
    """A time as ISO 8601, with the offset it has in the store's zone."""

    def export(self, instance: Model, **options: Any) -> str:
        moment = self.get_value(instance)
        if moment is None:
            return ""
        order = instance if isinstance(instance, Order) else instance.order
        return moment.astimezone(order.store.zone).isoformat(timespec="seconds")


class Options(Field):
    """An item's options in words, as on its page."""

    def export(self, instance: LineItem, **options: Any) -> str:
        return ", ".join(f"{name}: {value}" for name, value in instance.options.items())


class OfShipments(Field):
    """A fact of each of the order's shipments, the latest first."""

    def export(self, instance: Order, **options: Any) -> str:
        return ", ".join(getattr(one, self.attribute) for one in instance.parcels)


class OrderResource(Resource):
    store = Fact("store__name")
    marketplace_order_id = Fact("marketplace_order_id")
    status = Fact("status")
    marketplace_status = Fact("marketplace_status")
    ordered_at = Moment("ordered_at")
    paid_at = Moment("paid_at")
    ship_by = Moment("ship_by")
    time_zone = Fact("store__timezone")
    customer_name = Fact("customer_name")
    customer_email = Fact("customer_email")
    ship_to_name = Fact("ship_to__ship_to_name")
    ship_to_address1 = Fact("ship_to__ship_to_address1")
    ship_to_address2 = Fact("ship_to__ship_to_address2")
    ship_to_city = Fact("ship_to__ship_to_city")
    ship_to_state = Fact("ship_to__ship_to_state")
    ship_to_postal_code = Fact("ship_to__ship_to_postal_code")
    ship_to_country = Fact("ship_to__ship_to_country")
    refund_amount = Fact("refund_amount")
    carrier = OfShipments("carrier")
    tracking_number = OfShipments("tracking_number")
    notification = OfShipments("notification")
    imported_at = Moment("imported_at")
    changed_at = Moment("changed_at")


class LineItemResource(Resource):
    store = Fact("order__store__name")
    marketplace_order_id = Fact("order__marketplace_order_id")
    status = Fact("order__status")
    ordered_at = Moment("order__ordered_at")
    time_zone = Fact("order__store__timezone")
    sku = Fact("sku")
    name = Fact("name")
    options = Options("options")
    quantity = Fact("quantity")
    unit_price = Fact("unit_price")


class ShipmentResource(Resource):
    store = Fact("order__store__name")
    marketplace_order_id = Fact("order__marketplace_order_id")
    carrier = Fact("carrier")
    tracking_number = Fact("tracking_number")
    shipped_at = Moment("shipped_at")
    time_zone = Fact("order__store__timezone")
    shipped_by = Fact("shipped_by__username")
    notification = Fact("notification")
    notification_error = Fact("notification_error")
    attempts = Fact("attempts")
    next_attempt_at = Moment("next_attempt_at")
    notified_at = Moment("notified_at")


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
    model: type[Model]
    resource: type[Resource]
    read: Callable[[QuerySet], Iterable[Model]]

    def count(self, listed: QuerySet) -> int:
        """Return how many rows the list gives."""
        if listed.model is self.model:
            return listed.count()
        return self.model.objects.filter(order__in=listed.order_by()).count()

    def rows(self, listed: QuerySet) -> Iterator[Row]:
        """Yield the names of the columns, then a row for each of the list's."""
        resource = self.resource()
        fields = resource.get_export_fields()
        yield [field.column_name for field in fields]
        for instance in self.read(listed):
            # Not through the resource, which searches its fields for each cell.
            yield [field.export(instance) for field in fields]


# By the list they are taken from, and their name in file names.
EXPORTS: dict[type[Model], dict[str, Export]] = {
    Order: {
        "orders": Export(_("Orders"), Order, OrderResource, _orders),
        "line-items": Export(_("Line items"), LineItem, LineItemResource, _line_items),
        "shipments": Export(_("Shipments"), Shipment, ShipmentResource, _shipments),
    },
    Shipment: {
        "shipments": Export(
            _("Shipments"), Shipment, ShipmentResource, _listed_shipments
        ),
    },
}
