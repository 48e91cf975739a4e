"""Write an order's history, line by line; nothing here changes or deletes a line."""

from collections.abc import Iterable

from django.contrib.auth.models import AbstractBaseUser
from django.utils import timezone as clock

from orders.models import Order, OrderEvent

Change = tuple[str, object, object]


def record(
    order: Order,
    kind: OrderEvent.Kind,
    *,
    by: AbstractBaseUser | None = None,
    text: str = "",
    changes: Iterable[Change] = (),
) -> OrderEvent:
    """Add a line to the order's history, now; `by` is None for the machine."""
    return OrderEvent.objects.create(
        order=order,
        kind=kind,
        at=clock.now(),
        by=by,
        text=text,
        changes=[list(change) for change in changes],
    )


def record_all(
    order_ids: Iterable[int],
    kind: OrderEvent.Kind,
    *,
    by: AbstractBaseUser | None = None,
) -> None:
    """Add the same line to many orders' history, now; `by` is None for the machine."""
    now = clock.now()
    events = [OrderEvent(order_id=pk, kind=kind, at=now, by=by) for pk in order_ids]
    OrderEvent.objects.bulk_create(events, batch_size=500)
