"""What speaks against a tracking number before its notice is sent."""

from typing import Any

from backoffice.kit.sentences import sentence
from orders import shipping
from orders.models import Order, Shipment
from orders.shipping import number_formats


def doubts(order: Order, carrier: str, number: str) -> list[str]:
    """Return what speaks against the number, a sentence each, asking nobody."""
    found: list[str] = []
    if not number_formats.looks_right(carrier, number):
        message = sentence("“%(number)s” does not look like a number of %(carrier)s.")
        found.append(message % {"number": number, "carrier": carrier})
    spellings = {number, number.upper(), number.lower()}
    other = (
        Shipment.objects.filter(tracking_number__in=spellings)
        .exclude(order=order)
        .select_related("order")
        .only("order__marketplace_order_id")
        .first()
    )
    if other:
        message = sentence("The number “%(number)s” is on order %(order)s already.")
        found.append(message % {"number": number, "order": other.order})
    return found


def ship_unless_in_doubt(
    order: Order,
    *,
    carrier: str,
    tracking_number: str,
    **parcel: Any,
) -> tuple[Shipment, list[str]]:
    """Ship an order, and return what speaks against sending its notice unlooked at.

    With a doubt, the notice waits for a last look. Raises `NotAllowed` as `ship_order`.
    """
    found = doubts(order, carrier.strip(), tracking_number.strip())
    shipment = shipping.ship_order(
        order,
        carrier=carrier,
        tracking_number=tracking_number,
        send=False if found else None,
        **parcel,
    )
    return shipment, found if order.store.auto_send_tracking else []
