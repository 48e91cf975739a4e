"""Where a marketplace takes any carrier, it is taken as it is written."""

import pytest

from orders import shipping
from tests.factories import OrderFactory, StoreFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def store():
    return StoreFactory(marketplace="custom_store")


def test_a_carrier_that_is_not_of_the_list_is_taken(store):
    assert store.find_carrier("Bike  messenger") == "Bike messenger"


@pytest.mark.parametrize("carrier", ["A\0B", "A\x01B", "A\u202eB", "A\u200bB"])
def test_a_carrier_has_no_character_that_nobody_sees(store, carrier):
    order, number = OrderFactory(store=store), "1Z999AA10123456784"

    with pytest.raises(shipping.NotAllowed, match="does not accept the carrier “AB”"):
        shipping.ship_order(order=order, carrier=carrier, tracking_number=number)
