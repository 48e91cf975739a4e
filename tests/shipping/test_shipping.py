"""Only a paid, open order ships, whoever asks."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError
from django.utils import timezone as clock

from orders import importing, notifying, shipping
from orders.models import Order, OrderEvent, Shipment
from orders.shipping import holds
from orders.shipping.doubts import correct_unless_in_doubt, ship_unless_in_doubt
from tests.factories import OrderFactory, StoreFactory

pytestmark = pytest.mark.django_db

NUMBER = "9400111899562173406594"


def fresh(order: Order) -> Order:
    return Order.objects.get(pk=order.pk)


def test_shipping_puts_a_notice_in_the_outbox():
    order = OrderFactory()

    shipment = shipping.ship_order(
        order, carrier=" usps ", tracking_number=f" {NUMBER} "
    )

    assert (shipment.carrier, shipment.tracking_number) == ("USPS", NUMBER)
    assert shipment.notification == "pending"
    assert list(Shipment.objects.due(clock.now())) == [shipment]
    assert fresh(order).status == "shipped"


def test_a_store_that_sends_nothing_by_itself_keeps_the_notice():
    order = OrderFactory(store__auto_send_tracking=False)

    shipment = shipping.ship_order(order, carrier="USPS", tracking_number=NUMBER)

    assert shipment.notification == "not_sent"
    assert not Shipment.objects.due(clock.now()).exists()


@pytest.mark.parametrize(
    ("sends_by_itself", "send", "doubt", "because"),
    [
        (True, None, "", ""),
        (True, None, "Odd.", "doubt"),
        (True, True, "Odd.", "doubt"),
        (False, None, "Odd.", "doubt"),
        (False, None, "", "store"),
        (False, True, "", ""),
        (True, False, "", "choice"),
        (True, False, "Odd.", "choice"),
    ],
)
def test_a_notice_that_is_not_sent_says_why(sends_by_itself, send, doubt, because):
    order = OrderFactory(store__auto_send_tracking=sends_by_itself)

    shipping.ship_order(
        order, carrier="USPS", tracking_number=NUMBER, send=send, doubt=doubt
    )

    shipment = Shipment.objects.get()
    assert shipment.not_sent_because == because
    assert shipment.notification == ("not_sent" if because else "pending")
    assert shipment.notification_error == (doubt if because == "doubt" else "")


def test_a_notice_that_is_not_sent_has_a_reason_in_the_database():
    order = OrderFactory()

    with pytest.raises(IntegrityError, match="not_sent_has_a_reason"):
        order.shipments.create(shipped_at=clock.now(), notification="not_sent")


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"marketplace_state": "awaiting_payment"}, "not paid"),
        ({"marketplace_state": "on_hold"}, "on hold"),
        ({"marketplace_state": "shipped"}, "shipped already"),
        ({"marketplace_state": "cancelled"}, "cancelled"),
        ({"marketplace_state": "needs_review"}, "not known"),
        ({"is_address_incomplete": True, "ship_to_address1": ""}, "lacks a street;"),
        ({"held_at": clock.now(), "hold_reason": "Fraud?"}, "on hold (Fraud?)"),
        ({"has_shipment": True}, "shipped already"),
    ],
)
def test_an_order_that_is_not_open_does_not_ship(fields, reason):
    order = OrderFactory(**fields)

    with pytest.raises(shipping.NotAllowed) as refusal:
        shipping.ship_order(order, carrier="USPS", tracking_number=NUMBER)

    assert reason in str(refusal.value)
    assert order.marketplace_order_id in str(refusal.value)
    assert not Shipment.objects.exists()


@pytest.mark.parametrize(
    ("carrier", "number", "reason"),
    [
        ("Owl", NUMBER, "does not accept the carrier “Owl”"),
        ("", NUMBER, "does not accept the carrier"),
        ("USPS", "  ", "Enter the tracking number"),
        ("USPS", "12\0034", "not a tracking number"),
        ("USPS", "1\x002", "not a tracking number"),
        ("USPS", "9" * 101, "not a tracking number"),
    ],
)
def test_carrier_and_number_are_checked_before_anything_is_stored(
    carrier, number, reason
):
    with pytest.raises(shipping.NotAllowed, match=reason):
        shipping.ship_order(OrderFactory(), carrier=carrier, tracking_number=number)

    assert not Shipment.objects.exists()


def test_a_hold_keeps_an_order_and_release_gives_it_back():
    order = OrderFactory()

    shipping.hold(order, "Ask the buyer")
    held = fresh(order).status
    shipping.release(order)

    assert held == "on_hold"
    assert fresh(order).status == "awaiting_shipment"


def test_release_returns_to_what_the_marketplace_says():
    order = OrderFactory(marketplace_state="awaiting_payment")
    shipping.hold(order, "Ask the buyer")

    shipping.release(order)

    assert fresh(order).status == "awaiting_payment"


def test_an_order_cancelled_while_held_is_cancelled():
    order = OrderFactory()
    shipping.hold(order, "Ask the buyer")

    Order.objects.update(marketplace_state="cancelled")

    assert fresh(order).status == "cancelled"


def test_a_hold_ends_on_its_day():
    noon = datetime(2026, 11, 23, 12, tzinfo=UTC)
    today = noon.date()
    ending, lasting = OrderFactory(), OrderFactory()
    shipping.hold(ending, "Until Monday", until=today)
    shipping.hold(lasting, "Until Tuesday", until=today + timedelta(days=1))

    assert holds.release_due_holds(noon) == 1

    assert fresh(ending).status == "awaiting_shipment"
    assert fresh(lasting).status == "on_hold"


def test_a_hold_ends_when_its_day_begins_in_the_stores_zone():
    evening_in_london = datetime(2026, 11, 23, 18, tzinfo=UTC)
    tomorrow = date(2026, 11, 24)
    in_tokyo = OrderFactory(store__timezone="Asia/Tokyo")
    in_chicago = OrderFactory(store__timezone="America/Chicago")
    for order in (in_tokyo, in_chicago):
        shipping.hold(order, "Until the 24th", until=tomorrow)

    released = holds.release_due_holds(evening_in_london)

    assert released == 1
    assert fresh(in_tokyo).status == "awaiting_shipment"
    assert fresh(in_chicago).status == "on_hold"


def test_a_hold_needs_a_reason_and_an_open_order():
    with pytest.raises(shipping.NotAllowed, match="why"):
        shipping.hold(OrderFactory(), " ")
    with pytest.raises(shipping.NotAllowed, match="shipped already"):
        shipping.hold(OrderFactory(marketplace_state="shipped"), "Too late")


def test_a_refresh_touches_nothing_that_staff_wrote(store, tophatter):
    raw = tophatter.add_order()
    importing.refresh_store(store)
    shipping.hold(Order.objects.get(), "Ask the buyer", until=date(2030, 1, 1))
    raw["customer_name"] = "New Name"

    importing.refresh_store(store)

    order = Order.objects.get()
    assert order.customer_name == "New Name"
    assert (order.status, order.hold_reason) == ("on_hold", "Ask the buyer")
    assert order.hold_until == date(2030, 1, 1)


def test_an_older_page_does_not_unship_an_order(store, tophatter):
    raw = tophatter.add_order()
    importing.refresh_store(store)
    stale = dict(raw)
    shipment = shipping.ship_order(
        Order.objects.get(), carrier="USPS", tracking_number=NUMBER
    )
    notifying.send_tracking(shipment)

    importing.import_page(store, [stale])

    assert Order.objects.get().status == "shipped"


def test_a_shipment_can_be_corrected_until_it_is_sent():
    shipment = shipping.ship_order(
        OrderFactory(), carrier="USPS", tracking_number="TYPO12345"
    )
    Shipment.objects.update(
        notification="refused", notification_error="No.", attempts=3
    )

    shipping.correct_shipment(shipment, "FedEx", NUMBER)

    assert (shipment.carrier, shipment.tracking_number) == ("FedEx", NUMBER)
    assert (shipment.notification, shipment.attempts) == ("pending", 0)


@pytest.mark.parametrize(
    ("sends_by_itself", "number", "notification", "because"),
    [
        (True, NUMBER, "pending", ""),
        (False, NUMBER, "not_sent", "store"),
        (True, "ODD22345", "not_sent", "doubt"),
    ],
)
def test_what_waits_for_a_last_look_is_judged_by_its_corrected_number(
    sends_by_itself, number, notification, because
):
    order = OrderFactory(store__auto_send_tracking=sends_by_itself)
    shipment, _doubts = ship_unless_in_doubt(
        order, carrier="USPS", tracking_number="ODD12345"
    )

    correct_unless_in_doubt(shipment, "USPS", number)

    shipment = Shipment.objects.get()
    assert (shipment.notification, shipment.not_sent_because) == (notification, because)
    assert ("ODD22345" in shipment.notification_error) == (because == "doubt")
    assert "ODD12345" not in shipment.notification_error


@pytest.mark.parametrize("sends_by_itself", [True, False])
@pytest.mark.parametrize("notification", ["pending", "refused"])
def test_what_was_on_its_way_waits_while_its_corrected_number_is_in_doubt(
    notification, sends_by_itself
):
    order = OrderFactory(store__auto_send_tracking=sends_by_itself)
    shipment = shipping.ship_order(
        order, carrier="USPS", tracking_number=NUMBER, send=True
    )
    Shipment.objects.update(notification=notification, attempts=3)

    found = correct_unless_in_doubt(shipment, "USPS", "ABC1234567")

    shipment = Shipment.objects.get()
    assert (shipment.notification, shipment.not_sent_because) == ("not_sent", "doubt")
    assert found == [str(shipment.notification_error)]
    assert not Shipment.objects.due(clock.now() + timedelta(days=1)).exists()

    assert correct_unless_in_doubt(shipment, "USPS", NUMBER) == []
    because = "" if sends_by_itself else "store"
    assert Shipment.objects.get().not_sent_because == because


@pytest.mark.parametrize("notification", ["pending", "refused"])
def test_a_corrected_number_in_doubt_goes_with_a_reason_that_the_history_keeps(
    notification,
):
    order = OrderFactory(store__auto_send_tracking=False)
    shipment = shipping.ship_order(
        order, carrier="USPS", tracking_number=NUMBER, send=True
    )
    Shipment.objects.update(notification=notification)

    found = correct_unless_in_doubt(
        shipment, "USPS", "ABC1234567", despite="It says so."
    )

    assert found == []
    assert Shipment.objects.due(clock.now()).exists()
    text = OrderEvent.objects.get(kind="overridden").text
    assert "“ABC1234567” does not look like" in text
    assert "It says so." in text


@pytest.mark.parametrize(("send", "because"), [(False, "choice"), (None, "store")])
def test_what_waits_for_a_person_waits_as_before_once_corrected(send, because):
    order = OrderFactory(store__auto_send_tracking=False)
    shipment = shipping.ship_order(
        order, carrier="USPS", tracking_number=NUMBER, send=send
    )

    assert correct_unless_in_doubt(shipment, "USPS", "ABC1234567") == []

    assert Shipment.objects.get().not_sent_because == because


@pytest.mark.parametrize("state", ["accepted", "unconfirmed"])
def test_what_was_sent_cannot_be_changed(state):
    shipment = shipping.ship_order(
        OrderFactory(), carrier="USPS", tracking_number="A12345"
    )
    Shipment.objects.update(notification=state)

    with pytest.raises(shipping.NotAllowed, match="cannot be changed"):
        shipping.correct_shipment(shipment, "FedEx", NUMBER)

    assert Shipment.objects.get().tracking_number == "A12345"


def test_carriers_are_the_marketplaces_own_once_read(store, tophatter):
    fallback = StoreFactory.build().find_carrier("wishpost")
    tophatter.carriers["Pigeon Post"] = "pigeon"

    importing.refresh_store(store)

    store.refresh_from_db()
    assert fallback == "WishPost"
    assert store.find_carrier("pigeon post") == "Pigeon Post"


@pytest.mark.parametrize("carrier", ["usps", "USPS First Class Package"])
def test_a_carrier_by_another_name_ships_under_its_label(carrier):
    shipment, found = ship_unless_in_doubt(
        OrderFactory(), carrier=carrier, tracking_number="A12345"
    )

    assert shipment.carrier == "USPS"
    assert "does not look like a number of USPS" in found[0]
