"""What may ship, and what happens to a parcel before its notice goes out."""

from orders.shipping.parcels import (
    NotAllowed,
    check_notice,
    correct_shipment,
    hold,
    reason_against,
    release,
    ship_order,
)

__all__ = [
    "NotAllowed",
    "check_notice",
    "correct_shipment",
    "hold",
    "reason_against",
    "release",
    "ship_order",
]
