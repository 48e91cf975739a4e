"""Keep by store what every page shows, so that a page reads it and counts nothing.

What a store's rows say is counted anew when they change (`note_change`), and by the
minute's task before it is old: it is right at once, and whatever nobody noted is right
within a minute. Without a worker a page does it.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import DatabaseError
from django.db.models import FilteredRelation, Q, QuerySet

from backoffice.kit.database import writing_at_once
from orders.models import StoreChange, StoreFigure
from orders.work import counting
from stores.access import Limit, is_within
from stores.models import Store

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Figure:
    """What is counted of stores: by their keys, as a JSON object.

    After `trusted_for` it is counted anew without a change: time alone changes some,
    and a hand in the database others. What costs more than a page should wait for may
    be behind a change by its `patience`.
    """

    count: Callable[[list[int], datetime], Mapping[int, Any]]
    trusted_for: timedelta
    # None where no change concerns it.
    patience: timedelta | None = timedelta(minutes=5)

    def is_old(self, age: timedelta, is_changed: bool, is_exact: bool) -> bool:
        """Whether it is counted anew at this age."""
        if age > self.trusted_for:
            return True
        may_wait = self.patience is None or (age < self.patience and not is_exact)
        return is_changed and not may_wait


_LAST_DAYS = partial(counting.days_of, number=counting.LATELY)
FIGURES = {
    "counts": Figure(counting.counts, timedelta(minutes=1), timedelta(0)),
    "gaps": Figure(counting.gaps, timedelta(hours=6)),
    "differences": Figure(counting.differences, timedelta(hours=6)),
    "today": Figure(_LAST_DAYS, timedelta(hours=1)),
    "days": Figure(counting.days_of, timedelta(hours=1), None),
}
Values = dict[str, dict[int, Any]]


def of_stores(
    now: datetime,
    *names: str,
    limit: Limit = None,
    is_exact: bool = False,
    is_early: bool = False,
) -> Values:
    """Return these figures of the stores, by name and key, anew where they are old.

    Where they have to be exact, what has changed is not waited with; `is_early` is for
    who counts before anybody has to wait for it.
    """
    changes = StoreChange.objects.in_bulk()
    noted = {(one.store_id, one.figure) for one in changes.values()}
    values: Values = {name: {} for name in names}
    fresh: dict[str, set[int]] = {name: set() for name in names}
    stores = set()
    for pk, name, value, at, changed_at in _kept(names):
        stores.add(pk)
        if name is None:
            continue
        values[name][pk] = value
        is_changed = not noted.isdisjoint({(pk, ""), (pk, name)})
        is_changed |= changed_at is not None and changed_at > at
        # One from the future was counted by a clock that was ahead.
        age = abs(now - at) * (2 if is_early else 1)
        if not FIGURES[name].is_old(age, is_changed, is_exact):
            fresh[name].add(pk)
    anew: Values = {}
    for name in names:
        if old := sorted(stores - fresh[name]):
            found = FIGURES[name].count(old, now)
            anew[name] = {pk: found.get(pk, {}) for pk in old}
            values[name] |= anew[name]
    if anew or changes:
        _keep(anew, list(changes.values()), now)
    return {
        name: {pk: value for pk, value in found.items() if is_within(pk, limit)}
        for name, found in values.items()
    }


def total(now: datetime, limit: Limit = None) -> Counter[str]:
    """Return the counts of the stores together."""
    found: Counter[str] = Counter()
    for counts in of_stores(now, "counts", limit=limit)["counts"].values():
        found.update(counts)
    return found


def keep_all(now: datetime) -> None:
    """Count anew what has changed and what will soon be old, before a page must."""
    of_stores(now, *FIGURES, is_exact=True, is_early=True)


def forget() -> None:
    """Delete all that is kept, as if nothing had been counted yet."""
    StoreFigure.objects.filter(name__in=FIGURES).delete()


def _kept(names: Iterable[str]) -> QuerySet:
    """Return each store with its figures of these names, or with nothing."""
    named = FilteredRelation("figures", condition=Q(figures__name__in=names))
    return (
        Store.objects.annotate(kept=named)
        .order_by()
        .values_list(
            "pk", "kept__name", "kept__value", "kept__counted_at", "kept__changed_at"
        )
    )


def _keep(anew: Values, changes: list[StoreChange], now: datetime) -> None:
    """Keep what was counted, unless the database cannot be written at this moment."""
    rows = [
        StoreFigure(store_id=pk, name=name, value=value, counted_at=now)
        for name, found in anew.items()
        for pk, value in found.items()
    ]
    try:
        with writing_at_once():
            StoreFigure.objects.bulk_create(
                rows,
                batch_size=500,
                update_conflicts=True,
                unique_fields=["store", "name"],
                update_fields=["value", "counted_at"],
            )
            # What was noted meanwhile is not among these; what is counted now is as
            # old as they are, every other figure is older.
            for figure in {one.figure for one in changes}:
                concerned = [one for one in changes if one.figure == figure]
                StoreFigure.objects.filter(
                    store__in={one.store_id for one in concerned},
                    name__in=[figure] if figure else list(FIGURES),
                ).update(changed_at=now)
            StoreChange.objects.filter(pk__in=[one.pk for one in changes]).delete()
    except DatabaseError as error:
        logger.info("Figures are not kept: %s", type(error).__name__)
