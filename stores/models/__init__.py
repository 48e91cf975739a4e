"""Who we trade with."""

from stores.models.limits import StoreLimit
from stores.models.logos import Logo
from stores.models.stores import Store, stores_by_zone, validate_timezone

__all__ = ["Logo", "Store", "StoreLimit", "stores_by_zone", "validate_timezone"]
