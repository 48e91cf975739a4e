"""Read stored orders anew from their kept payloads: say, or do, what changes."""

import copy
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils import timezone as clock
from django.utils.translation import gettext as _

from backoffice.kit.fields import title_of
from backoffice.kit.zones import Zone
from orders.history import Known, record_changes
from orders.importing.lines import options_of
from orders.importing.problems import retell_statuses
from orders.importing.status_words import orders_that_say
from orders.importing.triage import reader_settings
from orders.models import STATUS_CHOICES, LineItem, ListedOrder, Order, note_change
from orders.models.orders import deadline_of
from orders.models.readings import meanings_named
from stores.failures import in_words
from stores.marketplaces.base import OrderStatus, UnreadableOrder
from stores.marketplaces.values import has_offset
from stores.models import Store

DATES = ("ordered_at", "paid_at")
STATE = "marketplace_state"
UNKNOWN = OrderStatus.NEEDS_REVIEW


@dataclass(frozen=True)
class Settings:
    """What of a store's settings shapes its orders."""

    timezone: str
    import_variation_as_option: bool
    status_words: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, store: Store) -> "Settings":
        return cls(store.timezone, store.import_variation_as_option, store.status_words)

    def on(self, store: Store) -> Store:
        """Return the store as if it had these settings; it is not saved."""
        wanted = copy.copy(store)
        for name, value in asdict(self).items():
            setattr(wanted, name, value)
        return wanted

    @property
    def zone(self) -> Zone:
        return Zone(self.timezone)


READING = frozenset(one.name for one in fields(Settings))


@dataclass(frozen=True)
class Change:
    """A field that would say something else; `moved` by how much a date would."""

    name: str
    title: str
    before: Any
    after: Any
    moved: timedelta | None = None


@dataclass(frozen=True)
class Reading:
    """What the settings make of a stored order: dates moved, its state, its options."""

    moves: dict[str, timedelta]
    state: str
    options: list[dict[str, str]]


@dataclass(frozen=True)
class Rehearsal:
    """A stored order and what would change on it, or why it cannot be read again."""

    order: Order
    changes: list[Change]
    problem: str = ""


def unsaved(store: Store) -> Settings | None:
    """Return how this store wants its orders read, if its row says otherwise."""
    wanted = Settings.of(store)
    return wanted if wanted != Settings.of(Store.objects.get(pk=store.pk)) else None


def rehearse(store: Store, settings: Settings, limit: int = 50) -> list[Rehearsal]:
    """Read the newest orders' payloads with other settings, writing nothing.

    Where words of status alone would change, those of the orders that say them.
    """
    orders: QuerySet[Order] = store.orders.all()
    others = replace(settings, status_words=store.status_words)
    changed = words_changed(store, settings)
    if changed and others == Settings.of(store):
        orders = orders_that_say(store, changed)
    found = orders.prefetch_related("line_items").select_related("store")[:limit]
    wanted = settings.on(store)
    words = wanted.words
    return [_rehearse(order, wanted, words) for order in found]


def words_changed(store: Store, settings: Settings) -> set[str]:
    """Return the words of status that would mean something else."""
    was, wanted = store.words, settings.on(store).words
    return {
        word
        for word in {**was, **wanted}
        if was.get(word, UNKNOWN) != wanted.get(word, UNKNOWN)
    }


def read_otherwise(store: Store) -> QuerySet[Order]:
    """Return the orders that were read with other settings than the store has."""
    return store.orders.exclude(read_alike(store))


def have_offsets(rehearsals: Iterable[Rehearsal]) -> bool:
    """Return whether the orders' times carry their offset, so that no zone counts."""
    stamps = [
        stamp
        for one in rehearsals
        for stamp in one.order.store.connector.read_stamps(one.order.payload).values()
    ]
    return bool(stamps) and all(has_offset(stamp) for stamp in stamps)


def read_alike(store: Store) -> Q:
    """Match orders that were read with the settings the store has."""
    return Q(read_with__endswith=reader_settings(store, ""))


@dataclass(frozen=True)
class Done:
    """How many orders say something else now, and how those read had been read."""

    changed: int
    readings: dict[str, list[int]]


def read_again(store: Store, keys: list[int]) -> Done:
    """Read these orders with the store's settings; write what follows of them.

    Those that came in with these settings meanwhile are left out. What settings cannot
    change is left alone: the kept payload is not in every character what came, and the
    row says what came.
    """
    changed = 0
    words = store.words
    known: list[Known] = []
    # Most orders move by the same few hours: one statement for all that do.
    alike: dict[Any, list[int]] = defaultdict(list)
    options: dict[Any, list[int]] = defaultdict(list)
    readings: dict[str, list[int]] = defaultdict(list)
    orders = list(
        Order.objects.select_for_update()
        .filter(pk__in=keys)
        .exclude(read_alike(store))
        .order_by("marketplace_order_id")
        .prefetch_related("line_items")
    )
    # Read once the rows are locked, as the import does.
    days = Store.objects.values_list("ship_within_days", flat=True).get(pk=store.pk)
    for order in orders:
        order.store = store
        try:
            reading = _read(order, store, words)
        except UnreadableOrder:
            continue
        changed += bool(_changes(order, reading))
        readings[order.read_with].append(order.pk)
        after = _read_otherwise(order, reading)
        writes = _writes(order, after, reading.moves, days)
        alike[order.read_with, *writes].append(order.pk)
        lines = list(order.line_items.all())
        known.append((order, after, lines, lines))
        for line, wanted in zip(lines, reading.options, strict=False):
            if line.options != wanted:
                options[tuple(wanted.items())].append(line.pk)
    _write(store, alike, options)
    _tell(store, known)
    if changed:
        note_change([store.pk])
    return Done(changed, readings)


def _write(
    store: Store, alike: Mapping[Any, list[int]], options: Mapping[Any, list[int]]
) -> None:
    """Write what is the same on many orders, and on many lines, at once."""
    for (reading_of, *columns), pks in alike.items():
        # An earlier reader left out what the next import reads.
        reader = reading_of.split()[0]
        Order.objects.filter(pk__in=pks).update(
            read_with=reader_settings(store, reader),
            **{name: F(base) + by if base else by for name, base, by in columns},
        )
    for said, pks in options.items():
        LineItem.objects.filter(pk__in=pks).update(options=dict(said))


# A column, what it is counted from, and by how much; or, from nothing, what it is.
Write = tuple[str, str, Any]


def _writes(
    order: Order, after: Order, moves: dict[str, timedelta], days: int
) -> list[Write]:
    """Return what is to be written on an order, alike on most of them."""
    writes: list[Write] = [(name, name, by) for name, by in moves.items()]
    since = "paid_at" if order.paid_at else "ordered_at"
    if after.marketplace_state != order.marketplace_state:
        writes.append((STATE, "", after.marketplace_state))
        ends = deadline_of(after, days)
        base = since if ends else ""
        by = ends and ends - getattr(order, since)
        writes.append(("ship_by", base, by))
    elif order.ship_by and since in moves:
        # The deadline is counted from it.
        writes.append(("ship_by", "ship_by", moves[since]))
    return writes


def _tell(store: Store, known: list[Known]) -> None:
    """Note what changed wherever it is told: history, problems, the last listing."""
    now = clock.now()
    record_changes(known, (*DATES, STATE), now)
    restated = [
        (order, after)
        for order, after, *_lines in known
        if after.marketplace_state != order.marketplace_state
    ]
    if not restated:
        return
    retell_statuses(store, [after for _order, after in restated], now)
    # What the last listing said by the same words means the same.
    alike: dict[tuple[str, str], list[str]] = defaultdict(list)
    for order, after in restated:
        states = order.marketplace_state, after.marketplace_state
        alike[states].append(order.marketplace_order_id)
    listed = ListedOrder.objects.filter(reconciliation__store=store)
    for (was, is_now), numbers in alike.items():
        listed.filter(
            marketplace_state=was, marketplace_order_id__among=numbers
        ).update(marketplace_state=is_now)


def _rehearse(
    order: Order, wanted: Store, words: Mapping[str, OrderStatus]
) -> Rehearsal:
    try:
        reading = _read(order, wanted, words)
    except UnreadableOrder as error:
        return Rehearsal(order, [], in_words(error))
    return Rehearsal(order, _changes(order, reading))


def _read(order: Order, store: Store, words: Mapping[str, OrderStatus]) -> Reading:
    """Read the payload as it came, its numbers as exact as they were received."""
    raw = json.loads(json.dumps(order.payload), parse_float=Decimal)
    facts = store.connector.parse_order(raw, store.zone, words)
    dates = ((name, getattr(order, name), getattr(facts, name)) for name in DATES)
    moves = {
        name: after - before
        for name, before, after in dates
        if before and after and before != after
    }
    state = order.marketplace_state
    if meanings_named(order.read_with) != meanings_named(reader_settings(store)):
        state = facts.status.value
        if facts.marketplace_status != order.marketplace_status:
            state = words.get(order.marketplace_status.lower(), UNKNOWN).value
    has_variation = store.import_variation_as_option
    return Reading(
        moves, state, [options_of(line, has_variation) for line in facts.lines]
    )


def _read_otherwise(order: Order, reading: Reading) -> Order:
    """Return the order as it is once it is read so; it is not saved."""
    after = copy.copy(order)
    for name, distance in reading.moves.items():
        setattr(after, name, getattr(order, name) + distance)
    after.marketplace_state = reading.state
    return after


def _changes(order: Order, reading: Reading) -> list[Change]:
    """Return what the store's settings change of an order: dates, state, options."""
    changes = []
    for name, by in reading.moves.items():
        before = getattr(order, name)
        changes.append(Change(name, title_of(Order, name), before, before + by, by))
    if reading.state != order.marketplace_state:
        was, is_now = (
            str(dict(STATUS_CHOICES)[one])
            for one in (order.marketplace_state, reading.state)
        )
        changes.append(Change(STATE, title_of(Order, STATE), was, is_now))
    options = [line.options for line in order.line_items.all()]
    # An earlier reader may have left items out, which come with the next import.
    wanted = reading.options[: len(options)]
    if options != wanted:
        said = _in_words(options), _in_words(wanted)
        changes.append(Change("options", _("options"), *said))
    return changes


def _in_words(options: Iterable[dict[str, str]]) -> str:
    said = (f"{name}: {value}" for one in options for name, value in one.items())
    return ", ".join(said)
