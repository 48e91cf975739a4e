"""What staff decide about an order stays in its history, with who decided it."""

from datetime import UTC, date, datetime

import pytest

from orders import shipping
from orders.models import Order, OrderEvent
from orders.shipping import holds
from tests.factories import OrderFactory, UserFactory
from tests.support.order_pages import NUMBER, SUBMITTED, parcel, step

pytestmark = pytest.mark.django_db


def told(order: Order) -> list[tuple]:
    events = OrderEvent.objects.filter(order=order)
    return [(event.kind, event.by, event.text) for event in events]


def test_holding_and_releasing_are_told_with_who_and_why():
    order, by = OrderFactory(), UserFactory()

    shipping.hold(order, "  Ask the buyer ", by=by)
    shipping.release(order, by=by)

    assert told(order) == [("held", by, "Ask the buyer"), ("released", by, "")]


def test_releasing_what_is_not_held_tells_nothing():
    order = OrderFactory()

    shipping.release(order)

    assert told(order) == []


def test_a_hold_that_ends_by_itself_is_told_once():
    due, other = OrderFactory.create_batch(2)
    shipping.hold(due, "Wait", date(2026, 1, 2))
    shipping.hold(other, "Wait", date(2026, 1, 3))

    ended = holds.release_due_holds(datetime(2026, 1, 2, tzinfo=UTC))
    again = holds.release_due_holds(datetime(2026, 1, 2, tzinfo=UTC))

    assert (ended, again) == (1, 0)
    assert told(due) == [("held", None, "Wait"), ("released", None, "")]
    assert told(other) == [("held", None, "Wait")]


def test_shipping_and_correcting_are_told():
    order, by = OrderFactory(), UserFactory()

    shipment = shipping.ship_order(
        order, carrier="USPS", tracking_number="TYPO12345", shipped_by=by
    )
    shipping.correct_shipment(shipment, "usps", NUMBER, by=by)
    shipping.correct_shipment(shipment, "USPS", NUMBER, by=by)

    assert told(order) == [
        ("shipped", by, "USPS TYPO12345"),
        ("corrected", by, f"USPS TYPO12345 → USPS {NUMBER}"),
    ]


def test_a_step_that_is_not_allowed_tells_nothing():
    order = OrderFactory(marketplace_state="cancelled")

    for refused in (
        lambda: shipping.ship_order(order, carrier="USPS", tracking_number=NUMBER),
        lambda: shipping.hold(order, "Wait"),
    ):
        with pytest.raises(shipping.NotAllowed):
            refused()

    assert told(order) == []


def test_the_admin_tells_who_it_was(admin_client, admin_user):
    order = OrderFactory()

    admin_client.post(step(order, "hold_order"), SUBMITTED | {"reason": "Ask"})
    admin_client.post(step(order, "release"), SUBMITTED)
    admin_client.post(step(order, "ship"), parcel(tracking_number="TYPO12345"))
    data = SUBMITTED | {"carrier": "USPS", "tracking_number": NUMBER}
    admin_client.post(step(order.shipments.get(), "correct"), data)

    assert [(kind, by) for kind, by, _ in told(order)] == [
        ("held", admin_user),
        ("released", admin_user),
        ("shipped", admin_user),
        ("corrected", admin_user),
    ]
