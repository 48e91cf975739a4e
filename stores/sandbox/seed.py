"""Believable orders, with everything that has ever gone wrong among them."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from stores.sandbox.marketplace import Marketplace, Order
from stores.sandbox.tables import BUYERS, PRODUCTS, UPSELLS

# Every third order is one of these; the others are paid and plain.
SPECIALS: list[dict[str, Any]] = [
    {"status": "pending_verification"},
    {"upsells": [UPSELLS[0]]},
    {"status": "processing_payment", "paid_at": None},
    {"product_quantity": 3},
    {"address1": None, "city": None, "postal_code": None},
    {"status": "refunded", "refund_amount": 14.0, "available_refunds": {}},
    {"upsells": UPSELLS},
    {"status": "pending_consolidation_decision"},
    {"status": "awaiting_stars"},
    {"upsells": None, "seller_fees": None, "available_refunds": None, "state": None},
    {
        "status": "shipped",
        "carrier": "usps",
        "tracking_number": "9400111899562173406001",
    },
]


def spread(
    count: int, specials: list[dict[str, Any]]
) -> Iterator[tuple[datetime, dict[str, Any]]]:
    """Yield when each of so many orders was placed, and what is special of it."""
    now = datetime.now(UTC)
    for place in range(count):
        hours = 120 * (count - place - 0.5) / count
        special = specials[place // 3 % len(specials)] if place % 3 == 2 else {}
        yield now - timedelta(hours=hours), special


def seed(
    sandbox: Marketplace, count: int, token: str | None = None, start: int = 0
) -> None:
    """Add `count` varied orders of the last five days, the same for the same start."""
    dice = random.Random(start)  # noqa: S311 (no secret)  # nosec B311
    token = token or sandbox.token
    # One in each hour that the last change of clocks made doubtful, long ago by now.
    for moment in ("2026-11-01T01:30:00-07:00", "2026-11-01T01:30:00-08:00"):
        if count > 10:
            _add(sandbox, token, dice, datetime.fromisoformat(moment), {})
    for placed_at, special in spread(count, SPECIALS):
        _add(sandbox, token, dice, placed_at, special)


def new_order(sandbox: Marketplace, token: str | None = None) -> Order:
    """Add a plain paid order, placed now."""
    dice = random.Random()  # noqa: S311 (no secret)  # nosec B311
    return _add(sandbox, token or sandbox.token, dice, datetime.now(UTC), {})


def _add(
    sandbox: Marketplace,
    token: str,
    dice: random.Random,
    placed_at: datetime,
    special: dict[str, Any],
) -> Order:
    name, street, city, state, postal_code, country = dice.choice(BUYERS)
    product, sku, variation, price = dice.choice(PRODUCTS)
    fee = round(price * 0.15, 2)
    fields = {
        "product_name": product,
        "product_identifier": sku,
        "variation_identifier": variation,
        "customer_name": name,
        "customer_id": dice.randrange(30_000_000, 40_000_000),
        "address1": street,
        "address2": dice.choice([None, None, "Apt 4"]),
        "city": city,
        "state": state,
        "postal_code": postal_code,
        "country": sandbox.country(country),
        "available_refunds": {
            "buyer_fee": sandbox.amount(price),
            "shipping_fee": sandbox.amount(4.0),
        },
        "disbursement_amount": sandbox.amount(round(price + 4 - fee, 2)),
        "seller_fees_amount": sandbox.amount(fee),
        "seller_fees": [{"type": "commission_fee", "amount": sandbox.amount(fee)}],
        "created_at": placed_at,
        "paid_at": placed_at + timedelta(seconds=40),
    }
    if sandbox.profile == "2017":
        special = {
            key: value
            for key, value in special.items()
            if key not in {"upsells", "product_quantity"}
        }
    return sandbox.add_order(token, **{**fields, **special})
