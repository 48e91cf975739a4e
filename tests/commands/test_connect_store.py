"""connect_store: a token or a file of credentials, never a secret as an argument."""

import io
import json
import sys

import pytest

from stores.models import Store
from stores.sandbox.shops.server import Shop
from stores.tokens import decrypt
from tests.support.commands import run
from tests.support.connected_shops import connect_shop, to_type

pytestmark = pytest.mark.django_db

CUSTOM = ("connect_store", "My shop", "--marketplace", "custom_store")


@pytest.fixture
def shop():
    with Shop(profile="woo") as shop:
        yield shop


@pytest.fixture
def typed(monkeypatch):
    """Return a function that puts a text on standard input."""
    return lambda text: monkeypatch.setattr(sys, "stdin", io.StringIO(text))


@pytest.fixture
def file(tmp_path):
    """Return a function that writes a text to a file and returns its name."""
    path = tmp_path / "credentials.txt"

    def write(text: str) -> str:
        path.write_text(text)
        return str(path)

    return write


def key_of(shop: Shop) -> str:
    return to_type(shop)["password"]


def test_a_token_on_standard_input_connects_as_ever(tophatter, typed, capsys):
    typed(f"{tophatter.token}\n")

    status = run("connect_store", "Main store", "--timezone", "America/Los_Angeles")

    store = Store.objects.get()
    assert status == 0
    assert (store.name, store.timezone) == ("Main store", "America/Los_Angeles")
    assert decrypt(store.token_ciphertext).reveal() == tophatter.token
    assert "orders of the last three days" in capsys.readouterr().out


def test_a_dash_is_standard_input_too(tophatter, typed):
    typed(tophatter.token)

    assert run("connect_store", "Main store", "--token-file", "-") == 0


def test_a_file_of_lines_connects_a_shop(shop, file, capsys):
    lines = [f"password = {key_of(shop)}", f"address={shop.address}"]
    path = file("\n".join(["# my shop", "", *lines, "cart=woocommerce"]))

    status = run(*CUSTOM, "--credentials-file", path)

    said = capsys.readouterr()
    store = Store.objects.get()
    assert status == 0
    assert store.account().secrets == {"password": key_of(shop)}
    assert store.account().address == shop.address
    assert store.connection_settings["cart"] == "woocommerce"
    assert "in the last 30 days comes in" in said.out
    assert key_of(shop) not in said.out + said.err


def test_a_file_of_json_may_hold_the_address_as_well(shop, file):
    facts = {"password": key_of(shop), "address": shop.address, "auth": "auth_key"}

    assert run(*CUSTOM, "--credentials-file", file(json.dumps(facts))) == 0

    assert Store.objects.get().account().address == shop.address


def test_credentials_come_from_standard_input_where_a_dash_says_so(typed):
    with Shop(profile="guide") as shop:
        typed("\n".join(f"{name}={text}" for name, text in to_type(shop).items()))

        assert run(*CUSTOM, "--address", shop.address, "--credentials-file", "-") == 0


@pytest.mark.parametrize("command", [CUSTOM, ("replace_token", "My shop")])
def test_what_may_be_a_secret_of_an_address_is_no_argument(shop, file, capsys, command):
    connect_shop(shop, name="My shop")
    path = file(f"password={key_of(shop)}")
    address = f"{shop.address}&key=open-sesame"

    status = run(*command, "--address", address, "--credentials-file", path)

    said = capsys.readouterr().err
    assert status == 2
    assert "put the address into the credentials file" in said
    assert "open-sesame" not in said


def test_a_query_that_opens_nothing_may_be_an_argument(shop, file):
    assert shop.address.endswith("?wc-api=wc_shipstation")
    path = file(f"password={key_of(shop)}")

    assert run(*CUSTOM, "--address", shop.address, "--credentials-file", path) == 0


def test_a_wrong_key_is_refused_in_a_sentence(shop, file, capsys):
    path = file(f"password=wrong-but-secret\naddress={shop.address}")

    status = run(*CUSTOM, "--credentials-file", path)

    said = capsys.readouterr().err
    assert status == 1
    assert "refused the user name, password or key" in said
    assert "wrong-but-secret" not in said
    assert not Store.objects.exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("password=x\nopen-sesame", "Line 2 of the file is no field"),
        ("open-sesame=x", "known are: user, password, cart, auth, address"),
        ('{"open-sesame": "x"}', "The file holds something that is no field"),
        ('{"password": 7}', "The file holds something that is no field"),
        ('{"password": open-sesame', "The file is no JSON"),
    ],
)
def test_a_file_that_makes_no_sense_is_wrong_usage_and_not_repeated(
    file, capsys, text, said
):
    status = run(*CUSTOM, "--address", "https://a.example.com", *given(file(text)))

    told = capsys.readouterr().err
    assert status == 2
    assert said in told
    assert "open-sesame" not in told


def given(path: str) -> tuple[str, str]:
    return "--credentials-file", path


def test_options_that_do_not_go_together_are_wrong_usage(file, capsys):
    path = file("password=x")
    calls = [
        CUSTOM,
        (*CUSTOM, "--token-file", path, *given(path)),
        ("connect_store", "A", "--address", "https://a.example.com"),
        ("connect_store", "A", "--credentials-file", "/no/such/file"),
    ]

    statuses = [run(*call) for call in calls]

    assert statuses == [2, 2, 2, 2]
    said = capsys.readouterr().err
    assert "Name a file with --credentials-file" in said
    assert "not both" in said
    assert "has one address for all; leave --address out." in said
    assert "cannot be read (FileNotFoundError)" in said


def test_new_credentials_replace_the_old_ones(shop, file, capsys):
    store = connect_shop(shop, name="My shop")
    shop.keys["auth_key"] = "WCSS-another-key-altogether"

    status = run("replace_token", "My shop", *given(file(f"password={key_of(shop)}")))

    store.refresh_from_db()
    assert status == 0
    assert "My shop has new credentials" in capsys.readouterr().out
    assert store.account().secrets == {"password": "WCSS-another-key-altogether"}
    assert store.account().address == shop.address


def test_a_new_address_wants_its_secret(shop, file, capsys):
    connect_shop(shop, name="My shop")
    with Shop(profile="guide") as other:
        address = ("--address", other.address)

        status = run("replace_token", "My shop", *address, *given(file("user=")))

        assert not other.requests
    assert status == 1
    assert "has to be typed again" in capsys.readouterr().err
