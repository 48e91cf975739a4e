"""A last look tells what goes, what is in doubt, and what does not go."""

from datetime import timedelta

import pytest
from django.utils import timezone as clock

from orders import importing, notifying
from orders.documents import slips
from orders.models import Correction, Order, Shipment
from orders.notifying import last_look
from orders.shipping import ship_order
from orders.shipping.doubts import ship_unless_in_doubt
from stores.models import Store
from tests.factories import OrderFactory

NUMBER = "9400111899562173406594"
OTHER = "9400111899562173406001"


@pytest.fixture
def shipment(store, tophatter):
    """A parcel that waits for somebody to send its notice."""
    tophatter.add_order()
    importing.refresh_store(store)
    ship_order(Order.objects.get(), carrier="USPS", tracking_number=NUMBER, send=False)
    tophatter.requests.clear()
    return Shipment.objects.get()


def only_sentence(shipment: Shipment, colour: str) -> str:
    found = last_look.take_last_look(Shipment.objects.get(pk=shipment.pk))
    assert found.colour == colour
    return found.sentences[0] if found.sentences else ""


def correct_address(order: Order, **changes) -> None:
    address = {"ship_to_address1": "2 Right Street", "ship_to_city": "Los Altos"}
    now = clock.now()
    Correction.objects.create(order=order, made_at=now, decided_at=now, **address)
    Order.objects.filter(pk=order.pk).update(**changes)


def test_a_paid_order_with_a_number_of_its_carrier_goes(shipment, tophatter):
    found = last_look.take_last_look(shipment)

    assert (found.colour, found.sentences) == ("green", ())
    assert [request.path for request in tophatter.requests] == ["orders/retrieve"]


def test_what_the_look_read_is_kept(shipment, tophatter):
    tophatter.orders()[0].update(status="refunded", customer_name="New Name")

    last_look.take_last_look(shipment)

    order = Order.objects.get()
    assert (order.status, order.customer_name) == ("cancelled", "New Name")


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("refunded", "is cancelled (refunded)"),
        ("cancelled", "is cancelled (cancelled)"),
        ("pending_verification", "is not paid yet"),
        ("pending_consolidation_decision", "is on hold (pending_consolidation"),
        ("mystery", "has a status that is not known here (mystery)"),
    ],
)
def test_an_order_that_may_not_ship_any_more_does_not_go(
    shipment, tophatter, word, reason
):
    tophatter.orders()[0]["status"] = word

    assert reason in only_sentence(shipment, "red")


def test_an_order_on_hold_here_does_not_go_and_is_not_asked_about(shipment, tophatter):
    Order.objects.update(held_at=clock.now(), hold_reason="Fraud?")

    assert "is on hold (Fraud?)" in only_sentence(shipment, "red")
    assert not tophatter.requests


def test_an_order_held_during_the_look_does_not_go(shipment, tophatter):
    in_hand = Shipment.objects.select_related("order__store").get()
    hold = {"held_at": clock.now(), "hold_reason": "Wait"}
    Order.objects.filter(pk=shipment.order_id).update(**hold)

    found = last_look.take_last_look(in_hand)

    assert tophatter.requests
    assert found.colour == "red"
    assert "is on hold (Wait)" in found.sentences[0]


def test_an_order_shipped_with_another_number_does_not_go(shipment, tophatter):
    tophatter.orders()[0].update(status="shipped", tracking_number="ELSEWHERE1")

    reason = only_sentence(shipment, "red")

    assert "as shipped with the number ELSEWHERE1" in reason


def test_an_order_shipped_without_a_number_does_not_go(shipment, tophatter):
    tophatter.orders()[0].update(status="shipped", tracking_number=None)

    assert "shipped without a number" in only_sentence(shipment, "red")


def test_an_order_shown_as_shipped_with_this_number_needs_confirming_only(
    shipment, tophatter
):
    tophatter.orders()[0].update(status="shipped", tracking_number=NUMBER)

    assert "with this number already" in only_sentence(shipment, "green")


def test_a_carrier_that_left_the_list_does_not_go(shipment):
    Store.objects.update(carriers={"FedEx": "fedex"})

    assert "no longer accepts the carrier USPS" in only_sentence(shipment, "red")


def test_a_carrier_whose_name_only_begins_like_one_of_the_list_does_not_go(shipment):
    Shipment.objects.update(carrier="DHL Hong Kong")
    Store.objects.update(carriers={"DHL": "dhl"})
    shipment.refresh_from_db()

    assert "no longer accepts the carrier DHL" in only_sentence(shipment, "red")


def test_an_order_the_marketplace_does_not_know_does_not_go(shipment, tophatter):
    tophatter.accounts[tophatter.token].clear()

    assert "knows no order" in only_sentence(shipment, "red")


def test_a_refused_token_is_noted_and_nothing_goes(shipment, tophatter):
    tophatter.fault("401")

    first = only_sentence(shipment, "red")
    tophatter.requests.clear()
    second = only_sentence(shipment, "red")

    assert "refused the access token" in first
    assert Store.objects.get().connection == "refused"
    assert "refuses the access token" in second
    assert not tophatter.requests


def test_a_token_that_cannot_be_read_is_said(shipment, settings):
    settings.TOKEN_ENCRYPTION_KEYS = ["A" * 43 + "="]

    assert "cannot be decrypted" in only_sentence(shipment, "red")


def test_a_store_that_is_switched_off_sends_nothing(shipment, tophatter):
    Store.objects.update(is_active=False)

    assert "is switched off" in only_sentence(shipment, "red")


def test_what_is_accepted_already_does_not_go_again(shipment, tophatter):
    notifying.request_sending(Shipment.objects.all())
    notifying.send_tracking(Shipment.objects.get())
    tophatter.requests.clear()

    assert "has accepted the shipment" in only_sentence(shipment, "red")
    assert not tophatter.requests


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("503", "has a problem (503)"),
        ("429", "asks for fewer requests"),
        ("other_order", "answered with another order"),
        ("html", "something else than orders"),
    ],
)
def test_without_an_answer_the_order_does_not_go_and_may_be_looked_at_again(
    shipment, tophatter, fault, reason
):
    tophatter.fault(fault, times=None, on="orders/retrieve")
    unanswered = only_sentence(shipment, "red")
    tophatter.clear_faults()

    assert "could not be looked at; look again" in unanswered
    assert reason in unanswered
    assert only_sentence(shipment, "green") == ""


def test_an_order_that_cannot_be_understood_does_not_go(shipment, tophatter):
    tophatter.orders()[0]["product_quantity"] = "a dozen"

    assert "could not be looked at" in only_sentence(shipment, "red")


def test_a_refusal_of_another_kind_does_not_go(shipment, tophatter):
    tophatter.fault("400", on="orders/retrieve", message="No.")

    assert "refused the request (400): No." in only_sentence(shipment, "red")


def test_a_number_unlike_the_carriers_is_in_doubt(shipment):
    Shipment.objects.update(tracking_number="1Z9999999999999999")

    reason = only_sentence(shipment, "amber")

    assert "does not look like a number of USPS" in reason


def shipped_with(number: str, **fields) -> Order:
    """Return another order that has left with this number."""
    order = OrderFactory(marketplace_state="shipped", **fields)
    order.shipments.create(
        carrier="USPS",
        tracking_number=number,
        shipped_at=clock.now(),
        notification="accepted",
    )
    return order


@pytest.mark.parametrize(
    ("number", "spelling"),
    [
        ("EA123456789US", "EA123456789US"),
        ("EA123456789US", "ea123456789us"),
        ("420940229400111899562173406594", "9400111899562173406594"),
        ("EA-123456789-US", "EA123456789US"),
    ],
)
def test_a_number_that_another_order_has_is_in_doubt(shipment, number, spelling):
    Shipment.objects.update(tracking_number=number)
    shipped_with(spelling, store=shipment.order.store, marketplace_order_id="77")

    assert "is on order 77 already" in only_sentence(shipment, "amber")


def test_an_order_of_another_store_that_has_the_number_is_not_named(shipment):
    Shipment.objects.update(tracking_number="EA123456789US")
    other = shipped_with("EA123456789US")

    said = only_sentence(shipment, "amber")

    assert "is on an order of another store" in said
    assert str(other) not in said


def test_a_number_that_came_before_the_gate_needs_a_reason(shipment):
    Shipment.objects.update(tracking_number="9400111899562170000000")

    assert "without all its digits" in only_sentence(shipment, "amber")


def test_an_address_nobody_decided_on_is_in_doubt(shipment):
    later = clock.now() + timedelta(minutes=1)
    correct_address(shipment.order, ship_to_changed_at=later)

    assert "nobody has decided" in only_sentence(shipment, "amber")


def test_an_address_corrected_after_the_last_change_is_not(shipment):
    earlier = clock.now() - timedelta(minutes=1)
    correct_address(shipment.order, ship_to_changed_at=earlier)

    assert only_sentence(shipment, "green") == ""


@pytest.mark.parametrize(
    ("printed", "says"),
    [(True, "since its packing slip was printed"), (False, "was shipped here")],
)
def test_an_address_that_changed_on_the_way_is_in_doubt(
    shipment, tophatter, printed, says
):
    if printed:
        slips.mark_printed([shipment.order], None)
    tophatter.orders()[0]["address1"] = "9 New Street"

    assert says in only_sentence(shipment, "amber")


def test_an_address_that_changed_before_all_was_done_is_not(store, tophatter):
    raw = tophatter.add_order()
    importing.refresh_store(store)
    slips.mark_printed(Order.objects.all(), None)
    raw["address1"] = "9 New Street"
    importing.refresh_store(store)
    slips.mark_printed(Order.objects.all(), None)
    order = Order.objects.get()
    shipment = ship_order(order, carrier="USPS", tracking_number=NUMBER, send=False)

    assert only_sentence(shipment, "green") == ""


def test_a_slip_of_an_address_that_counts_no_more_is_in_doubt(store, tophatter):
    raw = tophatter.add_order()
    importing.refresh_store(store)
    order = Order.objects.get()
    slips.mark_printed([order], None)
    raw["address1"] = "9 New Street"
    importing.refresh_store(store)
    shipment = ship_order(order, carrier="USPS", tracking_number=NUMBER, send=False)

    assert "packing slip was printed" in only_sentence(shipment, "amber")


def test_each_doubt_has_its_sentence(shipment):
    Shipment.objects.update(tracking_number="ODD12345")
    other = OrderFactory(marketplace_state="shipped")
    other.shipments.create(
        carrier="UPS", tracking_number="ODD12345", shipped_at=clock.now()
    )

    found = last_look.take_last_look(Shipment.objects.get(pk=shipment.pk))

    assert found.colour == "amber"
    assert len(found.sentences) == 2


@pytest.mark.parametrize(
    ("number", "notification", "doubts"),
    [(NUMBER, "pending", 0), ("ODD12345", "not_sent", 1)],
)
def test_shipping_by_hand_keeps_a_doubtful_notice_back(
    store, number, notification, doubts
):
    order = OrderFactory(store=store)

    shipment, found = ship_unless_in_doubt(
        order, carrier="usps", tracking_number=number
    )

    assert (shipment.notification, len(found)) == (notification, doubts)
