"""What we ship: orders and their items, shipments, imports and their problems."""

from orders.models.alerts import Alert
from orders.models.imports import ImportProblem, ImportRun
from orders.models.orders import STATUS_CHOICES, LineItem, Order
from orders.models.shipments import Shipment

__all__ = [
    "STATUS_CHOICES",
    "Alert",
    "ImportProblem",
    "ImportRun",
    "LineItem",
    "Order",
    "Shipment",
]
