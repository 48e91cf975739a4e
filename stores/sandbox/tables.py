"""Tables the marketplace serves (recorded in 2017), its rules, and what is sold."""

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
BUYERS = _recorded("buyers")
# By their two letters: the name, and the three letters.
COUNTRIES = _recorded("countries")
# The statuses that each lets through; null lets all.
FILTERS = _recorded("filters")
METADATA = _recorded("metadata")
# By the name: the three letters of all countries.
COUNTRY_CODES = METADATA["country_codes"]
# The usual ones stand first.
METADATA["countries"] += sorted(COUNTRY_CODES.keys() - METADATA["countries"])
# Each with its name, its identifier, the variation's, and its price.
PRODUCTS = _recorded("products")
PRODUCT_SORTS = _recorded("product_sorts")
# Whether a product, all of them on sale here, is among those of a status.
PRODUCT_STATUSES = _recorded("product_statuses")
PROFILE_2017 = _recorded("profile_2017")
REASONS = _recorded("reasons")
# By what they describe: each field with its name, if required, and if read-only.
SCHEMAS = _recorded("schemas")
# What is sorted by, and whether the largest comes first.
SORTS = _recorded("sorts")
UPSELLS = _recorded("upsells")
