"""Shipping in the admin: one order, many on a grid, and what becomes of the notices."""

import pytest
from django.urls import reverse
from django.utils import timezone as clock

from orders import importing, notifying, tasks
from orders.models import Order, Sending, Shipment
from tests.factories import OrderFactory
from tests.support.connected_shops import connected_shop
from tests.support.order_pages import (
    LIST,
    NUMBER,
    SUBMITTED,
    grid,
    page,
    parcel,
    row,
    step,
)

pytestmark = pytest.mark.django_db


def test_shipping_an_order_tells_the_marketplace(admin_client, store, tophatter):
    tophatter.add_order()
    importing.refresh_store(store)
    order = Order.objects.get()

    answer = admin_client.post(step(order, "ship"), parcel())
    shipment = Shipment.objects.get()
    notifying.send_tracking(shipment)

    assert answer.url == page(order)
    assert shipment.shipped_by.username == "admin"
    assert tophatter.orders()[0]["tracking_number"] == NUMBER


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"carrier": "Owl"}, "Owl is not one of the available choices"),
        ({"tracking_number": ""}, "This field is required"),
        ({"tracking_number": "12\ue00034"}, "is not a tracking number"),
        ({"shipped_at": "2999-01-01"}, "has not come yet"),
        # What a browser makes of “11/03/26”.
        ({"shipped_at": "0026-11-03"}, "is long before order"),
    ],
)
def test_a_wrong_parcel_is_refused_beside_its_field(admin_client, fields, reason):
    order = OrderFactory()

    answer = admin_client.post(step(order, "ship"), parcel(**fields))

    assert reason in answer.content.decode()
    assert not Shipment.objects.exists()


def test_a_cancelled_order_does_not_ship_from_an_old_dialog(admin_client):
    order = OrderFactory(marketplace_state="cancelled", marketplace_status="refunded")

    answer = admin_client.post(step(order, "ship"), parcel())

    assert "is cancelled (refunded)" in answer.content.decode()
    assert not Shipment.objects.exists()


def test_the_grid_ships_the_rows_that_are_right_and_says_why_others_are_not(
    admin_client,
):
    good, typo, cancelled, empty = OrderFactory.create_batch(4)
    Order.objects.filter(pk=cancelled.pk).update(marketplace_state="cancelled")
    data = {
        "shipped_at": clock.localdate().isoformat(),
        **row(good, "USPS", "A12345"),
        **row(typo, "USPS", "n/a"),
        **row(cancelled, "FedEx", "C32345"),
        **row(empty, "USPS", ""),
    }

    answer = admin_client.post(grid(good, typo, cancelled, empty), data)

    text = answer.content.decode()
    assert "1 order is shipped" in text
    assert "2 orders are not shipped" in text
    assert "“n/a” is not a tracking number" in text
    assert f"Order {cancelled} is cancelled" in text
    assert Shipment.objects.get().order == good


def test_rows_that_left_in_a_year_nobody_means_do_not_ship(admin_client):
    order = OrderFactory()
    data = {"shipped_at": "0001-01-01", **row(order, "USPS", "A12345")}

    answer = admin_client.post(grid(order), data)

    assert "The day 0001-01-01 is long before order" in answer.content.decode()
    assert not Shipment.objects.exists()


def test_the_list_leads_to_the_grid_in_its_order(admin_client):
    first, second = OrderFactory.create_batch(2)
    data = {"action": "ship_chosen", "_selected_action": [first.pk, second.pk]}

    answer = admin_client.post(reverse(LIST), data)

    assert answer.url == grid(first, second)
    assert admin_client.get(answer.url).status_code == 200


def test_the_grid_without_orders_says_what_to_do(admin_client):
    text = admin_client.get(grid()).content.decode()

    assert "No orders are chosen" in text


def test_tracking_is_sent_by_hand_once_it_was_refused(admin_client, store, tophatter):
    tophatter.add_order()
    importing.refresh_store(store)
    admin_client.post(step(Order.objects.get(), "ship"), parcel())
    tophatter.fault("422", on="orders/fulfill")
    shipment = Shipment.objects.get()
    notifying.send_tracking(shipment)

    answer = admin_client.post(step(shipment, "send"), SUBMITTED)
    sending = Sending.objects.get()
    tasks.look_over_sending(sending.pk)
    admin_client.post(reverse("admin:orders_sending_confirm", args=[sending.pk]))
    tasks.send_notices(store.pk)

    shipment.refresh_from_db()
    assert answer.url == page(sending)
    assert shipment.notification == "accepted"


def test_sending_what_is_accepted_says_so_and_sends_nothing(admin_client):
    order = OrderFactory(marketplace_state="shipped")
    order.shipments.create(
        carrier="USPS",
        tracking_number=NUMBER,
        shipped_at=clock.now(),
        notification="accepted",
    )
    data = {"action": "send_chosen", "_selected_action": [order.pk]}

    text = admin_client.post(reverse(LIST), data, follow=True).content.decode()

    assert "There is nothing to send" in text
    assert Shipment.objects.get().notification == "accepted"


def test_a_shipment_is_corrected_until_it_is_sent(admin_client):
    order = OrderFactory()
    shipment = order.shipments.create(
        carrier="USPS",
        tracking_number="TYPO12345",
        shipped_at=clock.now(),
        notification="refused",
    )
    data = SUBMITTED | {"carrier": "FedEx", "tracking_number": NUMBER}

    admin_client.post(step(shipment, "correct"), data)
    corrected = Shipment.objects.get()
    Shipment.objects.update(notification="accepted")
    answer = admin_client.post(
        step(shipment, "correct"), data | {"tracking_number": "OTHER"}
    )

    assert (str(corrected), corrected.notification) == (f"FedEx {NUMBER}", "pending")
    assert "cannot be changed any more" in answer.content.decode()
    assert Shipment.objects.get().tracking_number == NUMBER


def test_a_mixed_selection_ships_in_one_go_each_shop_told_in_its_way(
    admin_client, store, tophatter
):
    with connected_shop("woo") as (shop, other):
        tophatter.add_order()
        shop.add_order()
        importing.refresh_store(store)
        importing.refresh_store(other)
        theirs = Order.objects.get(store=store)
        ours = Order.objects.get(store=other)
        today = clock.localdate().isoformat()
        data = {"shipped_at": today, **row(theirs, "USPS", NUMBER)}
        data |= row(ours, "Aunt Mary’s van", "1Z999AA10123456784")

        shown = admin_client.get(grid(theirs, ours)).content.decode()
        admin_client.post(grid(theirs, ours), data)
        for shipment in Shipment.objects.all():
            notifying.send_tracking(shipment)

    proofs = dict(Shipment.objects.values_list("order__store__name", "proof"))
    assert '<option value="Canada Post">' in shown
    assert f'list="id_order-{ours.pk}-carrier-list"' in shown
    assert proofs == {store.name: "number", other.name: "status"}
    assert shown.count(f">{store}</p>") == shown.count(f">{other}</p>") == 1
    assert tophatter.orders()[0]["tracking_number"] == NUMBER
    assert [one.carrier for one in shop.notices] == ["Aunt Mary’s van"]
