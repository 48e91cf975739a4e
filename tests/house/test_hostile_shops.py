"""A shop, or who buys there, writes what it likes: all of it stays text."""

import pytest
from django.urls import reverse

from orders import importing
from orders.models import Order
from stores.models import Store
from stores.sandbox.shops.orders import ADDRESS
from stores.sandbox.shops.server import Shop
from tests.support.connected_shops import to_type
from tests.support.every_page import told_by
from tests.support.evil import EVIL, SCRIPT, UNSEEN
from tests.support.order_pages import page
from tests.support.papers import PICK_LIST, SLIPS, ask
from tests.support.store_pages import step

LINE = {"sku": f"=S{EVIL}", "name": EVIL, "options": {EVIL: EVIL}, "price": 5}
ORDER = {
    "lines": [LINE],
    "address": {name: EVIL for name in ADDRESS if name != "country"},
    "buyer": EVIL,
    "email": f"{SCRIPT}@example.com",
    "phone": EVIL,
    "note": EVIL,
    "notes": [EVIL],
    "gift": True,
    "gift_message": EVIL,
    "discounts": {EVIL: 1},
    "fees": {EVIL: 2},
    "shipping_method": EVIL,
    "payment_method": EVIL,
}

pytestmark = pytest.mark.django_db


def connect_on_page(client, shop: Shop) -> str:
    """Test and connect the shop on its page; return what the test has shown."""
    is_rest = shop.profile_name == "woo-rest"
    typed = {"address": shop.address, "name": "Shop", "timezone": "UTC"}
    typed |= shop.secrets if is_rest else to_type(shop)
    typed["marketplace"] = "woocommerce" if is_rest else "custom_store"
    typed |= {"key_in": "header", "cart": "other", "auth": "auto"}
    add = reverse("admin:stores_store_add")
    shown = told_by(client.post(add, {**typed, "step": "test"}))
    client.post(add, typed)
    return shown


def pages_of(client, store: Store, orders: list[Order]) -> dict[str, str]:
    """Return what the pages say that a shop's texts are on, by their addresses."""
    names = ["index", "orders_order_changelist", "orders_order_work"]
    names += ["orders_importproblem_changelist", "orders_order_find"]
    urls = [reverse(f"admin:{name}") for name in names]
    urls += [f"{urls[1]}?view=all", f"{urls[4]}?q={orders[0].number}"]
    urls += [page(one) for one in orders] + [step(store, "words_of_status")]
    told = {url: told_by(client.get(url)) for url in urls}
    for name in (SLIPS, PICK_LIST):
        told[name] = told_by(ask(client, name, *orders, **{"as": "page"}))
    return told


@pytest.mark.parametrize("profile", ["guide", "woo-rest"])
def test_no_page_runs_or_hides_what_a_shop_wrote(profile, admin_client):
    with Shop(profile) as shop:
        shop.add_order(**ORDER)
        shop.add_order(**ORDER, status=EVIL)
        shown = connect_on_page(admin_client, shop)
        store = Store.objects.get()
        importing.refresh_store(store)
        told = {
            "connect": shown,
            **pages_of(admin_client, store, [*Order.objects.all()]),
        }
        shop.fault("body", times=None, code=401, text=f'"{SCRIPT}"', kind="text/plain")
        importing.refresh_store(store)
        url = reverse("admin:stores_store_change", args=[store.pk])
        told[url] = told_by(admin_client.get(url))

    assert Order.objects.count() == 2
    assert [url for url, text in told.items() if "<x-evil" in text] == []
    assert [url for url, text in told.items() if UNSEEN & set(text)] == []
    assert len([url for url, text in told.items() if "7*7}" in text]) > 5
