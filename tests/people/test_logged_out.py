"""Who was logged out meanwhile is told so, and gets back to a page there is."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse

from orders.models import OrderEvent
from tests.factories import OrderFactory
from tests.support.order_pages import page, step
from tests.support.signing_in import LOGIN, log_in, somebody

pytestmark = pytest.mark.django_db

HOME = "http://testserver"
SAID = "You were logged out meanwhile, so nothing was stored."


@pytest.fixture
def order():
    somebody(is_superuser=True)
    return OrderFactory()


def goal(url: str) -> str:
    """Return where one gets to from the door that an address leads to."""
    assert urlsplit(url).path == LOGIN
    (found,) = parse_qs(urlsplit(url).query)["next"]
    return found


def test_a_step_leads_to_the_door_and_back_to_its_page(client, order):
    came_from = {"Referer": f"{HOME}{page(order)}"}

    sent = client.post(step(order, "note"), {"text": "Call her."}, headers=came_from)
    door = client.get(sent.url)
    answer = log_in(client, follow=True)

    assert SAID in door.text
    assert goal(sent.url) == f"{HOME}{page(order)}"
    assert answer.status_code == 200
    assert not OrderEvent.objects.exists()


def test_the_way_from_the_door_leads_to_the_page(client, order):
    came_from = {"Referer": f"{HOME}{page(order)}"}
    sent = client.post(step(order, "note"), {"text": "x"}, headers=came_from)

    data = {"username": "ada", "password": "correct horse battery"}
    answer = client.post(sent.url, data)

    assert answer.url == f"{HOME}{page(order)}"
    assert client.get(answer.url).status_code == 200


@pytest.mark.parametrize("referer", ["http://elsewhere.example/form", ""])
def test_of_another_site_or_of_none_it_leads_to_the_front_page(client, order, referer):
    sent = client.post(step(order, "note"), {}, headers={"Referer": referer})

    assert goal(sent.url) == reverse("admin:index")


def test_a_dialog_shows_no_door_but_its_page_leads_there(client, order):
    headers = {"HX-Request": "true", "HX-Current-URL": f"{HOME}{page(order)}"}

    answer = client.post(step(order, "hold_order"), {}, headers=headers)

    assert answer.status_code == 200
    assert goal(answer.headers["HX-Redirect"]) == f"{HOME}{page(order)}"
    assert SAID in client.get(answer.headers["HX-Redirect"]).text


def test_live_content_leads_to_the_door_and_says_nothing_of_a_loss(client, order):
    found = reverse("admin:orders_order_find")
    headers = {"HX-Request": "true", "HX-Current-URL": f"{HOME}{found}?q=5"}

    answer = client.get(f"{found}?q=5&live=1", headers=headers)

    assert goal(answer.headers["HX-Redirect"]) == f"{HOME}{found}?q=5"
    assert SAID not in client.get(answer.headers["HX-Redirect"]).text


def test_a_page_is_asked_for_as_ever(client, order):
    assert client.get(page(order)).url == f"{LOGIN}?next={page(order)}"
