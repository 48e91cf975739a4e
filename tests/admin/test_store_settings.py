"""A store's settings: deadlines, sending, branding and its logo."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from backoffice.kit.admin import row_url
from orders.models import Order
from stores import mail_texts
from stores.models import Logo, Store
from tests.factories import OrderFactory, StoreFactory
from tests.support.store_pages import save

pytestmark = pytest.mark.django_db


def image(kind: str = "PNG", size: tuple[int, int] = (20, 10)) -> bytes:
    kept = BytesIO()
    Image.new("RGB", size, "navy").save(kept, kind)
    return kept.getvalue()


def test_a_zone_of_an_old_name_stays_chosen(admin_client):
    store = StoreFactory(timezone="EST5EDT")

    page = admin_client.get(row_url(store)).content.decode()
    save(admin_client, store, timezone="EST5EDT", company_name="Ada & Co.")

    store.refresh_from_db()
    assert '<option value="EST5EDT" selected' in page
    assert (store.timezone, store.company_name) == ("EST5EDT", "Ada & Co.")


def test_the_settings_of_shipping_and_paper_are_kept(admin_client):
    store = StoreFactory()

    save(
        admin_client,
        store,
        ship_within_days="3",
        notices_at_once="8",
        confirm_green="",
        company_name="Ada & Co.",
        return_address="1 Example Street\nLos Altos",
        website="https://www.example.com",
        slip_message="Thank you.",
        slip_shows_prices="on",
    )

    store.refresh_from_db()
    assert (store.ship_within_days, store.confirm_green) == (3, False)
    assert store.notices_at_once == 8
    assert (store.company_name, store.slip_shows_prices) == ("Ada & Co.", True)
    assert store.return_address.splitlines() == ["1 Example Street", "Los Altos"]


def test_other_days_move_the_deadlines_of_open_orders_of_the_store(admin_client):
    store = StoreFactory(ship_within_days=5)
    order, shipped = OrderFactory(store=store), OrderFactory(store=store)
    Order.objects.filter(pk=shipped.pk).update(marketplace_state="shipped")
    unpaid = OrderFactory(
        store=store, marketplace_state="awaiting_payment", paid_at=None
    )
    elsewhere = OrderFactory()

    save(admin_client, store, ship_within_days="3")

    moved = dict(Order.objects.values_list("pk", "ship_by"))
    assert moved == {
        order.pk: order.paid_at + timedelta(days=3),
        shipped.pk: shipped.ship_by,
        unpaid.pk: None,
        elsewhere.pk: elsewhere.ship_by,
    }


@pytest.mark.parametrize("days", ["0", "61", "many"])
def test_a_deadline_has_a_sensible_number_of_days(admin_client, days):
    store = StoreFactory(name="Old name")

    answer = save(admin_client, store, ship_within_days=days)

    assert answer.status_code == 200
    assert Store.objects.get().name == "Old name"


@pytest.mark.parametrize("number", ["0", "33", "many"])
def test_a_sensible_number_of_notices_goes_at_the_same_time(admin_client, number):
    store = StoreFactory(name="Old name")

    answer = save(admin_client, store, notices_at_once=number)

    assert answer.status_code == 200
    assert Store.objects.get().name == "Old name"


def test_without_a_number_as_many_notices_go_at_the_same_time_as_before(admin_client):
    store = StoreFactory(notices_at_once=6)

    save(admin_client, store, notices_at_once="")

    assert Store.objects.get().notices_at_once == 6


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_logo_is_kept_shown_and_removed(admin_client, kind):
    store = StoreFactory()
    logo = SimpleUploadedFile(f"logo.{kind.lower()}", image(kind))

    save(admin_client, store, logo=logo)
    kept = bytes(Logo.objects.get().image)
    url = reverse("admin:stores_store_change", args=[store.pk])
    text = admin_client.get(url).content.decode()
    save(admin_client, store)
    still_there = Logo.objects.exists()
    save(admin_client, store, remove_logo="on")

    assert kept == image(kind)
    assert "data:image/png;base64," in text
    assert still_there
    assert not Logo.objects.exists()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"<svg onload='alert(1)'/>", "Upload a valid image"),
        (image("GIF"), "neither a PNG nor a JPEG"),
        (image() + b"0" * 500_000, "larger than 500 kB"),
    ],
)
def test_what_is_no_logo_is_refused(admin_client, content, reason):
    store = StoreFactory()

    answer = save(admin_client, store, logo=SimpleUploadedFile("logo.png", content))

    assert reason in answer.content.decode()
    assert not Logo.objects.exists()


def test_the_settings_name_the_placeholders_and_lead_to_the_preview(admin_client):
    store = StoreFactory()

    page = admin_client.get(reverse("admin:stores_store_change", args=[store.pk]))

    text = page.content.decode()
    for name in mail_texts.PLACEHOLDERS:
        assert f"<code>{{{name}}}</code>" in text
    assert reverse("admin:stores_store_mail", args=[store.pk]) in text


def test_the_page_says_that_the_marketplace_writes_itself(admin_client):
    store = StoreFactory()

    page = admin_client.get(reverse("admin:stores_store_change", args=[store.pk]))

    assert "The marketplace gives no e-mail addresses" in page.content.decode()
