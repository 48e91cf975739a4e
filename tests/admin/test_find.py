"""The page that says where an order is, its buttons, and the box in the header."""

import html
import re

import pytest
from django.urls import reverse
from django.utils import timezone as clock

from orders import importing, search_text
from orders.models import ImportRun, Shipment
from tests.factories import OrderFactory
from tests.support.order_pages import NUMBER, SUBMITTED, page, staff

NOW = clock.now()
PAGE = "admin:orders_order_find"

pytestmark = pytest.mark.django_db


def test_the_page_says_at_once_what_is_here(admin_client):
    order = OrderFactory(held_at=NOW, hold_reason="Ask")
    url = reverse(PAGE)

    text = admin_client.get(url, {"q": f"#{order} "}).content.decode()

    assert f"Order {order} of {order.store} is here, on hold" in text
    assert reverse("admin:orders_order_release", args=[order.pk]) in text
    assert "live=1" not in text


def test_the_page_loads_what_the_stores_say(admin_client, store, tophatter):
    raw = tophatter.add_order()
    url = reverse(PAGE)

    at_once = admin_client.get(url, {"q": raw["order_id"]}).content.decode()
    asked = len(tophatter.requests)
    loaded = admin_client.get(url, {"q": raw["order_id"], "live": 1}).content.decode()

    assert f'hx-get="{url}?q={raw["order_id"]}&amp;live=1"' in at_once
    assert asked == 0
    assert "Import this order" in loaded
    assert "<html" not in loaded


def test_the_button_imports_the_order(admin_client, store, tophatter):
    raw = tophatter.add_order()
    url = reverse("admin:stores_store_import_orders", args=[store.pk])
    data = SUBMITTED | {"order_ids": raw["order_id"]}

    text = admin_client.get(reverse(PAGE), {"q": raw["order_id"], "live": 1})
    answer = admin_client.post(url, data)
    run = ImportRun.objects.get()
    importing.execute(run)

    assert f'action="{url}"' in text.content.decode()
    assert answer.url == page(run)
    assert (run.kind, store.orders.count()) == ("orders", 1)


def test_the_buttons_release_and_send(admin_client):
    held = OrderFactory(held_at=NOW, hold_reason="Ask")
    shipped = OrderFactory(has_shipment=True)
    Shipment.objects.create(
        order=shipped,
        carrier="USPS",
        tracking_number=NUMBER,
        shipped_at=NOW,
        notification="not_sent",
        not_sent_because="store",
    )

    for order, step in ((held, "release"), (shipped, "send")):
        text = admin_client.get(reverse(PAGE), {"q": str(order)}).content.decode()
        url = reverse(f"admin:orders_order_{step}", args=[order.pk])
        assert f'action="{url}"' in text
        assert admin_client.post(url, SUBMITTED).status_code == 302

    held.refresh_from_db()
    assert held.status == "awaiting_shipment"


def test_a_viewer_is_led_to_the_order_and_offered_no_change(client, store, tophatter):
    staff(client, "view_order")
    held = OrderFactory(store=store, held_at=NOW, hold_reason="Ask")
    raw = tophatter.add_order()

    here = client.get(reverse(PAGE), {"q": str(held)}).content.decode()
    live = client.get(reverse(PAGE), {"q": raw["order_id"], "live": 1})

    assert page(held) in here
    assert 'method="post"' not in here.split('id="content"')[1]
    assert "not here" in live.content.decode()
    assert "<form" not in live.content.decode()


def test_a_senseless_number_is_said_beside_the_field(admin_client, store, tophatter):
    text = admin_client.get(reverse(PAGE), {"q": "<b>"}).content.decode()

    assert "“&lt;b&gt;” is not an order number" in text
    assert not tophatter.requests


def test_the_box_is_in_the_header_of_those_who_may_view_orders(client):
    url = reverse(PAGE)

    staff(client, "view_store")
    without = client.get(reverse("admin:index")).content.decode()
    refused = client.get(url).status_code
    staff(client, "view_order", "view_store")
    with_box = [
        client.get(reverse(name)).content.decode()
        for name in ("admin:index", "admin:stores_store_changelist")
    ]

    assert f'action="{url}"' not in without
    assert refused == 403
    assert all(f'action="{url}"' in text for text in with_box)


def test_the_page_changes_nothing_by_post(admin_client):
    assert admin_client.post(reverse(PAGE), {"q": "5"}).status_code == 405


def test_the_page_asks_no_store_for_what_cannot_be_an_order_number(
    admin_client, store, tophatter
):
    url = reverse(PAGE)

    text = admin_client.get(url, {"q": "1Z999AA10123456784"}).content.decode()
    admin_client.get(url, {"q": "1Z999AA10123456784", "live": 1})

    assert "No order and no parcel here has the number 1Z999AA10123456784" in text
    assert "live=1" not in text
    assert not tophatter.requests


@pytest.mark.parametrize("typed", ["O’Brien & Sons", "MUG-77"])
def test_what_is_no_number_is_searched_for_in_the_list(admin_client, typed):
    order = OrderFactory(customer_name="Liam O'Brien & Sons")
    order.line_items.create(position=0, sku="MUG-77", name="Mug", quantity=1)
    search_text.write(order)

    text = admin_client.get(reverse(PAGE), {"q": typed}).content.decode()
    [link] = re.findall(r'href="([^"]+)"[^>]*>Search the list of orders', text)
    listed = admin_client.get(html.unescape(link)).context["cl"].result_list

    assert list(listed) == [order]
