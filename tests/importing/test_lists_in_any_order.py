"""A list that is not newest first loses nothing, and one that is stops early."""

from datetime import timedelta

import pytest

from orders import importing
from orders.auditing import listings
from orders.models import ImportProblem, ListedOrder, Order
from stores.models import Store
from tests.support.counting import counts, days_ago
from tests.support.coverage import was_read

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def add_orders(tophatter, old: int, new: int) -> set[str]:
    """Add old orders, then new ones, and return the new ones' numbers."""
    pattern = tophatter.add_order(created_at=days_ago(40))
    orders = tophatter.accounts[tophatter.token]
    first = pattern["order_id"]
    for place in range(old + new):
        days = 40 if place < old else 1
        # The later ones by seconds, as their higher numbers say.
        moment = tophatter.stamp(days_ago(days) + timedelta(seconds=place))
        facts = {"order_id": first + place, "created_at": moment, "paid_at": moment}
        orders[first + place] = pattern | facts
    return {str(first + place) for place in range(old, old + new)}


def here() -> set[str]:
    return set(Order.objects.values_list("marketplace_order_id", flat=True))


@pytest.mark.parametrize(
    "listing", ["ascending", "random", "stray", "older_half_first", "page_twice"]
)
def test_whatever_a_lists_order_all_come_in_with_one_outcome_each(
    store, tophatter, listing
):
    new = add_orders(tophatter, old=1900, new=600)
    tophatter.list_as(listing)

    run = importing.refresh_store(store)
    again = importing.refresh_store(store)

    assert (run.status, run.error) == ("complete", "")
    assert counts(run) == {"seen": 600, "created": 600}
    assert counts(again) == {"seen": 600, "unchanged": 600}
    assert here() == new


def test_one_low_number_among_new_orders_hides_none(store, tophatter):
    new = add_orders(tophatter, old=1, new=2300)
    tophatter.list_as("stray")

    run = importing.refresh_store(store)

    assert (run.status, run.seen) == ("complete", 2300)
    assert here() == new


@pytest.mark.parametrize("places", ["3142", "1324", "3412", "4231", "2413"])
def test_pages_out_of_order_hide_no_order(store, tophatter, places):
    new = add_orders(tophatter, old=2000, new=2000)

    def shuffle(request) -> None:
        page = int(request.body.get("page", 1))
        if page <= len(places):
            request.body["page"] = places[page - 1]

    tophatter.on_request = shuffle

    run = importing.refresh_store(store)

    assert (run.status, run.seen) == ("complete", 2000)
    assert here() == new


def test_a_page_that_comes_twice_rejects_an_order_once(store, tophatter):
    add_orders(tophatter, old=0, new=1200)
    for order in tophatter.orders()[-2:]:
        order["created_at"] = order["paid_at"] = None
    tophatter.orders()[-3]["order_id"] = ""
    tophatter.list_as("page_twice")

    run = importing.refresh_store(store)

    assert counts(run) == {"seen": 1200, "created": 1197, "rejected": 3}
    assert ImportProblem.objects.count() == 3


def test_a_list_without_end_is_called_what_it_is(store, tophatter):
    new = add_orders(tophatter, old=0, new=1200)
    tophatter.fault("repeat_page", times=None, on="orders")

    run = importing.refresh_store(store)

    assert (run.status, run.pages, run.seen) == ("partial", 4, 1000)
    assert "3 pages in a row held no order that had not come before" in run.error
    assert here() < new


@pytest.mark.parametrize("listing", ["", "stray"])
def test_a_list_newest_first_is_read_no_further_than_needed(store, tophatter, listing):
    add_orders(tophatter, old=5500, new=500)
    tophatter.list_as(listing)

    run = importing.refresh_store(store)

    # One page with the new orders, and three that are older throughout.
    assert (run.status, run.seen, run.pages) == ("complete", 500, 4)


@pytest.mark.parametrize(
    "listing", ["ascending", "random", "stray", "older_half_first", "page_twice"]
)
def test_whatever_a_lists_order_the_daily_listing_is_whole(store, tophatter, listing):
    was_read(store, 40, 1)
    new = add_orders(tophatter, old=1900, new=600)
    tophatter.list_as(listing)

    listing = listings.reconcile(Store.objects.get())

    listed = set(ListedOrder.objects.values_list("marketplace_order_id", flat=True))
    assert (listing.status, listing.seen) == ("complete", 600)
    assert listed == new


@pytest.mark.parametrize("listing", ["", "ascending", "random", "page_twice"])
def test_a_marketplace_of_smaller_pages_hides_no_order(store, tophatter, listing):
    tophatter.largest_page = 200
    new = add_orders(tophatter, old=250, new=450)
    tophatter.list_as(listing)

    run = importing.refresh_store(store)

    assert (run.status, run.seen) == ("complete", 450)
    assert here() == new


def test_smaller_pages_are_read_no_further_than_needed(store, tophatter):
    tophatter.largest_page = 200
    add_orders(tophatter, old=1800, new=200)

    run = importing.refresh_store(store)

    assert (run.status, run.seen, run.pages) == ("complete", 200, 4)


def test_the_daily_listing_of_smaller_pages_is_whole(store, tophatter):
    was_read(store, 40, 1)
    tophatter.largest_page = 200
    add_orders(tophatter, old=10, new=450)

    listing = listings.reconcile(Store.objects.get())

    assert (listing.status, listing.seen) == ("complete", 450)
