"""An order whose refunds are not told is not packed, and costs itself alone."""

import json

import pytest

from orders import importing
from orders.importing import windows
from orders.models import ImportProblem, Order
from stores.models import Store
from stores.sandbox.shops.server import Shop
from tests.support.connected_shops import connected_shop, was_read_lately

pytestmark = pytest.mark.django_db

FATAL = {"code": 500, "text": "<p>Critical error.</p>", "kind": "text/html"}
FORBIDDEN = {
    "code": 403,
    "text": json.dumps({"code": "woocommerce_rest_cannot_view", "message": "Sorry."}),
    "kind": "application/json",
}
NONSENSE = {"code": 200, "text": "{}", "kind": "application/json"}
BUSY = {"code": 429, "text": "{}", "kind": "application/json"}


@pytest.fixture
def connected():
    with connected_shop("woo-rest") as (shop, store):
        was_read_lately(store)
        yield shop, store


def refunds_fail(shop: Shop, fault: str = "body", then_all: bool = False, **answer):
    """Have refunds fail, and all that is asked for afterwards too, if it says so."""

    def look(request) -> None:
        if request.path.endswith("/refunds"):
            times = None if then_all else 1
            shop.fault(fault, times=times, on="rest", **answer)

    shop.on_request = look


@pytest.mark.parametrize(
    ("answer", "status"), [(FATAL, "500"), (FORBIDDEN, "403"), (NONSENSE, "200")]
)
def test_an_order_whose_refunds_fail_is_rejected_and_newer_ones_come(
    connected, answer, status
):
    shop, store = connected
    partly = shop.add_order(refunded=5)
    newer = [shop.add_order() for _ in range(3)]
    before = Store.objects.get().last_import_at
    refunds_fail(shop, **answer)

    run = importing.refresh_store(store)

    store.refresh_from_db()
    problem = ImportProblem.objects.get()
    assert (run.status, run.created, run.rejected) == ("complete", 3, 1)
    assert {one.marketplace_order_id for one in Order.objects.all()} == {
        one.id for one in newer
    }
    assert (problem.marketplace_order_id, problem.kind) == (partly.id, "unreadable")
    assert f"The refunds of order {partly.id} could not be read ({status})" in (
        problem.message
    )
    assert store.last_import_at > before
    assert store.connection == "connected"


def test_it_comes_in_by_the_next_run_once_its_refunds_are_told(connected):
    shop, store = connected
    shop.add_order(refunded=5)
    refunds_fail(shop, **FATAL)
    importing.refresh_store(store)
    refunds_fail(shop, code=200, text="[]", kind="application/json")

    run = importing.refresh_store(Store.objects.get())

    assert (run.created, run.rejected) == (1, 0)
    assert ImportProblem.objects.get().resolved_at


def test_an_order_that_is_here_stays_as_it_was_until_they_are_told(connected):
    shop, store = connected
    order = shop.add_order()
    importing.refresh_store(store)
    shop.change_order(order, note="Ring twice.", refunded=5)
    refunds_fail(shop, **FATAL)

    run = importing.refresh_store(Store.objects.get())

    assert (run.status, run.updated, run.rejected) == ("complete", 0, 1)
    assert Order.objects.get().buyer_note == ""


@pytest.mark.parametrize(
    ("fault", "answer", "words"),
    [("lost_request", {}, "did not answer"), ("body", BUSY, "fewer requests")],
)
def test_no_answer_and_a_wish_to_be_left_alone_end_the_run(
    connected, fault, answer, words
):
    shop, store = connected
    shop.add_order(refunded=5)
    shop.add_order()
    before = Store.objects.get().last_import_at
    refunds_fail(shop, fault, then_all=True, **answer)

    run = importing.refresh_store(store)

    assert (run.status, run.seen) == ("failed", 0)
    assert words in run.error
    assert Store.objects.get().last_import_at == before
    assert not ImportProblem.objects.exists()


def test_a_shop_that_is_down_ends_the_run_at_the_third_order(connected):
    shop, store = connected
    for _ in range(5):
        shop.add_order(refunded=5)
    refunds_fail(shop, then_all=True, **FATAL)

    run = importing.refresh_store(store)

    assert (run.status, run.seen) == ("failed", 0)
    assert "(500)" in run.error


def test_a_shop_that_tells_no_refunds_at_all_rejects_those_orders_alone(connected):
    shop, store = connected
    for _ in range(5):
        shop.add_order(refunded=5)
    newest = shop.add_order()
    refunds_fail(shop, **FORBIDDEN)

    run = importing.refresh_store(store)

    assert (run.status, run.created, run.rejected) == ("complete", 1, 5)
    assert Order.objects.get().marketplace_order_id == newest.id


def test_of_orders_asked_for_one_by_one_it_is_the_only_one_rejected(connected):
    shop, store = connected
    ids = [shop.add_order(refunded=5).id, shop.add_order().id]
    refunds_fail(shop, **FORBIDDEN)

    run = importing.execute(windows.plan_orders(store, ids, "manual"))

    assert (run.status, run.created, run.rejected) == ("complete", 1, 1)
    assert "refunds" in ImportProblem.objects.get().message
    assert Store.objects.get().connection == "connected"
