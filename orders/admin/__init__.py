"""Orders, shipments and imports in the admin."""

from orders.admin import imports, orders, sendings, shipments, tracking_files

__all__ = ["imports", "orders", "sendings", "shipments", "tracking_files"]
