"""Whatever goes wrong at a shop while it is told, in the end it was told once."""

import pytest

from orders import importing, notifying
from orders.models import Order, Shipment
from orders.shipping import ship_order
from stores.sandbox.shops.server import Shop
from tests.support.connected_shops import CARTS, connect_shop
from tests.support.killing import hours_pass

pytestmark = pytest.mark.django_db

NUMBER = "9400111899562173406594"
SHOPS = {name: {"profile": name} for name in [*CARTS, "woo-rest"]}
SHOPS["woo-rest-alone"] = {"profile": "woo-rest", "has_plugin": False}
# Whose second notice overwrites the first.
HARMLESS = {"nop", "craft", "spree"}
OF_NOTICES = [
    *("html_500", "html_200", "lost_request", "lost_answer", "error_after_apply"),
    *("ignored", "redirect"),
]
OF_READS = ["html_500", "lost_request", "truncated"]
LATER_CALLS = [pytest.param(call, marks=pytest.mark.sweep) for call in (2, 3)]


@pytest.fixture(params=SHOPS)
def connected(request):
    with Shop(**SHOPS[request.param]) as shop:
        yield shop, connect_shop(shop)


def told_with(shop: Shop) -> list[str]:
    """Return the effects of the notices that a buyer is told by."""
    return [one.effect for one in shop.notices if one.through != "status"]


def settle(shipment: Shipment) -> None:
    """Let hours pass, then be the person who has looked, and let hours pass again."""
    hours_pass(shipment)
    notifying.request_sending(Shipment.objects.all(), retry_refused=True)
    hours_pass(shipment)


def assert_told_once(shop: Shop, shipment: Shipment) -> None:
    shipment.refresh_from_db()
    taken = [effect for effect in told_with(shop) if effect != "ignored"]
    [order] = shop.orders.values()
    assert shipment.notification == "accepted", shipment.notification_error
    assert order.status == shop.words["shipped"]
    assert NUMBER in f"{order.tracking} {order.notes}"
    if shop.name in HARMLESS:
        assert set(taken) <= {"shipped", "repeated"}
    else:
        assert len(taken) == 1


@pytest.mark.parametrize("fault", OF_NOTICES)
def test_a_notice_that_goes_wrong_is_told_once_in_the_end(connected, fault):
    shop, store = connected
    shop.add_order()
    importing.refresh_store(store)
    shipment = ship_order(Order.objects.get(), carrier="USPS", tracking_number=NUMBER)
    by_rest = shop.profile_name == "woo-rest"
    shop.fault(fault, on="rest_notice" if by_rest else "shipnotify")

    settle(shipment)

    assert not shop.faults
    assert_told_once(shop, shipment)


@pytest.mark.parametrize("fault", OF_READS)
@pytest.mark.parametrize("call", [1, *LATER_CALLS])
def test_a_read_that_goes_wrong_changes_nothing_of_that(connected, fault, call):
    shop, store = connected
    shop.add_order()
    importing.refresh_store(store)
    shipment = ship_order(Order.objects.get(), carrier="USPS", tracking_number=NUMBER)
    seen = []

    def strike(request) -> None:
        if request.action in {"export", "rest"}:
            seen.append(request)
            # What is read again on the spot fails again.
            if call <= len(seen) < call + 3:
                shop.fault(fault, on=request.action)

    shop.on_request = strike

    settle(shipment)

    assert_told_once(shop, shipment)
