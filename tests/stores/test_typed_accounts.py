"""What is typed to open a shop, with what is kept of it, makes an account or a why."""

import pytest
from django.core.exceptions import ValidationError

from stores.marketplaces.abilities import Account
from stores.probing import account_of

HERE = "https://shop.example.com/api"
KEPT = Account(f"{HERE}?key=of-mine", {"password": "kept-secret"}, {"user": "ann"})

pytestmark = pytest.mark.django_db


def typed(address: str = HERE, **fields: str) -> Account:
    return account_of("custom_store", fields, address, KEPT)


def refusals(address: str, **fields: str) -> dict[str, list[str]]:
    """Return the words under each field at fault, of a shop that is new."""
    with pytest.raises(ValidationError) as error:
        account_of("custom_store", fields, address, None)
    return error.value.message_dict


def test_what_is_left_empty_stays_with_the_rest_of_the_address():
    account = typed()

    assert account.address == KEPT.address
    assert account.secrets == KEPT.secrets
    assert account.settings["user"] == "ann"


def test_what_is_typed_counts_instead():
    account = typed(password="another-secret", user="bob")

    assert account.address == KEPT.address
    assert account.secrets == {"password": "another-secret"}
    assert account.settings["user"] == "bob"


@pytest.mark.parametrize(
    "address",
    [
        "https://thief.example.com/api",
        "https://shop.example.com/another",
        "http://shop.example.com/api",
        f"{HERE}?key=another",
        "https://shop.example.com:8443/api",
    ],
)
def test_a_kept_secret_goes_to_no_other_address(address):
    with pytest.raises(ValidationError, match="has to be typed again"):
        typed(address, user="ann")


def test_with_a_secret_of_its_own_another_address_is_taken():
    account = typed("https://new.example.com/", password="another-secret")

    assert account.address == "https://new.example.com/"
    assert account.secrets == {"password": "another-secret"}


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("", "Enter the shop’s address"),
        ("shop.example.com", "That is no web address"),
        ("ftp://shop.example.com/", "That is no web address"),
        ("https://[bad/", "That is no web address"),
        ("https://a b.example.com/", "That is no web address"),
        ("https://ann:secret@shop.example.com/", "Leave user and password out"),
        (f"https://shop.example.com/{'x' * 500}", "longer than 500 characters"),
    ],
)
def test_what_is_no_address_of_a_shop_is_said_in_words(address, said):
    found = refusals(address, password="a-secret")

    assert said in found["address"][0]
    assert "secret" not in found["address"][0]


def test_each_field_says_its_own_fault():
    found = refusals(HERE, user="\x07bell", cart="nowhere")

    assert found["user"] == ["There is a character in it that cannot be seen."]
    assert found["password"] == ["Enter the password or key."]
    assert found["cart"] == ["Choose one of those that are there."]
