"""The folded text by which an order is found, of what both sides say of it."""

from collections.abc import Iterable
from typing import Any

from backoffice.kit.folding import folded
from orders.models import LineItem, Order
from orders.models.addresses import ShipTo
from orders.tracking_numbers import spellings
from stores.marketplaces.base import MarketplaceLine

# Stands before a whole tracking number, which is told from a SKU by it.
PARCEL = "="


def parcel_keys(tracking_number: str) -> list[str]:
    """Return what stands for a number in the text, as whole as it is and without ZIP.

    The shortest is last: it is in all the others.
    """
    bare = folded(tracking_number)
    return sorted(spellings(bare), key=len, reverse=True) if bare else []


def text_of(
    order: Any,
    items: Iterable[MarketplaceLine | LineItem],
    parcels: Iterable[str] = (),
    correction: ShipTo | None = None,
) -> str:
    """Return the search text of an order's columns, and of what staff added to it.

    `parcels` are the tracking numbers typed here.

    A blank ends each part and is in none: who searches types the blanks of a name
    or a number differently.
    """
    numbers = [order.marketplace_tracking_number]
    texts = [
        order.marketplace_order_id,
        order.order_number,
        order.customer_name,
        order.ship_to_name,
        order.ship_to_company,
        order.ship_to_city,
    ]
    for item in items:
        texts += [item.sku, item.name]
    numbers += parcels
    if correction:
        texts += [correction.ship_to_name, correction.ship_to_city]
    parts = [folded(text) for text in texts]
    parts += [PARCEL + key for number in numbers for key in parcel_keys(number)]
    return "".join(f"{part} " for part in dict.fromkeys(parts) if part)


def write(order: Order) -> None:
    """Bring an order's search text up to what its rows say; the row is locked."""
    fresh = Order.objects.defer("payload").get(pk=order.pk)
    parcels = [parcel.tracking_number for parcel in fresh.shipments.all()]
    correction = getattr(fresh, "correction", None)
    text = text_of(fresh, fresh.line_items.all(), parcels, correction)
    Order.objects.filter(pk=order.pk).update(search_text=text)
