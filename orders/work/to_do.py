"""What needs a person, counted from the rows that cause it, and who takes care of it.

An item is never stored: it is there as long as its cause is. Only what staff decided
about it, an owner and a snooze, is a row (`WorkMark`).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any, overload

from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.db.models import Q, QuerySet
from django.utils import timezone as clock

from orders.advice import Advice, names_of
from orders.models import ImportProblem, Order, Shipment, WorkMark, note_change
from orders.models.orders import OrderQuerySet
from orders.models.shipments import ShipmentQuerySet
from orders.work import counting, figures
from orders.work.base import Cause, Derived, Stored, with_store
from orders.work.causes import CAUSES, DERIVED, STORED, TABLE
from orders.work.rows import Gap, Kept
from stores.access import Limit, within
from stores.models import Store


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


@dataclass(frozen=True)
class Part:
    """The items of one cause: how many, and those from one place to another."""

    count: int
    read: Callable[[int, int], list[Item]]


class WorkList(Sequence[Item]):
    """Items by urgency, then the oldest first; counted whole, read a page at a time."""

    def __init__(self, now: datetime, parts: Iterable[Part]) -> None:
        self.now, self.parts = now, list(parts)

    def __len__(self) -> int:
        return sum(one.count for one in self.parts)

    def __iter__(self) -> Iterator[Item]:
        return iter(self[:])

    @overload
    def __getitem__(self, place: int) -> Item: ...
    @overload
    def __getitem__(self, place: slice) -> list[Item]: ...
    def __getitem__(self, place: int | slice) -> Item | list[Item]:
        if isinstance(place, int):
            return self[:][place]
        start, stop, _step = place.indices(len(self))
        found: list[Item] = []
        for part in self.parts:
            if start < part.count and stop > 0:
                found += part.read(max(start, 0), min(stop, part.count))
            start, stop = start - part.count, stop - part.count
        return _with_marks(found, self.now)


def standing(now: datetime) -> list[Item]:
    """Return all there is to do, snoozed or not."""
    return listed(now)[:]


def listed(
    now: datetime,
    marks: Iterable[tuple[str, str]] | None = None,
    *,
    is_awake: bool = False,
    limit: Limit = None,
) -> WorkList:
    """Return what there is to do: all, what marks are about, or what is not snoozed.

    Marks are named by their kind and cause.
    """
    among: dict[str, set[str]] = defaultdict(set)
    for kind, key in marks or ():
        among[kind].add(key)
    wanted = [one for one in TABLE if marks is None or one.kind in among]
    names = {one.figure for one in wanted if isinstance(one, Derived)}
    kept = figures.of_stores(now, *names, limit=limit, is_exact=True) if names else {}
    parts = []
    for cause in wanted:
        keys = None if marks is None else among[cause.kind]
        if isinstance(cause, Stored):
            parts.append(_stored(cause, now, keys, is_awake, limit))
        else:
            parts.append(_derived(cause, kept[cause.figure], now, keys, is_awake))
    return WorkList(now, parts)


def count(now: datetime, limit: Limit = None) -> int:
    """Return how many items are not snoozed, by queries that every page can afford.

    It is what is kept of each store, and what is wrong with the stores themselves.
    """
    names = [one.figure for one in DERIVED]
    kept = figures.of_stores(now, "counts", *names, limit=limit)
    of_orders = [one.get(counting.TO_DO, 0) for one in kept["counts"].values()]
    of_stores = [
        within(one.awake(now), limit, "pk").count()
        for one in STORED
        if one.model is Store
    ]
    derived = [len(_kept(one, kept[one.figure], now, True)) for one in DERIVED]
    return sum([*of_orders, *of_stores, *derived])


def stores_with_gaps(now: datetime) -> list[int]:
    """Return the stores of which some time was never completely read."""
    kept = figures.of_stores(now, "gaps", is_exact=True)["gaps"]
    return [pk for pk, one in kept.items() if one]


def note_new(now: datetime) -> None:
    """Note of the differences that no listing had shown before when they were seen."""
    (cause,) = [one for one in DERIVED if one.kind == "difference"]
    kept = figures.of_stores(now, cause.figure, is_exact=True)[cause.figure]
    noted = set(
        WorkMark.objects.filter(kind=cause.kind).values_list("cause", flat=True)
    )
    marks = [
        WorkMark(kind=cause.kind, cause=one.key, seen_at=now)
        for one in _kept(cause, kept, now, False)
        if one.key not in noted
    ]
    WorkMark.objects.bulk_create(marks, batch_size=500, ignore_conflicts=True)
    # Those of what was taken or snoozed before.
    WorkMark.objects.filter(kind=cause.kind, seen_at=None).update(seen_at=now)


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


def snooze(kind: str, cause: str, until: datetime) -> bool:
    """Count it no more until then; it stays in the list of what is snoozed.

    Returns False where it sleeps already, by somebody who has looked at it meanwhile.
    """
    mark, _created = WorkMark.objects.get_or_create(kind=kind, cause=cause)
    is_awake = Q(snoozed_until=None) | Q(snoozed_until__lte=clock.now())
    # The second of two clicks.
    is_same = Q(snoozed_until__range=(until - timedelta(minutes=1), until))
    rows = WorkMark.objects.filter(is_awake | is_same, pk=mark.pk)
    is_done = bool(rows.update(snoozed_until=until))
    _count_anew(kind, cause)
    return is_done


def wake(kind: str, cause: str) -> None:
    WorkMark.objects.filter(kind=kind, cause=cause).update(snoozed_until=None)
    _count_anew(kind, cause)


def _count_anew(kind: str, cause: str) -> None:
    note_change(one.store.pk for one in listed(clock.now(), [(kind, cause)]))


def idle_marks(now: datetime) -> QuerySet[WorkMark]:
    """Return the marks whose cause is gone: what comes back later begins anew."""
    marks = {
        (kind, cause): pk
        for pk, kind, cause in WorkMark.objects.values_list("pk", "kind", "cause")
    }
    kept = {(one.kind, one.cause) for one in listed(now, marks)}
    gone = [pk for cause, pk in marks.items() if cause not in kept]
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


def _stored(
    cause: Stored, now: datetime, wanted: set[str] | None, is_awake: bool, limit: Limit
) -> Part:
    """Return the items that rows say, the oldest first."""
    rows = cause.awake(now) if is_awake else cause.items(now)
    if wanted is not None:
        rows = rows.filter(work_cause__in=wanted)
    if limit is not None:
        rows = within(with_store(rows), limit, "of")
    rows = rows.order_by(cause.since, "pk")
    shown = rows
    if isinstance(rows, ShipmentQuerySet):
        shown = rows.with_order().defer("answer", "receipt")
    elif isinstance(rows, OrderQuerySet):
        shown = rows.select_related("store").without_texts()
    elif cause.model is ImportProblem:
        shown = rows.select_related("store").defer("payload")

    def read(start: int, stop: int) -> list[Item]:
        return [
            _item(cause, row.work_cause, getattr(row, cause.since), row)
            for row in shown[start:stop]
        ]

    return Part(rows.count(), read)


def _kept(
    cause: Derived, values: dict[int, Any], now: datetime, is_awake: bool
) -> list[Kept]:
    """Return the items that are kept of active stores, the oldest first."""
    with_items = {pk: one["items"] for pk, one in values.items() if one.get("items")}
    if not with_items:
        return []
    active = Store.objects.filter(pk__in=with_items, is_active=True).order_by()
    marks = {
        key: (seen_at, is_awake and bool(until and until > now))
        for key, seen_at, until in WorkMark.objects.filter(kind=cause.kind).values_list(
            "cause", "seen_at", "snoozed_until"
        )
    }
    found = []
    for pk in active.values_list("pk", flat=True):
        for key, written, about in with_items[pk]:
            since = datetime.fromisoformat(written)
            seen_at, is_left_out = marks.get(key, (None, False))
            if not is_left_out:
                found.append((seen_at or since, Kept(pk, key, since, about)))
    found.sort(key=lambda one: (min(one[0], one[1].since), one[1].key))
    return [one for _at, one in found]


def _derived(
    cause: Derived,
    values: dict[int, Any],
    now: datetime,
    wanted: set[str] | None,
    is_awake: bool,
) -> Part:
    """Return the items that are worked out; their rows are, once they are shown."""
    kept = _kept(cause, values, now, is_awake)
    if wanted is not None:
        kept = [one for one in kept if one.key in wanted]

    def read(start: int, stop: int) -> list[Item]:
        return [
            _item(cause, one.key, row.since, row)
            for one, row in cause.rows(kept[start:stop])
        ]

    return Part(len(kept), read)


def _item(cause: Cause, key: str, since: datetime, row: Any) -> Item:
    about: Any = row.order if isinstance(row, Shipment) else row
    number = getattr(about, "number", "") or getattr(about, "marketplace_order_id", "")
    return Item(cause.kind, key, since, row, getattr(about, "store", about), number)


def _with_marks(items: list[Item], now: datetime) -> list[Item]:
    """Return items with what staff decided about them."""
    causes: dict[str, list[str]] = defaultdict(list)
    for one in items:
        causes[one.kind].append(one.cause)
    named = [Q(kind=kind, cause__in=keys) for kind, keys in causes.items()]
    found = WorkMark.objects.filter(reduce(or_, named)) if named else []
    marks = {(one.kind, one.cause): one for one in found}
    return [_marked(one, marks.get((one.kind, one.cause)), now) for one in items]


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
