"""The amounts of a Tophatter order, as far as it lists them (API notes, 2.10)."""

from decimal import Decimal
from typing import Any

from stores.marketplaces.base import (
    MarketplaceAmount,
    UnreadableOrder,
    gettext_noop,
)
from stores.marketplaces.values import money

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


def read_amounts(raw: Any) -> list[MarketplaceAmount]:
    """Return the amounts the order names, in the marketplace's currency."""
    if not isinstance(raw, dict):
        return []
    refunds = raw.get("available_refunds")
    amounts = [
        *_read(refunds if isinstance(refunds, dict) else {}, REFUNDABLE),
        *_read(raw, TOTALS),
    ]
    return [one for one in amounts if one.amount is not None]


def _read(raw: dict[str, Any], titles: dict[str, str]) -> list[MarketplaceAmount]:
    return [
        MarketplaceAmount(title, _amount(raw, name)) for name, title in titles.items()
    ]


def _amount(raw: dict[str, Any], name: str) -> Decimal | None:
    try:
        return money(raw, name)
    except UnreadableOrder:
        return None
