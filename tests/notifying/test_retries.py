"""A notice that cannot go yet is tried again later and later, and not given up soon."""

import json
from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone as clock

from orders import importing, notifying
from orders.models import Order, Shipment
from orders.notifying import senders
from orders.shipping import ship_order
from tests.support.connected_shops import connected_shop

NUMBER = "9400111899562173406594"
MINUTE = timedelta(minutes=1)


def ship(store) -> Shipment:
    return ship_order(
        Order.objects.get(store=store), carrier="USPS", tracking_number=NUMBER
    )


def time_passes(store, minutes: int, each: timedelta = MINUTE) -> Shipment:
    """Have the sweep look each minute, or after as much time each, without waiting."""
    for _ in range(minutes):
        Shipment.objects.update(next_attempt_at=F("next_attempt_at") - each)
        if Shipment.objects.due(clock.now()).exists():
            senders.send_due(store, clock.now() + MINUTE)
    return Shipment.objects.get()


@pytest.mark.parametrize("code", ["429", "503"])
@pytest.mark.parametrize("wish", ["0", "5", "60"])
def test_a_small_wish_to_wait_does_not_use_up_the_attempts(
    store, tophatter, code, wish
):
    tophatter.add_order()
    importing.refresh_store(store)
    ship(store)
    tophatter.fault(code, times=None, on="orders/retrieve", retry_after=wish)

    shipment = time_passes(store, minutes=60)
    after_an_hour = shipment.notification
    tophatter.clear_faults()
    shipment = time_passes(store, minutes=3, each=timedelta(hours=1))

    assert after_an_hour == "pending"
    assert shipment.notification == "accepted", shipment.notification_error
    assert tophatter.orders()[0]["tracking_number"] == NUMBER


def test_a_long_wish_counts_more_than_the_growing_delay(store, tophatter):
    tophatter.add_order()
    importing.refresh_store(store)
    shipment = ship(store)
    tophatter.fault("503", times=None, on="orders/retrieve", retry_after="7200")

    notifying.send_tracking(shipment)

    wait = shipment.next_attempt_at - clock.now()
    assert timedelta(minutes=119) < wait <= timedelta(hours=2)


def api_says(status: int, code: str) -> dict:
    """Return the fault of a shop whose REST itself refuses."""
    text = json.dumps({"code": code, "message": "No.", "data": {"status": status}})
    return {"code": status, "text": text, "kind": "application/json"}


PAGE = {"text": "<html>Blocked</html>", "kind": "text/html"}
# What a whole shop answers that cannot be talked to, by its profile.
SHUT = [
    ("woo-rest", {"code": 403, **PAGE}, "firewall"),
    ("woo-rest", {"code": 404, **PAGE}, "Nothing at this address"),
    ("woo-rest", {"code": 406, **PAGE}, "(406)"),
    ("woo-rest", api_says(404, "rest_no_route"), "WooCommerce is active"),
    ("nop", {"code": 404, **PAGE}, "(404)"),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("profile", "answer", "why"), SHUT)
def test_a_whole_shop_that_cannot_be_talked_to_closes_no_notice(profile, answer, why):
    with connected_shop(profile) as (shop, store):
        shop.add_order()
        importing.refresh_store(store)
        shipment = ship(store)
        shop.fault("body", times=None, on=None, **answer)

        shipment = time_passes(store, minutes=30)
        meanwhile = shipment.notification, str(shipment.notification_error)
        told = len(shop.notices)
        shop.clear_faults()
        shipment = time_passes(store, minutes=3, each=timedelta(hours=1))

    assert (meanwhile[0], told) == ("pending", 0)
    assert why in meanwhile[1]
    assert shipment.notification == "accepted", shipment.notification_error


@pytest.mark.django_db
@pytest.mark.parametrize(
    "answer",
    [
        api_says(404, "woocommerce_rest_shop_order_invalid_id"),
        api_says(400, "rest_invalid_param"),
    ],
)
def test_what_the_shop_itself_says_of_an_order_waits_for_a_person(answer):
    with connected_shop("woo-rest") as (shop, store):
        shop.add_order()
        importing.refresh_store(store)
        shipment = ship(store)
        shop.fault("body", times=None, on="rest", **answer)

        notifying.send_tracking(shipment)

    assert shipment.notification == "refused"
    assert "No." in shipment.notification_error


@pytest.mark.django_db
def test_a_notice_that_a_firewall_refuses_waits_for_a_person():
    with connected_shop("woo-rest") as (shop, store):
        shop.add_order()
        importing.refresh_store(store)
        shipment = ship(store)
        shop.fault("body", times=None, on="rest_notice", code=403, **PAGE)

        notifying.send_tracking(shipment)

    assert (shipment.notification, shipment.posted_at) == ("refused", None)
    assert "firewall" in shipment.notification_error
    assert not shop.notices


def test_a_page_in_the_marketplaces_place_closes_no_notice(store, tophatter):
    tophatter.add_order()
    importing.refresh_store(store)
    shipment = ship(store)
    head = "HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\nContent-Length: 6\r\n"
    tophatter.fault("wire", times=None, text=f"{head}\r\n<html>")

    notifying.send_tracking(shipment)

    assert shipment.notification == "pending"
    assert "404" in shipment.notification_error
