"""Whatever address of a shop is pasted, its root is what is asked."""

import pytest

from stores.marketplaces.abilities import Account
from stores.marketplaces.woocommerce.addresses import shop_root
from stores.marketplaces.woocommerce.client import WooCommerce

KEYS = {"consumer_secret": "cs_0123456789abcdef"}
SETTINGS = {"consumer_key": "ck_0123456789abcdef"}


@pytest.mark.parametrize(
    ("pasted", "root"),
    [
        ("https://shop.example.com", "https://shop.example.com"),
        (" https://shop.example.com/ ", "https://shop.example.com"),
        ("https://shop.example.com/?wc-api=wc_shipstation", "https://shop.example.com"),
        ("https://shop.example.com/wp-json/wc/v3/orders", "https://shop.example.com"),
        ("https://shop.example.com/wc-api/v3", "https://shop.example.com"),
        (
            "https://example.com/our/shop/wp-admin/admin.php?page=wc-settings#keys",
            "https://example.com/our/shop",
        ),
        ("https://example.com/shop/index.php/wp-json/", "https://example.com/shop"),
        ("https://shop.example.com:8443/a/", "https://shop.example.com:8443/a"),
    ],
)
def test_the_root_of_a_pasted_address_is_taken(pasted, root):
    assert shop_root(pasted) == root


@pytest.mark.parametrize(
    "pasted",
    [
        "shop.example.com",
        "http://shop.example.com",
        "ftp://shop.example.com",
        "https://user:secret@shop.example.com",
        "https://192.168.1.7/shop",
        "https://[bad/",
        "",
    ],
)
def test_an_address_that_is_not_to_be_asked_is_refused_in_words(pasted):
    with pytest.raises(ValueError, match=r"\.$"):
        WooCommerce.open(Account(pasted, KEYS, SETTINGS))


def test_a_query_is_never_shown_in_the_words():
    with pytest.raises(ValueError, match="https") as caught:
        WooCommerce.open(
            Account("http://shop.example.com/?auth_key=s3cret", KEYS, SETTINGS)
        )

    assert "s3cret" not in str(caught.value)
