"""Of a shop's buyer, too, nothing is left that is erased, and nothing comes back."""

from copy import deepcopy

import pytest

from orders import importing, notifying, shipping
from orders.models import Order
from orders.privacy.buyers import Buyer, erase_buyer
from stores.sandbox.shops.orders import ADDRESS
from tests.support.buyers import CODE, EMAIL, NAME, places
from tests.support.connected_shops import connected_shop
from tests.support.order_pages import NUMBER

ORDER = {
    "buyer": NAME,
    "email": EMAIL,
    "phone": "555 canary",
    "company": "Canary & Sons",
    "address": {
        **{one: f"The canary’s {one}" for one in ADDRESS if one != "country"},
        "name": NAME,
        "postal_code": CODE,
    },
    "note": "The canary wants it blue.",
    "notes": ["The canary called."],
    "gift": True,
    "gift_message": "For my canary",
    "discounts": {"canary10": 1},
}

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("profile", ["guide", "woo", "woo-rest"])
def test_after_an_erasure_no_table_knows_the_buyer_of_a_shop(profile):
    with connected_shop(profile) as (shop, store):
        # The shop keeps its own history in it.
        theirs = shop.add_order(**deepcopy(ORDER))
        importing.refresh_store(store)
        order = Order.objects.get()
        shipment = shipping.ship_order(order, carrier="USPS", tracking_number=NUMBER)
        notifying.send_tracking(shipment)
        importing.refresh_store(store)
        before = places()

        done = erase_buyer(Buyer(EMAIL), Order.objects.all())
        after = places()
        shop.change_order(theirs, note="The canary wants it red.", refunded=1)
        run = importing.refresh_store(store)

    assert len(before) > 10, before
    assert (done.count, done.open) == (1, [])
    assert after == set()
    assert (run.seen, run.status) == (1, "complete")
    assert places() == set()
    assert Order.objects.get().order_number == order.order_number
