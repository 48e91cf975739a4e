"""Understand a raw order of Tophatter, of any known profile (API notes, 2.10)."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from stores.marketplaces import countries
from stores.marketplaces.base import (
    MarketplaceAmount,
    MarketplaceLine,
    MarketplaceOrder,
    OrderStatus,
    gettext_noop,
)
from stores.marketplaces.values import (
    clean,
    entries_of,
    mapping,
    moment,
    money,
    naming,
    objects_in,
    plain_part,
    quantity,
    spared,
    text,
    unreadable,
)

STATUSES = {
    "processing_payment": OrderStatus.AWAITING_PAYMENT,
    "pending_verification": OrderStatus.AWAITING_PAYMENT,
    "unpaid": OrderStatus.AWAITING_PAYMENT,
    "paid": OrderStatus.AWAITING_SHIPMENT,
    "shipped": OrderStatus.SHIPPED,
    "refunded": OrderStatus.CANCELLED,
    "cancelled": OrderStatus.CANCELLED,
    "canceled": OrderStatus.CANCELLED,
    "pending_consolidation_decision": OrderStatus.ON_HOLD,
}
# Order numbers are int32 (API notes, 2.4).
LARGEST_ID = 2**31 - 1
MOST_UPSELLS = 100
PLACE = re.compile(r"\d{1,9}", re.ASCII)
UTC = ZoneInfo("UTC")
# What an address is made of, and how long each part may be.
ADDRESS = {
    "customer_name": 200,
    "address1": 200,
    "address2": 200,
    "city": 100,
    "state": 100,
    "postal_code": 20,
    "country": 100,
}
# A key leaves `available_refunds` once it is refunded, so these are what is left.
REFUNDABLE = {
    "buyer_fee": gettext_noop("Item, refundable"),
    "shipping_fee": gettext_noop("Shipping, refundable"),
}
TOTALS = {
    "refund_amount": gettext_noop("Refunded"),
    "seller_fees_amount": gettext_noop("Marketplace’s fees"),
    "disbursement_amount": gettext_noop("Payout"),
}

# What stays of an order once its buyer is erased, and of each of its upsells.
IMPERSONAL = (
    *("order_id", "status", "created_at", "paid_at", "carrier", "tracking_number"),
    *("product_quantity", "product_identifier", "product_name"),
    *("variation_identifier", *TOTALS),
)
UPSELL = ("identifier", "description", "type_description", "amount")


def is_order_id(text: str) -> bool:
    return text.isascii() and text.isdecimal() and 0 < int(text) <= LARGEST_ID


def order_id(raw: Any) -> str:
    value = raw.get("order_id") if isinstance(raw, dict) else None
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not value.isascii() or not value.isdigit():
        raise unreadable("order_id", value if isinstance(raw, dict) else raw)
    if len(value) > 50:
        raise unreadable("order_id", value)
    return value


def parse_order(
    raw: Any,
    timezone: ZoneInfo,
    words: Mapping[str, OrderStatus] | None = None,
) -> MarketplaceOrder:
    """Read a raw order of any known profile; times without offset in `timezone`.

    `words` are the known words of status, in lower case.
    """
    number = order_id(raw)
    with naming(number):
        return _read_order(number, raw, timezone, words or STATUSES)


def _read_order(
    order_id: str,
    raw: dict[str, Any],
    timezone: ZoneInfo,
    words: Mapping[str, OrderStatus],
) -> MarketplaceOrder:
    """Read what shipping needs; of the rest, what cannot be read stays empty."""
    unread: dict[str, str] = {}
    paid_at = spared(unread, moment, raw, "paid_at", timezone)
    ordered_at = spared(unread, moment, raw, "created_at", timezone) or paid_at
    if ordered_at is None:
        raise unreadable("created_at", raw.get("created_at"))
    word = raw.get("status")
    word = clean(word) if isinstance(word, str) else ""
    totals = {name: spared(unread, money, raw, name) for name in TOTALS}
    return MarketplaceOrder(
        order_id=order_id,
        status=words.get(word[:50].lower(), OrderStatus.NEEDS_REVIEW),
        marketplace_status=word[:50],
        ordered_at=ordered_at,
        paid_at=paid_at,
        refund_amount=totals["refund_amount"],
        carrier=spared(unread, text, raw, "carrier", 100) or "",
        tracking_number=spared(unread, text, raw, "tracking_number", 100) or "",
        lines=(_main_line(raw, unread), *_upsell_lines(raw, unread)),
        **_ship_to(raw, unread),
        unread=tuple(f"{field} {value}" for field, value in unread.items()),
    )


def _ship_to(raw: dict[str, Any], unread: dict[str, str]) -> dict[str, Any]:
    given = {
        field: spared(unread, text, raw, field, length) or ""
        for field, length in ADDRESS.items()
    }
    code = countries.alpha2(given["country"])
    return {
        "customer_name": given["customer_name"],
        "ship_to_name": given["customer_name"],
        "ship_to_address1": given["address1"],
        "ship_to_address2": given["address2"],
        "ship_to_city": given["city"],
        "ship_to_state": given["state"],
        "ship_to_postal_code": given["postal_code"],
        "ship_to_country": code,
        "unknown_country": "" if code else given["country"],
        "is_ship_to_unread": not unread.keys().isdisjoint(ADDRESS),
    }


def _main_line(raw: dict[str, Any], unread: dict[str, str]) -> MarketplaceLine:
    refunds = spared(unread, mapping, raw, "available_refunds") or {}
    within = "available_refunds."
    fees = {
        name: spared(unread, money, refunds, name, within=within) for name in REFUNDABLE
    }
    pieces = quantity(raw, "product_quantity")
    variation = text(raw, "variation_identifier", 100)
    sku = variation or text(raw, "product_identifier", 100)
    return MarketplaceLine(
        sku=sku,
        name=_name(raw, ["product_name"], sku, unread),
        quantity=pieces,
        # Whether the fee is per piece or for all of them is not known.
        unit_price=fees["buyer_fee"] if pieces == 1 else None,
        variation_id=variation,
        product_id=spared(unread, text, raw, "product_identifier", 100) or "",
    )


def _upsell_lines(
    raw: dict[str, Any], unread: dict[str, str]
) -> Iterator[MarketplaceLine]:
    """Upsells lie in the parcel too: a second piece, or an accessory."""
    for upsell in _upsells(raw):
        sku = text(upsell, "identifier", 100)
        yield MarketplaceLine(
            sku=sku,
            name=_name(upsell, ["description", "type_description"], sku, unread),
            quantity=1,
            unit_price=spared(unread, money, upsell, "amount", within="upsells."),
            variation_id="",
        )


def _upsells(raw: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the upsells of a list, or of an object that numbers them."""
    upsells = raw.get("upsells") or []
    if isinstance(upsells, dict) and all(PLACE.fullmatch(key) for key in upsells):
        upsells = [upsells[key] for key in sorted(upsells, key=int)]
    return list(entries_of({"upsells": upsells}, "upsells", MOST_UPSELLS))


def _name(
    raw: dict[str, Any], fields: list[str], sku: str, unread: dict[str, str]
) -> str:
    """Return what an item is called; without a SKU nothing else says what it is."""
    for field in fields:
        name = spared(unread, text, raw, field, 500) if sku else text(raw, field, 500)
        if name:
            return name
    return ""


def read_stamps(raw: Any) -> dict[str, str]:
    """Return what an order's dates were read from, where it is text."""
    given = raw if isinstance(raw, dict) else {}
    stamps = {
        "ordered_at": given.get(_date_field(given)),
        "paid_at": given.get("paid_at"),
    }
    return {
        name: clean(stamp)[:60]
        for name, stamp in stamps.items()
        if isinstance(stamp, str) and stamp
    }


def placed_about(raw: Any) -> datetime | None:
    """Return when an order was placed, some hours off where no offset says it."""
    given = raw if isinstance(raw, dict) else {}
    return spared({}, moment, given, _date_field(given), UTC)


def _date_field(raw: dict[str, Any]) -> str:
    """Return which field says when the order was placed."""
    created_at = spared({}, moment, raw, "created_at", UTC)
    return "created_at" if created_at else "paid_at"


def read_amounts(raw: Any) -> list[MarketplaceAmount]:
    """Return the amounts the order names, in the marketplace's currency."""
    if not isinstance(raw, dict):
        return []
    refunds = raw.get("available_refunds")
    amounts = [
        *_named(refunds if isinstance(refunds, dict) else {}, REFUNDABLE),
        *_named(raw, TOTALS),
    ]
    return [one for one in amounts if one.amount is not None]


def without_person(raw: Any) -> dict[str, Any]:
    """Return of a raw order what says nothing of its buyer, and nothing unknown."""
    given = raw if isinstance(raw, dict) else {}
    kept = plain_part(given, IMPERSONAL)
    if isinstance(refunds := given.get("available_refunds"), dict):
        kept["available_refunds"] = plain_part(refunds, REFUNDABLE)
    upsells = given.get("upsells")
    if isinstance(upsells, dict):
        kept["upsells"] = {
            place: plain_part(one, UPSELL)
            for place, one in upsells.items()
            if PLACE.fullmatch(place) and isinstance(one, dict)
        }
    elif isinstance(upsells, list):
        kept["upsells"] = [
            plain_part(one, UPSELL) for one in objects_in(given, "upsells")
        ]
    return kept


def _named(raw: dict[str, Any], titles: dict[str, str]) -> list[MarketplaceAmount]:
    return [
        MarketplaceAmount(title, spared({}, money, raw, name))
        for name, title in titles.items()
    ]
