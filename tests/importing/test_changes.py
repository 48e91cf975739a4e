"""The import notes in an order's history what the marketplace changed."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone as clock

from orders import importing, notifying, shipping
from orders.models import ImportRun, LineItem, Order, OrderEvent
from stores.models import Store
from tests.factories import OrderFactory
from tests.support import holding
from tests.support.counting import counts
from tests.support.order_pages import NUMBER
from tests.support.payloads import ORDER_2021
from tests.support.programs import wait_until
from tests.support.queues import refuse_customer


def changes(order: Order) -> dict[str, list]:
    event = order.events.get()
    return {name: pair for name, *pair in event.changes}


def test_a_change_is_noted_once_with_what_it_was_and_is(store, tophatter):
    raw = tophatter.add_order(status="unpaid", paid_at=None)
    importing.refresh_store(store)
    raw |= {
        "status": "refunded",
        "paid_at": "2026-03-20T10:15:00-07:00",
        "refund_amount": "5",
        "customer_name": "Zoë O’Test",
        "carrier": "USPS",
        "tracking_number": "A1",
    }

    importing.refresh_store(store)
    importing.refresh_store(store)

    event = OrderEvent.objects.get()
    order = Order.objects.get()
    assert (event.kind, event.by, event.text) == ("changed", None, "")
    assert event.at == order.changed_at
    assert changes(order) == {
        "paid_at": [None, "2026-03-20T17:15:00+00:00"],
        "marketplace_status": ["unpaid", "refunded"],
        "customer_name": ["Jane Example", "Zoë O’Test"],
        "ship_to_name": ["Jane Example", "Zoë O’Test"],
        "refund_amount": ["0.00", "5.00"],
        "marketplace_state": ["awaiting_payment", "cancelled"],
        "marketplace_carrier": ["", "USPS"],
        "marketplace_tracking_number": ["", "A1"],
    }


def test_what_is_to_be_packed_is_noted_as_one_text(store, tophatter):
    raw = tophatter.add_order(upsells=[{"description": "Case", "amount": 7}])
    importing.refresh_store(store)
    raw |= {"product_quantity": 2, "upsells": []}

    importing.refresh_store(store)

    assert changes(Order.objects.get()) == {
        "line_items": ["1 × EX-HEADSET-BLACK, 1 × Case", "2 × EX-HEADSET-BLACK"]
    }


def test_a_new_order_has_no_history(store, tophatter):
    tophatter.add_order()

    importing.refresh_store(store)

    assert not OrderEvent.objects.exists()
    assert Order.objects.get().ship_to_changed_at is None


def test_what_staff_do_not_see_is_no_change(store, tophatter):
    raw = tophatter.add_order()
    importing.refresh_store(store)
    raw |= {"annotation": "new", "disbursement_amount": 3}

    run = importing.refresh_store(store)

    assert counts(run) == {"seen": 1, "updated": 1}
    assert not OrderEvent.objects.exists()


def test_a_time_read_in_another_zone_is_not_laid_to_the_marketplace(store, tophatter):
    raw = tophatter.add_order(created_at="2026-07-01T09:00:00")
    importing.import_one(store, str(raw["order_id"]))
    before = Order.objects.get()
    Store.objects.update(timezone="America/New_York")
    store.refresh_from_db()

    importing.import_one(store, str(raw["order_id"]))

    order = Order.objects.get()
    assert changes(order) == {
        "ordered_at": ["2026-07-01T09:00:00+00:00", "2026-07-01T13:00:00+00:00"]
    }
    assert "the marketplace changed nothing" in order.events.get().text
    assert order.changed_at == before.changed_at


def test_an_address_that_changes_says_when(store, tophatter):
    raw = tophatter.add_order()
    other = tophatter.add_order()
    importing.refresh_store(store)
    raw["city"] = "Reno"
    other["status"] = "shipped"

    importing.refresh_store(store)

    order = Order.objects.get(marketplace_order_id=raw["order_id"])
    assert order.ship_to_changed_at == order.changed_at
    assert changes(order) == {"ship_to_city": ["Los Altos", "Reno"]}
    others = Order.objects.get(marketplace_order_id=other["order_id"])
    assert others.ship_to_changed_at is None


def test_a_later_change_of_something_else_keeps_when_the_address_changed(
    store, tophatter
):
    raw = tophatter.add_order()
    importing.refresh_store(store)
    raw["city"] = "Reno"
    importing.refresh_store(store)
    before = Order.objects.get()
    raw["status"] = "shipped"

    importing.refresh_store(store)

    after = Order.objects.get()
    assert after.ship_to_changed_at == before.ship_to_changed_at
    assert after.changed_at > before.changed_at


def test_a_blanked_address_is_no_change_of_it(store, tophatter):
    raw = tophatter.add_order()
    importing.refresh_store(store)
    raw |= {"address1": None, "city": None, "postal_code": None, "status": "shipped"}

    importing.refresh_store(store)

    order = Order.objects.get()
    assert order.ship_to_changed_at is None
    assert set(changes(order)) == {"marketplace_status", "marketplace_state"}


def test_one_order_the_database_refuses_leaves_the_history_of_the_others(
    store, tophatter
):
    refuse_customer("Refused")
    raws = [tophatter.add_order() for _ in range(3)]
    importing.refresh_store(store)
    for raw, name in zip(raws, ["Ann", "Refused", "Bob"], strict=True):
        raw["customer_name"] = name

    run = importing.refresh_store(store)

    assert counts(run) == {"seen": 3, "updated": 2, "rejected": 1}
    names = [event.changes[0][2] for event in OrderEvent.objects.order_by("order_id")]
    assert names == ["Ann", "Bob"]


def test_a_page_of_changes_costs_the_same_queries_whatever_its_length(store):
    def queries(number: int) -> int:
        orders = OrderFactory.create_batch(number, store=store)
        LineItem.objects.bulk_create(
            LineItem(order=order, position=9, sku="GONE", quantity=1)
            for order in orders
        )
        raws = [
            ORDER_2021 | {"order_id": int(order.marketplace_order_id), "city": "Reno"}
            for order in orders
        ]
        with CaptureQueriesContext(connection) as captured:
            page = importing.import_page(store, raws)
        assert len(page.updated) == number
        return len(captured)

    assert queries(2) == queries(25)
    assert OrderEvent.objects.count() == 27


@pytest.mark.slow
def test_a_page_asked_for_before_a_notice_was_accepted_undoes_nothing(
    transactional_db, store, tophatter
):
    raw = tophatter.add_order()
    importing.refresh_store(store)
    order = Order.objects.get()
    # The page is made up at once, and comes in slowly.
    tophatter.fault("drip", on="orders", seconds=0.003)

    reader = holding.start(importing.refresh_store, store)
    calls = tophatter.requests
    wait_until(
        lambda: [call.path for call in calls].count("orders") > 2, 20, "second reading"
    )
    shipment = shipping.ship_order(order, carrier="USPS", tracking_number=NUMBER)
    notifying.send_tracking(shipment)
    was_faster = reader.is_alive()
    reader.join()

    shipment.refresh_from_db()
    order.refresh_from_db()
    assert was_faster
    assert raw["status"] == "shipped"
    assert shipment.notification == "accepted"
    assert (order.marketplace_state, order.is_reopened) == ("shipped", False)
    assert ImportRun.objects.latest("pk").unchanged == 1


@pytest.mark.parametrize("is_stored_singly", [False, True])
def test_an_order_that_was_read_anew_before_its_page_is_written_stays(
    store, tophatter, is_stored_singly
):
    refuse_customer("Refused")
    raws = [tophatter.add_order() for _ in range(3)]
    importing.refresh_store(store)
    page = [raw | {"city": "Reno", "status": "mystery"} for raw in raws]
    page[0]["customer_name"] = "Refused" if is_stored_singly else "Ann"
    newer = raws[1] | {"status": "refunded"}

    def read_anew() -> None:
        """Store what a last look read, before the page is written."""
        importing.import_page(store, [newer], asked_at=clock.now())

    stored = importing.import_page(store, page, asked_at=clock.now(), guard=read_anew)

    order = Order.objects.get(marketplace_order_id=str(newer["order_id"]))
    assert (order.status, order.ship_to_city) == ("cancelled", newer["city"])
    assert stored.unchanged == [order.marketplace_order_id]
    assert len(stored.updated) == 2 - is_stored_singly
    assert len(stored.rejected) == is_stored_singly
    assert not store.problems.filter(
        kind="unknown_status", marketplace_order_id=order.marketplace_order_id
    ).exists()


def test_what_a_clock_ahead_dated_is_no_newer_read(store, tophatter):
    raw = tophatter.add_order()
    importing.refresh_store(store)

    def date_ahead() -> None:
        Order.objects.update(changed_at=clock.now() + timedelta(hours=1))

    page = importing.import_page(
        store,
        [raw | {"status": "refunded"}],
        asked_at=clock.now(),
        guard=date_ahead,
    )

    assert len(page.updated) == 1
    assert Order.objects.get().status == "cancelled"
