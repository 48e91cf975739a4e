"""What left the window is asked for again: each number once a day, whatever comes."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone as clock

from backoffice.clocks import SKEW
from orders import importing, pruning, tasks
from orders.auditing import accounting, listings, recheck
from orders.auditing.accounting import Fate
from orders.models import ImportProblem, ImportRun, ListedOrder, Order
from orders.work import rows
from stores.models import Store
from stores.sandbox.server import Sandbox
from tests.factories import OrderFactory
from tests.support import queues
from tests.support.counting import days_ago
from tests.support.coverage import was_read

pytestmark = pytest.mark.django_db

HOMELESS = dict.fromkeys(("address1", "address2", "city", "postal_code"), "")


@pytest.fixture
def work(django_capture_on_commit_callbacks):
    """Return a function that re-checks all stores, as a worker would; not for ever."""
    queues.purge()

    def call() -> None:
        with django_capture_on_commit_callbacks(execute=True):
            tasks.recheck_open_orders()
        for _ in range(20):
            waiting = queues.waiting()
            queues.purge()
            for task in waiting:
                name = task["func"].removeprefix("orders.tasks.")
                with django_capture_on_commit_callbacks(execute=True):
                    getattr(tasks, name)(*task["args"])

    return call


def asked_for(tophatter: Sandbox) -> list[str]:
    """Return the numbers that were asked for singly, in turn."""
    calls = [one for one in tophatter.requests if one.path == "orders/retrieve"]
    return [(call.query | call.body)["order_id"] for call in calls]


def skipped(store, tophatter: Sandbox) -> dict[str, Any]:
    """Return an order that stays out for want of an address, and is due again."""
    raw = tophatter.add_order(**HOMELESS, status="processing_payment")
    importing.refresh_store(store)
    assert ImportProblem.objects.get().kind == "no_address"
    ImportProblem.objects.update(last_seen_at=days_ago(1))
    tophatter.requests.clear()
    return raw


def old_orders(store, tophatter: Sandbox, count: int) -> list[dict[str, Any]]:
    """Return orders of last week that are here, open, and due; the oldest first."""
    raws = [tophatter.add_order(created_at=days_ago(20 - n)) for n in range(count)]
    for raw in raws:
        importing.import_one(store, str(raw["order_id"]))
    ImportRun.objects.all().delete()
    tophatter.requests.clear()
    return raws


def standing_kind() -> str:
    return ImportProblem.objects.get(resolved_at=None).kind


def test_a_skipped_order_that_the_marketplace_deleted_is_asked_for_once(
    store, tophatter, work
):
    raw = skipped(store, tophatter)
    del tophatter.accounts[tophatter.token][raw["order_id"]]

    work()

    assert asked_for(tophatter) == [str(raw["order_id"])]
    assert standing_kind() == "not_found"


def test_a_skipped_order_that_became_unreadable_is_asked_for_once(
    store, tophatter, work
):
    raw = skipped(store, tophatter)
    raw |= {"created_at": "soon", "paid_at": None}

    work()

    assert asked_for(tophatter) == [str(raw["order_id"])]
    assert standing_kind() == "unreadable"


def test_an_unreadable_order_that_the_database_refuses_is_asked_for_once(
    store, tophatter, work
):
    raw = tophatter.add_order(customer_name="Refused")
    dated = dict(raw)
    raw |= {"created_at": "soon", "paid_at": None}
    importing.import_one(store, str(raw["order_id"]))
    ImportProblem.objects.update(last_seen_at=days_ago(1))
    tophatter.requests.clear()
    queues.refuse_customer("Refused")
    raw |= dated

    work()

    assert asked_for(tophatter) == [str(raw["order_id"])]
    assert standing_kind() == "not_stored"


def test_an_answer_about_another_order_is_asked_for_once(store, tophatter, work):
    raw = skipped(store, tophatter)
    tophatter.fault("other_order", times=None, on="orders/retrieve")

    work()

    assert asked_for(tophatter) == [str(raw["order_id"])]


def test_an_order_that_a_clock_ahead_imported_is_asked_for_once(store, tophatter, work):
    raw = tophatter.add_order(created_at=days_ago(9))
    importing.import_one(store, str(raw["order_id"]))
    Order.objects.update(imported_at=days_ago(-30))
    tophatter.requests.clear()

    work()

    assert asked_for(tophatter) == [str(raw["order_id"])]


def test_an_order_that_a_clock_ahead_asked_for_is_asked_for_anew(
    store, tophatter, work
):
    (raw,) = old_orders(store, tophatter, 1)
    Order.objects.update(rechecked_at=days_ago(-30))

    work()

    assert asked_for(tophatter) == [str(raw["order_id"])]
    assert Order.objects.get().rechecked_at < clock.now()


def test_a_skipped_order_that_a_clock_ahead_saw_is_asked_for_anew(
    store, tophatter, work
):
    raw = skipped(store, tophatter)
    ImportProblem.objects.update(first_seen_at=days_ago(31), last_seen_at=days_ago(-30))

    work()

    assert asked_for(tophatter) == [str(raw["order_id"])]
    assert ImportProblem.objects.get().last_seen_at < clock.now()


def test_a_clock_that_is_seconds_ahead_has_asked(store, tophatter):
    old_orders(store, tophatter, 1)
    now = clock.now()
    Order.objects.update(rechecked_at=now + SKEW)

    assert recheck.orders_to_recheck(store, now) == []
    assert recheck.stores_to_recheck(now) == []


def test_a_listed_order_that_was_not_found_afterwards_is_explained(store, tophatter):
    was_read(store, 40, 1)
    raw = skipped(store, tophatter)
    listing = listings.reconcile(store)
    del tophatter.accounts[tophatter.token][raw["order_id"]]

    importing.import_one(store, str(raw["order_id"]))

    (row,) = accounting.explain(accounting.outcomes(listing), store)
    assert row.outcome == Fate.REJECTED
    assert row.problem.kind == "not_found"


@pytest.mark.parametrize("word", ["shipped", "refunded"])
def test_an_order_without_address_that_is_done_with_is_explained_and_no_more(
    store, tophatter, work, word
):
    was_read(store, 40, 1)
    raw = tophatter.add_order(**HOMELESS, status=word)
    run = importing.refresh_store(store)
    listing = listings.reconcile(store)
    ImportProblem.objects.update(last_seen_at=days_ago(1))
    tophatter.requests.clear()

    work()

    problem = ImportProblem.objects.get()
    assert (run.skipped, asked_for(tophatter)) == (1, [])
    assert problem.message == (
        f"Order {raw['order_id']} has no ship-to address, and Tophatter calls it "
        f"“{word}”: there is nothing left to ship."
    )
    assert not rows.open_problems(clock.now()).exists()
    (row,) = accounting.explain(accounting.outcomes(listing), store)
    assert (row.outcome, row.problem) == (Fate.SKIPPED, problem)
    assert accounting.unexplained(listing) == 0


def test_a_skipped_order_that_was_cancelled_is_done_with(store, tophatter, work):
    raw = skipped(store, tophatter)
    raw["status"] = "refunded"

    work()

    assert asked_for(tophatter) == [str(raw["order_id"])]
    assert ImportProblem.objects.get().resolved_at
    assert not rows.open_problems(clock.now()).exists()


def test_after_a_month_without_address_an_order_is_asked_for_once_a_month(
    store, tophatter
):
    raw = skipped(store, tophatter)
    now = clock.now()
    ImportProblem.objects.update(first_seen_at=now - recheck.HOMELESS_FOR)

    last_seen = [days_ago(29), days_ago(31)]
    asked = []
    for moment in last_seen:
        ImportProblem.objects.update(last_seen_at=moment)
        asked.append(recheck.orders_to_recheck(store, now))

    assert asked == [[], [str(raw["order_id"])]]


def test_a_skip_is_kept_while_the_last_listing_lists_the_order(
    store, tophatter, settings
):
    tophatter.add_order(**HOMELESS, status="shipped")
    importing.refresh_store(store)
    listings.reconcile(store)
    ImportProblem.objects.update(resolved_at=days_ago(settings.PROBLEM_RETENTION_DAYS))

    kept = pruning.prune(clock.now())["problems"]
    ListedOrder.objects.all().delete()

    assert (kept, pruning.prune(clock.now())["problems"]) == (0, 1)


@pytest.mark.parametrize(
    ("fault", "times", "reason"),
    [
        ("422", 1, "Tophatter refused"),
        ("500", 3, "Tophatter"),
        ("null", 1, "Tophatter"),
    ],
)
def test_an_old_order_that_cannot_be_read_costs_only_itself(
    store, tophatter, work, fault, times, reason
):
    bad, *others = old_orders(store, tophatter, 3)
    for raw in others:
        raw["status"] = "refunded"
    tophatter.fault(fault, times=times, on="orders/retrieve")

    work()

    run = ImportRun.objects.get()
    assert (run.status, run.seen, run.updated) == ("partial", 2, 2)
    assert run.error.startswith(f"Order {bad['order_id']} could not be read: {reason}")
    assert run.error.endswith("The next import tries again.")
    cancelled = Order.objects.filter(marketplace_state="cancelled")
    assert {one.marketplace_order_id for one in cancelled} == {
        str(raw["order_id"]) for raw in others
    }
    assert not ImportProblem.objects.exists()
    assert Store.objects.get().import_failures == 0


def test_an_old_order_that_could_not_be_read_goes_last_the_next_day(
    store, tophatter, work
):
    bad, *others = old_orders(store, tophatter, 3)
    tophatter.fault("422", on="orders/retrieve")
    work()
    Order.objects.update(rechecked_at=F("rechecked_at") - timedelta(days=1))
    never = OrderFactory(store=store, marketplace_order_id="9", ordered_at=days_ago(9))

    ids = recheck.orders_to_recheck(store, clock.now())

    assert ids == [
        never.marketplace_order_id,
        *(str(raw["order_id"]) for raw in [bad, *others]),
    ]


def test_after_three_in_a_row_a_re_check_ends_until_the_next_day(
    store, tophatter, work
):
    raws = old_orders(store, tophatter, 4)
    tophatter.fault("422", times=3, on="orders/retrieve")

    work()

    assert asked_for(tophatter) == [str(raw["order_id"]) for raw in raws[:3]]
    assert ImportRun.objects.get().status == "failed"
    due = recheck.orders_to_recheck(store, clock.now())
    assert due == [str(raws[3]["order_id"])]


def test_two_in_a_row_do_not_end_it(store, tophatter, work):
    raws = old_orders(store, tophatter, 3)
    tophatter.fault("422", times=2, on="orders/retrieve")

    work()

    assert asked_for(tophatter) == [str(raw["order_id"]) for raw in raws]
    assert ImportRun.objects.get().status == "partial"


@pytest.mark.parametrize(
    ("fault", "options"), [("401", {}), ("429", {}), ("503", {"retry_after": "60"})]
)
def test_where_we_are_turned_away_a_re_check_ends_at_once(
    store, tophatter, work, fault, options
):
    raws = old_orders(store, tophatter, 2)
    tophatter.fault(fault, on="orders/retrieve", **options)

    work()

    assert asked_for(tophatter) == [str(raws[0]["order_id"])]
    assert ImportRun.objects.get().status == "failed"
    assert len(recheck.orders_to_recheck(store, clock.now())) == 2
