"""Access tokens at rest: encrypted under keys that rotate, and may get lost."""

import copy
import hashlib
import json
import pickle

import pytest
from cryptography.fernet import Fernet
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from orders import importing, notifying
from orders.shipping import ship_order
from stores import connecting, tokens
from stores.models import Store
from stores.tokens import Secret, TokenUnreadable
from tests.factories import OrderFactory, StoreFactory

pytestmark = pytest.mark.django_db


def connect(token: str) -> Store:
    return connecting.connect(
        name="Main store", marketplace="tophatter", access_token=token
    )


def token_of(store: Store) -> str:
    return tokens.decrypt(Store.objects.get(pk=store.pk).token_ciphertext).reveal()


def lose_keys(settings) -> None:
    settings.TOKEN_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]


def test_a_token_is_encrypted_at_rest(tophatter):
    store = connect(tophatter.token)

    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM stores_store")
        row = repr(cursor.fetchall())
    assert tophatter.token not in row
    assert store.token_ciphertext in row
    assert tokens.decrypt(store.token_ciphertext).reveal() == tophatter.token


def test_a_token_is_recognised_by_its_digest_and_its_ending(tophatter):
    store = connect(tophatter.token)

    digest = hashlib.sha256(tophatter.token.encode()).hexdigest()
    assert store.token_fingerprint == digest
    assert store.token_ending == tophatter.token[-4:]
    assert store.token_set_at


def test_the_same_token_is_encrypted_differently_each_time():
    assert tokens.encrypt("a" * 32) != tokens.encrypt("a" * 32)


def test_rotated_tokens_need_the_new_key_alone(settings, capsys):
    stores = [StoreFactory(access_token=letter * 32) for letter in "ab"]
    new = Fernet.generate_key().decode()
    settings.TOKEN_ENCRYPTION_KEYS = [new, *settings.TOKEN_ENCRYPTION_KEYS]

    call_command("rotate_tokens")

    settings.TOKEN_ENCRYPTION_KEYS = [new]
    assert [token_of(store) for store in stores] == ["a" * 32, "b" * 32]
    assert "2 access tokens are encrypted" in capsys.readouterr().out


def test_a_lost_key_is_said_by_the_stores_name_and_costs_only_that_store(
    settings, capsys
):
    lost = StoreFactory(name="Lost", access_token="a" * 32)
    old = settings.TOKEN_ENCRYPTION_KEYS
    lose_keys(settings)
    kept = StoreFactory(name="Kept", access_token="b" * 32)
    new = Fernet.generate_key().decode()
    settings.TOKEN_ENCRYPTION_KEYS = [new, *settings.TOKEN_ENCRYPTION_KEYS]

    with pytest.raises(CommandError, match="No key fits the tokens of Lost:") as error:
        call_command("rotate_tokens")

    assert error.value.returncode == 1
    settings.TOKEN_ENCRYPTION_KEYS = [new]
    assert token_of(kept) == "b" * 32
    settings.TOKEN_ENCRYPTION_KEYS = old
    assert token_of(lost) == "a" * 32
    assert "1 access token is encrypted" in capsys.readouterr().out


def test_rotation_passes_over_a_disconnected_store(settings, capsys):
    connecting.disconnect(StoreFactory())
    lose_keys(settings)

    call_command("rotate_tokens")

    assert "0 access tokens" in capsys.readouterr().out


def test_a_token_that_cannot_be_decrypted_says_what_to_do(settings):
    store = StoreFactory()
    lose_keys(settings)

    with pytest.raises(TokenUnreadable) as error:
        store.connect()

    assert "add the key it was saved with" in str(error.value)
    assert store.token_ciphertext not in repr(error.value)
    assert error.value.__suppress_context__


def test_an_import_without_the_key_says_so_and_sends_nothing(
    store, settings, tophatter
):
    lose_keys(settings)

    run = importing.refresh_store(store)

    store.refresh_from_db()
    assert run.status == "failed"
    assert "cannot be decrypted" in run.error
    assert store.connection_error == run.error
    assert store.connection == "connected"
    assert not tophatter.requests


def test_a_notice_without_the_key_waits_and_says_so(store, settings, tophatter):
    order = OrderFactory(store=store)
    shipment = ship_order(order, carrier="USPS", tracking_number="A12345")
    lose_keys(settings)

    notifying.send_tracking(shipment)

    assert shipment.notification == "pending"
    assert "cannot be decrypted" in shipment.notification_error
    assert not tophatter.requests


@pytest.mark.parametrize("show", [str, repr, "{}".format, "{0!r}".format])
def test_a_secret_does_not_show_itself(show):
    assert show(Secret("the token")) == "****"


@pytest.mark.parametrize(
    "carry", [pickle.dumps, copy.copy, copy.deepcopy, json.dumps, vars]
)
def test_a_secret_cannot_be_carried_away(carry):
    with pytest.raises(TypeError) as error:
        carry(Secret("the token"))

    assert "the token" not in str(error.value)
