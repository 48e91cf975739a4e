"""Addresses in the admin: both side by side, and the buttons that decide."""

import pytest
from django.urls import reverse

from orders.models import Correction, Order
from orders.shipping import addresses
from tests.factories import OrderFactory
from tests.support.addresses import GIVEN, again, corrected_and_changed, kinds
from tests.support.order_pages import grid, page, staff, step

pytestmark = pytest.mark.django_db


@pytest.fixture
def changed(store, tophatter):
    return corrected_and_changed(store, tophatter)


def posted(order: Order, what: str, **fields: str) -> dict[str, str]:
    moment = order.ship_to_changed_at
    return {
        "step": what,
        "seen": moment.isoformat() if moment else "",
        **(GIVEN if what == "save" else {}),
        **fields,
    }


def test_the_page_corrects_the_address_and_leads_back(admin_client):
    order = OrderFactory()

    shown = admin_client.get(step(order, "address")).content.decode()
    answer = admin_client.post(step(order, "address"), posted(order, "save"))

    assert "The address is not corrected" in shown
    assert 'value="1 Example Street"' in shown
    assert answer.url == page(order)
    correction = Correction.objects.get()
    assert correction.ship_to_address2 == "Apt 4"
    assert correction.made_by.username == "admin"


def test_the_page_shows_both_addresses_and_what_differs(admin_client, changed):
    text = admin_client.get(step(changed, "address")).content.decode()

    assert "Reno" in text
    assert "was: Los Altos" in text
    assert text.count("Differs") == 2
    assert "Keep ours" in text
    assert "Take the marketplace’s" in text


def test_the_page_shows_a_country_that_is_not_known_as_it_was_received(admin_client):
    order = OrderFactory(ship_to_country="", unknown_country="Netherlands Antilles")

    text = admin_client.get(step(order, "address")).content.decode()

    assert "Netherlands Antilles" in text


def test_buttons_show_only_when_there_is_something_to_decide(admin_client):
    order = OrderFactory()

    text = admin_client.get(step(order, "address")).content.decode()

    assert "Save correction" in text
    assert "Keep ours" not in text
    assert "Take the marketplace’s" not in text


def test_ours_is_kept_and_the_marketplaces_taken_by_a_button(admin_client, changed):
    url = step(changed, "address")

    kept = admin_client.post(url, posted(changed, "keep"))
    is_decided = not again(changed).has_undecided_address
    taken = admin_client.post(url, posted(changed, "take"))

    assert (kept.url, taken.url) == (page(changed), page(changed))
    assert is_decided
    assert not Correction.objects.exists()


def test_a_page_that_is_out_of_date_keeps_what_was_typed_and_shows_the_newer(
    admin_client, changed
):
    stale = posted(changed, "save", ship_to_address2="Apt 9") | {"seen": ""}

    text = admin_client.post(step(changed, "address"), stale).content.decode()

    assert "look at it again" in text
    assert "Reno" in text
    assert 'value="Apt 9"' in text
    assert f'value="{changed.ship_to_changed_at.isoformat()}"' in text
    assert again(changed).ship_to.ship_to_address2 == "Apt 4"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"ship_to_name": ""}, "This field is required"),
        ({"ship_to_country": "XX"}, "XX is not one of the available choices"),
        ({"ship_to_postal_code": "9" * 21}, "at most 20 characters"),
        ({"ship_to_city": "", "ship_to_postal_code": ""}, "a city or a postal code"),
        ({"seen": "nonsense"}, "Enter a valid date/time"),
    ],
)
def test_a_wrong_address_is_refused_on_the_page(admin_client, fields, words):
    order = OrderFactory()

    answer = admin_client.post(step(order, "address"), posted(order, "save", **fields))

    assert words in answer.content.decode()
    assert not Correction.objects.exists()


def test_what_a_buyer_wrote_is_escaped(admin_client):
    order = OrderFactory(ship_to_name="<script>alert(1)</script>")

    text = admin_client.get(step(order, "address")).content.decode()

    assert "<script>alert(1)" not in text


@pytest.mark.parametrize("what", ["save", "keep", "take"])
def test_a_viewer_sees_the_addresses_and_changes_none(client, changed, what):
    staff(client, "view_order")
    url = step(changed, "address")

    text = client.get(url).content.decode()
    answer = client.post(url, posted(changed, what))

    assert "Reno" in text
    assert "Save correction" not in text
    assert "Keep ours" not in text
    assert 'name="ship_to_city"' not in text
    assert answer.status_code == 403
    assert kinds(changed) == ["address", "changed"]


def test_the_page_is_for_those_who_see_orders(client, changed):
    staff(client, "view_shipment")

    assert client.get(step(changed, "address")).status_code == 403


def test_an_order_that_is_not_here_is_not_found(admin_client):
    url = reverse("admin:orders_order_address", args=[404])

    assert admin_client.get(url).status_code == 404


def test_the_page_of_an_order_that_left_only_shows(admin_client, changed):
    Order.objects.update(has_shipment=True)
    url = step(changed, "address")

    text = admin_client.get(url).content.decode()
    refused = admin_client.post(url, posted(changed, "take")).content.decode()

    assert "has shipped already" in text
    assert "Save correction" not in text
    assert "has shipped already" in refused
    assert Correction.objects.exists()


def test_the_grid_names_who_the_parcel_goes_to(admin_client):
    order = OrderFactory()
    wanted = GIVEN | {"ship_to_name": "Neighbour Example"}
    addresses.correct_address(order, wanted, None, None)

    text = admin_client.get(grid(order)).content.decode()

    assert "Neighbour Example" in text
