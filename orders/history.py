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
