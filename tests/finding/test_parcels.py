"""Where is the order of that parcel, and what is looked for here alone."""

import pytest
from django.utils import timezone as clock

from orders import importing
from orders.finding.here import find_order
from orders.importing import windows
from orders.models import ImportRun
from orders.shipping import parcels
from tests.factories import OrderFactory

pytestmark = pytest.mark.django_db


def answer(typed: str) -> tuple[str, str]:
    """Return the sentence and the step of the only finding."""
    [found] = find_order(typed, clock.now())
    return found.sentence, found.step.value


@pytest.mark.parametrize("stored", ["{}", "42094022{}"])
@pytest.mark.parametrize("typed", ["{}", "42094022{}", "420940221234{}"])
def test_a_number_of_26_digits_is_told_from_its_zip_code(store, typed, stored):
    number = "92023999991043543415313958"
    order = OrderFactory(store=store)
    parcels.ship_order(
        order, carrier="USPS", tracking_number=stored.format(number), send=False
    )

    sentence, _step = answer(typed.format(number))

    assert sentence.startswith(f"Order {order} of {order.store} is here, shipped")


@pytest.mark.parametrize(
    "typed",
    [
        "9400111899562173406594",
        "#9400 1118 9956 2173 4065 94",
        "420940229400111899562173406594",
        "420940221234 9400-1118-9956-2173-4065-94",
    ],
)
def test_an_order_is_found_by_its_parcel_and_no_store_is_asked(store, tophatter, typed):
    order = OrderFactory(store=store)
    parcels.ship_order(
        order, carrier="USPS", tracking_number="9400111899562173406594", send=False
    )
    OrderFactory(store=store)

    sentence, _step = answer(typed)

    assert sentence.startswith(f"Order {order} of {order.store} is here, shipped")
    assert not tophatter.requests


def test_an_order_is_found_by_the_number_that_the_marketplace_shows(store, tophatter):
    raw = tophatter.add_order(
        status="shipped", carrier="usps", tracking_number="RR 123 456 785 US"
    )
    importing.execute(windows.plan_refresh(store, ImportRun.Trigger.MANUAL))

    sentence, _step = answer("rr123456785us")

    assert sentence.startswith(f"Order {raw['order_id']} of {store} is here")


def test_a_sku_is_no_number_of_a_parcel(store, tophatter):
    tophatter.add_order(product_identifier="MUG77", variation_identifier=None)
    importing.execute(windows.plan_refresh(store, ImportRun.Trigger.MANUAL))

    sentence, _step = answer("MUG77")

    assert "No order and no parcel here has the number MUG77" in sentence


@pytest.mark.parametrize(
    "typed",
    ["9400111899562173406594", "RR123456785CN", "1Z999AA10123456784", "99999999999"],
)
def test_no_store_is_asked_for_what_cannot_be_an_order_number(store, tophatter, typed):
    sentence, step = answer(typed)

    assert f"No order and no parcel here has the number {typed}" in sentence
    assert step == "none"
    assert not tophatter.requests
