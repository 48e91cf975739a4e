"""A shop that can be connected in two ways is one store, or all is packed twice."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone as clock

from orders import importing
from stores import connecting
from stores.models import Store
from stores.sandbox.shops.server import Shop
from tests.support.connected_shops import connect_shop, to_type

pytestmark = pytest.mark.django_db


@pytest.fixture
def ways():
    """One shop of an order, served as a store connects it in each of two ways."""
    with Shop(profile="woo") as one, Shop(profile="woo-rest") as other:
        for shop in (one, other):
            add_order(shop)
        yield one, other


def add_order(shop: Shop, **facts) -> None:
    placed_at = clock.now() - timedelta(hours=5)
    shop.add_order(**{"created_at": placed_at, "buyer": "Ann Both", **facts})


@pytest.mark.parametrize("first", [0, 1])
def test_a_shop_is_not_connected_in_a_second_way(ways, first):
    store = connect_shop(ways[first], "The first")
    importing.refresh_store(store)

    with pytest.raises(ValidationError, match="connected as the store The first"):
        connect_shop(ways[1 - first], "The second")

    assert Store.objects.get() == store


def test_nor_is_a_disconnected_one_opened_again_beside_the_other(ways):
    store = connect_shop(ways[0], "The first")
    importing.refresh_store(store)
    connecting.disconnect(Store.objects.get())
    importing.refresh_store(connect_shop(ways[1], "The second"))

    with pytest.raises(ValidationError, match="connected as the store The second"):
        connecting.reconnect(
            Store.objects.get(pk=store.pk), to_type(ways[0]), ways[0].address
        )


@pytest.mark.parametrize(
    "facts",
    [{"buyer": "Bo Other"}, {"created_at": clock.now() - timedelta(days=3)}],
    ids=["buyer", "day"],
)
def test_another_shop_at_the_same_host_is_a_store_of_its_own(ways, facts):
    importing.refresh_store(connect_shop(ways[0]))

    with Shop(profile="woo-rest") as other:
        add_order(other, **facts)

        assert connect_shop(other).pk


def test_what_opens_a_store_may_still_be_renewed(ways):
    """Of two that were connected before this was refused, none stops."""
    store = connect_shop(ways[0])
    second = connect_shop(ways[1])
    importing.refresh_store(store)
    importing.refresh_store(second)

    connecting.reconnect(Store.objects.get(pk=second.pk), dict(ways[1].secrets))

    assert Store.objects.get(pk=second.pk).token_set_at > second.token_set_at
