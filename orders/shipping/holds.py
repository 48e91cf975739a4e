"""Keep an open order from shipping, until a day or until somebody releases it."""

from datetime import date, datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone as clock

from backoffice.kit.errors import NotAllowed
from backoffice.kit.sentences import sentence
from backoffice.kit.zones import last_day
from orders import history
from orders.models import Order, OrderEvent
from orders.shipping.rules import refuse_unless_open
from stores.marketplaces.base import OrderStatus
from stores.models import stores_by_zone

HOLDING = (OrderEvent.Kind.HELD, OrderEvent.Kind.RELEASED)
NOT_HELD = {"held_at": None, "hold_reason": "", "hold_until": None}


def hold(
    order: Order,
    reason: str,
    until: date | None = None,
    by: User | None = None,
    seen: int | None = None,
) -> None:
    """Keep an open order from shipping, until a day or until it is released.

    `seen` is the last line of its history that the person saw, here and below.
    """
    with transaction.atomic():
        order = Order.objects.locked(order.pk)
        history.refuse_newer(order, HOLDING, seen, by)
        if order.status in {OrderStatus.SHIPPED, OrderStatus.CANCELLED}:
            refuse_unless_open(order)
        if not reason.strip():
            raise NotAllowed(sentence("Say why the order is held."))
        reason = reason.strip()[:200]
        if history.is_told(order, OrderEvent.Kind.HELD, reason, seen, by):
            return
        Order.objects.filter(pk=order.pk).update(
            held_at=clock.now(), hold_reason=reason, hold_until=until
        )
        history.record(order, OrderEvent.Kind.HELD, by=by, text=reason)


def release(order: Order, by: User | None = None, seen: int | None = None) -> None:
    """End a hold; the order goes back to what the marketplace says."""
    with transaction.atomic():
        order = Order.objects.locked(order.pk)
        history.refuse_newer(order, HOLDING, seen, by)
        held = Order.objects.filter(pk=order.pk, held_at__isnull=False)
        if held.update(**NOT_HELD):
            history.record(order, OrderEvent.Kind.RELEASED, by=by)


def release_due_holds(now: datetime) -> int:
    """End the holds whose day has come in their stores' zones; return their number."""
    zones = {pk: zone for zone, pks in stores_by_zone().items() for pk in pks}
    last = last_day(now, set(zones.values()))
    near = Order.objects.filter(hold_until__lte=last, held_at__isnull=False)
    has_come = [
        pk
        for pk, store, until in near.order_by().values_list("pk", "store", "hold_until")
        if until and until <= now.astimezone(zones[store]).date()
    ]
    if not has_come:
        return 0
    due = near.filter(pk__in=has_come)
    with transaction.atomic():
        pks = list(due.select_for_update().order_by("pk").values_list("pk", flat=True))
        Order.objects.filter(pk__in=pks).update(**NOT_HELD)
        history.record_all(pks, OrderEvent.Kind.RELEASED)
    return len(pks)
