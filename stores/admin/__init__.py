"""The admin's pages of stores."""

from stores.admin.stores import StoreAdmin

__all__ = ["StoreAdmin"]
