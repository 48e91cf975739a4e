"""What needs a person, counted from the rows that cause it, and who takes care of it.

An item is never stored: it is there as long as its cause is. Only what staff decided
about it, an owner and a snooze, is a row (`WorkMark`).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.db.models import (
    CharField,
    Exists,
    F,
    Min,
    OuterRef,
    Q,
    QuerySet,
    TextChoices,
    TextField,
    Value,
)
from django.db.models.functions import Cast, Concat
from django.utils import timezone as clock
from django.utils.translation import gettext_lazy as _

from orders import mailing
from orders.auditing import accounting, differences, listings
from orders.auditing.coverage import Interval, gaps_by_store
from orders.auditing.differences import Difference
from orders.models import (
    ImportProblem,
    Order,
    Shipment,
    WorkMark,
)
from stores.marketplaces.base import OrderStatus
from stores.models import Store

# What makes the remembered number old.
Key = tuple[tuple[int, ...], int]
# How long a page's number trusts what was worked out.
REMEMBERED = timedelta(minutes=5)


class Kind(TextChoices):
    """What an item is about; the most urgent first."""

    TOKEN = "token", _("Refused access tokens")
    ZONE = "zone", _("Suspected time zones")
    GAP = "gap", _("Gaps in what was read")
    ADDRESS = "address", _("Addresses to decide")
    NOTICE = "notice", _("Refused tracking")
    DOUBT = "doubt", _("Tracking that waits for a last look")
    REVIEW = "review", _("Unknown statuses")
    PROBLEM = "problem", _("Import problems")
    DIFFERENCE = "difference", _("Differences with the marketplace")
    MAIL = "mail", _("Mails that could not leave")


URGENCY = {kind: place for place, kind in enumerate(Kind.values)}


@dataclass(frozen=True)
class Item:
    """One thing that needs a person: its cause, and what staff decided about it."""

    kind: str
    # The key of the row that is the cause.
    cause: str
    since: datetime
    store_id: int
    # The order it is about, by its number.
    number: str = ""
    # What it is about, where no row says it.
    about: Interval | Difference | None = None
    owner: User | None = None
    # Nothing once it is over.
    snoozed_until: datetime | None = None


ROW = F("pk")


@dataclass(frozen=True)
class Source:
    """The rows that cause items of a kind, and which of their columns say what."""

    rows: Callable[[], QuerySet]
    since: F | Min
    # The way to the store, and to the order's number.
    store: str
    number: F | Value
    cause: F | Concat = ROW


def open_problems() -> QuerySet[ImportProblem]:
    """Return the problems that still keep somebody from something.

    Not those of an order that is done with, nor of a country that staff corrected;
    an unknown status is told of by its order.
    """
    order = Order.objects.filter(
        store=OuterRef("store"), marketplace_order_id=OuterRef("marketplace_order_id")
    )
    done = order.filter(status__in=[OrderStatus.SHIPPED, OrderStatus.CANCELLED])
    corrected = order.filter(correction__isnull=False)
    return ImportProblem.objects.filter(~Exists(done), resolved_at=None).exclude(
        Q(kind=ImportProblem.Kind.UNKNOWN_STATUS)
        | Q(kind=ImportProblem.Kind.UNKNOWN_COUNTRY) & Exists(corrected)
    )


NONE = Value("", CharField())
NUMBER = F("marketplace_order_id")
SOURCES = {
    Kind.TOKEN: Source(
        lambda: Store.objects.filter(connection=Store.Connection.REFUSED),
        F("refused_since"),
        "",
        NONE,
    ),
    Kind.ZONE: Source(
        lambda: Store.objects.exclude(suspected_timezone=""),
        F("suspected_since"),
        "",
        NONE,
    ),
    Kind.ADDRESS: Source(
        lambda: Order.objects.with_undecided_address(),
        F("ship_to_changed_at"),
        "store__",
        NUMBER,
    ),
    Kind.NOTICE: Source(
        lambda: Shipment.objects.filter(notification=Shipment.Notification.REFUSED),
        F("shipped_at"),
        "order__store__",
        F("order__marketplace_order_id"),
    ),
    # Of a store that sends by itself, and of an order that is still open there.
    Kind.DOUBT: Source(
        lambda: Shipment.objects.filter(
            notification=Shipment.Notification.NOT_SENT,
            order__marketplace_state=OrderStatus.AWAITING_SHIPMENT,
            order__store__auto_send_tracking=True,
        ),
        F("shipped_at"),
        "order__store__",
        F("order__marketplace_order_id"),
    ),
    Kind.REVIEW: Source(
        lambda: Order.objects.filter(status=OrderStatus.NEEDS_REVIEW),
        F("changed_at"),
        "store__",
        NUMBER,
    ),
    # One for each order, however much is wrong with it.
    Kind.PROBLEM: Source(
        open_problems,
        Min("first_seen_at"),
        "store__",
        NUMBER,
        Concat("store_id", Value(":"), NUMBER, output_field=TextField()),
    ),
    Kind.MAIL: Source(
        lambda: mailing.given_up(clock.now()),
        F("notified_at"),
        "order__store__",
        F("order__marketplace_order_id"),
    ),
}


def to_do(now: datetime) -> list[Item]:
    """Return all there is to do, snoozed or not: by urgency, then the oldest first."""
    rows = _stored()
    derived = _derived(rows, now)
    # Whoever looks at the list sees it as it is, and so does the number beside it.
    _remember(_key(now), derived)
    marks = {
        (mark.kind, mark.cause): mark
        for mark in WorkMark.objects.select_related("owner")
    }
    marked = [
        _marked(one, marks.get((one.kind, one.cause)), now) for one in rows + derived
    ]
    return sorted(marked, key=lambda one: (URGENCY[one.kind], one.since, one.cause))


def count(now: datetime) -> int:
    """Return how many items are not snoozed, by queries that every page can afford.

    Gaps and differences are worked out anew with each listing, by whoever looks at the
    list, and every few minutes.
    """
    key = _key(now)
    derived = _memory.get(key)
    if derived is None:
        derived = _remember(key, _derived(_stored(), now))
    asleep = WorkMark.objects.filter(snoozed_until__gt=now)
    if derived:
        kinds = [Kind.GAP, Kind.DIFFERENCE]
        derived -= set(asleep.filter(kind__in=kinds).values_list("kind", "cause"))
    return _rows(without=asleep).count() + len(derived)


def note_new(now: datetime) -> None:
    """Note of the differences that no listing had shown before when they were seen."""
    marks = [
        WorkMark(kind=one.kind, cause=one.cause, seen_at=now)
        for one in _differences(_stored())
    ]
    WorkMark.objects.bulk_create(marks, batch_size=500, ignore_conflicts=True)
    # Those of what was taken or snoozed before.
    WorkMark.objects.filter(kind=Kind.DIFFERENCE, seen_at=None).update(seen_at=now)


def take(kind: str, cause: str, user: User) -> bool:
    """Make it this person's, unless somebody else has it; return whether it is."""
    mark, _created = WorkMark.objects.get_or_create(kind=kind, cause=cause)
    # Not through a join, beside which PostgreSQL lets two people win.
    gone = get_user_model().objects.filter(is_active=False)
    free = Q(owner=None) | Q(owner=user) | Q(owner__in=gone)
    return bool(WorkMark.objects.filter(free, pk=mark.pk).update(owner=user))


def give_up(kind: str, cause: str, user: User) -> None:
    """Make what this person has taken nobody's."""
    WorkMark.objects.filter(kind=kind, cause=cause, owner=user).update(owner=None)


def snooze(kind: str, cause: str, until: datetime) -> None:
    """Count it no more until then; it stays in the list of what is snoozed."""
    WorkMark.objects.update_or_create(
        kind=kind, cause=cause, defaults={"snoozed_until": until}
    )


def wake(kind: str, cause: str) -> None:
    WorkMark.objects.filter(kind=kind, cause=cause).update(snoozed_until=None)


def idle_marks(now: datetime) -> QuerySet[WorkMark]:
    """Return the marks whose cause is gone: what comes back later begins anew."""
    standing = {(one.kind, one.cause) for one in to_do(now)}
    marks = WorkMark.objects.values_list("pk", "kind", "cause")
    gone = [pk for pk, *cause in marks if tuple(cause) not in standing]
    return WorkMark.objects.filter(pk__in=gone)


def _rows(without: QuerySet[WorkMark] | None = None) -> QuerySet:
    """Return the items that rows cause, as tuples; not those with such a mark."""
    queries = []
    for kind, source in SOURCES.items():
        rows = source.rows().filter(**{f"{source.store}is_active": True})
        rows = rows.order_by().annotate(
            work_kind=Value(kind.value, CharField()),
            work_cause=Cast(source.cause, TextField()),
            work_store=F(f"{source.store}pk"),
            work_number=source.number,
        )
        if without is not None:
            same = without.filter(kind=kind, cause=OuterRef("work_cause"))
            rows = rows.filter(~Exists(same))
        rows = rows.values("work_kind", "work_cause", "work_store", "work_number")
        queries.append(
            rows.annotate(work_since=source.since).values_list(
                "work_kind", "work_cause", "work_since", "work_store", "work_number"
            )
        )
    first, *others = queries
    return first.union(*others, all=True)


def _gaps(now: datetime) -> Iterator[Item]:
    """Yield the gaps by their ends: the beginning of a long one moves with the days."""
    for store, gaps in gaps_by_store(now).items():
        for gap in gaps:
            cause = f"{store.pk}:{gap.end.isoformat()}"
            yield Item(Kind.GAP, cause, gap.start, store.pk, about=gap)


def _differences(rows: list[Item]) -> Iterator[Item]:
    """Yield the differences of orders that none of these items is about.

    An order that the next import brings in needs nobody.
    """
    known = {(one.store_id, one.number) for one in rows}
    for one in accounting.open_differences():
        number = one.marketplace_order_id
        is_missing = one.kind == differences.DifferenceKind.NOT_HERE
        if is_missing and differences.is_next(one.store, one.listed):
            continue
        if (one.store.pk, number) not in known:
            cause = f"{one.store.pk}:{number}"
            yield Item(Kind.DIFFERENCE, cause, one.since, one.store.pk, number, one)


def _stored() -> list[Item]:
    """Return the items that rows say."""
    return [Item(*row) for row in _rows()]


def _derived(rows: list[Item], now: datetime) -> list[Item]:
    """Return the items that no row says: the gaps and the differences."""
    return [*_gaps(now), *_differences(rows)]


# What was worked out lately, for the number alone: sentences are in somebody's
# language. Of this process and not in Redis, whose absence must not stop a page.
_memory: dict[Key, frozenset[tuple[str, str]]] = {}


def _remember(key: Key, found: list[Item]) -> frozenset[tuple[str, str]]:
    """Keep what an item is found by, and forget what was kept before."""
    _memory.clear()
    _memory[key] = kept = frozenset((str(one.kind), one.cause) for one in found)
    return kept


def _key(now: datetime) -> Key:
    """Return what makes the number old: another listing, or some minutes."""
    last = listings.last_listings().values_list("pk", flat=True)
    return tuple(last), int(now.timestamp() // REMEMBERED.total_seconds())


def _marked(item: Item, mark: WorkMark | None, now: datetime) -> Item:
    known = (item.since, mark and mark.seen_at)
    since = min(filter(None, known), default=now)
    if mark is None:
        return replace(item, since=since)
    is_asleep = mark.snoozed_until and mark.snoozed_until > now
    return replace(
        item,
        since=since,
        # Whoever has left takes care of nothing.
        owner=mark.owner if mark.owner and mark.owner.is_active else None,
        snoozed_until=mark.snoozed_until if is_asleep else None,
    )
