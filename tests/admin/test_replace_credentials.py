"""A shop's address and credentials are replaced and forgotten as a token is."""

import re

import pytest
from cryptography.fernet import Fernet
from django.db import connection
from django.urls import reverse
from django.utils import timezone as clock

from stores.models import Store
from stores.sandbox.shops.server import Shop
from stores.tokens import TokenUnreadable
from tests.factories import StoreFactory
from tests.support.connected_shops import connect_shop, to_type
from tests.support.forms import filled_in
from tests.support.store_pages import step

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    with Shop(profile="woo") as shop:
        yield shop


@pytest.fixture
def connected(shop) -> Store:
    return connect_shop(shop, name="My shop")


def dialog(client, store: Store) -> str:
    return client.get(step(store, "replace_token")).text


def kept(store: Store):
    return Store.objects.get(pk=store.pk).account()


def test_the_dialog_names_credentials_and_shows_no_secret(
    admin_client, connected, shop
):
    page = admin_client.get(reverse("admin:stores_store_change", args=[connected.pk]))
    shown = dialog(admin_client, connected)

    key = to_type(shop)["password"]
    assert "Replace credentials" in page.text
    assert "Replace token" not in page.text
    assert "Replace the address and credentials" in shown
    assert "access token" not in shown
    assert f'value="{connected.address}"' in shown
    assert key not in shown + page.text
    assert "wc_shipstation" not in shown + page.text
    assert connected.token_ending == ""


def test_a_store_of_a_token_keeps_its_words(admin_client, store):
    page = admin_client.get(reverse("admin:stores_store_change", args=[store.pk]))
    shown = dialog(admin_client, store)

    assert "Replace token" in page.text
    assert "Replace the access token" in shown
    assert 'name="address"' not in shown


def test_what_is_left_empty_stays_as_it_is(admin_client, connected, shop):
    before = kept(connected)
    posted = filled_in(dialog(admin_client, connected))

    answer = admin_client.post(step(connected, "replace_token"), posted)

    assert answer.status_code == 302
    assert kept(connected) == before
    assert Store.objects.get().token_set_at > connected.token_set_at


def test_a_new_key_replaces_the_old_one(admin_client, connected, shop):
    shop.keys["auth_key"] = "WCSS-another-key-altogether"
    posted = filled_in(dialog(admin_client, connected), password=shop.keys["auth_key"])

    answer = admin_client.post(step(connected, "replace_token"), posted, follow=True)

    assert "My shop has new credentials, which the shop takes." in answer.text
    assert shop.keys["auth_key"] not in answer.text
    assert kept(connected).secrets == {"password": "WCSS-another-key-altogether"}
    assert kept(connected).address == shop.address


def test_a_wrong_key_is_said_and_changes_nothing(admin_client, connected):
    before = kept(connected)
    posted = filled_in(dialog(admin_client, connected), password="wrong-but-secret")

    answer = admin_client.post(step(connected, "replace_token"), posted)

    assert "refused the user name, password or key" in answer.text
    assert "wrong-but-secret" not in answer.text
    assert kept(connected) == before


def test_a_kept_secret_is_sent_to_no_new_address(admin_client, connected):
    with Shop(profile="woo") as other:
        shown = dialog(admin_client, connected)
        posted = filled_in(shown, address=other.address)

        answer = admin_client.post(step(connected, "replace_token"), posted)

        assert not other.requests
    assert "For another address, this has to be typed again." in answer.text


def test_a_new_address_comes_with_its_own_secret(admin_client, connected):
    with Shop(profile="woo") as other:
        shown = dialog(admin_client, connected)
        posted = filled_in(shown, address=other.address, **to_type(other))

        admin_client.post(step(connected, "replace_token"), posted)

    assert kept(connected).address == other.address


def test_a_disconnected_shop_forgets_its_key_and_says_how_to_go_on(
    admin_client, connected
):
    url = step(connected, "disconnect_store")
    shown = admin_client.get(url).text

    answer = admin_client.post(url, filled_in(shown), follow=True)

    store = Store.objects.get()
    assert "Its credentials are deleted here." in shown
    assert "“Replace credentials” connects it again." in answer.text
    assert (store.token_ciphertext, store.is_active) == ("", False)
    assert store.connection_error == "The store is disconnected; it has no credentials."
    # The rest of the address is forgotten too, so that all of it is typed again.
    assert filled_in(dialog(admin_client, connected))["address"] == ""


def test_a_store_that_changes_in_that_moment_is_not_disconnected(admin_client, store):
    url = step(store, "disconnect_store")
    posted = filled_in(admin_client.get(url).text)
    changed = []

    def change_first(execute, sql, params, many, context):
        if sql.startswith("SAVEPOINT") and not changed:
            changed.append(sql)
            Store.objects.update(token_set_at=clock.now())
        return execute(sql, params, many, context)

    with connection.execute_wrapper(change_first):
        answer = admin_client.post(url, posted, follow=True)

    assert changed
    assert "Somebody changed the access token of" in answer.text
    assert Store.objects.get().token_ciphertext


def test_a_disconnected_shop_is_connected_again_by_the_same_dialog(
    admin_client, connected, shop
):
    url = step(connected, "disconnect_store")
    admin_client.post(url, filled_in(admin_client.get(url).text))
    shown = dialog(admin_client, connected)

    posted = filled_in(shown, address=shop.address, **to_type(shop))
    admin_client.post(step(connected, "replace_token"), posted)

    store = Store.objects.get()
    assert store.is_active
    assert store.account().address == shop.address


def test_lost_keys_are_said_and_the_whole_address_is_asked_for(
    admin_client, connected, shop, settings
):
    settings.TOKEN_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(TokenUnreadable, match="The stored credentials cannot be"):
        connected.account()
    shown = filled_in(dialog(admin_client, connected))

    posted = shown | {"address": shop.address} | to_type(shop)
    admin_client.post(step(connected, "replace_token"), posted)

    assert (shown["address"], shown["password"]) == ("", "")
    assert kept(connected).address == shop.address


def test_another_shops_account_is_refused_with_a_link(admin_client, connected):
    with Shop(profile="guide") as other:
        first = connect_shop(other, name="First")
        shown = dialog(admin_client, connected)
        posted = filled_in(shown, address=other.address, cart="other", **to_type(other))

        answer = admin_client.post(step(connected, "replace_token"), posted)

    url = reverse("admin:stores_store_change", args=[first.pk])
    assert f'href="{url}"' in answer.text


def test_the_connection_tab_says_where_and_what_the_shop_can_do(
    admin_client, connected
):
    page = admin_client.get(reverse("admin:stores_store_change", args=[connected.pk]))

    text = " ".join(re.sub(r"<[^>]*>", " ", page.text).split())
    assert f"Address {connected.address}" in text
    assert "Credentials kept encrypted" in text
    assert "It does not show tracking numbers" in text
    assert "Single orders cannot be read by their number" in text
    assert "The shop gives e-mail addresses" in text


def test_a_store_at_a_marketplace_of_one_address_shows_none(admin_client, db):
    store = StoreFactory()

    page = admin_client.get(reverse("admin:stores_store_change", args=[store.pk]))

    text = " ".join(re.sub(r"<[^>]*>", " ", page.text).split())
    assert "It shows tracking numbers" in text
    assert "Address http" not in text
    assert "The marketplace gives no e-mail addresses" in text
