"""Days in a carrier's file: the seller's own, and those that can't be meant."""

from datetime import UTC, datetime

import pytest

from orders.tracking_files.lines import judge
from tests.factories import OrderFactory, StoreFactory
from tests.support.tracking_files import COLUMNS, NOW

pytestmark = pytest.mark.django_db

AFTERNOON = datetime(2026, 11, 25, 16, 55, tzinfo=UTC)


def judged(order, day, now):
    row = [2, [str(order), "A12345", "OnTrac", day]]
    (line,) = judge([row], COLUMNS | {"shipped_at": 3}, "", now)
    return line


@pytest.mark.parametrize("zone", ["UTC", "America/Los_Angeles", "Asia/Shanghai"])
@pytest.mark.parametrize("day", ["2026-11-26", "2026-11-26 00:30:00"])
def test_a_day_that_has_begun_farther_east_has_come(zone, day):
    order = OrderFactory(store=StoreFactory(timezone=zone))

    line = judged(order, day, AFTERNOON)

    assert line.result == "ready"
    assert line.shipped_at <= AFTERNOON
    assert zone == "Asia/Shanghai" or line.shipped_at == AFTERNOON


@pytest.mark.parametrize(
    "day",
    [
        *("2026-11-27", "2026-11-28", "2026-11-26 06:56", "2026-11-26T00:30:00Z"),
        *("9999-12-31", "9999-12-31 23:59:59"),
    ],
)
def test_a_day_that_has_begun_nowhere_is_refused(day):
    order = OrderFactory(store=StoreFactory(timezone="America/Los_Angeles"))

    line = judged(order, day, AFTERNOON)

    assert line.sentence == f"The day {day} has not come yet."


@pytest.mark.parametrize(
    "day", ["2025-11-23", "2026-04-11", "1970-01-01", "0001-01-01"]
)
def test_a_day_long_before_the_order_is_asked_about(day):
    order = OrderFactory(ordered_at=NOW)

    old = judged(order, day, NOW)
    near = judged(order, "2026-11-20", NOW)

    assert f"The day {day} is long before order {order} was placed" in old.sentence
    assert near.result == "ready"
