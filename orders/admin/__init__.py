"""Every page of orders, shipments, imports and stores in the admin."""

from orders.admin.audit import AuditEntryAdmin
from orders.admin.imports.admin import ImportRunAdmin
from orders.admin.jobs import JobAdmin
from orders.admin.orders.admin import OrderAdmin
from orders.admin.shipments.admin import ShipmentAdmin
from orders.admin.shipments.sendings import SendingAdmin
from orders.admin.shipments.tracking_files import TrackingFileAdmin
from orders.admin.stores.admin import StoreAdmin

__all__ = [
    "AuditEntryAdmin",
    "ImportRunAdmin",
    "JobAdmin",
    "OrderAdmin",
    "SendingAdmin",
    "ShipmentAdmin",
    "StoreAdmin",
    "TrackingFileAdmin",
]
