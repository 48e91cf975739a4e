"""Several processes want the same row at the same moment: one gets it."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.utils import timezone as clock

from orders.models import Shipment
from orders.notifying import outbox
from stores import leases
from stores.models import Store
from tests.factories import OrderFactory, StoreFactory

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
