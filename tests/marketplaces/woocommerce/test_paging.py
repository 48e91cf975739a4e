"""A list is read whole although its orders move while it is read."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stores.marketplaces.http import Reply
from stores.marketplaces.woocommerce.client import _pages_of
from stores.marketplaces.woocommerce.paging import SECOND, Walk

NOON = datetime(2026, 3, 22, 12, tzinfo=UTC)


@dataclass
class List:
    """The shop's own list: what changed after a time, the oldest change first."""

    changes: dict[str, datetime]
    size: int = 3
    # By how much it misunderstands the time it is asked for.
    wrong_by: timedelta = timedelta(0)
    is_falling: bool = False
    asked: list[tuple[datetime | None, int]] = field(default_factory=list)

    def page(self, after, number):
        self.asked.append((after, number))
        late = [
            (order_id, changed)
            for order_id, changed in self.changes.items()
            if after is None or changed > after + self.wrong_by
        ]
        late.sort(key=lambda row: (row[1], int(row[0])), reverse=self.is_falling)
        start = (number - 1) * self.size
        return late[start : start + self.size], -(-len(late) // self.size)


def walked(orders, start=None, before_page=lambda number: None, tells_pages=True):
    """Return all numbers that came, in their order."""
    walk, found = Walk(start), []
    for number in range(1, 1000):
        before_page(number)
        rows, pages = orders.page(walk.after, walk.page)
        new = walk.take(rows, pages if tells_pages else None)
        found += [order_id for order_id, _changed in rows if order_id in new]
        if walk.is_over:
            return found
    raise AssertionError(orders.asked)


def one_a_minute(count):
    return {str(place): NOON + place * timedelta(minutes=1) for place in range(count)}


@pytest.mark.parametrize("tells_pages", [True, False])
@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 6, 7, 30])
def test_every_order_comes_once(count, tells_pages):
    orders = List(one_a_minute(count))

    found = walked(orders, tells_pages=tells_pages)

    assert found == [str(place) for place in range(count)]


def test_only_what_changed_after_the_start_is_asked_for():
    orders = List(one_a_minute(10))

    found = walked(orders, start=NOON + timedelta(minutes=6))

    assert found == ["7", "8", "9"]
    assert orders.asked == [(NOON + timedelta(minutes=6), 1)]


def test_each_question_starts_at_the_last_change_and_counts_no_pages():
    orders = List(one_a_minute(6))

    walked(orders)

    minutes = [None, 2, 4]
    assert orders.asked == [
        (minute and NOON + timedelta(minutes=minute) - SECOND, 1) for minute in minutes
    ]


@pytest.mark.parametrize("place", range(2, 20))
def test_an_order_that_changes_in_between_moves_no_other_out_of_sight(place):
    orders = List(one_a_minute(20))
    later = NOON + timedelta(hours=5)

    def change(number):
        # One that came already: all behind it move up by one.
        if number == 2:
            orders.changes["1"] = later
        if number == 3:
            orders.changes[str(place)] = later + SECOND

    found = walked(orders, before_page=change)

    assert sorted(found, key=int) == [str(one) for one in range(20)]


def test_orders_that_are_deleted_in_between_take_no_other_along():
    orders = List(one_a_minute(20))

    def delete(number):
        orders.changes.pop(str(number * 2 - 2), None)

    found = walked(orders, before_page=delete)

    assert set(found) >= set(orders.changes)


def test_orders_of_one_second_are_counted_by_pages():
    orders = List(dict.fromkeys(map(str, range(10)), NOON))

    assert walked(orders) == [str(place) for place in range(10)]


@pytest.mark.parametrize("gone", range(9))
def test_of_one_second_too_none_is_lost_behind_one_that_moves(gone):
    orders = List(dict.fromkeys(map(str, range(10)), NOON))

    def change(number):
        if number == 3:
            orders.changes[str(gone)] = NOON + timedelta(hours=1)

    found = walked(orders, before_page=change)

    assert sorted(found, key=int) == [str(place) for place in range(10)]


def test_after_one_second_with_many_orders_the_others_come():
    late = {str(100 + place): NOON + place * SECOND for place in range(1, 9)}
    orders = List(dict.fromkeys(map(str, range(10)), NOON) | late)

    assert set(walked(orders)) == set(orders.changes)


@pytest.mark.parametrize("hours", [-14, -5, 1, 12])
def test_a_shop_that_misunderstands_times_is_read_by_pages(hours):
    orders = List(one_a_minute(20), wrong_by=timedelta(hours=hours))

    found = walked(orders, start=NOON - timedelta(hours=26))

    assert sorted(found, key=int) == [str(place) for place in range(20)]


def test_a_list_in_another_order_is_read_by_pages():
    orders = List(one_a_minute(20))
    orders.is_falling = True

    assert set(walked(orders)) == set(orders.changes)


def test_orders_without_a_time_are_read_by_pages():
    orders = List(one_a_minute(20))
    dated = orders.page

    def undated(after, number):
        rows, pages = dated(after, number)
        return [(order_id, None) for order_id, _changed in rows], pages

    orders.page = undated

    assert set(walked(orders)) == set(orders.changes)


STEPS = st.lists(
    st.lists(
        st.tuples(st.sampled_from(["change", "delete", "add"]), st.integers(0, 25)),
        max_size=4,
    ),
    max_size=12,
)


@given(st.integers(0, 25), st.integers(2, 5), STEPS)
def test_whatever_happens_in_between_all_that_is_listed_in_the_end_has_come(
    count, size, steps
):
    orders = List(one_a_minute(count), size)
    clock = iter(NOON + timedelta(days=1) + place * SECOND for place in range(1000))
    waiting, numbers = iter(steps), iter(range(100, 1000))

    def happen(number):
        for kind, place in next(waiting, []):
            order_id = str(place)
            if kind == "add":
                orders.changes[str(next(numbers))] = next(clock)
            elif kind == "delete":
                orders.changes.pop(order_id, None)
            elif order_id in orders.changes:
                orders.changes[order_id] = next(clock)

    found = walked(orders, before_page=happen)

    assert set(found) >= set(orders.changes)
    assert len(found) == len(set(found))


@pytest.mark.parametrize("pages", ["123456789x", "9" * 5000, "-1", "1e3", ""])
def test_a_number_of_pages_that_makes_no_sense_is_none(pages):
    reply = Reply(200, {"X-WP-TotalPages": pages}, b"[]", NOON)

    assert _pages_of(reply) is None
