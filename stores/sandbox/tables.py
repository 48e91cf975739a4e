"""Tables the marketplace serves as metadata (recorded in 2017), and its own rules."""

import json
from pathlib import Path
from typing import Any


def _recorded(name: str) -> Any:
    path = Path(__file__).parent / "data" / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8"))


# What an order, a product and a variation are made from.
BLANK_ORDER = _recorded("blank_order")
BLANK_PRODUCT = _recorded("blank_product")
BLANK_VARIATION = _recorded("blank_variation")
CARRIERS = _recorded("carriers")
CATEGORIES = _recorded("categories")
COLORS = _recorded("colors")
CONDITIONS = _recorded("conditions")
# By their two letters: the name, and the three letters.
COUNTRIES = _recorded("countries")
# By the name: the three letters of all countries.
COUNTRY_CODES = _recorded("country_codes")
MATERIALS = _recorded("materials")
PROFILE_2017 = _recorded("profile_2017")
PROVINCES = _recorded("provinces")
REASONS = _recorded("reasons")
# By what they describe: each field with its name, if required, and if read-only.
SCHEMAS = _recorded("schemas")
SIZES = _recorded("sizes")
STATES = _recorded("states")
TERRITORIES = _recorded("territories")

FILTERS = {
    "": None,
    "fulfilled": {"shipped"},
    "unfulfilled": {"paid"},
    "refunded": {"refunded"},
    "pending_order_consolidation_decision": {"pending_consolidation_decision"},
    "skipped_order_consolidation": set(),
}
SORTS = {
    "": ("order_id", True),
    "id_desc": ("order_id", True),
    "id_asc": ("order_id", False),
    "fulfillment_due_date_desc": ("paid_at", True),
    "fulfillment_due_date_asc": ("paid_at", False),
    "paid_at_desc": ("paid_at", True),
    "paid_at_asc": ("paid_at", False),
}
# Whether a product, all of them on sale here, is among those of a status.
PRODUCT_STATUSES = {
    "": True,
    "in_stock": True,
    "enabled": True,
    "disabled": False,
    "deleted": False,
    "sold_out": False,
    "problematic": False,
    "low_inventory": False,
    "banned": False,
}
PRODUCT_SORTS = {
    f"{key}_{direction}"
    for key in (
        "created_at",
        "updated_at",
        "unique_id",
        "ratings",
        "target_price",
        "sfb",
        "sales",
        "reserve_price",
    )
    for direction in ("ascending", "descending")
}
