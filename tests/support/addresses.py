"""Addresses that staff give, and an order whose address is to be decided."""

from orders import importing
from orders.models import Order
from orders.shipping import addresses
from stores.models import Store

GIVEN = {
    "ship_to_name": "Jane Example",
    "ship_to_address1": "1 Example Street",
    "ship_to_address2": "Apt 4",
    "ship_to_city": "Los Altos",
    "ship_to_state": "CA",
    "ship_to_postal_code": "94022",
    "ship_to_country": "US",
}


def corrected_and_changed(store: Store, tophatter) -> Order:
    """Return an order that was corrected here and moved to Reno there since."""
    raw = tophatter.add_order()
    importing.refresh_store(store)
    addresses.correct_address(Order.objects.get(), GIVEN, None, None)
    raw["city"] = "Reno"
    importing.refresh_store(store)
    return Order.objects.get()


def kinds(order: Order) -> list[str]:
    return [event.kind for event in order.events.all()]


def again(order: Order) -> Order:
    return Order.objects.get(pk=order.pk)
