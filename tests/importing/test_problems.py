"""A problem that stands was last seen when its order was last read."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone as clock

from orders import importing
from orders.models import ImportProblem
from tests.factories import StoreFactory
from tests.support.payloads import ORDER_2021
from tests.support.woo_orders import woo_order

pytestmark = pytest.mark.django_db


def order_2021(**fields: Any) -> dict[str, Any]:
    return ORDER_2021 | fields


@pytest.mark.parametrize(
    ("marketplace", "raw"),
    [
        # Known here, unchanged, and still odd.
        ("tophatter", order_2021(status="mystery")),
        ("tophatter", order_2021(country="Atlantis")),
        ("tophatter", order_2021(refund_amount="some")),
        ("woocommerce", woo_order(status="mystery")),
        # Kept out.
        ("tophatter", order_2021(address1="", city="", postal_code="")),
        ("tophatter", order_2021(created_at="yesterday")),
        ("woocommerce", woo_order(date_created_gmt="yesterday")),
    ],
)
def test_last_seen_moves_while_a_problem_stands(marketplace, raw):
    store = StoreFactory(marketplace=marketplace)
    importing.import_page(store, [raw])
    long_ago = clock.now() - timedelta(days=2)
    ImportProblem.objects.update(first_seen_at=long_ago, last_seen_at=long_ago)
    began = clock.now()

    importing.import_page(store, [raw])

    problem = ImportProblem.objects.get()
    assert problem.last_seen_at >= began
    assert (problem.first_seen_at, problem.resolved_at) == (long_ago, None)


def test_of_an_order_that_was_not_read_it_stays():
    store = StoreFactory()
    importing.import_page(store, [order_2021(status="mystery")])
    long_ago = clock.now() - timedelta(days=2)
    ImportProblem.objects.update(last_seen_at=long_ago)

    importing.import_page(store, [order_2021(order_id=2)])

    assert ImportProblem.objects.get().last_seen_at == long_ago
