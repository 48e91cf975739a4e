"""Read stored orders anew from their kept payloads: say, or do, what changes."""

import copy
import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, fields
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
from orders.importing.triage import reader_settings
from orders.models import LineItem, Order
from stores.failures import in_words
from stores.marketplaces import MARKETPLACES
from stores.marketplaces.base import MarketplaceOrder, UnreadableOrder
from stores.marketplaces.values import has_offset
from stores.models import Store

DATES = ("ordered_at", "paid_at")


@dataclass(frozen=True)
class Settings:
    """What of a store's settings shapes its orders."""

    timezone: str
    import_variation_as_option: bool

    @classmethod
    def of(cls, store: Store) -> "Settings":
        return cls(store.timezone, store.import_variation_as_option)

    @property
    def zone(self) -> Zone:
        return Zone(self.timezone)


READING = frozenset(field.name for field in fields(Settings))


@dataclass(frozen=True)
class Change:
    """A field that would say something else; `moved` by how much a date would."""

    title: str
    before: Any
    after: Any
    moved: timedelta | None = None


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
    """Read the newest orders' payloads with other settings, writing nothing."""
    orders = store.orders.prefetch_related("line_items").select_related("store")
    return [_rehearse(order, settings) for order in orders[:limit]]


def read_otherwise(store: Store) -> QuerySet[Order]:
    """Return the orders that were read with other settings than the store has."""
    return store.orders.exclude(read_alike(store))


def have_offsets(rehearsals: Iterable[Rehearsal]) -> bool:
    """Return whether the orders' times carry their offset, so that no zone counts."""
    stamps = [
        stamp
        for one in rehearsals
        for stamp in MARKETPLACES[one.order.store.marketplace]
        .read_stamps(one.order.payload)
        .values()
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
    """Read these orders with the store's settings; write their dates and options.

    Those that came in with these settings meanwhile are left out. What settings cannot
    change is left alone: the kept payload is not in every character what came, and the
    row says what came.
    """
    settings = Settings.of(store)
    changed = 0
    known: list[Known] = []
    # Most orders move by the same few hours: one statement for all that do.
    alike: dict[Any, list[int]] = defaultdict(list)
    options: dict[Any, list[int]] = defaultdict(list)
    readings: dict[str, list[int]] = defaultdict(list)
    orders = (
        Order.objects.select_for_update()
        .filter(pk__in=keys)
        .exclude(read_alike(store))
        .order_by("marketplace_order_id")
        .prefetch_related("line_items")
    )
    for order in orders:
        order.store = store
        try:
            facts = _read(order, settings)
        except UnreadableOrder:
            continue
        changed += bool(_changes(order, facts, settings))
        readings[order.read_with].append(order.pk)
        moves = _moves(order, facts)
        by = moves.get("paid_at" if order.paid_at else "ordered_at")
        # The deadline is counted from it.
        deadline = {"ship_by": by} if by and order.ship_by else {}
        alike[order.read_with, *(moves | deadline).items()].append(order.pk)
        moved = copy.copy(order)
        for name, distance in moves.items():
            setattr(moved, name, getattr(order, name) + distance)
        lines = list(order.line_items.all())
        known.append((order, moved, lines, lines))
        for line, wanted in zip(lines, _options(facts, settings), strict=False):
            if line.options != wanted:
                options[tuple(wanted.items())].append(line.pk)
    for (reading, *moves), pks in alike.items():
        # An earlier reader left out what the next import reads.
        reader = reading.split()[0]
        Order.objects.filter(pk__in=pks).update(
            read_with=reader_settings(store, reader),
            **{name: F(name) + by for name, by in moves},
        )
    for wanted, pks in options.items():
        LineItem.objects.filter(pk__in=pks).update(options=dict(wanted))
    record_changes(known, DATES, clock.now())
    return Done(changed, readings)


def _rehearse(order: Order, settings: Settings) -> Rehearsal:
    try:
        facts = _read(order, settings)
    except UnreadableOrder as error:
        return Rehearsal(order, [], in_words(error))
    return Rehearsal(order, _changes(order, facts, settings))


def _read(order: Order, settings: Settings) -> MarketplaceOrder:
    """Read the payload as it came, its numbers as exact as they were received."""
    raw = json.loads(json.dumps(order.payload), parse_float=Decimal)
    connector = MARKETPLACES[order.store.marketplace]
    return connector.parse_order(raw, settings.zone, order.store.words)


def _changes(order: Order, facts: MarketplaceOrder, settings: Settings) -> list[Change]:
    """Return what the store's settings can change of an order: its dates, options."""
    changes = []
    for name, by in _moves(order, facts).items():
        title = title_of(Order, name)
        before = getattr(order, name)
        changes.append(Change(title, before, before + by, by))
    before = [line.options for line in order.line_items.all()]
    # An earlier reader may have left items out, which come with the next import.
    after = _options(facts, settings)[: len(before)]
    if before != after:
        changes.append(Change(_("options"), _in_words(before), _in_words(after)))
    return changes


def _moves(order: Order, facts: MarketplaceOrder) -> dict[str, timedelta]:
    """Return which dates of the order move, and by how much."""
    dates = ((name, getattr(order, name), getattr(facts, name)) for name in DATES)
    return {
        name: after - before
        for name, before, after in dates
        if before and after and before != after
    }


def _options(facts: MarketplaceOrder, settings: Settings) -> list[dict[str, str]]:
    has_variation = settings.import_variation_as_option
    return [options_of(line, has_variation) for line in facts.lines]


def _in_words(options: Iterable[dict[str, str]]) -> str:
    said = (f"{name}: {value}" for one in options for name, value in one.items())
    return ", ".join(said)
