"""The page to connect a store: choose where, test, see what is there, connect."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils.html import strip_tags

from backoffice.models import AuditEntry, UserSession
from stores import accounts, typed
from stores.marketplaces import MARKETPLACES
from stores.models import Store
from stores.sandbox.shops.server import Shop
from tests.factories import UserFactory
from tests.support.connected_shops import connect_shop, to_type
from tests.support.forms import filled_in

ADD = "admin:stores_store_add"

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    """A practice shop whose address carries a query and that wants a key."""
    with Shop(profile="woo") as shop:
        yield shop


def form(shop: Shop, **more: str) -> dict[str, str]:
    """Return what a person types to connect a practice shop."""
    given = {
        "marketplace": "custom_store",
        "name": "My shop",
        "address": shop.address,
        "cart": "woocommerce",
        "auth": "auto",
        "timezone": "UTC",
    }
    return given | to_type(shop) | more


def try_out(client, shop: Shop, **more: str):
    return client.post(reverse(ADD), form(shop, step="test", **more))


def key_of(shop: Shop) -> str:
    return to_type(shop)["password"]


def test_the_marketplace_is_chosen_first(admin_client):
    text = admin_client.get(reverse(ADD)).text

    for key, connector in MARKETPLACES.items():
        assert f'href="{reverse(ADD)}?marketplace={key}"' in text
        assert connector.label in text
        assert connector.purpose in text
    assert 'name="name"' not in text


def test_a_marketplace_that_there_is_not_leads_back_to_the_choice(admin_client):
    answer = admin_client.get(reverse(ADD), {"marketplace": "nowhere"})

    assert f'href="{reverse(ADD)}?marketplace=tophatter"' in answer.text


@pytest.mark.parametrize("marketplace", MARKETPLACES)
def test_the_form_asks_for_what_the_connector_names(admin_client, marketplace):
    text = admin_client.get(reverse(ADD), {"marketplace": marketplace}).text

    for field in MARKETPLACES[marketplace].fields:
        assert f'name="{field.name}"' in text
    has_address = 'name="address"' in text
    assert has_address == accounts.has_own_address(marketplace)
    secrets = sum(one.is_secret for one in MARKETPLACES[marketplace].fields)
    assert text.count('type="password"') == secrets


def test_a_test_shows_what_is_there_and_stores_nothing(admin_client, shop):
    shop.add_order()
    shop.add_order()
    shop.add_order(status="held")

    text = try_out(admin_client, shop).text

    assert "Nothing is stored yet." in text
    assert "Placed or changed in the last 30 days" in text
    words = " ".join(text.split())
    assert ">processing</td>" in words
    assert ">2</td>" in words
    assert ">Awaiting shipment</td>" in words
    assert ">On hold</td>" in words
    assert "does not show tracking numbers" in words
    assert not Store.objects.exists()
    assert not AuditEntry.objects.filter(kind="connected").exists()


def test_a_word_that_nobody_knows_is_said_first(admin_client):
    with Shop(profile="guide") as shop:
        shop.add_order()
        shop.add_order()
        shop.add_order(status="to-be-engraved")

        text = try_out(admin_client, shop, cart="other").text

    assert text.index(">to-be-engraved</td>") < text.index(f">{shop.words['to_ship']}<")
    assert "come in as “Needs review”" in text


def test_the_newest_order_is_shown_in_the_chosen_zone(admin_client, shop):
    shop.add_order(created_at=datetime.now(UTC) - timedelta(minutes=1))

    utc = try_out(admin_client, shop).text
    tokyo = try_out(admin_client, shop, timezone="Asia/Tokyo").text
    los_angeles = try_out(admin_client, shop, timezone="America/Los_Angeles").text

    assert "The newest order lies in the future" not in utc + tokyo
    assert "JST (Asia/Tokyo)" in strip_tags(tokyo)
    assert "UTC (UTC)" not in strip_tags(utc)
    assert "The newest order lies in the future" in los_angeles


def test_connecting_after_a_test_needs_no_secret_again(admin_client, shop):
    shop.add_order()
    found = try_out(admin_client, shop)

    posted = filled_in(found.text, step="connect")
    answer = admin_client.post(reverse(ADD), posted)

    store = Store.objects.get()
    assert posted["password"] == ""
    assert posted["address"] == shop.address.partition("?")[0]
    assert answer.url == reverse("admin:stores_store_change", args=[store.pk])
    assert store.account().address == shop.address
    assert store.account().secrets == {"password": key_of(shop)}
    assert store.connect().list_orders()
    assert AuditEntry.objects.get(kind="connected").user == "admin"


def test_another_zone_may_be_chosen_and_tested_without_a_secret(admin_client, shop):
    shop.add_order()
    found = try_out(admin_client, shop)

    again = filled_in(found.text, step="test", timezone="Asia/Tokyo")
    shown = admin_client.post(reverse(ADD), again)
    admin_client.post(reverse(ADD), filled_in(shown.text, step="connect"))

    assert "JST" in shown.text
    assert Store.objects.get().timezone == "Asia/Tokyo"


def test_one_post_without_a_test_connects_too(admin_client, shop):
    admin_client.post(reverse(ADD), form(shop))

    assert Store.objects.get().account().secrets == {"password": key_of(shop)}


def test_nothing_typed_is_in_a_page_or_readable_in_the_session(admin_client, shop):
    pages = [
        try_out(admin_client, shop).text,
        try_out(admin_client, shop, password="wrong-but-secret").text,
        try_out(admin_client, shop, name="").text,
    ]

    kept = repr([one.get_decoded() for one in UserSession.objects.all()])
    for secret in (key_of(shop), "wrong-but-secret", "wc_shipstation"):
        assert secret not in "".join(pages) + kept
    assert typed.SESSION_KEY in kept


def test_a_refused_secret_is_said_beside_its_field_and_not_kept(admin_client, shop):
    answer = try_out(admin_client, shop, password="wrong-but-secret")

    assert "refused the user name, password or key" in answer.text
    assert "typed" not in filled_in(answer.text)
    assert not Store.objects.exists()


def test_user_and_password_in_an_address_are_refused_and_not_repeated(
    admin_client, shop
):
    address = shop.address.replace("http://", "http://ann:open-sesame@")

    answer = try_out(admin_client, shop, address=address)

    assert "Leave user and password out of the address" in answer.text
    assert "open-sesame" not in answer.text


def test_what_was_typed_is_kept_for_minutes_only(admin_client, shop, monkeypatch):
    found = try_out(admin_client, shop)
    later = time.time() + typed.KEPT_FOR + 1
    monkeypatch.setattr(typed.time, "time", lambda: later)

    answer = admin_client.post(reverse(ADD), filled_in(found.text, step="connect"))

    assert "Enter the password or key." in answer.text
    assert not Store.objects.exists()


def test_what_one_page_keeps_is_not_taken_for_another(admin_client, tophatter):
    tokens = [tophatter.token, tophatter.add_account()]
    data = {"marketplace": "tophatter", "name": "One", "step": "test"}
    url = reverse(ADD)
    first, _second = (
        admin_client.post(url, data | {"access_token": token}) for token in tokens
    )

    answer = admin_client.post(url, filled_in(first.text, step="connect"))

    assert "Enter the access token." in answer.text
    assert not Store.objects.exists()


def test_what_one_person_typed_serves_nobody_else(client, admin_client, shop):
    found = try_out(admin_client, shop)
    kept = admin_client.session[typed.SESSION_KEY]
    client.force_login(UserFactory(is_superuser=True))
    session = client.session
    session[typed.SESSION_KEY] = kept
    session.save()

    answer = client.post(reverse(ADD), filled_in(found.text, step="connect"))

    assert "Enter the password or key." in answer.text
    assert not Store.objects.exists()


def test_a_kept_secret_goes_to_no_other_address(admin_client, shop):
    found = try_out(admin_client, shop)
    with Shop(profile="woo") as other:
        posted = filled_in(found.text, step="connect", address=other.address)

        answer = admin_client.post(reverse(ADD), posted)

        assert not other.requests
    assert "Enter the password or key." in answer.text
    assert not Store.objects.exists()


def test_the_session_keeps_nothing_once_the_store_is_connected(admin_client, shop):
    found = try_out(admin_client, shop)

    admin_client.post(reverse(ADD), filled_in(found.text, step="connect"))

    assert typed.SESSION_KEY not in admin_client.session


def test_a_shop_that_is_connected_is_refused_with_a_link(admin_client, shop):
    store = connect_shop(shop)

    answer = admin_client.post(reverse(ADD), form(shop))

    url = reverse("admin:stores_store_change", args=[store.pk])
    assert "This account is already connected" in answer.text
    assert f'href="{url}"' in answer.text
    assert Store.objects.count() == 1


def test_a_name_that_is_taken_is_said_before_anything_is_sent(admin_client, shop):
    connect_shop(shop, name="Taken")
    with Shop(profile="guide") as other:
        given = form(other, name="Taken", cart="other")

        answer = admin_client.post(reverse(ADD), given)

        assert not other.requests
    assert "already exists" in answer.text


def test_orders_of_thirty_days_are_counted_where_lists_go_by_the_day(
    admin_client, tophatter
):
    for days in (1, 2, 31, 90):
        tophatter.add_order(created_at=datetime.now(UTC) - timedelta(days=days))
    data = {"marketplace": "tophatter", "name": "One", "step": "test"}

    answer = admin_client.post(reverse(ADD), data | {"access_token": tophatter.token})

    words = " ".join(answer.text.split())
    assert "Orders of the last 30 days</dt> <dd>2</dd>" in words
    assert ">paid</td>" in words


def test_of_very_many_orders_a_test_reads_some_and_says_so(admin_client, tophatter):
    for _ in range(160):
        tophatter.add_order(created_at=datetime.now(UTC) - timedelta(days=1))
    data = {"marketplace": "tophatter", "name": "One", "step": "test"}

    answer = admin_client.post(reverse(ADD), data | {"access_token": tophatter.token})

    assert "at least 150" in answer.text
