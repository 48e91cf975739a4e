"""The order accounting and the differences as rows of a file.

Columns carry the same names in every language, so that scripts find them.
"""

from collections.abc import Iterator

from backoffice.kit.sheets import Row
from orders.auditing import accounting
from stores.models import Store

DAYS = ["store", "day", "time_zone", "seen", *accounting.Outcome.values]
DIFFERENCES = [
    "store",
    "difference",
    "marketplace_order_id",
    "ordered_at",
    "status",
    "status_at_marketplace",
    "tracking_number_at_marketplace",
    "since",
    "time_zone",
    "text",
]


def day_rows(store: Store) -> Iterator[Row]:
    yield DAYS
    for day in accounting.days(store):
        name = day.day.isoformat() if day.day else "unknown"
        counts = [getattr(day, outcome) for outcome in accounting.Outcome.values]
        yield [store.name, name, store.timezone, day.seen, *counts]


def difference_rows(store: Store) -> Iterator[Row]:
    yield DIFFERENCES
    for one in accounting.differences(store):
        order, listed = one.order, one.listed
        ordered_at, since = (
            moment.astimezone(store.zone).isoformat(timespec="seconds")
            if moment
            else ""
            for moment in ((order or listed).ordered_at, one.since)
        )
        yield [
            store.name,
            one.kind.value,
            one.marketplace_order_id,
            ordered_at,
            order.status if order else "",
            listed.marketplace_state if listed else "",
            listed.tracking_number if listed else "",
            since,
            store.timezone,
            one.text,
        ]
