"""A store may be given another address of its shop, and none of another shop."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone as clock

from orders import importing, notifying, shipping
from orders.models import Order
from stores import connecting
from stores.models import Store
from stores.sandbox.shops.server import Shop
from tests.support.connected_shops import connect_shop, to_type

pytestmark = pytest.mark.django_db


def typed(shop: Shop) -> dict[str, str]:
    return dict(shop.secrets) if shop.profile_name == "woo-rest" else to_type(shop)


@pytest.mark.parametrize("was_disconnected", [False, True])
@pytest.mark.parametrize("profile", ["guide", "woo", "woo-rest"])
def test_another_shops_orders_do_not_pass_for_those_of_the_store(
    profile, was_disconnected
):
    with Shop(profile=profile) as ours, Shop(profile=profile) as other:
        store, now = connect_shop(ours), clock.now()
        ours.add_order(created_at=now - timedelta(hours=5))
        other.add_order(created_at=now - timedelta(hours=2), buyer="Bo Other")
        importing.refresh_store(store)
        shipment = shipping.ship_order(
            Order.objects.get(), carrier="UPS", tracking_number="1Z999AA10123456784"
        )
        if was_disconnected:
            connecting.disconnect(Store.objects.get())

        with pytest.raises(ValidationError, match="This is another shop: its order"):
            connecting.reconnect(Store.objects.get(), typed(other), other.address)

        if not was_disconnected:
            notifying.send_tracking(shipment)
        told = len(ours.notices), len(other.notices)

    assert told == (0 if was_disconnected else 1, 0)


@pytest.mark.parametrize("profile", ["guide", "woo", "woo-rest"])
def test_a_shop_that_has_moved_is_known_by_its_orders(profile):
    with Shop(profile=profile) as shop:
        store = connect_shop(shop)
        shop.add_order()
        importing.refresh_store(store)
        moved = shop.address.replace("127.0.0.1", "localhost")

        connecting.reconnect(Store.objects.get(), typed(shop), moved)

    assert "localhost" in Store.objects.get().address
