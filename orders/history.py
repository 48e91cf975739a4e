"""An order's history: what is written into it, and how it is told, newest first."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Max
from django.utils import timezone as clock
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.kit import bulk
from backoffice.kit.errors import NotAllowed
from backoffice.kit.fields import title_of
from backoffice.kit.sentences import sentence
from orders.models import (
    STATUS_CHOICES,
    LineItem,
    Order,
    OrderEvent,
    Shipment,
    note_change,
)

Change = tuple[str, object, object]


def record(
    order: Order,
    kind: OrderEvent.Kind,
    *,
    by: User | None = None,
    text: str = "",
    changes: Iterable[Change] = (),
) -> OrderEvent:
    """Add a line to the order's history, now; `by` is None for the machine."""
    note_change([order.store_id])
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
    by: User | None = None,
) -> None:
    """Add the same line to many orders' history, now; `by` is None for the machine."""
    now = clock.now()
    events = [OrderEvent(order_id=pk, kind=kind, at=now, by=by) for pk in order_ids]
    OrderEvent.objects.bulk_create(events, batch_size=500)
    orders = Order.objects.filter(pk__in=[one.order_id for one in events])
    note_change(orders.order_by().values_list("store", flat=True).distinct())


Known = tuple[Any, Any, Sequence[object], Sequence[object]]


def record_changes(
    known: Iterable[Known], fields: Iterable[str], now: datetime
) -> None:
    """Note in each order's history what changed of these fields and of its lines.

    `known` holds the order as it was and as it is, and its lines likewise.
    """
    kind = OrderEvent.Kind.CHANGED
    changed, reread = [], []
    for before, after, packed, lines in known:
        changes = [
            *changes_between(before, after, fields),
            *_line_differences(packed, lines),
        ]
        if not changes:
            continue
        if before.digest == after.digest:
            text = sentence("Read in another way; the marketplace changed nothing.")
            reread.append(
                OrderEvent(
                    order_id=before.pk, kind=kind, at=now, text=text, changes=changes
                )
            )
        else:
            changed.append((before.pk, kind.value, now, json.dumps(changes)))
    bulk.insert(OrderEvent, ("order", "kind", "at", "changes"), changed)
    OrderEvent.objects.bulk_create(reread, batch_size=500)


class ChangedMeanwhile(NotAllowed):
    """Somebody else did to the order what the page that was used did not show."""


def last_event(order: Order) -> int:
    """Return the newest line of the order's history, as a page shows it."""
    return order.events.aggregate(last=Max("pk"))["last"] or 0


def find_newer(
    order: Order, kinds: Iterable[OrderEvent.Kind], seen: int | None, by: User | None
) -> OrderEvent | None:
    """Return what somebody else did so to the order after the line that was seen."""
    if seen is None:
        return None
    by_others = order.events.filter(by__isnull=False).exclude(by=by)
    return by_others.filter(kind__in=kinds, pk__gt=seen).select_related("by").last()


def is_told(
    order: Order, kind: OrderEvent.Kind, text: str, seen: int | None, by: User | None
) -> bool:
    """Whether a person did just that after the line he saw: a form was posted twice."""
    if seen is None:
        return False
    return order.events.filter(kind=kind, text=text, pk__gt=seen, by=by).exists()


def refuse_newer(
    order: Order,
    kinds: Iterable[OrderEvent.Kind],
    seen: int | None,
    by: User | None,
    typed: str = "",
) -> None:
    """Raise `ChangedMeanwhile` when it was so; the order is locked already.

    What was `typed` is said again where the page cannot keep it.
    """
    if newer := find_newer(order, kinds, seen, by):
        message = _(
            "%(who)s changed order %(order)s meanwhile (%(what)s); look at it, and do "
            "it again if it is still right."
        )
        if typed:
            message = _(
                "%(who)s changed order %(order)s meanwhile (%(what)s); “%(typed)s” is "
                "not saved, type it again if it is still right."
            )
        what = f"{newer}{''.join(f', {after}' for _name, _was, after in newer.changes)}"
        facts = {"who": newer.by, "order": order, "what": what, "typed": typed}
        raise ChangedMeanwhile(message % facts)


def changes_between(before: Any, after: Any, fields: Iterable[str]) -> list[Change]:
    """Return the fields whose values differ: name, from, to."""
    return [
        (name, _plain(getattr(before, name)), _plain(getattr(after, name)))
        for name in fields
        if getattr(before, name) != getattr(after, name)
    ]


def _line_differences(
    before: Sequence[object], after: Sequence[object]
) -> list[Change]:
    """Return what to pack as one change, none when it is the same."""
    if before == after:
        return []
    packed, wanted = (", ".join(map(str, lines)) for lines in (before, after))
    return [("line_items", packed, wanted)] if packed != wanted else []


def _plain(value: Any) -> str | None:
    """Return a value as JSON takes it: times in UTC, amounts as text."""
    if value is None:
        return None
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return str(value)


# What a receipt proves, in words.
PROVEN = {
    Shipment.Proof.NUMBER: gettext_lazy(
        "The marketplace shows the order with this number."
    ),
    Shipment.Proof.STATUS: gettext_lazy(
        "The marketplace shows the order as shipped since; it shows no numbers."
    ),
    Shipment.Proof.ANSWERED: gettext_lazy(
        "The marketplace answered that it took the notice; it shows no more."
    ),
}


@dataclass(frozen=True)
class FieldChange:
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
    changes: tuple[FieldChange, ...] = ()
    receipt: dict[str, Any] = field(default_factory=dict)
    proof: str = ""


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
                proof=str(PROVEN[Shipment.Proof(shipment.proof or "number")]),
            )


def _changes(event: OrderEvent) -> Iterator[FieldChange]:
    for name, before, after in event.changes:
        yield FieldChange(_title(name), _shown(name, before), _shown(name, after))


def _title(name: str) -> str:
    if name == "line_items":
        return str(LineItem._meta.verbose_name_plural)
    return title_of(Order, name)


def _shown(name: str, value: Any) -> Any:
    """Return a stored value as a reader expects it: times as times, words as words."""
    if value is None or value == "":
        return "–"
    if name == "marketplace_state":
        return dict(STATUS_CHOICES).get(value, value)
    if name.endswith("_at"):
        return parse_datetime(value) or value
    return value
