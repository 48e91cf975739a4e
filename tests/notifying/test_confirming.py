"""A sending that was looked at is confirmed once, and goes as far as it may."""

from functools import partial

import pytest

from orders import importing
from orders.models import Order, OrderEvent, Sending, Shipment
from orders.notifying import sendings
from orders.shipping import NotAllowed, correct_shipment
from stores.models import Store
from tests.factories import StoreFactory
from tests.support.sendings import (
    NUMBERS,
    ODD,
    begin,
    person,
    ship_unsent,
    soon,
    work_off,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def ship(store, tophatter):
    return partial(ship_unsent, store, tophatter)


def test_what_is_green_goes_and_what_is_red_stays(ship, tophatter):
    good, bad = ship(*NUMBERS[:2])
    tophatter.orders()[1]["status"] = "refunded"
    one = begin()

    sendings.confirm(one, person("send_tracking"))
    work_off()

    good.refresh_from_db()
    bad.refresh_from_db()
    assert (good.notification, bad.notification) == ("accepted", "not_sent")
    assert [post["tracking_number"] for post in tophatter.fulfillments] == [NUMBERS[0]]
    assert list(one.lines.values_list("is_sent", flat=True)) == [True, False]


def test_red_does_not_go_for_a_reason_either(ship, tophatter):
    ship(*NUMBERS[:2])
    tophatter.orders()[1]["status"] = "refunded"
    one = begin()
    red = one.lines.get(look="red")

    sendings.confirm(one, person("override_amber"), {red.pk: "I want it"})

    red.refresh_from_db()
    assert (red.is_sent, red.shipment.notification) == (False, "not_sent")


def test_amber_goes_with_a_reason_that_is_kept_in_the_orders_history(ship, tophatter):
    (odd,) = ship(ODD)
    one = begin()
    line = one.lines.get()
    manager = person("override_amber")

    sendings.confirm(one, manager, {line.pk: "  UPS carries it for USPS  "})
    work_off()

    line.refresh_from_db()
    event = OrderEvent.objects.get(kind="overridden")
    assert (line.is_sent, line.reason) == (True, "UPS carries it for USPS")
    assert (event.order, event.by) == (odd.order, manager)
    assert "does not look like a number of USPS" in event.text
    assert "UPS carries it for USPS" in event.text
    assert tophatter.fulfillments[0]["tracking_number"] == ODD


@pytest.mark.parametrize("text", ["", "   "])
def test_amber_without_a_reason_stays(ship, text):
    ship(NUMBERS[0], ODD)
    one = begin()
    line = one.lines.get(look="amber")

    sendings.confirm(one, person("override_amber"), {line.pk: text})

    line.refresh_from_db()
    assert (line.is_sent, line.shipment.notification) == (False, "not_sent")
    assert one.lines.get(look="green").is_sent
    assert not OrderEvent.objects.filter(kind="overridden").exists()


def test_a_reason_needs_a_permission_of_its_own(ship, tophatter):
    ship(NUMBERS[0], ODD)
    one = begin()
    line = one.lines.get(look="amber")

    with pytest.raises(NotAllowed, match="permission"):
        sendings.confirm(one, person("send_tracking"), {line.pk: "Go"})

    one.refresh_from_db()
    assert one.confirmed_at is None
    assert not one.lines.filter(is_sent=True).exists()


def test_a_sending_is_confirmed_once(ship, tophatter):
    ship(NUMBERS[0])
    one = begin()
    by = person()

    sendings.confirm(one, by)
    work_off()
    first = Sending.objects.get().confirmed_at
    sendings.confirm(one, by)
    work_off()

    assert Sending.objects.get().confirmed_at == first
    assert len(tophatter.fulfillments) == 1


def test_nothing_is_confirmed_before_the_look_is_over(ship):
    ship(NUMBERS[0])
    one = sendings.start_sending(Shipment.objects.all(), None)

    with pytest.raises(NotAllowed, match="not over yet"):
        sendings.confirm(one, person())


def test_a_sending_of_which_nothing_can_go_stays_open(ship, tophatter):
    ship(NUMBERS[0])
    tophatter.orders()[0]["status"] = "refunded"
    one = begin()

    with pytest.raises(NotAllowed, match="None of these"):
        sendings.confirm(one, person())

    one.refresh_from_db()
    assert one.confirmed_at is None


def test_a_refused_notice_goes_again(ship, tophatter):
    (shipment,) = ship(NUMBERS[0])
    Shipment.objects.update(notification="refused", notification_error="No.")

    sendings.confirm(begin(), person())
    work_off()

    shipment.refresh_from_db()
    assert shipment.notification == "accepted"


def test_a_number_corrected_after_the_look_is_doubted_before_it_goes(ship):
    (shipment,) = ship(NUMBERS[0])
    one = begin()
    correct_shipment(shipment, "USPS", ODD)

    with pytest.raises(NotAllowed):
        sendings.confirm(one, person())

    line = one.lines.get()
    assert line.look == "amber"
    assert "does not look like" in line.words


def test_an_address_that_changed_after_the_look_is_doubted_before_it_goes(
    ship, tophatter
):
    (shipment,) = ship(NUMBERS[0])
    one = begin()
    tophatter.orders()[0]["city"] = "Elsewhere"
    importing.refresh_store(shipment.order.store)

    with pytest.raises(NotAllowed):
        sendings.confirm(one, person())

    assert one.lines.get().look == "amber"
    sendings.confirm(one, person("override_amber"), {one.lines.get().pk: "Moved."})
    work_off()
    shipment.refresh_from_db()
    assert shipment.notification == "accepted"


def test_the_look_is_all_a_store_asks_for_when_it_says_so(ship, tophatter):
    ship(*NUMBERS[:2])
    Store.objects.update(confirm_green=False)

    one = begin(person("send_tracking"))
    work_off()

    assert one.confirmed_at
    assert len(tophatter.fulfillments) == 2


@pytest.mark.parametrize("doubt", ["amber", "red", "another store"])
def test_a_sending_does_not_go_by_itself_unless_all_is_green(ship, tophatter, doubt):
    ship(NUMBERS[0], ODD if doubt == "amber" else NUMBERS[1])
    if doubt == "red":
        tophatter.orders()[1]["status"] = "refunded"
    Store.objects.update(confirm_green=False)
    if doubt == "another store":
        other = StoreFactory(access_token=tophatter.add_account())
        moved = Order.objects.last()
        tophatter.add_order(
            list(tophatter.accounts)[1], order_id=int(moved.marketplace_order_id)
        )
        Order.objects.filter(pk=moved.pk).update(store=other)

    one = begin(person("send_tracking"))

    assert one.looked_at
    assert one.confirmed_at is None


def test_what_was_left_out_gets_a_sending_of_its_own(ship, tophatter):
    ship(NUMBERS[0], ODD)
    one = begin()
    by = person()
    sendings.confirm(one, by)

    other = sendings.look_again(Sending.objects.get(), by)

    assert other != one
    assert [line.shipment.tracking_number for line in other.lines.all()] == [ODD]


def test_the_summary_tells_how_far_it_has_come(ship, tophatter):
    ship(*NUMBERS[:4], ODD)
    tophatter.orders()[3]["status"] = "refunded"
    one = sendings.start_sending(Shipment.objects.all(), None)
    before = sendings.summary(one)
    sendings.look_over(one, soon())
    one.refresh_from_db()
    looked = sendings.summary(one)
    sendings.confirm(one, person())
    one.refresh_from_db()
    sent = sendings.summary(one)
    tophatter.orders()[1]["status"] = "refunded"
    tophatter.fault("503", times=1, on="orders/retrieve")
    work_off()
    after = sendings.summary(one)

    assert (before.total, before.waiting, before.looked_at) == (5, 5, 0)
    assert (looked.green, looked.amber, looked.red) == (3, 1, 1)
    assert (sent.on_their_way, sent.is_settled) == (3, False)
    assert (after.accepted, after.refused, after.retried) == (1, 1, 1)
    assert (after.left_out, after.is_settled) == (2, True)
