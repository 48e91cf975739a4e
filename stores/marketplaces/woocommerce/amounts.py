"""What an order of WooCommerce costs, and what of it says nothing of its buyer."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from stores.marketplaces.base import MarketplaceAmount, gettext_noop
from stores.marketplaces.values import (
    objects_in,
    plain_part,
    prose,
    signed_money,
    spared,
)
from stores.marketplaces.woocommerce.lines import REFUNDED_PIECES

TOTALS = {
    "shipping_total": gettext_noop("Shipping"),
    "total_tax": gettext_noop("Tax"),
    "discount_total": gettext_noop("Discount"),
    "total": gettext_noop("Order total"),
}
FEE = gettext_noop("Fee")
COUPON = gettext_noop("Coupon")
REFUND = gettext_noop("Refunded")

# What stays of an order once its buyer is erased, and of each part of it.
IMPERSONAL = (
    *("id", "parent_id", "number", "status", "currency", "version"),
    *("date_created", "date_created_gmt", "date_modified", "date_modified_gmt"),
    *("date_paid", "date_paid_gmt", "date_completed", "date_completed_gmt"),
    *("discount_total", "discount_tax", "shipping_total", "shipping_tax"),
    *("cart_tax", "total", "total_tax", "prices_include_tax"),
)
PARTS = {
    "line_items": (
        *("id", "product_id", "variation_id", "sku", "name", "quantity", "price"),
        *("subtotal", "subtotal_tax", "total", "total_tax", "tax_class"),
    ),
    "shipping_lines": ("id", "method_id", "method_title", "total", "total_tax"),
    "fee_lines": ("id", "name", "total", "total_tax"),
    # A code may be made for one person.
    "coupon_lines": ("id", "discount", "discount_tax"),
    "refunds": ("id", "total"),
}


def woo_amounts(raw: Any) -> list[MarketplaceAmount]:
    """Return the amounts the order names, in its currency; discounts below zero."""
    given = raw if isinstance(raw, dict) else {}
    return [one for one in _amounts(given) if one.amount]


def _amounts(raw: dict[str, Any]) -> Iterator[MarketplaceAmount]:
    for fee in objects_in(raw, "fee_lines"):
        yield MarketplaceAmount(_title(fee, "name", FEE), _amount(fee, "total"))
    coupons = objects_in(raw, "coupon_lines")
    for coupon in coupons:
        amount = _amount(coupon, "discount")
        yield MarketplaceAmount(_title(coupon, "code", COUPON), amount and -amount)
    for name, title in TOTALS.items():
        amount = _amount(raw, name)
        if name != "discount_total":
            yield MarketplaceAmount(title, amount)
        elif not coupons:
            yield MarketplaceAmount(title, amount and -amount)
    for refund in objects_in(raw, "refunds"):
        yield MarketplaceAmount(REFUND, _amount(refund, "total"))


def _amount(raw: dict[str, Any], field: str) -> Decimal | None:
    return spared({}, signed_money, raw, field)


def _title(raw: dict[str, Any], field: str, otherwise: str) -> str:
    return spared({}, prose, raw, field, 100) or otherwise


def impersonal_woo_order(raw: Any) -> dict[str, Any]:
    """Return of a raw order what says nothing of its buyer, and nothing unknown."""
    given = raw if isinstance(raw, dict) else {}
    kept = plain_part(given, IMPERSONAL)
    for part, names in PARTS.items():
        if isinstance(given.get(part), list):
            kept[part] = [plain_part(one, names) for one in objects_in(given, part)]
    if isinstance(refunded := given.get(REFUNDED_PIECES), dict):
        kept[REFUNDED_PIECES] = plain_part(refunded, refunded)
    return kept
