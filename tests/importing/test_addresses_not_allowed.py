"""A store whose address may not be asked any more says so, and costs no other one."""

import pytest
from django.utils import timezone as clock

from orders import importing, notifying, shipping
from orders.finding.here import find_order
from orders.importing.pictures import record_pictures
from orders.models import Order
from orders.notifying.last_look import take_last_look
from tests.support.connected_shops import connected_shop

pytestmark = pytest.mark.django_db

NUMBER = "1Z999AA10123456784"


@pytest.mark.parametrize("profile", ["guide", "woo-rest"])
def test_a_store_whose_address_is_not_allowed_any_more_says_so(profile, settings):
    with connected_shop(profile) as (shop, store):
        shop.add_order()
        importing.refresh_store(store)
        shipment = shipping.ship_order(
            Order.objects.get(), carrier="UPS", tracking_number=NUMBER, send=True
        )
        settings.ALLOW_PRIVATE_MARKETPLACE = False

        run = importing.refresh_store(store)
        notifying.send_tracking(shipment)
        looked = take_last_look(shipment)
        [found] = find_order("4711", clock.now())
        record_pictures(store)

    shipment.refresh_from_db()
    words = "leads into a private network"
    assert run.status == "failed"
    assert words in str(run.error)
    assert shipment.notification == "pending"
    assert words in str(shipment.notification_error)
    assert words in str(looked.sentences)
    # Of shops that show lists alone, none is asked for it.
    assert (words in found.sentence) is (profile == "woo-rest")
