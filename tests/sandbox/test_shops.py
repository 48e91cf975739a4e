"""The practice shops list their orders, each in its own way."""

import pytest

from stores.sandbox.shops.profiles import PROFILES
from stores.sandbox.shops.server import Shop
from tests.support.shops import export, notify

KINDS = [name for name in PROFILES if name != "woo-rest"]


@pytest.fixture
def woo():
    with Shop("woo") as shop:
        yield shop


@pytest.mark.parametrize("profile", KINDS)
def test_every_shop_lists_an_order_and_takes_its_notice(profile):
    with Shop(profile) as shop:
        order = shop.add_order()

        [listed] = export(shop).orders
        answer = notify(shop, order)

        assert listed.findtext("OrderNumber") == order.number
        assert listed.findtext("Items/Item/SKU") == "EX-HEADSET"
        assert answer.status == 200
        assert order.status == shop.words["shipped"]
        assert [notice.effect for notice in shop.notices] == ["shipped"]
        assert shop.notices[0].order is order
