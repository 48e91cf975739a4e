"""Two people with one page open: what the first saved is not lost by the second."""

import pytest
from django.urls import reverse

from stores.models import Store
from tests.factories import StoreFactory, UserFactory
from tests.support.forms import filled_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(client):
    """The browser of a second superuser."""
    client.force_login(UserFactory(username="ada", is_superuser=True))
    return client


@pytest.fixture
def settings_page() -> str:
    store = StoreFactory(name="Main store", return_address="1 Example Street\nReno")
    return reverse("admin:stores_store_change", args=[store.pk])


def read(client, url: str) -> str:
    return client.get(url).content.decode()


def test_settings_are_saved_while_nobody_else_saves(admin_client, settings_page):
    page = read(admin_client, settings_page)

    answer = admin_client.post(settings_page, filled_in(page, import_interval="45"))

    assert answer.status_code == 302
    assert Store.objects.get().import_interval == 45
    assert Store.objects.get().return_address == "1 Example Street\nReno"


def test_a_value_that_somebody_saved_meanwhile_is_shown_beside_mine(
    admin_client, ada, settings_page
):
    mine = read(admin_client, settings_page)
    ada.post(settings_page, filled_in(read(ada, settings_page), import_interval="30"))

    answer = admin_client.post(settings_page, filled_in(mine, import_interval="45"))
    text = answer.content.decode()
    kept = Store.objects.get().import_interval
    again = admin_client.post(settings_page, filled_in(text))

    assert "ada has changed this meanwhile" in text
    assert "ada saved “30” meanwhile." in text
    assert filled_in(text)["import_interval"] == "45"
    assert kept == 30
    assert again.status_code == 302
    assert Store.objects.get().import_interval == 45


@pytest.mark.parametrize(
    ("field", "theirs", "before"),
    [
        ("name", "Another name", "Main store"),
        ("timezone", "America/Los_Angeles", "UTC"),
        ("is_active", None, "on"),
        ("mail_customers", "on", "off"),
        ("return_address", "2 Example Street\r\nReno", "1 Example Street\nReno"),
        ("slip_message", "Thank you.", "–"),
    ],
)
def test_what_i_left_alone_keeps_what_somebody_else_saved(
    admin_client, ada, settings_page, field, theirs, before
):
    mine = read(admin_client, settings_page)
    ada.post(settings_page, filled_in(read(ada, settings_page), **{field: theirs}))
    saved = getattr(Store.objects.get(), field)

    answer = admin_client.post(settings_page, filled_in(mine, phone="555"))
    text = answer.content.decode()
    admin_client.post(settings_page, filled_in(text))

    store = Store.objects.get()
    assert f"ada saved this meanwhile; it was “{before}”." in text
    assert (store.phone, getattr(store, field)) == ("555", saved)


def test_two_people_who_type_the_same_are_not_asked(admin_client, ada, settings_page):
    mine = read(admin_client, settings_page)
    ada.post(settings_page, filled_in(read(ada, settings_page), phone="555"))

    answer = admin_client.post(settings_page, filled_in(mine, phone="555"))

    assert answer.status_code == 302


def test_who_saved_twice_is_asked_twice(admin_client, ada, settings_page):
    mine = read(admin_client, settings_page)
    for phone in ("1", "2"):
        theirs = filled_in(read(ada, settings_page), phone=phone)
        ada.post(settings_page, theirs)
        text = admin_client.post(settings_page, filled_in(mine, phone="9")).content
        mine = text.decode()

        assert f"ada saved “{phone}” meanwhile." in mine

    assert Store.objects.get().phone == "2"


def test_a_value_that_no_person_saved_is_noticed_too(admin_client, settings_page):
    mine = read(admin_client, settings_page)
    Store.objects.update(phone="1")

    answer = admin_client.post(settings_page, filled_in(mine, phone="9"))

    assert "Somebody saved “1” meanwhile." in answer.content.decode()
