"""Stores whose server's clock is in some zone, and what their orders testify."""

import random
from bisect import bisect
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from zoneinfo import ZoneInfo

from orders import importing
from orders.auditing.zone_doctor import COMPARED, NOT_COMPARED, Witness
from stores.models import Store

# Within the season of both halves of the earth.
SUMMER = datetime(2026, 7, 8, tzinfo=UTC)
WINTER = datetime(2026, 1, 14, tzinfo=UTC)


def witnesses(
    zone: str,
    count: int,
    *,
    seed: int = 0,
    begins: datetime = WINTER,
    interval: timedelta = timedelta(minutes=15),
    slow: float = 0,
    skew: timedelta = timedelta(0),
    lasts: timedelta = timedelta(days=6),
) -> list[Witness]:
    """Return orders placed at random and first seen by the next refresh.

    Of `slow` of them the list knows only up to three hours later. `skew` is what is
    left of the difference of two clocks. Refreshes fail now and then, and take time.
    """
    chance = random.Random(f"{zone} {count} {seed}")
    reads = list(_reads(chance, begins, interval, lasts))
    found = []
    for number in range(count):
        placed = begins + lasts * (0.1 + 0.8 * chance.random())
        listed = placed
        if chance.random() < slow:
            listed += timedelta(minutes=180 * chance.random())
        seen = bisect(reads, listed, key=itemgetter(0))
        found.append(
            Witness(
                str(number),
                # Stamps have no fractions of a second.
                placed.astimezone(ZoneInfo(zone)).replace(tzinfo=None, microsecond=0),
                reads[seen - 1][0] + skew,
                reads[seen][1] + skew,
                NOT_COMPARED if abs(skew) > COMPARED else COMPARED,
            )
        )
    return found


def _reads(chance, begins, interval, lasts):
    """Yield when each complete refresh began and when it had stored its page."""
    moment = begins
    while moment < begins + lasts + timedelta(hours=12):
        if chance.random() > 0.03:
            yield moment, moment + timedelta(seconds=1 + 20 * chance.random())
        moment += interval + timedelta(seconds=30 * chance.random())


def sell(store: Store, tophatter, count: int = 5) -> None:
    """Sell orders, each brought in by a refresh of its own."""
    importing.refresh_store(store)
    for _ in range(count):
        tophatter.add_order()
        importing.refresh_store(store)
