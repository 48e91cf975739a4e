"""What may ship, and what happens to a parcel before its notice goes out."""

from backoffice.kit.errors import NotAllowed
from orders.shipping.doubts import ship_unless_in_doubt
from orders.shipping.holds import hold, release
from orders.shipping.parcels import check_notice, correct_shipment, ship_order
from orders.shipping.refusals import ReasonNeeded
from orders.shipping.rules import reason_against, reason_as_known

__all__ = [
    "NotAllowed",
    "ReasonNeeded",
    "check_notice",
    "correct_shipment",
    "hold",
    "reason_against",
    "reason_as_known",
    "release",
    "ship_order",
    "ship_unless_in_doubt",
]
