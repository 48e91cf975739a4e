"""What is said of a WooCommerce shop before anything is asked of it."""

from stores.marketplaces import MARKETPLACES
from stores.marketplaces.abilities import Account, Evidence, Fact, Window
from stores.marketplaces.woocommerce.client import WooCommerce


def test_it_is_in_the_list_of_marketplaces():
    assert MARKETPLACES["woocommerce"] is WooCommerce


def test_the_secret_alone_is_secret_and_each_shop_has_its_own_address():
    secret = {field.name for field in WooCommerce.fields if field.is_secret}
    required = [field.name for field in WooCommerce.fields if field.is_required]

    assert secret == {"consumer_secret"}
    assert required == ["consumer_key", "consumer_secret"]
    assert WooCommerce.address_setting == ""


def test_what_it_can_do_and_what_it_cannot():
    abilities = WooCommerce.abilities({})

    assert abilities.window == Window.MODIFIED
    assert abilities.evidence == Evidence.STATUS
    assert abilities.reads_single_orders
    assert not abilities.repeats_harmlessly
    assert not abilities.has_closed_carriers
    assert not abilities.has_global_ids
    assert Fact.OFFSETS in abilities.gives
    assert Fact.WEIGHT not in abilities.gives


def test_nothing_of_an_account_is_shown_but_its_settings():
    account = Account(
        "https://shop.example.com/?auth_key=s3cret",
        {"consumer_secret": "cs_0123456789abcdef"},
        {"consumer_key": "ck_0123456789abcdef"},
    )

    connector = WooCommerce.open(account)

    assert connector.learned() == {"consumer_key": "ck_0123456789abcdef"}
    for hidden in ("cs_0123456789abcdef", "s3cret"):
        assert hidden not in repr(account) + repr(vars(connector))
