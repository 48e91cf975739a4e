"""An accepted notice keeps what was sent and what the marketplace showed then."""

import json

import pytest
from django.db import connection
from django.utils import timezone as clock

from orders import importing, notifying
from orders.models import Order, OrderEvent, Shipment
from orders.shipping import ship_order
from stores.sandbox.shops.server import Shop
from tests.support.connected_shops import connect_shop

NUMBER = "9400111899562173406594"


@pytest.fixture
def shipment(store, tophatter):
    tophatter.add_order()
    importing.refresh_store(store)
    return ship_order(Order.objects.get(), carrier="USPS", tracking_number=NUMBER)


def stored() -> dict:
    return Shipment.objects.get().receipt


def test_the_receipt_tells_what_was_sent_and_what_was_read_back(shipment, tophatter):
    before = clock.now().isoformat()

    notifying.send_tracking(shipment)

    receipt = stored()
    sent, read_back = receipt["sent"], receipt["read_back"]
    assert (sent["carrier"], sent["tracking_number"]) == ("USPS", NUMBER)
    assert before < sent["at"] < read_back["at"] < clock.now().isoformat()
    assert receipt["answer"] == tophatter.orders()[0]
    assert read_back["status"] == "shipped"
    assert read_back["carrier"] == "usps"
    assert read_back["tracking_number"] == NUMBER
    assert read_back["raw"] == tophatter.orders()[0]
    assert shipment.receipt == receipt


def test_a_shipment_the_marketplace_showed_already_was_not_sent(shipment, tophatter):
    tophatter.orders()[0].update(status="shipped", tracking_number=NUMBER)

    notifying.send_tracking(shipment)

    receipt = stored()
    assert (receipt["sent"], receipt["answer"]) == (None, None)
    assert receipt["read_back"]["tracking_number"] == NUMBER


def test_an_answer_that_was_lost_is_not_in_the_receipt(shipment, tophatter):
    tophatter.fault("lost_answer", on="orders/fulfill")

    notifying.send_tracking(shipment)

    receipt = stored()
    assert receipt["sent"]["tracking_number"] == NUMBER
    assert receipt["answer"] is None
    assert receipt["read_back"]["status"] == "shipped"


def test_an_answer_that_could_not_be_read_back_is_all_there_is(shipment, tophatter):
    def break_reading(request) -> None:
        if request.path == "orders/fulfill":
            tophatter.fault("503", times=None, on="orders/retrieve")

    tophatter.on_request = break_reading

    notifying.send_tracking(shipment)

    receipt = stored()
    assert shipment.notification == "accepted"
    assert receipt["read_back"] is None
    assert receipt["answer"]["tracking_number"] == NUMBER


def test_a_receipt_never_changes(shipment, tophatter):
    notifying.send_tracking(shipment)
    first = stored()
    tophatter.orders()[0]["tracking_number"] = "OTHER"

    notifying.send_tracking(shipment)
    notifying.request_sending(Shipment.objects.all(), retry_refused=True)
    notifying.send_tracking(shipment)
    importing.refresh_store(shipment.order.store)

    assert stored() == first


@pytest.mark.parametrize("fault", ["422", "503", "not_stored"])
def test_what_is_not_accepted_has_no_receipt(shipment, tophatter, fault):
    tophatter.fault(fault, times=None, on="orders/fulfill")

    notifying.send_tracking(shipment)

    assert stored() is None


def test_the_token_is_in_no_receipt_even_if_the_marketplace_echoes_it(
    shipment, tophatter
):
    tophatter.orders()[0]["product_name"] = f"Token {tophatter.token}"
    tophatter.orders()[0][tophatter.token] = "a key"

    notifying.send_tracking(shipment)

    receipt = json.dumps(stored())
    assert shipment.notification == "accepted"
    assert tophatter.token not in receipt
    assert "Token ****" in receipt


@pytest.mark.parametrize("password", [NUMBER[4:9], "sent"])
def test_a_short_password_damages_no_receipt(db, password):
    with Shop("guide", secrets={"password": password}) as shop:
        store = connect_shop(shop)
        shop.add_order()
        importing.refresh_store(store)
        shipment = ship_order(
            Order.objects.get(), carrier="USPS", tracking_number=NUMBER
        )

        notifying.send_tracking(shipment)

    sent = Shipment.objects.get().receipt["sent"]
    assert (sent["carrier"], sent["tracking_number"]) == ("USPS", NUMBER)


def test_text_that_no_database_takes_does_not_cost_the_acceptance(shipment, tophatter):
    tophatter.orders()[0]["annotation"] = "nul \0"

    notifying.send_tracking(shipment)

    assert Shipment.objects.get().notification == "accepted"


def test_a_refusal_is_in_the_orders_history_once(shipment, tophatter):
    tophatter.fault("422", times=None, on="orders/fulfill", message="No such label.")

    notifying.send_tracking(shipment)
    notifying.send_tracking(shipment)

    event = OrderEvent.objects.get(kind="refused")
    assert (event.order, event.by) == (shipment.order, None)
    assert "No such label." in event.text


@pytest.mark.django_db(transaction=True)
def test_a_refusal_after_the_claim_was_lost_is_not_in_the_history(shipment, tophatter):
    def lose_the_claim(request) -> None:
        Shipment.objects.update(claim="somebody else's")
        connection.close()

    tophatter.orders()[0]["status"] = "refunded"
    tophatter.on_request = lose_the_claim

    notifying.send_tracking(shipment)

    assert Shipment.objects.get().notification == "pending"
    assert not OrderEvent.objects.filter(kind="refused").exists()
