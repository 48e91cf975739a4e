"""What we ship: orders and what belongs to them, imports and their problems."""

from orders.models.addresses import SHIP_TO, ShipTo
from orders.models.alerts import Alert
from orders.models.corrections import Correction
from orders.models.events import OrderEvent
from orders.models.figures import StoreChange, StoreFigure, note_change
from orders.models.imports import ImportProblem, ImportRun
from orders.models.jobs import Job, JobPart
from orders.models.line_items import LineItem
from orders.models.marks import WorkMark
from orders.models.orders import STATUS_CHOICES, Order
from orders.models.pictures import ProductPicture
from orders.models.reconciliations import ListedOrder, Reconciliation
from orders.models.replays import Replay
from orders.models.sendings import Sending, SendingLine
from orders.models.shipments import Shipment
from orders.models.slips import PackingSlip
from orders.models.tracking_files import TrackingFile

__all__ = [
    "SHIP_TO",
    "STATUS_CHOICES",
    "Alert",
    "Correction",
    "ImportProblem",
    "ImportRun",
    "Job",
    "JobPart",
    "LineItem",
    "ListedOrder",
    "Order",
    "OrderEvent",
    "PackingSlip",
    "ProductPicture",
    "Reconciliation",
    "Replay",
    "Sending",
    "SendingLine",
    "ShipTo",
    "Shipment",
    "StoreChange",
    "StoreFigure",
    "TrackingFile",
    "WorkMark",
    "note_change",
]
