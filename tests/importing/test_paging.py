"""Pages that shift, break off or repeat: no order is lost, none is doubled."""

from datetime import timedelta

import pytest

from orders import importing
from orders.importing import windows
from orders.models import ImportProblem, Order
from stores.models import Store
from tests.support.counting import counts, days_ago


def test_the_window_is_three_days_and_as_much_more_as_clocks_differ(store, tophatter):
    tophatter.add_order(created_at=days_ago(6))
    inside = tophatter.add_order(created_at=days_ago(3.9))

    run = importing.refresh_store(store)

    assert Order.objects.get().marketplace_order_id == str(inside["order_id"])
    assert counts(run) == {"seen": 1, "created": 1}
    assert run.window_end - run.window_start == timedelta(days=3)


def test_after_an_outage_the_window_reaches_back_to_the_last_complete_run(
    store, tophatter
):
    Store.objects.update(last_import_at=days_ago(10))
    store.refresh_from_db()
    tophatter.add_order(created_at=days_ago(9))

    run = importing.refresh_store(store)

    assert counts(run) == {"seen": 1, "created": 1}
    assert run.window_start < days_ago(10)


def test_a_known_order_that_left_the_window_is_updated_when_it_passes_by(
    store, tophatter
):
    raw = tophatter.add_order(created_at=days_ago(5))
    importing.import_one(store, str(raw["order_id"]))
    raw["status"] = "refunded"

    run = importing.refresh_store(store)

    assert counts(run) == {"seen": 1, "updated": 1}
    assert Order.objects.get().status == "cancelled"


def test_a_date_range_brings_old_orders_in(store, tophatter):
    raw = tophatter.add_order(created_at=days_ago(30))
    tophatter.add_order(created_at=days_ago(20))

    run = importing.execute(
        windows.plan_range(store, days_ago(31), days_ago(29), "command")
    )

    assert counts(run) == {"seen": 1, "created": 1}
    assert Order.objects.get().marketplace_order_id == str(raw["order_id"])
    store.refresh_from_db()
    assert store.last_import_at is None


def test_orders_that_arrive_while_paging_are_neither_lost_nor_doubled(store, tophatter):
    for _ in range(1500):
        tophatter.add_order()

    def meanwhile(request):
        if request.path == "orders":
            tophatter.add_order()

    tophatter.on_request = meanwhile
    run = importing.refresh_store(store)

    # One arrived before the first page was cut, one pushed an order over to page two.
    assert counts(run) == {"seen": 1501, "created": 1501}
    assert run.pages == 2
    assert Order.objects.count() == 1501


def test_the_same_order_twice_in_a_page_is_one(store, tophatter):
    raw = tophatter.add_order()
    again = dict(raw)
    tophatter.accounts[tophatter.token][1] = again

    run = importing.refresh_store(store)

    assert counts(run) == {"seen": 1, "created": 1}


def test_last_import_moves_only_with_a_complete_run(store, tophatter):
    tophatter.add_order()
    tophatter.fault("500", times=None)

    run = importing.refresh_store(store)

    store.refresh_from_db()
    assert run.status == "failed"
    assert "500" in run.error
    assert store.last_import_at is None
    assert store.last_import_attempt_at


@pytest.mark.parametrize("answer", ['[1, "x", null]', '[{"id": 5}, {}]'])
def test_a_page_in_which_nothing_is_an_order_is_no_import(store, tophatter, answer):
    tophatter.fault("body", on="orders", text=answer)

    run = importing.refresh_store(store)

    store.refresh_from_db()
    assert (run.status, run.seen) == ("failed", 0)
    assert "nothing is an order" in run.error
    assert store.last_import_at is None
    assert not ImportProblem.objects.exists()


def test_an_order_among_junk_comes_in(store, tophatter):
    tophatter.add_order()
    tophatter.fault("junk", on="orders")

    run = importing.refresh_store(store)

    assert counts(run) == {"seen": 6, "created": 1, "rejected": 5}
    assert run.status == "complete"


def test_a_run_that_breaks_off_is_partial_and_keeps_its_pages(store, tophatter):
    for _ in range(1001):
        tophatter.add_order()

    def break_page_two(request):
        if request.body.get("page") == "2":
            tophatter.fault("truncated", times=None, on="orders")

    tophatter.on_request = break_page_two
    run = importing.refresh_store(store)

    store.refresh_from_db()
    assert run.status == "partial"
    assert counts(run) == {"seen": 1000, "created": 1000}
    assert Order.objects.count() == 1000
    assert store.last_import_at is None


def test_a_second_run_says_that_one_is_running(store, tophatter):
    refusals = []

    def try_another(run):
        with pytest.raises(importing.AlreadyRunning) as refusal:
            importing.refresh_store(Store.objects.get())
        refusals.append(str(refusal.value))

    run = windows.plan_refresh(store, "manual")
    tophatter.add_order()
    importing.execute(run, on_page=try_another)

    assert len(refusals) == 1
    assert "already running since" in refusals[0]
    assert run.status == "complete"


def test_an_order_that_nests_without_end_comes_in_cut_off(store, tophatter):
    deep = []
    for _ in range(600):
        deep = [deep]
    tophatter.add_order(surprise=deep)
    tophatter.add_order()

    run = importing.refresh_store(store)

    assert counts(run) == {"seen": 2, "created": 2}
    assert "…" in str(Order.objects.last().payload["surprise"])


def test_an_order_whose_status_changes_between_two_pages_ends_in_its_last(
    store, tophatter
):
    for _ in range(1001):
        tophatter.add_order()
    newest = tophatter.orders()[-1]

    def refund(request) -> None:
        if request.path == "orders" and request.body.get("page") == "2":
            newest["status"] = "refunded"
            # A new order pushes a known one onto the second page.
            tophatter.add_order()

    tophatter.on_request = refund
    importing.refresh_store(store)
    tophatter.on_request = lambda request: None

    run = importing.refresh_store(store)

    order = Order.objects.get(marketplace_order_id=str(newest["order_id"]))
    assert (run.status, order.status) == ("complete", "cancelled")
    assert Order.objects.count() == 1002


def test_orders_whose_dates_run_against_their_numbers_all_come_in(store, tophatter):
    for place in range(30):
        moment = days_ago(2.9 if place % 2 else 0.1)
        tophatter.add_order(created_at=moment, paid_at=moment)

    run = importing.refresh_store(store)

    assert counts(run) == {"seen": 30, "created": 30}


def test_an_order_that_vanished_from_the_list_stays_here(store, tophatter):
    raw = tophatter.add_order()
    importing.refresh_store(store)
    del tophatter.accounts[tophatter.token][raw["order_id"]]

    run = importing.refresh_store(store)

    assert (run.status, run.seen) == ("complete", 0)
    assert Order.objects.get().status == "awaiting_shipment"


@pytest.mark.django_db(transaction=True)
def test_a_store_switched_off_in_mid_run_stops_at_the_next_page(store, tophatter):
    for _ in range(1001):
        tophatter.add_order()

    def switch_off(request) -> None:
        if request.path == "orders" and request.body.get("page") == "2":
            Store.objects.update(is_active=False)

    tophatter.on_request = switch_off

    run = importing.refresh_store(store, trigger="schedule")

    assert (run.status, run.seen) == ("partial", 1000)
    assert "switched off" in run.error
