"""Which stretches of a store's time were completely read, and which were not."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F, Max, Min, Q, QuerySet, RowRange, Window
from django.db.models.functions import Least

from orders.importing import queue_run
from orders.importing.windows import plan_range
from orders.models import ImportRun
from stores.models import Store

# Two windows that are no further apart leave nothing out.
SLIVER = timedelta(seconds=1)
# A younger gap is imported by itself.
FILLED_UNTIL = timedelta(days=30)
# Before the same gap is tried again after a failure.
TRIED_AGAIN_AFTER = timedelta(hours=6)


@dataclass(frozen=True)
class Interval:
    start: datetime
    end: datetime

    @property
    def length(self) -> timedelta:
        return self.end - self.start


@dataclass(frozen=True)
class Coverage:
    """What was read, and what was left out since the first refresh.

    What comes after `span` is not read yet; the next refresh reads it.
    """

    span: Interval
    gaps: list[Interval]


def coverage(store: Store, now: datetime) -> Coverage | None:
    """Return what was read of a store, as far back as imports are kept.

    None before the first complete import. Only windows of complete runs count: what
    a failed or partial run has read is read again.
    """
    return _by_store(now, [store.pk]).get(store.pk)


def gaps_by_store(
    now: datetime, among: Collection[int] | None = None
) -> dict[Store, list[Interval]]:
    """Return the gaps of every active store that has some, or of those among these."""
    found = _by_store(now, among)
    stores = Store.objects.filter(
        pk__in=[pk for pk, one in found.items() if one.gaps], is_active=True
    )
    return {store: found[store.pk].gaps for store in stores}


def fill_gaps(now: datetime, among: Collection[int] | None = None) -> list[ImportRun]:
    """Ask for the young gaps of the stores that can be read; return the imports.

    Of the stores `among` these, where it is known which have some. Not while a store
    has days to import already, and not for a gap that was tried within the last hours.
    """
    asked_for = []
    for store, found in gaps_by_store(now, among).items():
        is_refused = store.connection == Store.Connection.REFUSED
        if is_refused or not (store.token_ciphertext and store.auto_import):
            continue
        ranges = store.import_runs.filter(kind=ImportRun.Kind.RANGE)
        if ranges.filter(finished_at=None).exists():
            continue
        tried = ranges.filter(
            trigger=ImportRun.Trigger.SCHEDULE, asked_at__gt=now - TRIED_AGAIN_AFTER
        )
        # By its end: the beginning of a long gap moves on with the days.
        lately = set(tried.values_list("window_end", flat=True))
        oldest = now - FILLED_UNTIL
        for gap in found:
            if gap.end > oldest and gap.end not in lately:
                young = Interval(max(gap.start, oldest), gap.end)
                asked_for.append(ask_for(store, young, ImportRun.Trigger.SCHEDULE))
    return asked_for


def ask_for(store: Store, gap: Interval, trigger: ImportRun.Trigger) -> ImportRun:
    """Queue the import of a gap and return it."""
    return queue_run(plan_range(store, gap.start, gap.end, trigger))


def _horizon(now: datetime) -> datetime:
    """Return the midnight since which every run is kept; what was pruned is no gap."""
    first = now - timedelta(days=settings.RUN_RETENTION_DAYS - 1)
    return first.replace(hour=0, minute=0, second=0, microsecond=0)


def _complete(horizon: datetime, now: datetime) -> QuerySet[ImportRun]:
    """Return the runs that have read a window, and `read_until` when.

    No run has read what was ordered after it began, whatever days it was asked for.
    A run that began in the future had a wrong clock, and no window to believe.
    """
    runs = ImportRun.objects.filter(
        status=ImportRun.Status.COMPLETE,
        kind__in=[ImportRun.Kind.REFRESH, ImportRun.Kind.RANGE],
        started_at__lte=now,
    )
    read = Q(read_until__gt=F("window_start")) & Q(read_until__gt=horizon)
    until = runs.annotate(read_until=Least("window_end", "started_at"))
    return until.filter(read).order_by()


def _by_store(now: datetime, among: Collection[int] | None) -> dict[int, Coverage]:
    """Return each store's coverage, by the store's key."""
    horizon = _horizon(now)
    runs = _complete(horizon, now)
    if among is not None:
        runs = runs.filter(store__in=among)
    refreshes = Q(kind=ImportRun.Kind.REFRESH)
    ends = runs.values_list("store").annotate(
        first=Min("window_start"),
        first_refresh=Min("window_start", filter=refreshes),
        until=Max("read_until"),
    )
    left_out = _left_out(runs)
    found = {}
    for store, first, first_refresh, until in ends:
        # Days that were read by hand before the first refresh make no gap after them.
        since = max(first_refresh or first, horizon)
        breaks = left_out.get(store, [])
        found[store] = Coverage(
            span=Interval(since, until),
            gaps=[one for one in breaks if one.end > since],
        )
    return found


def _left_out(runs: QuerySet[ImportRun]) -> dict[int, list[Interval]]:
    """Return what lies between windows, by the store's key, the oldest first.

    The database compares each window with all that begin before it: a store has
    thousands of runs.
    """
    reached = Window(
        Max("read_until"),
        partition_by="store",
        order_by=["window_start", "id"],
        frame=RowRange(end=-1),
    )
    rows = (
        runs.annotate(reached=reached)
        .filter(window_start__gt=F("reached"))
        .values_list("store", "reached", "window_start")
        .order_by("store", "window_start")
    )
    found: dict[int, list[Interval]] = {}
    for store, *ends in rows:
        between = Interval(*ends)
        if between.length > SLIVER:
            found.setdefault(store, []).append(between)
    return found
