"""The page of an order: address, items, money, notes, and its whole history."""

import pytest
from django.urls import reverse
from django.utils import timezone as clock

from orders import importing, notifying, shipping
from orders.history import timeline
from orders.models import LineItem, Order, OrderEvent, ProductPicture, Shipment
from tests.factories import OrderFactory, UserFactory
from tests.support.order_pages import NUMBER, page, staff

pytestmark = pytest.mark.django_db


def form(order: Order, name: str) -> str:
    return reverse(f"admin:orders_order_{name}", args=[order.pk])


def test_the_history_tells_the_whole_life_of_an_order(store, tophatter):
    tophatter.add_order(city="Los Altos")
    importing.refresh_store(store)
    order = Order.objects.get()
    ada = UserFactory(username="ada")

    tophatter.orders()[0]["city"] = "Palo Alto"
    importing.refresh_store(store)
    shipping.hold(order, "Ask the buyer", by=ada)
    shipping.release(order, by=ada)
    shipping.ship_order(order, carrier="USPS", tracking_number=NUMBER, shipped_by=ada)
    notifying.send_tracking(Shipment.objects.get())
    history = timeline(Order.objects.select_related("store").get())

    told = [(entry.kind, entry.by) for entry in reversed(history)]
    assert told[:5] == [
        ("imported", ""),
        ("changed", ""),
        ("held", "ada"),
        ("released", "ada"),
        ("shipped", "ada"),
    ]
    change = [entry for entry in history if entry.kind == "changed"][-1].changes[0]
    assert (change.title, change.before, change.after) == (
        "city",
        "Los Altos",
        "Palo Alto",
    )
    accepted = next(entry for entry in history if entry.kind == "accepted")
    assert accepted.receipt["sent"]["tracking_number"] == NUMBER
    assert accepted.receipt["read_back"]["status"] == "shipped"


def test_the_page_shows_what_the_history_tells(admin_client, store, tophatter):
    tophatter.add_order(city="Los Altos")
    importing.refresh_store(store)
    tophatter.orders()[0]["city"] = "Palo Alto"
    importing.refresh_store(store)
    order = Order.objects.get()
    shipping.ship_order(order, carrier="USPS", tracking_number=NUMBER)
    notifying.send_tracking(Shipment.objects.get())

    text = admin_client.get(page(order)).content.decode()

    assert "Los Altos → Palo Alto" in text
    assert "Accepted by the marketplace" in text
    assert "Receipt" in text


def test_the_page_shows_the_amounts_the_marketplace_names(admin_client):
    order = OrderFactory(
        payload={
            "available_refunds": {"buyer_fee": 10.5, "shipping_fee": "4"},
            "disbursement_amount": 11.9,
            "seller_fees_amount": {"not": "an amount"},
        }
    )

    text = admin_client.get(page(order)).content.decode()

    assert "Item, refundable" in text
    assert "10.50" in text
    assert "4.00" in text
    assert "11.90" in text
    assert "Marketplace’s fees" not in text
    assert "names no currency." in text


@pytest.mark.parametrize("payload", [{}, [], {"available_refunds": [1]}])
def test_an_order_without_amounts_has_a_page_too(admin_client, payload):
    order = OrderFactory(payload=payload)

    assert admin_client.get(page(order)).status_code == 200


def test_the_browser_alone_loads_the_picture(admin_client):
    order = OrderFactory()
    LineItem.objects.create(
        order=order, position=0, sku="MUG", quantity=1, product_id="MUG-1"
    )
    ProductPicture.objects.create(
        store=order.store,
        product_id="MUG-1",
        url="https://images.example.com/mug.jpg",
        read_at=clock.now(),
    )

    text = admin_client.get(page(order)).content.decode()

    assert 'src="https://images.example.com/mug.jpg"' in text
    assert 'referrerpolicy="no-referrer"' in text


def test_notes_are_added_with_author_and_time_and_stay(admin_client, admin_user):
    order = OrderFactory()

    admin_client.post(form(order, "note"), {"text": " Call <b>first</b> "})
    admin_client.post(form(order, "note"), {"text": "Called."})
    text = admin_client.get(page(order)).content.decode()

    notes = OrderEvent.objects.filter(kind="note")
    assert [note.text for note in notes] == ["Call <b>first</b>", "Called."]
    assert {note.by for note in notes} == {admin_user}
    assert "Call &lt;b&gt;first&lt;/b&gt;" in text


def test_a_break_counts_as_one_character_as_in_the_browser(admin_client):
    text = "\n".join(["x" * 99] * 20)

    admin_client.post(
        form(OrderFactory(), "note"), {"text": text.replace("\n", "\r\n")}
    )

    assert OrderEvent.objects.get(kind="note").text == text


@pytest.mark.parametrize(
    ("text", "reason"),
    [("  ", "Write the note first."), ("x" * 2001, "at most 2000 characters")],
)
def test_a_note_without_words_or_end_is_refused(admin_client, text, reason):
    order = OrderFactory()

    answer = admin_client.post(form(order, "note"), {"text": text}, follow=True)

    assert reason in answer.content.decode()
    assert not OrderEvent.objects.exists()


def test_an_order_is_assigned_to_me_and_given_back(admin_client, admin_user):
    order = OrderFactory()

    admin_client.post(form(order, "assign"))
    mine = Order.objects.get().assigned_to
    admin_client.post(form(order, "assign"))
    admin_client.post(form(order, "assign"), {"to": "nobody"})

    assert mine == admin_user
    assert Order.objects.get().assigned_to is None
    assigned = OrderEvent.objects.filter(kind="assigned")
    assert [event.text for event in assigned] == ["admin", ""]


@pytest.mark.parametrize("name", ["note", "assign"])
def test_the_forms_of_the_page_want_the_right_to_ship(client, name):
    staff(client, "view_order")
    order = OrderFactory()

    posted = client.post(form(order, name), {"text": "x"})
    text = client.get(page(order)).content.decode()

    assert posted.status_code == 403
    assert not OrderEvent.objects.exists()
    assert "Add note" not in text
    assert "Assign to me" not in text


@pytest.mark.parametrize("name", ["note", "assign"])
def test_the_forms_change_nothing_by_a_link(admin_client, name):
    assert admin_client.get(form(OrderFactory(), name)).status_code == 405


def test_unsent_tracking_is_one_click_from_its_last_look(admin_client, client):
    order = OrderFactory()
    waiting = shipping.ship_order(
        order, carrier="USPS", tracking_number=NUMBER, send=False
    )
    ask = reverse("admin:orders_sending_ask")

    text = admin_client.get(page(order)).content.decode()
    answer = admin_client.post(ask, {"shipment": waiting.pk})
    Shipment.objects.update(notification="accepted", notified_at=clock.now())
    afterwards = admin_client.get(page(order)).content.decode()
    staff(client, "view_order")
    viewed = client.get(page(order)).content.decode()

    assert f'action="{ask}"' in text
    assert "/orders/sending/" in answer.url
    assert f'action="{ask}"' not in afterwards
    assert f'action="{ask}"' not in viewed
