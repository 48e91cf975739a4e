"""Ship-by deadlines: days from payment, counted per store, days cut in its zone."""

from collections.abc import Callable
from datetime import datetime, timedelta
from enum import Enum

from django.db.models import (
    Case,
    DateTimeField,
    DurationField,
    ExpressionWrapper,
    IntegerField,
    Q,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce

from orders.models import Order
from orders.models.orders import OrderQuerySet
from stores.marketplaces.base import OrderStatus
from stores.models import Store

# As `Order.ship_by` counts.
SHIP_BY = ExpressionWrapper(
    Coalesce(
        "paid_at",
        Case(
            When(marketplace_state=OrderStatus.AWAITING_SHIPMENT, then="ordered_at"),
        ),
    )
    + ExpressionWrapper(
        # SQLite multiplies a duration with a plain integer field only.
        Cast("store__ship_within_days", IntegerField()) * Value(timedelta(days=1)),
        output_field=DurationField(),
    ),
    output_field=DateTimeField(),
)


class Urgency(Enum):
    """How near an order's deadline is."""

    LATE = "late"
    TODAY = "today"
    LATER = "later"


def urgency(order: Order, now: datetime) -> Urgency | None:
    """Return how near the deadline of an order to ship is, None for any other."""
    if order.status != OrderStatus.AWAITING_SHIPMENT or order.ship_by is None:
        return None
    if order.ship_by < now:
        return Urgency.LATE
    if order.ship_by < _end_of_day(order.store, now):
        return Urgency.TODAY
    return Urgency.LATER


def late(orders: OrderQuerySet, now: datetime) -> OrderQuerySet:
    """Return the orders to ship whose deadline is over."""
    return orders.to_ship().filter(_per_store(lambda store: _due_before(store, now)))


def due_today(orders: OrderQuerySet, now: datetime) -> OrderQuerySet:
    """Return the orders to ship whose deadline is still to come, but today."""

    def today(store: Store) -> Q:
        end = _end_of_day(store, now)
        return _due_before(store, end) & ~_due_before(store, now)

    return orders.to_ship().filter(_per_store(today))


def _per_store(condition: Callable[[Store], Q]) -> Q:
    """Join the condition of each store, so that the store's own index serves it."""
    joined = Q(pk__in=[])
    for store in Store.objects.only("timezone", "ship_within_days"):
        joined |= Q(store=store) & condition(store)
    return joined


def _due_before(store: Store, moment: datetime) -> Q:
    since = moment - timedelta(days=store.ship_within_days)
    return Q(paid_at__lt=since) | Q(paid_at=None, ordered_at__lt=since)


def _end_of_day(store: Store, now: datetime) -> datetime:
    return store.start_of(now.astimezone(store.zone).date() + timedelta(days=1))
