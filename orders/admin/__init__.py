"""Orders, shipments and imports in the admin."""

from orders.admin import imports, orders, shipments

__all__ = ["imports", "orders", "shipments"]
