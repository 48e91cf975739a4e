"""Several processes want the same row at the same moment: one gets it."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.utils import timezone as clock

from orders import importing, notifying, shipping
from orders.models import Order, Shipment
from orders.notifying import outbox
from stores import leases
from stores.models import Store
from stores.sandbox.shops.server import Shop
from tests.factories import OrderFactory, StoreFactory
from tests.support.connected_shops import connect_shop

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 50


def winners(attempt) -> int:
    """Let four try at once and return how many got it."""

    def try_it(_):
        try:
            return attempt()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        return sum(got is not None for got in pool.map(try_it, range(4)))


def test_a_shipment_is_claimed_by_one_of_four_however_often_they_try():
    OrderFactory().shipments.create(
        carrier="USPS", tracking_number="A12345", shipped_at=clock.now()
    )
    counts = []
    for _ in range(ROUNDS):
        Shipment.objects.update(claim="", claimed_until=None)
        counts.append(winners(lambda: outbox._claim(Shipment.objects.get())))

    assert counts == [1] * ROUNDS


@pytest.mark.parametrize("lease", [leases.IMPORT, leases.SENDING])
def test_a_store_is_leased_by_one_of_four_however_often_they_try(lease):
    StoreFactory()
    counts = []
    for _ in range(ROUNDS):
        Store.objects.update(**{lease.owner: "", lease.until: None})
        counts.append(winners(lambda: leases.acquire(Store.objects.get(), lease)))

    assert counts == [1] * ROUNDS


@pytest.mark.parametrize("profile", ["woo", "spree", "woo-rest"])
def test_of_four_that_send_one_notice_to_a_shop_one_does(profile):
    with Shop(profile=profile) as shop:
        store = connect_shop(shop)
        for _ in range(5):
            shop.add_order()
        importing.refresh_store(store)
        for order in Order.objects.all():
            number = f"SENT{order.pk:08d}"
            shipping.ship_order(
                order=order, carrier="USPS", tracking_number=number, send=True
            )
        for pk in Shipment.objects.values_list("pk", flat=True):
            winners(lambda pk=pk: notifying.send_tracking(Shipment.objects.get(pk=pk)))

    told = [(one.order.id, one.effect) for one in shop.notices]
    assert sorted(told) == [(order_id, "shipped") for order_id in sorted(shop.orders)]
