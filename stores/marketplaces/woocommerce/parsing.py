"""Understand an order of WooCommerce's own REST, `wc/v3`.

Source: WooCommerce's REST API documentation, "Order properties", and its statuses in
"Order Statuses" of its user documentation; what was measured stands in the notes.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from stores.marketplaces import countries
from stores.marketplaces.base import MarketplaceOrder, OrderStatus, UnreadableOrder
from stores.marketplaces.values import (
    clean,
    entries_of,
    has_offset,
    mapping,
    moment,
    naming,
    prose,
    signed_money,
    spared,
    text,
    unreadable,
)
from stores.marketplaces.woocommerce.failures import REFUNDS_UNREAD
from stores.marketplaces.woocommerce.lines import (
    MOST_LINES,
    UNREAD_REFUNDS,
    woo_lines,
)

STATUSES = {
    "pending": OrderStatus.AWAITING_PAYMENT,
    "checkout-draft": OrderStatus.AWAITING_PAYMENT,
    # The payment failed; the buyer may still pay.
    "failed": OrderStatus.AWAITING_PAYMENT,
    "processing": OrderStatus.AWAITING_SHIPMENT,
    "on-hold": OrderStatus.ON_HOLD,
    "completed": OrderStatus.SHIPPED,
    "cancelled": OrderStatus.CANCELLED,
    "refunded": OrderStatus.CANCELLED,
    "trash": OrderStatus.CANCELLED,
}
UTC = ZoneInfo("UTC")
# A post's number is a BIGINT of MySQL.
LARGEST_ID = 2**63 - 1
# What changes without a change that matters: it is enough to open an order to look at.
PASSING = re.compile(r'"date_modified(?:_gmt)?"\s*:\s*(?:"[^"\\]*"|null)\s*,?')
# What says where a parcel goes: the field of ours, of the shop's, and the length.
ADDRESS = (
    ("ship_to_company", "company", 200),
    ("ship_to_address1", "address_1", 200),
    ("ship_to_address2", "address_2", 200),
    ("ship_to_city", "city", 100),
    ("ship_to_state", "state", 100),
    ("ship_to_postal_code", "postcode", 20),
)
# Of these, one at least makes an address of what is given.
PLACES = ("address_1", "address_2", "city", "postcode")
# By what field an address is not read whole.
NEEDED = ("company", "first_name", "last_name", *PLACES, "state", "country")


def is_woo_order_id(text: str) -> bool:
    is_number = text.isascii() and text.isdecimal() and len(text) < 20
    return is_number and 0 < int(text) <= LARGEST_ID


def woo_order_id(raw: Any) -> str:
    value = raw.get("id") if isinstance(raw, dict) else None
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not is_woo_order_id(value):
        raise unreadable("id", value if isinstance(raw, dict) else raw)
    return value


def changed_at(raw: Any) -> datetime | None:
    """Return when an order was last changed, as far as it says so."""
    given = raw if isinstance(raw, dict) else {}
    return spared({}, moment, given, "date_modified_gmt", UTC)


def lasting(written: str) -> str:
    """Return an order's JSON without what changes by itself."""
    return PASSING.sub("", written)


def parse_woo_order(
    raw: Any,
    timezone: ZoneInfo,
    words: Mapping[str, OrderStatus] | None = None,
) -> MarketplaceOrder:
    """Read a raw order; of times the one in GMT counts, the others are in `timezone`.

    `words` are the known words of status, in lower case.
    """
    number = woo_order_id(raw)
    if status := raw.get(UNREAD_REFUNDS):
        # Without them too much would be packed.
        facts = {"order": number, "status": status}
        raise UnreadableOrder(REFUNDS_UNREAD, order_id=number, **facts)
    with naming(number):
        return _read_order(number, raw, timezone, words or STATUSES)


def _read_order(
    order_id: str,
    raw: dict[str, Any],
    timezone: ZoneInfo,
    words: Mapping[str, OrderStatus],
) -> MarketplaceOrder:
    unread: dict[str, str] = {}
    paid_at = _time(raw, "date_paid", timezone, unread)
    ordered_at = _time(raw, "date_created", timezone, unread) or paid_at
    if ordered_at is None:
        raise unreadable("date_created_gmt", raw.get("date_created_gmt"))
    word = raw.get("status")
    word = clean(word) if isinstance(word, str) else ""
    number = (spared(unread, text, raw, "number", 50) or "").lstrip("#")
    lines, left_out = woo_lines(raw, unread)
    billing = spared(unread, mapping, raw, "billing") or {}
    return MarketplaceOrder(
        order_id=order_id,
        order_number="" if number == order_id else number,
        status=words.get(word[:50].lower(), OrderStatus.NEEDS_REVIEW),
        marketplace_status=word[:50],
        ordered_at=ordered_at,
        paid_at=paid_at,
        refund_amount=_refunded(raw, unread),
        # Neither is exported: an extension of the shop may keep them, or a note.
        carrier="",
        tracking_number="",
        lines=tuple(lines),
        left_out=tuple(left_out),
        currency=(spared(unread, text, raw, "currency", 3) or "").upper(),
        email=spared(unread, text, billing, "email", 200, within="billing.") or "",
        buyer_note=spared(unread, prose, raw, "customer_note", 2000) or "",
        shipping_service=_services(raw, unread),
        customer_name=_name(billing, unread, "billing."),
        **_ship_to(raw, billing, unread),
        unread=tuple(f"{field} {value}" for field, value in unread.items()),
    )


def _time(
    raw: dict[str, Any], field: str, timezone: ZoneInfo, unread: dict[str, str]
) -> datetime | None:
    """Return a time by its field in GMT; by the shop's own where there is none."""
    in_gmt = spared(unread, moment, raw, f"{field}_gmt", UTC)
    return in_gmt or spared(unread, moment, raw, field, timezone)


def woo_stamps(raw: Any) -> dict[str, str]:
    """Return what an order's dates were read from, where it is text.

    The sign of UTC is put behind a time in GMT, which says so by its field only.
    """
    given = raw if isinstance(raw, dict) else {}
    paid = _stamp(given, "date_paid")
    stamps = {"ordered_at": _stamp(given, "date_created") or paid, "paid_at": paid}
    return {name: stamp for name, stamp in stamps.items() if stamp}


def _stamp(raw: dict[str, Any], field: str) -> str:
    for name, sign in ((f"{field}_gmt", "Z"), (field, "")):
        found = spared({}, moment, raw, name, UTC)
        if found is not None:
            stamp = clean(str(raw[name]))
            return stamp if has_offset(stamp) else stamp + sign
    return ""


def _name(person: dict[str, Any], unread: dict[str, str], within: str) -> str:
    names = [
        spared(unread, text, person, field, 100, within=within) or ""
        for field in ("first_name", "last_name")
    ]
    company = spared(unread, text, person, "company", 200, within=within) or ""
    return " ".join(filter(None, names)) or company


def _ship_to(
    raw: dict[str, Any], billing: dict[str, Any], unread: dict[str, str]
) -> dict[str, Any]:
    """Return where the parcel goes: where no such address is given, to who pays.

    Not where nothing is to be shipped: WooCommerce gives each order with something to
    ship a line of shipping, and asks for no address without.
    """
    shipping = spared(unread, mapping, raw, "shipping") or {}
    given, within = shipping, "shipping."
    if not any(shipping.get(field) for field in PLACES):
        given, within = (billing, "billing.") if raw.get("shipping_lines") else ({}, "")
    country = spared(unread, text, given, "country", 100, within=within) or ""
    code = countries.alpha2(country)
    found = {
        name: spared(unread, text, given, field, length, within=within) or ""
        for name, field, length in ADDRESS
    }
    found["ship_to_name"] = _name(given, unread, within)
    lost = {"shipping", *(within + field for field in NEEDED)}
    phones = (
        spared(unread, text, one, "phone", 50, within=of) or ""
        for one, of in ((shipping, "shipping."), (billing, "billing."))
    )
    return {
        **found,
        "ship_to_country": code,
        "unknown_country": "" if code else country,
        "is_ship_to_unread": not lost.isdisjoint(unread),
        "phone": next(filter(None, phones), ""),
    }


def _services(raw: dict[str, Any], unread: dict[str, str]) -> str:
    """Return the ways of shipping that the buyer chose, several for several parcels."""
    titles = (
        spared(unread, prose, one, "method_title", 200) or ""
        for one in entries_of(raw, "shipping_lines", MOST_LINES)
    )
    return " | ".join(filter(None, titles))[:200]


def _refunded(raw: dict[str, Any], unread: dict[str, str]) -> Decimal | None:
    """Return what was paid back; the shop writes it below zero."""
    amounts = [
        spared(unread, signed_money, one, "total", within="refunds.")
        for one in entries_of(raw, "refunds", MOST_LINES)
    ]
    given = [abs(amount) for amount in amounts if amount is not None]
    return sum(given, Decimal(0)) if given else None
