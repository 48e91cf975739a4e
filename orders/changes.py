"""Say what changed on an order, field by field, as its history keeps it."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from backoffice.kit.sentences import Sentence as _
from orders.history import Change
from orders.models import LineItem, Order, OrderEvent

Known = tuple[Order, Order, list[LineItem]]


def record_changes(
    known: Iterable[Known], fields: Iterable[str], now: datetime
) -> None:
    """Note in each order's history what changed of these fields and of its lines.

    `known` holds the order as it was, as it is, and its lines as they are.
    """
    events = []
    for before, order, lines in known:
        changes = [
            *differences(before, order, fields),
            *_line_differences(before.line_items.all(), lines),
        ]
        if changes:
            event = OrderEvent(
                order=order, kind=OrderEvent.Kind.CHANGED, at=now, changes=changes
            )
            if before.digest == order.digest:
                event.text = _("Read in another way; the marketplace changed nothing.")
            events.append(event)
    OrderEvent.objects.bulk_create(events, batch_size=500)


def differences(before: Any, after: Any, fields: Iterable[str]) -> list[Change]:
    """Return the fields whose values differ: name, from, to."""
    return [
        (name, _plain(getattr(before, name)), _plain(getattr(after, name)))
        for name in fields
        if getattr(before, name) != getattr(after, name)
    ]


def _line_differences(
    before: Iterable[LineItem], after: Iterable[LineItem]
) -> list[Change]:
    """Return what to pack as one change, none when it is the same."""
    packed, wanted = (", ".join(map(str, lines)) for lines in (before, after))
    return [("line_items", packed, wanted)] if packed != wanted else []


def _plain(value: Any) -> str | None:
    """Return a value as JSON takes it: times in UTC, amounts as text."""
    if value is None:
        return None
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return str(value)
