"""Stores connect, reconnect and disconnect by an access token that is tested first."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError

from orders import importing
from orders.models import Order
from stores import connecting, probing, tokens
from stores.models import Store
from tests.factories import OrderFactory, StoreFactory

pytestmark = pytest.mark.django_db

WRONG = "0" * 32


def days_ago(days: float) -> datetime:
    return datetime.now(UTC) - timedelta(days=days)


def connect(token: str, name: str = "Main store", **fields) -> Store:
    return connecting.connect(
        name=name, marketplace="tophatter", access_token=token, **fields
    )


def refusal(token: str, **fields) -> str:
    """Return the words in which a store is not connected."""
    with pytest.raises(ValidationError) as error:
        connect(token, **fields)
    return " ".join(error.value.message_dict["access_token"])


def token_of(store: Store) -> str:
    return tokens.decrypt(Store.objects.get(pk=store.pk).token_ciphertext).reveal()


def test_a_right_token_connects_a_store_with_its_settings(tophatter):
    store = connect(
        tophatter.token,
        name=" Main store ",
        timezone="America/Los_Angeles",
        import_variation_as_option=True,
    )

    store.refresh_from_db()
    assert store.name == "Main store"
    assert (store.connection, store.is_active) == ("connected", True)
    assert (store.timezone, store.import_variation_as_option) == (
        "America/Los_Angeles",
        True,
    )
    assert token_of(store) == tophatter.token


def test_blanks_around_a_pasted_token_are_cut(tophatter):
    store = connect(f"  {tophatter.token}\n")

    assert token_of(store) == tophatter.token


def test_a_wrong_token_is_refused_in_the_marketplaces_words(tophatter):
    words = refusal(WRONG)

    assert words.startswith("Tophatter refused the access token (401):")
    assert WRONG not in words
    assert not Store.objects.exists()


@pytest.mark.parametrize(
    "token", ["", "  \n", "tökenwithumlaut", "two words", "a\0\tb"]
)
def test_what_cannot_be_a_token_is_not_even_sent(tophatter, token):
    words = refusal(token)

    assert words.endswith(".")
    assert not tophatter.requests
    assert not Store.objects.exists()


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("503", "has a problem (503)"),
        ("429", "asks for fewer requests (429)"),
        ("html", "something else than orders (HTML)"),
        ("reset", "did not answer"),
    ],
)
def test_a_marketplace_that_is_down_is_said_and_nothing_is_stored(
    tophatter, fault, reason
):
    tophatter.fault(fault, times=None)

    words = refusal(tophatter.token)

    assert reason in words
    assert not Store.objects.exists()


def test_a_marketplace_that_is_not_there_is_said():
    words = refusal("a" * 32)

    assert "Tophatter did not answer (ConnectionError)" in words
    assert not Store.objects.exists()


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": "Taken"}, "name"),
        ({"timezone": "Mars/Base"}, "timezone"),
    ],
)
def test_a_senseless_setting_is_refused_before_the_token_goes_out(
    tophatter, fields, field
):
    StoreFactory(name="Taken")

    with pytest.raises(ValidationError) as error:
        connect(tophatter.token, **fields)

    assert list(error.value.message_dict) == [field]
    assert not tophatter.requests
    assert Store.objects.count() == 1


def test_the_same_token_again_is_refused_with_the_first_stores_name(tophatter):
    connect(tophatter.token, name="First")
    tophatter.requests.clear()

    words = refusal(tophatter.token, name="Second")

    assert words == "This account is already connected as the store First."
    assert not tophatter.requests
    assert Store.objects.count() == 1


def test_the_same_account_by_another_token_is_known_by_its_newest_orders(tophatter):
    tophatter.add_order()
    first = connect(tophatter.token, name="First")
    importing.refresh_store(first)
    second_token = tophatter.add_account()
    tophatter.accounts[second_token] = tophatter.accounts[tophatter.token]

    words = refusal(second_token, name="Second")

    assert words == "This account is already connected as the store First."
    assert Store.objects.count() == 1


def test_another_account_is_another_store(tophatter):
    tophatter.add_order()
    importing.refresh_store(connect(tophatter.token, name="First"))
    second_token = tophatter.add_account()
    tophatter.add_order(second_token)

    store = connect(second_token, name="Second")

    assert Store.objects.count() == 2
    assert importing.refresh_store(store).created == 1


def test_unreadable_orders_do_not_keep_an_account_from_connecting(tophatter):
    readable = tophatter.add_order(created_at=days_ago(2))
    tophatter.add_order(created_at=days_ago(1), product_quantity="a dozen")
    tophatter.fault("junk", on="orders")

    report = probing.probe_account(
        "tophatter", StoreFactory(access_token=tophatter.token).account()
    )

    assert str(readable["order_id"]) in report.order_ids
    assert len(report.order_ids) == 2
    assert report.newest_at.date() == days_ago(2).date()


def test_a_new_token_resumes_a_refused_store(tophatter):
    store = StoreFactory()
    importing.refresh_store(store)
    store.refresh_from_db()
    refused = (store.connection, store.import_failures)

    connecting.reconnect(store, {"access_token": tophatter.token})

    store.refresh_from_db()
    assert refused == ("refused", 1)
    assert (store.connection, store.connection_error) == ("connected", "")
    assert (store.refused_since, store.import_failures) == (None, 0)
    assert store.backoff_until is None
    assert token_of(store) == tophatter.token


def test_the_import_after_a_new_token_back_fills_the_lost_time(tophatter):
    store = StoreFactory(connection="refused", last_import_at=days_ago(10))
    raw = tophatter.add_order(created_at=days_ago(9))

    connecting.reconnect(store, {"access_token": tophatter.token})
    run = importing.refresh_store(Store.objects.get())

    assert run.window_start < days_ago(10)
    assert Order.objects.get().marketplace_order_id == str(raw["order_id"])


def test_a_wrong_new_token_leaves_everything_as_it_was(store, tophatter):
    before = Store.objects.values().get()

    with pytest.raises(ValidationError, match="refused the access token"):
        connecting.reconnect(store, {"access_token": WRONG})

    assert Store.objects.values().get() == before


def test_a_stores_own_token_may_be_given_again(store, tophatter):
    tophatter.add_order()
    importing.refresh_store(store)

    connecting.reconnect(store, {"access_token": tophatter.token})

    assert token_of(store) == tophatter.token


def test_another_stores_token_is_refused_with_its_name(store, tophatter):
    other = StoreFactory(name="Other", access_token=tophatter.add_account())

    with pytest.raises(connecting.SameAccount, match=f"store {store}") as error:
        connecting.reconnect(other, {"access_token": tophatter.token})

    assert error.value.store == store
    assert token_of(other) != tophatter.token


def test_a_run_with_the_old_token_says_nothing_about_the_new_one(store, tophatter):
    new_token = tophatter.add_account()
    connecting.reconnect(Store.objects.get(), {"access_token": new_token})
    del tophatter.accounts[tophatter.token]

    run = importing.refresh_store(store)

    assert run.status == "failed"
    assert Store.objects.get().connection == "connected"


def test_disconnecting_forgets_the_token_and_keeps_the_orders(store):
    order = OrderFactory(store=store)

    connecting.disconnect(store)

    store.refresh_from_db()
    assert (store.token_ciphertext, store.token_fingerprint) == ("", "")
    assert (store.token_ending, store.token_set_at) == ("", None)
    assert not store.is_active
    assert store.connection == "refused"
    assert "is disconnected" in store.connection_error
    assert store.orders.get() == order


def test_several_stores_may_be_without_a_token():
    for store in (StoreFactory(), StoreFactory()):
        connecting.disconnect(store)

    assert Store.objects.filter(token_fingerprint="").count() == 2


def test_an_import_of_a_disconnected_store_says_that_no_token_is_there(
    store, tophatter
):
    connecting.disconnect(store)

    run = importing.refresh_store(store)

    assert run.status == "failed"
    assert "token" in run.error
    assert not tophatter.requests


def test_a_disconnected_store_is_switched_on_by_its_new_token(store, tophatter):
    connecting.disconnect(store)

    connecting.reconnect(store, {"access_token": tophatter.token})

    store.refresh_from_db()
    assert store.is_active
    assert store.connection == "connected"


def test_a_store_that_a_person_switched_off_stays_off(store, tophatter):
    Store.objects.update(is_active=False)
    store.refresh_from_db()

    connecting.reconnect(store, {"access_token": tophatter.token})

    store.refresh_from_db()
    assert not store.is_active
