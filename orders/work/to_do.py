"""What needs a person, counted from the rows that cause it, and who takes care of it.

An item is never stored: it is there as long as its cause is. Only what staff decided
about it, an owner and a snooze, is a row (`WorkMark`).
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef, Q, QuerySet, Value

from orders.advice import Advice, names_of
from orders.auditing import listings
from orders.models import ImportProblem, Order, Shipment, WorkMark
from orders.work.base import WAYS, Cause, Derived
from orders.work.causes import CAUSES, DERIVED, STORED
from orders.work.rows import Gap
from stores.models import Store

# What makes the remembered number old.
Key = tuple[tuple[int, ...], int]
# How long a page's number trusts what was worked out.
REMEMBERED = timedelta(minutes=5)
URGENCY = {kind: place for place, kind in enumerate(CAUSES)}


@dataclass(frozen=True)
class Item:
    """One thing that needs a person: its cause, and what staff decided about it."""

    kind: str
    # The key of the row that is the cause, unique among those of its kind.
    cause: str
    since: datetime
    row: Any
    store: Store
    # Of the order it is about, if it is about one.
    number: str
    owner: User | None = None
    # Nothing once it is over.
    snoozed_until: datetime | None = None


def standing(now: datetime) -> list[Item]:
    """Return all there is to do, snoozed or not: by urgency, then the oldest first."""
    stored = _stored(now)
    known = {(one.store.pk, one.number) for one in stored if one.number}
    derived = _derived(now, known)
    # Whoever looks at the list sees it as it is, and so does the number beside it.
    _remember(_key(now), derived)
    marks = {
        (mark.kind, mark.cause): mark
        for mark in WorkMark.objects.select_related("owner")
    }
    marked = [
        _marked(one, marks.get((one.kind, one.cause)), now) for one in stored + derived
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
        derived = _remember(key, _derived(now, _known(now)))
    asleep = WorkMark.objects.filter(snoozed_until__gt=now)
    if derived:
        kinds = [one.kind for one in DERIVED]
        derived -= set(asleep.filter(kind__in=kinds).values_list("kind", "cause"))
    awake = [
        cause.standing(now)
        .filter(~Exists(asleep.filter(kind=cause.kind, cause=OuterRef("work_cause"))))
        .values_list(Value(cause.kind), "work_cause")
        for cause in STORED
    ]
    return awake[0].union(*awake[1:]).count() + len(derived)


def note_new(now: datetime) -> None:
    """Note of the differences that no listing had shown before when they were seen."""
    kind = "difference"
    marks = [
        WorkMark(kind=kind, cause=one.cause, seen_at=now)
        for one in _derived(
            now, _known(now), [one for one in DERIVED if one.kind == kind]
        )
    ]
    WorkMark.objects.bulk_create(marks, batch_size=500, ignore_conflicts=True)
    # Those of what was taken or snoozed before.
    WorkMark.objects.filter(kind=kind, seen_at=None).update(seen_at=now)


def take_item(kind: str, cause: str, user: User) -> bool:
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
    kept = {(one.kind, one.cause) for one in standing(now)}
    marks = WorkMark.objects.values_list("pk", "kind", "cause")
    gone = [pk for pk, *cause in marks if tuple(cause) not in kept]
    return WorkMark.objects.filter(pk__in=gone)


def advise(item: Item) -> Advice:
    """Say an item in a sentence, with the step that helps."""
    cause, row = CAUSES[item.kind], item.row
    facts = names_of(item.store, item.number) | cause.facts(row)
    return Advice(
        item.number,
        str(cause.one) % facts,
        # One that is worked out may know better.
        getattr(row, "step", cause.step),
        store=item.store,
        order=row if isinstance(row, Order) else getattr(row, "order", None),
        problem=row if isinstance(row, ImportProblem) else None,
        shipment=row if isinstance(row, Shipment) else None,
        gap_start=row.since if isinstance(row, Gap) else None,
    )


def _stored(now: datetime) -> list[Item]:
    """Return the items that rows say; of several rows with one key, the oldest."""
    found = {}
    for cause in STORED:
        rows = cause.standing(now).order_by(f"-{cause.since}", "-pk")
        if cause.model is Shipment:
            rows = rows.select_related("order__store")
            rows = rows.defer("order__payload", "answer", "receipt")
        elif cause.model is not Store:
            # The rows may be many, their stores are few.
            rows = rows.prefetch_related("store").defer("payload")
        for row in rows:
            item = _item(cause, row.work_cause, getattr(row, cause.since), row)
            found[item.kind, item.cause] = item
    return list(found.values())


def _derived(
    now: datetime, known: set[tuple[int, str]], among: Iterable[Derived] = DERIVED
) -> list[Item]:
    """Return the items that are worked out, not of orders that are known to others."""
    found = [
        _item(cause, cause.key(row), row.since, row)
        for cause in among
        for row in cause.rows(now)
    ]
    return [one for one in found if (one.store.pk, one.number) not in known]


def _known(now: datetime) -> set[tuple[int, str]]:
    """Return the orders that stored causes are about, by store and number."""
    found: set[tuple[int, str]] = set()
    for cause in STORED:
        if cause.model is not Store:
            store = WAYS[cause.model]
            number = store.removesuffix("store__") + "marketplace_order_id"
            found.update(cause.standing(now).values_list(f"{store}pk", number))
    return found


def _item(cause: Cause, key: str, since: datetime, row: Any) -> Item:
    about: Any = row.order if isinstance(row, Shipment) else row
    number = getattr(about, "marketplace_order_id", "")
    return Item(cause.kind, key, since, row, getattr(about, "store", about), number)


# What was worked out lately, for the number alone: sentences are in somebody's
# language. Of this process and not in Redis, whose absence must not stop a page.
_memory: dict[Key, frozenset[tuple[str, str]]] = {}


def _remember(key: Key, found: list[Item]) -> frozenset[tuple[str, str]]:
    """Keep what an item is found by, and forget what was kept before."""
    _memory.clear()
    _memory[key] = kept = frozenset((one.kind, one.cause) for one in found)
    return kept


def _key(now: datetime) -> Key:
    """Return what makes the number old: another listing, or some minutes."""
    last = listings.last_listings().values_list("pk", flat=True)
    return tuple(last), int(now.timestamp() // REMEMBERED.total_seconds())


def _marked(item: Item, mark: WorkMark | None, now: datetime) -> Item:
    known = [item.since, mark.seen_at if mark else None]
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
