"""What an import is to read: the last days, some days, or single orders."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from django.db.models import Max, Min
from django.utils import timezone as clock

from backoffice.clocks import SKEW
from orders.models import ImportRun
from stores.marketplaces.abilities import Window
from stores.models import Store

WINDOW = timedelta(days=3)
# Of a list of what has changed, the first time; later on, what changed since.
FIRST_CHANGES = timedelta(days=30)
# And so much in one run, which must end within a task's time at a slow shop.
MOST_CHANGES = timedelta(days=7)
OVERLAP = timedelta(hours=1)
# No order is older; earlier dates are typing errors.
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
# Orders read one by one in one run, which must end within a task's time.
MOST_NUMBERS = 200


def refresh_window(store: Store, now: datetime) -> tuple[datetime, datetime]:
    """Return the last three days, or more when the last complete run is older.

    Where lists are of what has changed, it is the time since that run, the oldest week
    of it first.
    """
    complete_until = store.last_import_at
    if complete_until and complete_until > now + SKEW:
        complete_until = _believable(store, now)
    if store.abilities.window == Window.MODIFIED:
        start = min(complete_until or now - FIRST_CHANGES, now) - OVERLAP
        return start, min(start + MOST_CHANGES, now)
    start = now - WINDOW
    if complete_until:
        start = min(start, complete_until - OVERLAP)
    return start, now


def _believable(store: Store, now: datetime) -> datetime | None:
    """Return how far the last refresh came that no clock ahead has dated."""
    runs = store.import_runs.filter(
        kind=ImportRun.Kind.REFRESH,
        status=ImportRun.Status.COMPLETE,
        window_end__lte=now,
    )
    latest: datetime | None = runs.aggregate(latest=Max("window_end"))["latest"]
    return latest


def has_more(run: ImportRun) -> bool:
    """Return whether a refresh was complete and ended before now: another goes on."""
    is_complete = run.status == ImportRun.Status.COMPLETE
    if not run.started_at or not is_complete or run.kind != ImportRun.Kind.REFRESH:
        return False
    return run.window[1] < run.started_at - OVERLAP


def plan_refresh(store: Store, trigger: str, now: datetime | None = None) -> ImportRun:
    """Return a refresh, unsaved.

    Where none was complete yet, what the first one wanted is still to be read.
    """
    start, end = refresh_window(store, now or clock.now())
    if not store.last_import_at:
        refreshes = store.import_runs.filter(kind=ImportRun.Kind.REFRESH)
        first = refreshes.aggregate(first=Min("window_start"))["first"]
        start = min(start, first or start)
    return ImportRun(store=store, trigger=trigger, window_start=start, window_end=end)


def plan_range(store: Store, start: datetime, end: datetime, trigger: str) -> ImportRun:
    """Return an import of the orders placed between two moments, unsaved."""
    return ImportRun(
        store=store,
        kind=ImportRun.Kind.RANGE,
        trigger=trigger,
        window_start=max(start, EARLIEST),
        window_end=end,
    )


def plan_days(store: Store, first: date, last: date | None, trigger: str) -> ImportRun:
    """Return an import of whole days, cut in the store's zone, unsaved.

    Without a last day, or with one that is not over, it goes on until now.
    """
    now = end = clock.now()
    if last and last < now.astimezone(store.zone).date():
        end = store.start_of(last + timedelta(days=1))
    return plan_range(store, store.start_of(first), end, trigger)


def plan_orders(
    store: Store,
    order_ids: Iterable[str],
    trigger: str,
    kind: str = ImportRun.Kind.ORDERS,
) -> ImportRun:
    """Return an import of single orders by their numbers, unsaved."""
    return ImportRun(store=store, kind=kind, trigger=trigger, order_ids=list(order_ids))


def plan_many(store: Store, order_ids: list[str], trigger: str) -> list[ImportRun]:
    """Return imports of many orders, each of which ends within a task's time."""
    starts = range(0, len(order_ids), MOST_NUMBERS)
    parts = [order_ids[start : start + MOST_NUMBERS] for start in starts]
    return [plan_orders(store, part, trigger) for part in parts]
