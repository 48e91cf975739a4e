"""Only what a parcel needs keeps an order out; the rest is a remark on it."""

from datetime import timedelta

import pytest

from orders import importing
from orders.models import ImportProblem, Order
from orders.shipping import deadlines
from stores.models import Store
from tests.support.connected_shops import connected_shop, was_read_lately
from tests.support.counting import counts, days_ago
from tests.support.order_pages import page


@pytest.mark.parametrize(
    "values",
    [
        {"paid_at": "0000-00-00 00:00:00"},
        {"refund_amount": -3.5},
        {"refund_amount": "3,50"},
        {"refund_amount": "$3.50"},
        {"upsells": [{"description": "Coupon", "amount": "-2.00"}]},
        {"available_refunds": [{"type": "buyer_fee", "amount": 3}]},
        {"carrier": {"name": "usps"}},
    ],
)
def test_what_no_parcel_needs_is_a_remark_on_the_order(
    admin_client, store, tophatter, values
):
    tophatter.add_order(**values)

    run = importing.refresh_store(store)

    order, remark = Order.objects.get(), ImportProblem.objects.get()
    assert counts(run) == {"seen": 1, "created": 1}
    assert order.status == "awaiting_shipment"
    assert (remark.kind, remark.resolved_at) == ("partly_read", None)
    assert next(iter(values)) in remark.message
    assert "could not be read" in admin_client.get(page(order)).content.decode()


def test_the_remark_ends_when_the_order_can_be_read(store, tophatter):
    raw = tophatter.add_order(refund_amount="3,50")
    importing.refresh_store(store)
    raw["refund_amount"] = "3.50"

    importing.refresh_store(store)

    assert ImportProblem.objects.get().resolved_at
    assert str(Order.objects.get().refund_amount) == "3.50"


def test_numbered_upsells_come_in_as_lines(store, tophatter):
    tophatter.add_order(
        upsells={"1": {"description": "Cable"}, "0": {"description": "Case"}}
    )

    importing.refresh_store(store)

    names = Order.objects.get().line_items.values_list("name", flat=True)
    assert list(names) == ["Example Headset", "Case", "Cable"]
    assert not ImportProblem.objects.exists()


def test_what_was_rejected_before_comes_in_now(store, tophatter):
    raw = tophatter.add_order(product_quantity="a dozen")
    importing.refresh_store(store)
    raw["product_quantity"] = "2.0"

    run = importing.refresh_store(store)

    assert counts(run) == {"seen": 1, "created": 1}
    assert Order.objects.get().line_items.get().quantity == 2
    assert ImportProblem.objects.get().resolved_at


@pytest.mark.parametrize("paid_at", [None, "0000-00-00 00:00:00"])
def test_a_paid_order_without_a_paid_date_is_late_by_the_day_it_was_placed(
    store, tophatter, paid_at
):
    placed = days_ago(2)
    tophatter.add_order(created_at=placed, paid_at=paid_at)
    tophatter.add_order(created_at=placed, paid_at=None, status="unpaid")
    Store.objects.update(ship_within_days=1)

    importing.refresh_store(store)

    late, unpaid = Order.objects.order_by("marketplace_order_id")
    assert list(deadlines.late(Order.objects.all(), days_ago(0))) == [late]
    assert late.ship_by - late.ordered_at == timedelta(days=1)
    assert unpaid.ship_by is None


@pytest.mark.django_db
def test_a_problem_names_the_order_as_people_call_it():
    with connected_shop("guide") as (shop, store):
        was_read_lately(store)
        homeless = shop.add_order(number="N-7", address=None)
        unknown = shop.add_order(number="N-8", status="mystery")

        importing.refresh_store(store)

    said = dict(ImportProblem.objects.values_list("marketplace_order_id", "message"))
    assert "Order N-7 has no ship-to address" in str(said[homeless.id])
    assert "the status of order N-8 “mystery”" in str(said[unknown.id])
