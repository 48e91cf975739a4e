"""Ship-by deadlines: days from payment, counted per store, days cut in its zone."""

from datetime import datetime, time, timedelta
from enum import Enum

from django.db.models import F, Q

from backoffice.kit.zones import Zone
from orders.models import Order
from orders.models.orders import OrderQuerySet
from stores.marketplaces.base import OrderStatus
from stores.models import Store, stores_by_zone


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
    if order.ship_by < _end_of_day(order.store.zone, now):
        return Urgency.TODAY
    return Urgency.LATER


def late(orders: OrderQuerySet, now: datetime) -> OrderQuerySet:
    """Return the orders to ship whose deadline is over."""
    return orders.to_ship().filter(ship_by__lt=now)


def due_today(orders: OrderQuerySet, now: datetime) -> OrderQuerySet:
    """Return the orders to ship whose deadline is still to come, but today."""
    today, latest = Q(pk__in=[]), now
    for zone, stores in stores_by_zone().items():
        end = _end_of_day(zone, now)
        today |= Q(store__in=stores, ship_by__lt=end)
        # Where the day is longest, so that an index finds them.
        latest = max(latest, end)
    return orders.to_ship().filter(today, ship_by__gte=now, ship_by__lt=latest)


def count_anew(store: Store, days: int) -> None:
    """Count the deadlines of a store's open orders by its days, once by so many."""
    later = timedelta(days=store.ship_within_days - days)
    store.orders.open_at_marketplace().update(ship_by=F("ship_by") + later)


def _end_of_day(zone: Zone, now: datetime) -> datetime:
    tomorrow = now.astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time.min, tzinfo=zone)
