"""Understand a raw order of the convention, from any server that is known."""

import re
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from stores.marketplaces import countries
from stores.marketplaces.base import (
    MarketplaceAmount,
    MarketplaceOrder,
    OrderStatus,
    UnreadableOrder,
    gettext_noop,
)
from stores.marketplaces.custom_store.documents import BROKEN, PIECE
from stores.marketplaces.custom_store.items import items_of, read_parcel
from stores.marketplaces.custom_store.presets import OTHER, PRESETS
from stores.marketplaces.custom_store.texts import (
    LONGEST_ID,
    american_moment,
    is_true,
    whole_id,
)
from stores.marketplaces.values import (
    clean,
    mapping,
    naming,
    objects_in,
    plain_part,
    prose,
    signed_money,
    spared,
    text,
    unreadable,
)

# What an address is made of, as it is called here, and how long it may be.
SHIP_TO = {
    "Name": ("ship_to_name", 200),
    "Company": ("ship_to_company", 200),
    "Address1": ("ship_to_address1", 200),
    "Address2": ("ship_to_address2", 200),
    "City": ("ship_to_city", 100),
    "State": ("ship_to_state", 100),
    "PostalCode": ("ship_to_postal_code", 20),
}
TEXTS = {
    "CustomerNotes": ("buyer_note", 2000),
    "GiftMessage": ("gift_message", 2000),
}
TOTALS = {
    "OrderTotal": gettext_noop("Order total"),
    "ShippingAmount": gettext_noop("Shipping"),
    "TaxAmount": gettext_noop("Tax"),
}
DISCOUNT = gettext_noop("Discount")
# Magento's code behind the name; WooCommerce sets several apart by a bar with blanks.
SERVICE_CODE = re.compile(r"(?<=\S)\|\S+$")
MAIL = re.compile(r"[^@\s<>]{1,64}@[^@\s<>]{1,180}\.[^@\s<>.]{2,63}")
CURRENCY = re.compile(r"[A-Z]{3}")
NUMBERS = re.compile(r"<(Order(?:Number|ID))>\s*(?:<!\[CDATA\[)?\s*([^<>\]&]{1,50})")

# What stays of an order once its buyer is erased, and of each of its items.
IMPERSONAL = (
    *("OrderID", "OrderNumber", "OrderStatus", "OrderDate", "LastModified"),
    *("CurrencyCode", "StoreCode", *TOTALS),
)
IMPERSONAL_ITEM = (
    *("LineItemID", "SKU", "Name", "Quantity", "UnitPrice", "Adjustment"),
    *("Weight", "WeightUnits"),
)
# It may be called by a code that was made for one person.
IMPERSONAL_ADJUSTMENT = ("LineItemID", "Quantity", "UnitPrice", "Adjustment")

BROKEN_ORDER = gettext_noop(
    "An order of the list cannot be read (%(reason)s); its number may be %(number)s."
)


def is_shop_order_id(text: str) -> bool:
    return 0 < len(text) <= LONGEST_ID and text == clean(text)


def shop_order_id(raw: Any) -> str:
    """Return what the shop tells an order by: its ID, or its number without one."""
    if not isinstance(raw, dict):
        raise unreadable("OrderID", raw)
    if BROKEN in raw:
        raise UnreadableOrder(
            BROKEN_ORDER,
            reason=clean(str(raw[BROKEN]))[:100],
            number=_guessed_number(raw.get(PIECE)),
        )
    found = whole_id(raw, "OrderID") or whole_id(raw, "OrderNumber")
    if not found:
        raise unreadable("OrderID", raw.get("OrderID"))
    return found


def parse_shop_order(
    raw: Any, timezone: ZoneInfo, words: Mapping[str, OrderStatus] | None = None
) -> MarketplaceOrder:
    """Read a raw order; its times, which have no offset, are in `timezone`.

    `words` are the known words of status, in lower case.
    """
    order_id = shop_order_id(raw)
    known = PRESETS[OTHER].words if words is None else words
    with naming(order_id):
        return _read_order(order_id, raw, timezone, known)


def _read_order(
    order_id: str,
    raw: dict[str, Any],
    timezone: ZoneInfo,
    words: Mapping[str, OrderStatus],
) -> MarketplaceOrder:
    """Read what shipping needs; of the rest, what cannot be read stays empty."""
    unread: dict[str, str] = {}
    ordered_at = american_moment(raw, "OrderDate", timezone)
    if ordered_at is None:
        raise unreadable("OrderDate", raw.get("OrderDate"))
    word = spared(unread, text, raw, "OrderStatus", 50) or ""
    order_number = spared(unread, whole_id, raw, "OrderNumber") or ""
    parcel = read_parcel(raw, unread)
    return MarketplaceOrder(
        order_id=order_id,
        order_number="" if order_number == order_id else order_number,
        status=words.get(word.lower(), OrderStatus.NEEDS_REVIEW),
        marketplace_status=word,
        ordered_at=ordered_at,
        # Never said: WooCommerce's date of an order is the one of the payment, at best.
        paid_at=None,
        refund_amount=None,
        carrier="",
        tracking_number="",
        currency=spared(unread, _currency, raw, "CurrencyCode") or "",
        lines=tuple(parcel.lines),
        left_out=tuple(parcel.left_out),
        weight=parcel.weight,
        shipping_service=spared(unread, _service, raw, "ShippingMethod") or "",
        **_texts(raw, unread),
        **_people(raw, unread),
        unread=tuple(f"{field} {value}" for field, value in unread.items()),
    )


def _service(raw: dict[str, Any], field: str) -> str:
    return SERVICE_CODE.sub("", prose(raw, field, 1000))[:200].strip()


def _texts(raw: dict[str, Any], unread: dict[str, str]) -> dict[str, Any]:
    return {
        name: spared(unread, prose, raw, field, length) or ""
        for field, (name, length) in TEXTS.items()
    }


def _people(raw: dict[str, Any], unread: dict[str, str]) -> dict[str, Any]:
    """Return who ordered and where it goes, which servers leave out now and then."""
    customer = spared(unread, mapping, raw, "Customer") or {}
    ship_to = spared(unread, mapping, customer, "ShipTo") or {}
    bill_to = spared(unread, mapping, customer, "BillTo") or {}
    lost: dict[str, str] = {}
    given = {
        name: spared(lost, prose, ship_to, field, length, within="ShipTo.") or ""
        for field, (name, length) in SHIP_TO.items()
    }
    word = spared(lost, prose, ship_to, "Country", 100, within="ShipTo.") or ""
    code = countries.alpha2(word)
    is_unread = bool(lost) or not unread.keys().isdisjoint({"Customer", "ShipTo"})
    unread |= lost
    return {
        **given,
        "ship_to_country": code,
        "unknown_country": "" if code else word,
        "is_ship_to_unread": is_unread,
        "customer_name": _billing(unread, bill_to, "Name") or given["ship_to_name"],
        "email": _mail(customer, bill_to, unread),
        "phone": spared(unread, prose, ship_to, "Phone", 50, within="ShipTo.")
        or _billing(unread, bill_to, "Phone", 50),
    }


def _billing(
    unread: dict[str, str], bill_to: dict[str, Any], field: str, length: int = 200
) -> str:
    return spared(unread, prose, bill_to, field, length, within="BillTo.") or ""


def _mail(
    customer: dict[str, Any], bill_to: dict[str, Any], unread: dict[str, str]
) -> str:
    """Return the buyer's e-mail address, which may be the customer's code instead."""
    given = _billing(unread, bill_to, "Email", 254)
    if MAIL.fullmatch(given):
        return given
    if given:
        unread["BillTo.Email"] = given[:60]
    code = spared({}, text, customer, "CustomerCode", 254) or ""
    return code if MAIL.fullmatch(code) else ""


def _currency(raw: dict[str, Any], field: str) -> str:
    code = text(raw, field, 10).upper()
    if code and not CURRENCY.fullmatch(code):
        raise unreadable(field, code)
    return code


def _guessed_number(piece: Any) -> str:
    """Return what may be the number of an order that cannot be read."""
    found = dict(NUMBERS.findall(piece)) if isinstance(piece, str) else {}
    return clean(found.get("OrderNumber") or found.get("OrderID") or "") or "?"


def shop_stamps(raw: Any) -> dict[str, str]:
    """Return what an order's date was read from, where it is text."""
    stamp = raw.get("OrderDate") if isinstance(raw, dict) else None
    return {"ordered_at": clean(stamp)[:60]} if isinstance(stamp, str) and stamp else {}


def shop_amounts(raw: Any) -> list[MarketplaceAmount]:
    """Return the totals and adjustments of an order; discounts are negative."""
    if not isinstance(raw, dict):
        return []
    amounts = [
        MarketplaceAmount(title, spared({}, signed_money, raw, name))
        for name, title in TOTALS.items()
    ]
    amounts += [
        MarketplaceAmount(_title_of(item), spared({}, signed_money, item, "UnitPrice"))
        for item in _adjustments(raw)
    ]
    return [one for one in amounts if one.amount is not None]


def _adjustments(raw: dict[str, Any]) -> list[dict[str, Any]]:
    try:
        return [item for item in items_of(raw) if is_true(item, "Adjustment")]
    except UnreadableOrder:
        return []


def _title_of(item: dict[str, Any]) -> str:
    """Return what a discount is called; Magento's has a code for a name."""
    name = spared({}, prose, item, "Name", 100)
    return name or spared({}, prose, item, "SKU", 100) or DISCOUNT


def impersonal_part(raw: Any) -> dict[str, Any]:
    """Return of a raw order what says nothing of its buyer, and nothing unknown."""
    given = raw if isinstance(raw, dict) else {}
    kept = plain_part(given, IMPERSONAL)
    if isinstance(given.get("Items"), list):
        kept["Items"] = [
            plain_part(one, _impersonal_of(one)) for one in objects_in(given, "Items")
        ]
    return kept


def _impersonal_of(item: dict[str, Any]) -> tuple[str, ...]:
    is_adjustment = is_true(item, "Adjustment")
    return IMPERSONAL_ADJUSTMENT if is_adjustment else IMPERSONAL_ITEM
