"""A form that is posted twice, or once it is stale, does nothing twice or unseen."""

import pytest
from django.urls import reverse

from orders import jobs
from orders.admin import exports
from orders.models import Job, Order, Shipment, TrackingFile
from stores.models import Store
from tests.factories import OrderFactory
from tests.support.forms import filled_in
from tests.support.order_pages import NUMBER, grid, page, parcel, row, step
from tests.support.store_pages import step as store_step

OTHER = "9400136109361000000002"

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(store) -> Order:
    return OrderFactory(store=store)


def read(client, url: str) -> str:
    return client.get(url).text


def test_an_order_ships_once_however_often_the_dialog_is_posted(admin_client, order):
    first = admin_client.post(step(order, "ship"), parcel())
    second = admin_client.post(step(order, "ship"), parcel())

    assert first.status_code == 302
    assert Shipment.objects.count() == 1
    assert "has shipped" in second.text or "already" in second.text


def test_of_two_dialogs_with_two_numbers_the_second_is_asked(admin_client, ada, order):
    ada.post(step(order, "ship"), parcel())

    answer = admin_client.post(step(order, "ship"), parcel(tracking_number=OTHER))

    assert Shipment.objects.get().tracking_number == NUMBER
    assert "already" in answer.text


def test_rows_of_the_grid_ship_once(admin_client, ada, order):
    data = {"shipped_at": parcel()["shipped_at"]} | row(order, "USPS", NUMBER)
    ada.post(grid(order), data)

    answer = admin_client.post(grid(order), data)

    assert Shipment.objects.count() == 1
    assert "already" in answer.text


def test_a_note_is_added_once_and_once_more_when_meant(admin_client, order):
    data = filled_in(read(admin_client, page(order)), text="Call her")
    for _ in range(2):
        admin_client.post(step(order, "note"), data)
    once = order.events.filter(kind="note").count()

    again = filled_in(read(admin_client, page(order)), text="Call her")
    admin_client.post(step(order, "note"), again)

    assert once == 1
    assert order.events.filter(kind="note").count() == 2


def test_a_hold_is_told_once(admin_client, order):
    url = step(order, "hold_order")
    data = filled_in(read(admin_client, url), reason="Call her")

    for _ in range(2):
        admin_client.post(url, data)

    assert order.events.filter(kind="held").count() == 1


def test_a_long_export_that_is_asked_for_twice_is_one_job(
    admin_client, ada, order, monkeypatch
):
    monkeypatch.setattr(exports, "MOST_AT_ONCE", 0)
    url = reverse("admin:orders_order_export")
    data = {"what": "orders", "format": "csv"}

    answers = [admin_client.post(url, data) for _ in range(2)]
    ada.post(url, data)
    admin_client.post(url, data | {"format": "xlsx"})

    assert answers[0]["Location"] == answers[1]["Location"]
    assert Job.objects.count() == 3
    assert Job.objects.filter(asked_by__username="ada").count() == 1


def test_slips_that_are_asked_for_twice_are_one_job(admin_user, order):
    first, second = (
        jobs.ask_for_slips([order], "letter", admin_user) for _ in range(2)
    )
    other = jobs.ask_for_slips([order], "a4", admin_user)

    assert first == second
    assert other != first


def test_a_token_that_somebody_replaced_meanwhile_is_not_replaced_unseen(
    admin_client, ada, store, tophatter
):
    url = store_step(store, "replace_token")
    mine, hers = read(admin_client, url), read(ada, url)
    ada.post(url, filled_in(hers, access_token=tophatter.add_account()))
    kept = Store.objects.get().token_ciphertext

    token = tophatter.add_account()
    answer = admin_client.post(url, filled_in(mine, access_token=token))
    after = Store.objects.get().token_ciphertext
    again = admin_client.post(url, filled_in(answer.text, access_token=token))

    assert "ada changed the access token of" in answer.text
    assert after == kept
    assert again.status_code == 302
    assert Store.objects.get().token_ciphertext != kept


def test_a_store_whose_token_is_new_is_not_disconnected_unseen(
    admin_client, ada, store, tophatter
):
    url, replace = (
        store_step(store, name) for name in ("disconnect_store", "replace_token")
    )
    mine = read(admin_client, url)
    token = tophatter.add_account()
    ada.post(replace, filled_in(read(ada, replace), access_token=token))

    answer = admin_client.post(url, filled_in(mine), follow=True)
    kept = Store.objects.get().token_ciphertext
    admin_client.post(url, filled_in(read(admin_client, url)))

    assert "ada changed the access token of" in answer.text
    assert kept
    assert not Store.objects.get().token_ciphertext


@pytest.fixture
def file(order) -> TrackingFile:
    return TrackingFile.objects.create(
        name="numbers.csv",
        header=["Order", "Number", "Old number"],
        lines=[[2, [order.marketplace_order_id, NUMBER, OTHER]]],
        mapping={"order": 0, "tracking_number": 1},
        carrier="USPS",
    )


def test_a_file_is_taken_as_it_was_looked_at(admin_client, ada, file):
    mine, hers = read(admin_client, page(file)), read(ada, page(file))
    ada.post(step(file, "columns"), filled_in(hers, tracking_number="2"))

    answer = admin_client.post(step(file, "take"), filled_in(mine), follow=True)
    shipped = Shipment.objects.count()
    admin_client.post(step(file, "take"), filled_in(answer.text))

    assert "ada changed how numbers.csv is read" in answer.text
    assert shipped == 0
    assert Shipment.objects.get().tracking_number == OTHER


def test_columns_that_somebody_chose_meanwhile_stay(admin_client, ada, file):
    mine, hers = read(admin_client, page(file)), read(ada, page(file))
    ada.post(step(file, "columns"), filled_in(hers, tracking_number="2"))

    data = filled_in(mine, default_carrier="UPS")
    answer = admin_client.post(step(file, "columns"), data, follow=True)

    assert "ada changed how numbers.csv is read" in answer.text
    assert TrackingFile.objects.get().mapping["tracking_number"] == 2


def test_a_file_is_taken_once(admin_client, ada, file):
    mine, hers = read(admin_client, page(file)), read(ada, page(file))
    ada.post(step(file, "take"), filled_in(hers))

    answer = admin_client.post(step(file, "take"), filled_in(mine), follow=True)

    assert Shipment.objects.count() == 1
    assert "Taken:" in answer.text
