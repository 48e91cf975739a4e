"""Tell from when orders were first seen which zone a store's stamps are in.

Of an order that a refresh brought in, two moments are known: it was not there when
the complete refresh before began, and it was there when it was stored. A zone that
puts the order's stamp between the two fits; one that does not is contradicted.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.utils import timezone as clock

from backoffice.kit import zones
from backoffice.kit.zones import Zone
from orders.models import ImportProblem, ImportRun, Order, StoreFigure
from orders.models.readings import settings_of
from stores.marketplaces.abilities import Window
from stores.marketplaces.base import UnreadableOrder
from stores.marketplaces.values import has_offset, moment
from stores.models import Store

# What is kept of a store that was examined: its zone, the suspected one, its newest
# order.
EXAMINED = "examined"
# Fewer orders prove nothing.
ENOUGH = 5
# More orders would not make the answer surer.
NEWEST = 30
# How far two clocks may be apart that were compared, and two that were not.
COMPARED, NOT_COMPARED = timedelta(seconds=5), timedelta(seconds=60)
# No clock is further from UTC.
FURTHEST = timedelta(hours=14)
# A zone that nine of ten orders fit is right: one may have been slow to appear.
FITS = 0.9
# One that half of the orders contradict is suspected.
CONTRADICTED = 0.5


class ZoneVerdict(StrEnum):
    RIGHT = "right"
    # Another zone fits, and only one.
    WRONG = "wrong"
    # None can be named, but the one that is set is wrong.
    FUTURE = "future"
    UNCLEAR = "unclear"
    TOO_FEW = "too_few"
    # Lists are of what has changed, so that nobody knows since when an order is there.
    UNSEEN = "unseen"
    # The stamps carry their offset, so no zone counts.
    OFFSETS = "offsets"


@dataclass(frozen=True)
class Witness:
    """An order whose stamp has no offset, and between which moments it was placed.

    `stamp` is the wall clock of the marketplace's server; `after` is None where no
    refresh had looked before. `slack` is how far the clocks may be apart.
    """

    order_id: str
    stamp: datetime
    after: datetime | None
    before: datetime
    slack: timedelta = COMPARED

    def readings(self, zone: Zone) -> Iterator[datetime]:
        """Yield the moments at which a clock in this zone shows the stamp."""
        for fold in (0, 1):
            read = self.stamp.replace(tzinfo=zone, fold=fold).astimezone(UTC)
            if read.astimezone(zone).replace(tzinfo=None) == self.stamp:
                yield read

    def fits(self, zone: Zone, slack: timedelta | None = None) -> bool:
        slack = self.slack if slack is None else slack
        return any(
            (self.after is None or read >= self.after - slack)
            and read <= self.before + slack
            for read in self.readings(zone)
        )

    def is_from_the_future(self, zone: Zone) -> bool:
        read = self.stamp.replace(tzinfo=zone).astimezone(UTC)
        return read > self.before + self.slack

    @property
    def offsets(self) -> tuple[timedelta | None, timedelta]:
        """The greatest and the least offset from UTC that the order allows."""
        wall = self.stamp.replace(tzinfo=UTC)
        return (wall - self.after if self.after else None), wall - self.before


@dataclass(frozen=True)
class Diagnosis:
    """What the orders say of a zone; `zone` is the one that fits, if one does.

    `alike` are other names whose clocks showed the same.
    """

    verdict: ZoneVerdict
    configured: Zone
    witnesses: list[Witness]
    zone: Zone | None = None
    alike: tuple[str, ...] = ()

    @property
    def needed(self) -> int:
        """How many more orders could tell."""
        return max(0, ENOUGH - sum(one.after is not None for one in self.witnesses))

    @property
    def from_the_future(self) -> int:
        return sum(one.is_from_the_future(self.configured) for one in self.witnesses)


def examine(store: Store) -> Diagnosis:
    """Return what the newest orders of a store say of its time zone."""
    found, has_stamps = _witnesses(store)
    if not found and has_stamps:
        return Diagnosis(ZoneVerdict.OFFSETS, store.zone, [])
    told = diagnose(found, store.zone)
    is_silent = told.verdict == ZoneVerdict.TOO_FEW and found
    if is_silent and store.abilities.window == Window.MODIFIED:
        return replace(told, verdict=ZoneVerdict.UNSEEN)
    return told


def record_suspicion(store: Store) -> Diagnosis:
    """Examine a store and keep on its row which other zone is suspected, if one is."""
    found = examine(store)
    suspected = ""
    if found.zone and found.verdict == ZoneVerdict.WRONG:
        suspected = found.zone.key
    if suspected != store.suspected_timezone:
        since = clock.now() if suspected else None
        # Not where the zone was changed meanwhile.
        Store.objects.filter(pk=store.pk, timezone=store.timezone).update(
            suspected_timezone=suspected, suspected_since=since
        )
        store.suspected_timezone, store.suspected_since = suspected, since
    return found


def record_suspicions() -> None:
    """Examine the active stores whose newest order or zone is not that of last time."""
    newest = Order.objects.filter(store=OuterRef("pk")).values("pk")[:1]
    asked = ("pk", "timezone", "suspected_timezone", "newest")
    active = Store.objects.filter(is_active=True).annotate(newest=Subquery(newest))
    kept = StoreFigure.objects.filter(name=EXAMINED)
    known = dict(kept.values_list("store", "value"))
    for pk, *state in active.order_by().values_list(*asked):
        if known.get(pk) == state:
            continue
        store = Store.objects.get(pk=pk)
        record_suspicion(store)
        state[1] = store.suspected_timezone
        StoreFigure.objects.update_or_create(
            store=store,
            name=EXAMINED,
            defaults={"value": state, "counted_at": clock.now()},
        )


def diagnose(witnesses: Iterable[Witness], configured: Zone) -> Diagnosis:
    """Return what orders say of a zone, those that were seen at once counting most.

    Sure of another zone only when exactly one clock fits and half of the orders
    contradict the configured one.
    """
    witnesses = list(witnesses)
    bounded = [one for one in witnesses if one.after]

    def verdict(
        name: ZoneVerdict, zone: Zone | None = None, alike: tuple[str, ...] = ()
    ) -> Diagnosis:
        return Diagnosis(name, configured, witnesses, zone, alike)

    future = [one for one in witnesses if one.is_from_the_future(configured)]
    if len(bounded) < ENOUGH:
        return verdict(
            ZoneVerdict.FUTURE if len(future) >= ENOUGH else ZoneVerdict.TOO_FEW
        )
    fitting = sum(one.fits(configured) for one in bounded)
    if fitting >= FITS * len(bounded):
        return verdict(ZoneVerdict.RIGHT, configured)
    if fitting <= CONTRADICTED * len(bounded):
        for slack in (timedelta(0), None):
            clocks = _clocks_that_fit(bounded, slack)
            if len(clocks) == 1:
                return verdict(ZoneVerdict.WRONG, *_named(clocks[0]))
    is_future = len(future) > (1 - FITS) * len(witnesses)
    return verdict(ZoneVerdict.FUTURE if is_future else ZoneVerdict.UNCLEAR)


def _clocks_that_fit(
    witnesses: list[Witness], slack: timedelta | None
) -> list[list[str]]:
    """Return the zones that fit best, together those whose clocks showed the same."""
    least = int((1 - FITS) * len(witnesses))
    clocks: dict[tuple[timedelta | None, ...], list[str]] = {}
    for zone in zones.zones():
        misfits = 0
        for one in witnesses:
            misfits += not one.fits(zone, slack)
            if misfits > least:
                break
        else:
            if misfits < least:
                least = misfits
                clocks.clear()
            shown = (one.stamp.replace(tzinfo=zone).utcoffset() for one in witnesses)
            clocks.setdefault(tuple(shown), []).append(zone.key)
    return list(clocks.values())


def _named(clock_names: list[str]) -> tuple[Zone, tuple[str, ...]]:
    """Return the zone to name a clock by, and its other names."""
    first, *others = sorted(clock_names, key=zones.familiarity)
    return Zone(first), tuple(others)


def _witnesses(store: Store) -> tuple[list[Witness], bool]:
    """Return the newest orders that can tell, and whether there are stamps at all."""
    found: list[Witness] = []
    has_stamps = False
    for order in _first_seen(store):
        stamp = store.connector.read_stamps(order.payload).get("ordered_at", "")
        has_stamps |= bool(stamp)
        if stamp and not has_offset(stamp):
            found.append(_witness(order, _wall(order, stamp)))
    return found[:NEWEST], has_stamps


def _wall(order: Order, stamp: str) -> datetime:
    """Return what the marketplace's clock showed, as if it were in UTC.

    Of a stamp in its own way of writing, it is told by how the order was read.
    """
    try:
        wall = moment({"stamp": stamp}, "stamp", Zone("UTC"))
    except UnreadableOrder:
        wall = None
    zone = settings_of(order.read_with)[0]
    return wall or order.ordered_at.astimezone(Zone(zone)).replace(tzinfo=UTC)


def _witness(order: Any, wall: datetime) -> Witness:
    """Return an order beside the refresh before it, in the marketplace's own time."""
    run, before = order.first_run or {}, order.run_before
    ahead = [one.get("clock_ahead") for one in (run, before or {})]
    after = None
    # A list of changes may leave out what has been there for days, and of an older
    # order the refresh before may not have asked.
    asks_for_all = order.store.abilities.window == Window.PLACED
    if asks_for_all and before and wall - FURTHEST > _moment(before["window_start"]):
        after = _moment(before["started_at"]) - timedelta(seconds=ahead[1] or 0)
    return Witness(
        order.number,
        wall.replace(tzinfo=None),
        after,
        order.imported_at - timedelta(seconds=ahead[0] or 0),
        NOT_COMPARED if None in ahead else COMPARED,
    )


def _first_seen(store: Store) -> QuerySet[Order]:
    """Return the newest orders with the runs that saw them and did not yet see them.

    Not those that were seen earlier and could not come in.
    """
    earlier = ImportProblem.objects.filter(
        store=store,
        marketplace_order_id=OuterRef("marketplace_order_id"),
        kind__in=ImportProblem.KEEPS_OUT,
        first_seen_at__lt=OuterRef("imported_at"),
    )
    runs = ImportRun.objects.filter(store=store).order_by("-pk")
    facts = JSONObject(
        started_at="started_at", window_start="window_start", clock_ahead="clock_ahead"
    )
    during = runs.filter(started_at__lte=OuterRef("imported_at"))
    complete = runs.filter(
        kind=ImportRun.Kind.REFRESH,
        status=ImportRun.Status.COMPLETE,
        finished_at__lte=OuterRef("imported_at"),
    )
    # Chosen first: the runs of each are looked up one by one.
    newest = list(store.orders.values_list("pk", flat=True)[: 2 * NEWEST])
    return (
        store.orders.filter(~Exists(earlier), pk__in=newest)
        .annotate(
            first_run=Subquery(during.values(facts=facts)[:1]),
            run_before=Subquery(complete.values(facts=facts)[:1]),
        )
        .order_by("-imported_at", "-pk")
    )


def _moment(text: str) -> datetime:
    """Return a moment of a JSON object; SQLite's carry no offset."""
    found = datetime.fromisoformat(text)
    return found.replace(tzinfo=found.tzinfo or UTC)
