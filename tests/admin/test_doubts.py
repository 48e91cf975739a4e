"""A doubtful number ships, and its notice waits for somebody to look at it."""

import pytest
from django.utils import timezone as clock

from orders.models import Shipment
from tests.factories import OrderFactory
from tests.support.order_pages import SUBMITTED, grid, parcel, row, staff, step
from tests.support.sendings import NUMBERS, ODD

pytestmark = pytest.mark.django_db


def test_a_doubtful_number_ships_from_the_dialog_and_waits(admin_client):
    order = OrderFactory()

    answer = admin_client.post(
        step(order, "ship"), parcel(tracking_number=ODD), follow=True
    )

    text = answer.content.decode()
    assert Shipment.objects.get().notification == "not_sent"
    assert "The notice waits for a last look" in text
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


@pytest.mark.parametrize("typed", ["9.40011E+21", "9400111899562170000000", "n/a"])
def test_what_is_no_number_ships_from_no_page(admin_client, typed):
    order = OrderFactory()
    in_grid = {
        "shipped_at": clock.localdate().isoformat(),
        **row(order, "Yanwen", typed),
    }

    on_page = admin_client.post(
        step(order, "ship"), parcel(carrier="Yanwen", tracking_number=typed)
    )
    on_grid = admin_client.post(grid(order), in_grid)

    for answer in (on_page, on_grid):
        text = answer.content.decode()
        assert f"“{typed}” is" in text
        assert "Reason to use this number all the same" in text
    assert not Shipment.objects.exists()


def test_who_means_it_ships_it_with_a_reason(admin_client):
    first, second, third = OrderFactory.create_batch(3)
    damaged = "9400111899562170000000"
    shipment = third.shipments.create(
        carrier="USPS",
        tracking_number=NUMBERS[0],
        shipped_at=clock.now(),
        notification="refused",
    )
    corrected = SUBMITTED | {"carrier": "USPS", "tracking_number": "n/a"}

    admin_client.post(
        step(first, "ship"),
        parcel(tracking_number=damaged, despite="The label says so"),
    )
    data = {"shipped_at": clock.localdate().isoformat()}
    data |= row(second, "USPS", "1234567890123450")
    data |= {f"order-{second.pk}-despite": "It ends in zero"}
    admin_client.post(grid(second), data)
    refused = admin_client.post(step(shipment, "correct"), corrected)
    admin_client.post(step(shipment, "correct"), corrected | {"despite": "By hand"})

    assert "“n/a” is not a tracking number" in refused.content.decode()
    assert [str(order.shipments.get()) for order in (first, second, third)] == [
        *(f"USPS {damaged}", "USPS 1234567890123450", "USPS n/a")
    ]
    assert set(Shipment.objects.values_list("notification", flat=True)) == {"pending"}
    for order, reason in (
        *(
            (first, "The label says so"),
            (second, "It ends in zero"),
            (third, "By hand"),
        ),
    ):
        texts = order.events.filter(kind="overridden").values_list("text", flat=True)
        assert all(text.endswith(f"Reason: {reason}") for text in texts)
        assert texts


def test_a_reason_of_somebody_who_may_not_send_despite_a_doubt_is_none(client, store):
    staff(client, "ship_order", "view_order")
    order = OrderFactory(store=store)

    text = client.post(
        step(order, "ship"),
        parcel(tracking_number="n/a", despite="I want it"),
    ).content.decode()

    assert "A manager may send it all the same, with a reason." in text
    assert "Reason to use this number all the same" not in text
    assert not Shipment.objects.exists()


def test_a_number_in_groups_ships_tidied_from_page_and_grid(admin_client):
    first, second = OrderFactory.create_batch(2)
    data = {
        "shipped_at": clock.localdate().isoformat(),
        **row(second, "Japan Post", "1234-5678-9012"),
    }

    admin_client.post(
        step(first, "ship"), parcel(tracking_number="9400 1118 9956 2173 4065 94")
    )
    admin_client.post(grid(second), data)

    assert str(first.shipments.get()) == "USPS 9400111899562173406594"
    assert str(second.shipments.get()) == "Japan Post 123456789012"
    assert set(Shipment.objects.values_list("notification", flat=True)) == {"pending"}
