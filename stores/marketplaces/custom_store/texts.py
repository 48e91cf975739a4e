"""Read single texts of a raw order, in the forms that servers write them."""

import re
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from stores.marketplaces.base import UnreadableOrder
from stores.marketplaces.values import CENT, LONGEST_WORDS, moment, text, unreadable

AMERICAN = re.compile(
    r"(\d{1,2})/(\d{1,2})/(\d{4})\s+(\d{1,2}):(\d{1,2})(?::(\d{1,2}))?"
    r"(?:\s*([AaPp])[Mm])?",
    re.ASCII,
)
NUMBER = re.compile(r"-?\d{1,12}(\.\d{1,12})?", re.ASCII)
GRAMS = Decimal(1)
OUNCES = Decimal("28.349523125")
POUNDS = Decimal("453.59237")
UNITS = {
    **dict.fromkeys(("g", "gm", "gms", "gram", "grams"), GRAMS),
    **dict.fromkeys(("oz", "ounce", "ounces"), OUNCES),
    **dict.fromkeys(("lb", "lbs", "pound", "pounds"), POUNDS),
    **dict.fromkeys(("kg", "kgs", "kilogram", "kilograms"), 1000 * GRAMS),
}
MOST_GRAMS = Decimal(10_000_000)
# Of a key; one that is longer is none.
LONGEST_ID = 50


def american_moment(
    raw: dict[str, Any], field: str, timezone: ZoneInfo
) -> datetime | None:
    """Return a time in UTC: 12/8/2011 9:56 PM, 21:56, even 21:56 PM, or ISO 8601."""
    value = raw.get(field)
    found = AMERICAN.fullmatch(value.strip()) if isinstance(value, str) else None
    if not found:
        return moment(raw, field, timezone)
    month, day, year, hour, minute, second, half = found.groups()
    hours = int(hour)
    if half and hours <= 12:
        hours = hours % 12 + (12 if half in "Pp" else 0)
    stamp = f"{year}-{month:0>2}-{day:0>2} {hours:02}:{minute:0>2}:{second or '00':0>2}"
    try:
        return moment({field: stamp}, field, timezone)
    except UnreadableOrder:
        raise unreadable(field, value) from None


def signed_number(raw: dict[str, Any], field: str) -> Decimal | None:
    """Return a number of either sign; None when it is missing or empty."""
    value = text(raw, field, LONGEST_WORDS)
    if not value:
        return None
    if not NUMBER.fullmatch(value):
        raise unreadable(field, value)
    return Decimal(value)


def whole_id(raw: dict[str, Any], field: str) -> str:
    """Return an ID or a number that is not cut: it would be another one."""
    found = text(raw, field, LONGEST_ID + 1)
    if len(found) > LONGEST_ID:
        raise unreadable(field, found)
    return found


def is_true(raw: dict[str, Any], field: str) -> bool:
    value = raw.get(field)
    return isinstance(value, str) and value.strip().lower() in {"true", "1", "yes"}


def grams(raw: dict[str, Any], unit: str) -> Decimal | None:
    """Return the weight of a piece; None where none is given, or a weight of zero."""
    weight = signed_number(raw, "Weight")
    if not weight:
        return None
    factor = UNITS.get(unit.rstrip(".").lower())
    if factor is None:
        raise unreadable("WeightUnits", unit)
    found = (weight * factor).quantize(CENT, ROUND_HALF_UP)
    if not 0 <= found <= MOST_GRAMS:
        raise unreadable("Weight", raw.get("Weight"))
    return found
