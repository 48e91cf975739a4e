"""What a marketplace is told of a shipment; what it showed then, kept with that."""

from typing import Any

from orders.importing.fetching import Fetched
from orders.importing.payloads import storable
from orders.models import Shipment
from stores.marketplaces.base import NoticeLine, ShipmentNotice

Receipt = dict[str, Any]


def notice_of(shipment: Shipment) -> ShipmentNotice:
    """Return the notice: the parcel, and all items of its order."""
    order = shipment.order
    return ShipmentNotice(
        order_id=order.marketplace_order_id,
        carrier=shipment.carrier,
        tracking_number=shipment.tracking_number,
        order_number=order.order_number,
        shipped_at=shipment.shipped_at,
        lines=tuple(
            NoticeLine(item.line_item_id, item.sku, item.name, item.quantity)
            for item in order.line_items.all()
        ),
    )


def receipt_of(shipment: Shipment, answer: Any, read_back: Fetched | None) -> Receipt:
    """Return the receipt of an accepted notice; `sent` is None when none was posted.

    `read_back` is None when the answer alone was the proof.
    """
    receipt: Receipt = {"sent": None, "answer": answer, "read_back": None}
    if shipment.posted_at:
        receipt["sent"] = {
            "carrier": shipment.carrier,
            "tracking_number": shipment.tracking_number,
            "at": shipment.posted_at.isoformat(),
        }
    if read_back:
        receipt["read_back"] = {
            "status": read_back.facts.marketplace_status,
            "carrier": read_back.facts.carrier,
            "tracking_number": read_back.facts.tracking_number,
            "at": read_back.at.isoformat(),
            "raw": read_back.raw,
        }
    kept: Receipt = storable(receipt)
    return kept
