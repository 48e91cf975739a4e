"""What a marketplace is told of a shipment."""

from orders.models import Shipment
from stores.marketplaces.base import NoticeLine, ShipmentNotice


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
