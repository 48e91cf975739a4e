"""A notice that cannot go yet is tried again later and later, and not given up soon."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone as clock

from orders import importing, notifying
from orders.models import Order, Shipment
from orders.notifying import senders
from orders.shipping import ship_order

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
