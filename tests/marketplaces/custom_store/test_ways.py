"""Who asks is told in the way the shop wants, found out where nobody knows it."""

import pytest

from stores.marketplaces.abilities import Account
from stores.marketplaces.base import TokenRefused
from stores.marketplaces.custom_store.client import CustomStore
from stores.marketplaces.custom_store.presets import AUTO, NAMED_WAYS, PRESETS, WAYS
from stores.sandbox.shops.server import Shop
from tests.support.custom_stores import (
    connect_shop,
    each_profile,
    failure_to_list_orders,
    listed,
    notice_for,
    understood,
)

WAY_OF = {
    "guide": "basic",
    "woo": "auth_key",
    "magento": "ss-parameters",
    "nop": "ss-parameters",
    "craft": "basic",
    "spree": "basic",
}


@each_profile
def test_the_way_of_the_cart_is_tried_first_and_remembered(profile):
    with Shop(profile) as shop:
        shop.add_order()
        connector = connect_shop(shop)
        assert connector.learned()["auth"] == AUTO

        listed(connector)

        assert all(one.was_let_in for one in shop.requests)
        assert connector.learned()["auth"] == WAY_OF[profile]
        assert connector.learned().items() >= shop.settings.items()


@each_profile
def test_another_way_is_found_out_once(profile):
    with Shop(profile) as shop:
        connector = connect_shop(shop, cart="other")
        listed(connector)
        learned = connector.learned()
        shop.requests.clear()

        listed(connect_shop(shop, **learned))

        assert learned["auth"] == WAY_OF[profile]
        assert [one.was_let_in for one in shop.requests] == [True]
        assert [len(one.ways) for one in shop.requests] == [1]


def test_a_key_alone_is_not_sent_as_a_user_without_a_name():
    with Shop("woo") as shop:
        listed(connect_shop(shop, cart="other"))

        assert [one.ways for one in shop.requests] == [{"auth_key"}]


def test_a_key_of_a_header_is_found_out():
    with Shop("magento") as shop:
        connector = connect_shop(shop, user="", password=shop.secrets["token"])

        listed(connector)

        assert connector.learned()["auth"] == "access-token"
        assert shop.requests[-1].ways == {"token"}


@pytest.mark.parametrize("auth", WAYS)
def test_a_way_that_was_chosen_is_the_only_one_tried(auth):
    with Shop("guide") as shop:
        error = failure_to_list_orders(connect_shop(shop, auth=auth, password="wrong"))

        assert isinstance(error, TokenRefused)
        assert len(shop.requests) == 1


@each_profile
def test_a_wrong_password_is_refused_in_words_whatever_the_server_answers(profile):
    with Shop(profile) as shop:
        shop.add_order()

        error = failure_to_list_orders(connect_shop(shop, password="0123456789abcdef"))

        assert isinstance(error, TokenRefused)
        assert "password or key" in str(error)
        assert not any(one.was_let_in for one in shop.requests)


@pytest.mark.parametrize(
    ("profile", "words"),
    [
        ("woo", "(400): Invalid authentication key"),
        ("magento", "(200): Authentication failed"),
        ("nop", "answered with nothing at all"),
        ("craft", "(401): Invalid credentials"),
        ("spree", "(401): HTML"),
        ("guide", "(401): Unauthorized"),
    ],
)
def test_a_refusal_is_said_in_the_words_of_the_server(profile, words):
    with Shop(profile) as shop:
        error = failure_to_list_orders(
            connect_shop(shop, password="wrong", auth=WAY_OF[profile])
        )

        assert isinstance(error, TokenRefused)
        assert words in str(error)


def test_a_header_that_the_web_server_keeps_to_itself_is_a_refusal():
    with Shop("craft") as shop:
        shop.fault("lost_authorization", times=None)

        error = failure_to_list_orders(connect_shop(shop))

        assert isinstance(error, TokenRefused)


def test_nothing_at_all_is_no_refusal_once_the_shop_has_given_a_list():
    with Shop("nop") as shop:
        connector = connect_shop(shop)
        listed(connector)
        shop.fault("empty", times=None)

        for later in (connector, connect_shop(shop, **connector.learned())):
            error = failure_to_list_orders(later)

            assert not isinstance(error, TokenRefused)
            assert "something else than orders (an empty answer)" in str(error)


def test_a_notice_goes_once_the_way_is_known():
    with Shop("nop") as shop:
        order = shop.add_order()
        [told] = understood(connect_shop(shop), listed(connect_shop(shop)))
        shop.requests.clear()

        connect_shop(shop, cart="other").fulfill(notice_for(told))

        actions = [(one.action, one.was_let_in) for one in shop.requests]
        assert actions == [("export", False), ("export", True), ("shipnotify", True)]
        assert [one.order for one in shop.notices] == [order]


def test_the_form_offers_what_is_known():
    fields = {one.name: one for one in CustomStore.fields}

    assert list(fields) == ["user", "password", "cart", "auth"]
    assert [one.name for one in fields.values() if one.is_secret] == ["password"]
    assert [one.name for one in fields.values() if not one.is_required] == ["user"]
    assert {name for name, _ in fields["cart"].choices} == set(PRESETS)
    assert fields["cart"].default in PRESETS
    assert {name for name, _ in NAMED_WAYS} == {AUTO, *WAYS}
    assert fields["auth"].default == AUTO


@pytest.mark.parametrize("cart", [*PRESETS, "made up"])
def test_a_cart_says_what_can_be_had_of_it(cart):
    settings = {"cart": cart}
    abilities = CustomStore.abilities(settings)

    assert not abilities.reads_single_orders
    assert not abilities.has_closed_carriers
    assert not abilities.has_global_ids
    words = CustomStore.status_words(settings)
    assert words
    assert all(word == word.lower() for word in words)
    assert (abilities.window == "placed") == (
        cart in {"nopcommerce", "craft-2", "virto"}
    )
    assert (abilities.evidence.name == "ANSWERED") == (cart == "spree")
    assert abilities.repeats_harmlessly == (
        cart not in {"woocommerce", "magento", "other", "made up"}
    )


@pytest.mark.parametrize(
    "address",
    [
        "https://anna:canary-canary@shop.example/",
        "http://shop.example/?auth_key=canary-canary",
        "https://10.0.0.1/?auth_key=canary-canary",
        "shop.example?canary-canary",
        "",
    ],
)
def test_an_address_that_is_none_is_refused_without_repeating_it(address):
    with pytest.raises(ValueError, match=r"\.$") as caught:
        CustomStore.open(Account(address, {"password": "canary-canary"}))

    assert "canary" not in str(caught.value)


def test_carriers_are_suggestions_that_need_no_call():
    with Shop("guide") as shop:
        connector = connect_shop(shop)

        assert connector.list_carriers()["DHL eCommerce"] == "DHLGlobalMail"
        assert connector.list_carriers() == dict(CustomStore.fallback_carriers)
        assert connector.picture_url("1") == ""
        assert not shop.requests


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("1001", True),
        ("H00000001001", True),
        ("e116ccc4-a6e5-5e51-aaff-de0ba4603aab", True),
        ("#12 A", True),
        ("", False),
        (" 1", False),
        ("1\n", False),
        ("1" * 51, False),
    ],
)
def test_an_order_may_be_called_by_any_short_text(text, is_one):
    assert CustomStore.is_order_id(text) == is_one
