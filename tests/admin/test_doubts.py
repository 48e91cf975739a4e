"""A doubtful number ships, and its notice waits for somebody to look at it."""

import pytest
from django.utils import timezone as clock

from orders.models import Shipment
from tests.factories import OrderFactory
from tests.support.order_pages import grid, parcel, row, staff, step
from tests.support.sendings import NUMBERS, ODD

pytestmark = pytest.mark.django_db


def test_a_doubtful_number_ships_from_the_dialog_and_waits(admin_client):
    order = OrderFactory()

    answer = admin_client.post(
        step(order, "ship"), parcel(tracking_number=ODD), follow=True
    )

    text = answer.content.decode()
    assert Shipment.objects.get().notification == "not_sent"
    assert "Its notice waits for a last look" in text
    assert "does not look like a number of USPS" in text


def test_a_doubtful_row_of_the_grid_ships_and_waits(admin_client, store, tophatter):
    good, odd = OrderFactory.create_batch(2, store=store)
    data = {
        "shipped_at": clock.localdate().isoformat(),
        **row(good, "USPS", NUMBERS[0]),
        **row(odd, "USPS", ODD),
    }

    text = admin_client.post(grid(good, odd), data).content.decode()

    shipment = Shipment.objects.get(order=odd)
    assert Shipment.objects.get(order=good).notification == "pending"
    assert shipment.notification == "not_sent"
    assert "2 orders are shipped" in text
    assert "1 notice waits for a last look" in text
    assert "does not look like a number of USPS" in text
    assert f'name="shipment" value="{shipment.pk}"' in text
    assert text.count('name="shipment"') == 1


def test_a_store_that_sends_nothing_by_itself_leads_the_grid_to_the_last_look(
    admin_client, store
):
    store.auto_send_tracking = False
    store.save()
    first, second = OrderFactory.create_batch(2, store=store)
    data = {
        "shipped_at": clock.localdate().isoformat(),
        **row(first, "USPS", NUMBERS[0]),
        **row(second, "USPS", ODD),
    }

    text = admin_client.post(grid(first, second), data).content.decode()

    assert text.count('name="shipment"') == 2
    assert "Send tracking" in text


def test_who_may_not_send_is_not_led_there(client, store):
    staff(client, "ship_order", "view_order")
    order = OrderFactory(store=store)
    data = {
        "shipped_at": clock.localdate().isoformat(),
        **row(order, "USPS", ODD),
    }

    text = client.post(grid(order), data).content.decode()

    assert Shipment.objects.get().notification == "not_sent"
    assert 'name="shipment"' not in text
