"""An order's history in one line of time, from the rows that tell it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from orders.models import STATUS_CHOICES, LineItem, Order, OrderEvent, Shipment


@dataclass(frozen=True)
class Change:
    """A field of the order by its title, and what it said before and after."""

    title: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Entry:
    """What happened, when and by whom; `by` is empty for the program itself."""

    at: datetime
    kind: str
    title: str
    by: str = ""
    text: str = ""
    changes: tuple[Change, ...] = ()
    receipt: dict[str, Any] = field(default_factory=dict)


def timeline(order: Order) -> list[Entry]:
    """Return everything that happened to the order, the newest first."""
    entries = [
        Entry(order.imported_at, "imported", _("Imported")),
        *_events(order),
        *_acceptances(order),
    ]
    return sorted(entries, key=lambda entry: entry.at, reverse=True)


def _events(order: Order) -> Iterator[Entry]:
    for event in order.events.select_related("by"):
        yield Entry(
            event.at,
            event.kind,
            str(event.get_kind_display()),
            str(event.by or ""),
            event.text,
            tuple(_changes(event)),
        )


def _acceptances(order: Order) -> Iterator[Entry]:
    accepted = OrderEvent.Kind.ACCEPTED
    for shipment in order.shipments.all():
        if shipment.notification == Shipment.Notification.ACCEPTED:
            yield Entry(
                shipment.notified_at or shipment.shipped_at,
                accepted.value,
                str(accepted.label),
                text=str(shipment),
                receipt=shipment.receipt or {},
            )


def _changes(event: OrderEvent) -> Iterator[Change]:
    for name, before, after in event.changes:
        yield Change(_title(name), _shown(name, before), _shown(name, after))


def _title(name: str) -> str:
    if name == "line_items":
        return str(LineItem._meta.verbose_name_plural)
    return str(Order._meta.get_field(name).verbose_name)


def _shown(name: str, value: Any) -> Any:
    """Return a stored value as a reader expects it: times as times, words as words."""
    if value is None or value == "":
        return "–"
    if name == "marketplace_state":
        return dict(STATUS_CHOICES).get(value, value)
    if name.endswith("_at"):
        return parse_datetime(value) or value
    return value
