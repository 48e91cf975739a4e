"""Two people with one page open: what the first saved is not lost by the second."""

import re

import pytest
from django.urls import reverse

from orders import shipping
from orders.models import Order
from orders.shipping import addresses, notes
from stores.models import Store
from tests.factories import OrderFactory, StoreFactory, UserFactory
from tests.support.addresses import GIVEN
from tests.support.forms import filled_in
from tests.support.order_pages import NUMBER, page, step
from tests.support.replaying import bring, naive

ALL = "/orders/order/?view=all"

pytestmark = pytest.mark.django_db


@pytest.fixture
def settings_page() -> str:
    store = StoreFactory(name="Main store", return_address="1 Example Street\nReno")
    return reverse("admin:stores_store_change", args=[store.pk])


def read(client, url: str) -> str:
    return client.get(url).content.decode()


def test_settings_are_saved_while_nobody_else_saves(admin_client, settings_page):
    text = read(admin_client, settings_page)

    answer = admin_client.post(settings_page, filled_in(text, import_interval="45"))

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

    assert re.search(r"ada changed this at [\d:]+( [ap].m.)?: look at it", text)
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


@pytest.fixture
def order() -> Order:
    return OrderFactory(customer_email="jane@example.com")


def again(order: Order) -> Order:
    return Order.objects.get(pk=order.pk)


def test_an_order_that_somebody_took_meanwhile_is_not_taken_in_silence(
    admin_client, ada, order
):
    mine = read(admin_client, page(order))
    ada.post(step(order, "assign"), filled_in(read(ada, page(order)), to=None))

    answer = admin_client.post(step(order, "assign"), filled_in(mine), follow=True)
    taken_by = again(order).assigned_to.username
    admin_client.post(step(order, "assign"), filled_in(answer.content.decode()))

    text = f"ada changed order {order} meanwhile (Assigned ada)"
    assert text in answer.content.decode()
    assert taken_by == "ada"
    assert again(order).assigned_to.username == "admin"


def test_an_address_of_a_mail_that_somebody_typed_meanwhile_stays(
    admin_client, ada, order
):
    mine = read(admin_client, page(order))
    url = step(order, "email")
    ada.post(url, filled_in(read(ada, page(order)), email="ada@example.com"))

    answer = admin_client.post(
        url, filled_in(mine, email="mine@example.com"), follow=True
    )

    text = answer.content.decode()
    assert "changed, ada@example.com" in text
    assert "“mine@example.com” is not saved" in text
    assert again(order).customer_email == "ada@example.com"


def test_a_note_says_that_somebody_else_wrote_one(admin_client, ada, order):
    mine = read(admin_client, page(order))
    url = step(order, "note")
    ada.post(url, filled_in(read(ada, page(order)), text="Call her first"))

    answer = admin_client.post(url, filled_in(mine, text="Ship it"), follow=True)

    assert "ada added one meanwhile" in answer.content.decode()
    assert order.events.filter(kind="note").count() == 2


def test_a_hold_on_top_of_a_newer_one_is_asked_again(admin_client, ada, order):
    url = step(order, "hold_order")
    mine, theirs = read(admin_client, url), read(ada, url)
    ada.post(url, filled_in(theirs, reason="Call her first"))

    text = admin_client.post(url, filled_in(mine, reason="Blue")).content.decode()
    held_for = again(order).hold_reason
    done = admin_client.post(url, filled_in(text))

    assert "(Held Call her first)" in text
    assert filled_in(text)["reason"] == "Blue"
    assert held_for == "Call her first"
    assert done.status_code == 302
    assert again(order).hold_reason == "Blue"


def test_a_hold_that_somebody_renewed_is_not_released_in_silence(
    admin_client, ada, order
):
    shipping.hold(order, "Call her first")
    mine = read(admin_client, step(order, "release"))
    ada.post(step(order, "release"), filled_in(read(ada, step(order, "release"))))
    hold = step(order, "hold_order")
    ada.post(hold, filled_in(read(ada, hold), reason="Still no answer"))

    answer = admin_client.post(step(order, "release"), filled_in(mine), follow=True)

    assert "(Held Still no answer)" in answer.content.decode()
    assert again(order).held_at


def test_a_number_that_somebody_corrected_meanwhile_is_shown_beside_mine(
    admin_client, ada, order
):
    shipment = shipping.ship_order(
        order, carrier="USPS", tracking_number=NUMBER, send=False
    )
    url = step(shipment, "correct")
    mine, theirs = read(admin_client, url), read(ada, url)
    other, typed = "9400136109361000000002", "9400136109361000000019"
    ada.post(url, filled_in(theirs, tracking_number=other))

    text = admin_client.post(url, filled_in(mine, tracking_number=typed))
    shipment.refresh_from_db()
    admin_client.post(url, filled_in(text.content.decode()))

    assert f"ada saved “{other}” meanwhile." in text.content.decode()
    assert shipment.tracking_number == other
    shipment.refresh_from_db()
    assert shipment.tracking_number == typed


def test_a_number_that_somebody_corrects_in_the_same_moment_is_not_lost(
    admin_client, ada, order
):
    shipment = shipping.ship_order(
        order, carrier="USPS", tracking_number=NUMBER, send=False
    )
    url = step(shipment, "correct")
    mine, theirs = read(admin_client, url), read(ada, url)
    other, typed = "9400136109361000000002", "9400136109361000000019"
    ada.post(url, filled_in(theirs, tracking_number=other))

    # Mine was compared before theirs was saved: as if it had not said what it showed.
    data = filled_in(mine, tracking_number=typed)
    unseen = {name: data[name] for name in data if not name.startswith("initial-")}
    text = admin_client.post(url, unseen).content.decode()
    shipment.refresh_from_db()
    kept = shipment.tracking_number
    admin_client.post(url, filled_in(text))

    assert f"ada changed order {order} meanwhile" in text
    assert f"USPS {NUMBER} → USPS {other}" in text
    assert filled_in(text)["tracking_number"] == typed
    assert kept == other
    shipment.refresh_from_db()
    assert shipment.tracking_number == typed


def chosen(text: str, action: str, *orders: Order) -> dict:
    """Return what the list would post for these rows."""
    keys = [order.pk for order in orders]
    return filled_in(text, action=action) | {"_selected_action": keys}


@pytest.mark.parametrize(
    ("action", "theirs"),
    [
        ("assign_chosen", lambda order, ada: notes.assign(order, ada, by=ada)),
        ("hold_chosen", lambda order, ada: shipping.hold(order, "Call her", by=ada)),
        ("release_chosen", lambda order, ada: shipping.hold(order, "Call her", by=ada)),
    ],
)
def test_of_many_orders_those_that_somebody_changed_meanwhile_are_left_out(
    admin_client, order, action, theirs
):
    free = OrderFactory(store=order.store)
    for one in (order, free):
        shipping.hold(one, "Earlier")
    user = UserFactory(username="ada")
    mine = read(admin_client, ALL)
    theirs(order, user)

    text = admin_client.post(ALL, chosen(mine, action, order, free))
    if action == "hold_chosen":
        data = filled_in(text.content.decode(), reason="Mine")
        keys = [order.pk, free.pk]
        text = admin_client.post(ALL, data | {"_selected_action": keys})

    assert "1 of 2 orders are done." in text.content.decode()
    assert f"ada changed order {order} meanwhile" in text.content.decode()
    assert again(order).hold_reason != "Mine"


def test_an_address_that_somebody_corrected_meanwhile_is_shown_beside_mine(
    admin_client, ada, order
):
    url = step(order, "address")
    mine, theirs = read(admin_client, url), read(ada, url)
    reno = {"ship_to_city": "Reno", "ship_to_address2": "Apt 4"}
    ada.post(url, filled_in(theirs, **reno))

    answer = admin_client.post(url, filled_in(mine, ship_to_city="Elko"))
    text = answer.content.decode()
    kept = again(order).ship_to.ship_to_city
    admin_client.post(url, filled_in(text))

    assert "ada changed order" in text
    assert "saved meanwhile: Reno" in text
    assert text.count("saved meanwhile") == 1
    assert filled_in(text)["ship_to_city"] == "Elko"
    assert kept == "Reno"
    assert again(order).ship_to.ship_to_city == "Elko"
    assert again(order).ship_to.ship_to_address2 == "Apt 4"


def test_an_address_that_was_typed_stays_however_often_somebody_is_faster(
    admin_client, ada, order
):
    url = step(order, "address")
    mine = filled_in(read(admin_client, url), ship_to_city="Elko")
    for city in ("Reno", "Ely"):
        ada.post(url, filled_in(read(ada, url), ship_to_city=city))
        text = admin_client.post(url, mine).content.decode()
        mine = filled_in(text)

        assert f"saved meanwhile: {city}" in text
        assert mine["ship_to_city"] == "Elko"


@pytest.mark.parametrize("what", ["keep", "take"])
def test_a_decision_on_an_address_is_not_taken_on_top_of_a_newer_one(
    admin_client, ada, order, what
):
    addresses.correct_address(order, GIVEN, None, None)
    url = step(order, "address")
    mine, theirs = read(admin_client, url), read(ada, url)
    ada.post(url, filled_in(theirs, ship_to_city="Reno", step="save"))

    answer = admin_client.post(url, filled_in(mine, step=what))

    assert "ada changed order" in answer.content.decode()
    assert again(order).ship_to.ship_to_city == "Reno"


@pytest.mark.parametrize("what", ["apply", "save"])
def test_another_reading_is_not_saved_on_top_of_a_newer_one(
    admin_client, settings_page, what
):
    store = Store.objects.get()
    bring(store, naive(1))
    query = f"?timezone={store.timezone}&import_variation_as_option=on"
    url = reverse("admin:stores_store_replay", args=[store.pk]) + query
    mine = read(admin_client, url)
    Store.objects.update(timezone="America/Los_Angeles")

    answer = admin_client.post(url, filled_in(mine, step=what), follow=True)

    assert "look at what would change now" in answer.content.decode()
    assert "America/Los_Angeles → UTC" in answer.content.decode()
    assert Store.objects.get().timezone == "America/Los_Angeles"
