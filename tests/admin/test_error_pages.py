"""Pages in place of those that cannot be shown: in words, with a way back."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import OrderFactory, StoreFactory
from tests.support.order_pages import page, staff, step

pytestmark = pytest.mark.urls("tests.support.failing_urls")

BROWSER = {"raise_request_exception": False}


def is_ours(text: str) -> bool:
    return "Back office" in text and 'href="/"' in text and "<svg" in text


# None of these tests has a database: a query would fail it.
@pytest.mark.parametrize(
    ("address", "status", "words", "french"),
    [
        ("/suspect/", 400, "This request cannot be read.", "Cette demande est"),
        ("/refuse/", 403, "You may not see or do this.", "pas le droit de voir"),
        ("/missing/", 404, "There is nothing at this", "rien à cette adresse"),
        ("/fail/", 500, "This page failed.", "Cette page a échoué."),
    ],
)
def test_what_fails_is_said_in_the_readers_language(address, status, words, french):
    client = Client(**BROWSER)

    english = client.get(address)
    other = client.get(address, headers={"Accept-Language": "fr"})

    assert (english.status_code, other.status_code) == (status, status)
    assert words in english.content.decode()
    assert french in other.content.decode().replace("&#x27;", "'")
    assert '<html lang="fr">' in other.content.decode()
    assert is_ours(english.content.decode())


def test_a_page_that_failed_is_tried_again_unless_it_was_a_step():
    client = Client(**BROWSER)

    looked = client.get("/fail/?page=2").content.decode()
    stepped = client.post("/fail/").content.decode()

    assert '<a href="/fail/?page=2">Try again</a>' in looked
    assert "Try again" not in stepped
    assert "look whether your last step was stored" in stepped
    assert "a bug" not in looked + stepped


def test_the_way_back_leads_to_no_other_site():
    text = Client(**BROWSER).get("//elsewhere.example/fail/").content.decode()

    assert 'href="//' not in text


@pytest.mark.django_db
def test_an_order_that_is_gone_leads_back(admin_client):
    answer = admin_client.get(reverse("admin:orders_order_address", args=[404]))

    assert answer.status_code == 404
    assert is_ours(answer.content.decode())


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/orders/order/404/address/", "/nowhere/"])
def test_what_is_not_there_is_said_so_on_a_developers_machine_too(
    admin_client, settings, address
):
    settings.DEBUG = True

    answer = admin_client.get(address)

    assert answer.status_code == 404
    assert "There is nothing at this address." in answer.text
    assert is_ours(answer.text)


@pytest.mark.django_db
def test_a_page_without_the_permission_leads_back(client):
    staff(client, "view_store")

    answer = client.get(reverse("admin:orders_order_changelist"))

    assert answer.status_code == 403
    assert "You may not see or do this." in answer.content.decode()


@pytest.fixture
def strict(admin_user):
    """A browser whose forms must prove that they are from here."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin_user)
    return client


def test_an_expired_form_leads_back_to_the_form(strict):
    form = "http://testserver/stores/store/add/?kept=1"

    answer = strict.post("/stores/store/add/", {}, headers={"Referer": form})

    text = answer.content.decode()
    assert answer.status_code == 403
    assert "This form has expired." in text
    assert f'<a href="{form}">Load the form again</a>' in text


def test_a_form_of_another_site_leads_to_the_front_page_alone(strict):
    form = "http://elsewhere.example/form"

    answer = strict.post("/stores/store/add/", {}, headers={"Referer": form})

    text = answer.content.decode()
    assert "elsewhere" not in text
    assert "Load the form again</a>" not in text
    assert is_ours(text)


def test_an_expired_dialog_is_said_on_the_page_below_it(strict):
    order = OrderFactory()

    answer = strict.post(step(order, "hold_order"), {}, headers={"HX-Request": "true"})
    below = strict.get(page(order))

    assert (answer.status_code, answer.headers["HX-Refresh"]) == (403, "true")
    assert "This form has expired." in below.content.decode()


@pytest.mark.django_db
def test_a_step_that_is_opened_by_its_address_leads_back(admin_client):
    answer = admin_client.get(step(OrderFactory(), "note"))

    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
    assert "This step cannot be opened by its address." in answer.text
    assert is_ours(answer.text)


@pytest.mark.django_db
def test_a_step_that_makes_no_sense_leads_back(admin_client):
    store = StoreFactory()

    answer = admin_client.post(f"/stores/store/{store.pk}/replay/", {"step": "dance"})

    assert answer.status_code == 400
    assert "This request cannot be read." in answer.text
    assert is_ours(answer.text)
