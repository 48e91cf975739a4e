"""An order whose address lacks a part comes in, and ships once it is complete."""

import pytest
from django.core.management import call_command
from django.db import connection

from orders import importing, shipping
from orders.models import ImportProblem, Order
from orders.shipping import addresses
from tests.factories import OrderFactory
from tests.support.addresses import GIVEN, again
from tests.support.counting import counts
from tests.support.order_pages import NUMBER, page, step

pytestmark = pytest.mark.django_db


@pytest.fixture
def raw(store, tophatter):
    """An order without a street, as the marketplace has it, and imported."""
    raw = tophatter.add_order(address1=None)
    importing.refresh_store(store)
    return raw


@pytest.mark.parametrize(
    ("values", "lack"),
    [
        ({"address1": None}, "lacks a street;"),
        ({"address1": "", "city": None}, "lacks a street;"),
        ({"city": "", "postal_code": None}, "lacks a city or a postal code;"),
        (
            {"address1": " ", "address2": "Apt 4", "city": None, "postal_code": None},
            "lacks a street, a city or a postal code;",
        ),
        ({"customer_name": None}, "lacks a name;"),
        ({"country": ""}, "lacks a country;"),
        ({"address2": ["Apt", 4]}, "lacks a part that cannot be read;"),
        ({"city": {"name": "Reno"}}, "lacks a part that cannot be read;"),
    ],
)
def test_it_comes_in_and_says_what_it_lacks(
    store, tophatter, admin_client, values, lack
):
    tophatter.add_order(**values)

    run = importing.refresh_store(store)

    order = Order.objects.get()
    shown = admin_client.get(page(order))
    assert counts(run) == {"seen": 1, "created": 1}
    assert (order.status, order.marketplace_state) == (
        "needs_review",
        "awaiting_shipment",
    )
    assert lack in shown.context["reason"]
    assert "Complete the address" in shown.content.decode()
    assert not ImportProblem.objects.filter(kind="no_address").exists()
    with pytest.raises(shipping.NotAllowed, match="The address of order"):
        shipping.ship_order(order, carrier="USPS", tracking_number=NUMBER)


def test_staff_complete_it_on_its_page_and_it_ships(raw, admin_client):
    order = Order.objects.get()

    answer = admin_client.post(step(order, "address"), GIVEN | {"seen": ""})

    order = again(order)
    assert answer.url == page(order)
    assert order.status == "awaiting_shipment"
    assert order.ship_to.ship_to_address1 == "1 Example Street"
    shipping.ship_order(order, carrier="USPS", tracking_number=NUMBER)
    assert again(order).status == "shipped"


def test_what_cannot_be_read_may_be_confirmed_as_not_needed(store, tophatter):
    tophatter.add_order(address2=["Apt", 4])
    importing.refresh_store(store)
    order = Order.objects.get()
    own = {name: getattr(order, name) for name in GIVEN}

    addresses.correct_address(order, own, None, None)

    assert again(order).status == "awaiting_shipment"


def test_a_completion_outlasts_the_next_refresh(store, raw):
    addresses.correct_address(Order.objects.get(), GIVEN, None, None)
    raw["annotation"] = "changed"

    importing.refresh_store(store)

    order = Order.objects.get()
    assert (order.status, order.is_address_incomplete) == ("awaiting_shipment", True)
    assert not order.has_undecided_address


def test_a_completion_taken_back_leaves_it_incomplete(raw):
    order = Order.objects.get()
    addresses.correct_address(order, GIVEN, None, None)

    addresses.revert_address(again(order), None)

    assert again(order).status == "needs_review"


def test_the_whole_address_of_the_marketplace_ends_it(store, raw):
    raw["address1"] = "1 Example Street"

    importing.refresh_store(store)

    order = Order.objects.get()
    assert order.status == "awaiting_shipment"
    assert order.ship_to_address1 == "1 Example Street"


def test_another_part_of_an_incomplete_address_is_taken(store, raw):
    raw["city"] = "Reno"

    importing.refresh_store(store)

    order = Order.objects.get()
    assert (order.status, order.ship_to_city) == ("needs_review", "Reno")


@pytest.mark.parametrize("blank", [["address1"], ["address1", "city", "postal_code"]])
def test_a_whole_address_outlasts_parts_that_are_blanked(store, tophatter, blank):
    raw = tophatter.add_order()
    importing.refresh_store(store)
    raw |= dict.fromkeys(blank)

    importing.refresh_store(store)

    order = Order.objects.get()
    assert order.status == "awaiting_shipment"
    assert order.ship_to_address1 == "1 Example Street"


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"marketplace_state": "awaiting_payment"}, "awaiting_payment"),
        ({"marketplace_state": "shipped"}, "shipped"),
        ({"marketplace_state": "cancelled"}, "cancelled"),
        ({"marketplace_state": "needs_review"}, "needs_review"),
        ({"has_shipment": True}, "shipped"),
        ({"has_correction": True}, "awaiting_shipment"),
        ({}, "needs_review"),
    ],
)
def test_an_incomplete_address_stops_only_what_could_ship(fields, status):
    order = again(OrderFactory(is_address_incomplete=True, **fields))

    assert order.status == status
    assert order.lacks_address == (not fields)


def test_a_word_for_a_country_is_no_change_of_the_address_when_it_is_read_anew(
    store, tophatter
):
    tophatter.add_order(country="Atlantis")
    importing.refresh_store(store)
    Order.objects.update(unknown_country="", read_with="2 UTC plain")

    importing.refresh_store(store)

    order = Order.objects.get()
    assert (order.country, order.ship_to_changed_at) == ("Atlantis", None)
    assert order.address.splitlines()[-1] == "Atlantis"


@pytest.mark.sweep
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_orders_of_an_earlier_version_keep_their_status_and_get_their_country():
    corrected = OrderFactory()
    addresses.correct_address(corrected, GIVEN | {"ship_to_city": "Reno"}, None, None)
    abroad = OrderFactory(
        ship_to_country="", payload={"country": " Netherlands\nAntilles"}
    )
    odd = OrderFactory(ship_to_country="", payload=["no object"], held_at=None)
    try:
        call_command("migrate", "orders", "0010", verbosity=0)
        with connection.cursor() as cursor:
            cursor.execute("SELECT DISTINCT status FROM orders_order")
            before = cursor.fetchall()
    finally:
        call_command("migrate", verbosity=0)

    assert before == [("awaiting_shipment",)]
    assert again(abroad).unknown_country == "Netherlands Antilles"
    assert again(odd).unknown_country == ""
    assert again(corrected).has_correction
    assert {one.status for one in Order.objects.all()} == {"awaiting_shipment"}
    assert not again(abroad).has_correction


def test_a_new_address_that_cannot_all_be_read_is_not_taken_for_a_blanked_one(
    store, tophatter
):
    raw = tophatter.add_order()
    importing.refresh_store(store)
    raw |= {"address1": "9 New Road", "city": "Newtown", "state": ["NV"]}

    importing.refresh_store(store)

    order = Order.objects.get()
    assert (order.ship_to_address1, order.status) == ("9 New Road", "needs_review")
