"""Believable orders, with everything that has ever gone wrong among them."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from stores.sandbox.marketplace import Marketplace, Order

BUYERS = [
    ("Ada Example", "12 Sample Street", "Los Altos", "CA", "94022", "US"),
    ("Grace Practice", "400 Harbor Drive", "Portland", "ME", "04101", "US"),
    ("Samuel Try", "77 Orchard Road", "Austin", "TX", "78701", "US"),
    ("Lucía Pérez-Ñoño", "8 Calle Larga", "Miami", "FL", "33101", "US"),
    ("Zoë O’Test", "1 King Street", "Sydney", "NSW", "2000", "AU"),
    ("François Exemple", "3 rue de l’Essai", "Montréal", "QC", "H2X 1Y4", "CA"),
    ("Jürgen Müßig", "Übungsweg 5", "Köln", "", "50667", "DE"),
    ("王小明", "信義路五段7號", "Taipei", "", "110", "TW"),
    ("أحمد مثال", "15 Demo Road", "London", "", "SW1A 1AA", "GB"),
    ("דנה דוגמה", "2 Herzl Street", "Haifa", "", "31000", "IL"),
    ("Anna <b>Bold</b> & Söhne", "9 Ampersand Lane", "Reno", "NV", "89501", "US"),
    ("Emoji 🎧 Fan", "5 Smile Avenue", "Boise", "ID", "83702", "US"),
]
PRODUCTS = [
    ("Ceramic Mug, Blue", "MUG-01", None, 18.0),
    ("Example Headset", "EX-HEADSET", "EX-HEADSET-BLACK", 10.0),
    ("Canvas Tote Bag", "TOTE", "TOTE-NATURAL-L", 14.5),
    ("Desk Lamp", "LAMP-7", "LAMP-7-WHITE", 27.9),
    ("Wool Socks, 3 pairs", "C T.3", None, 9.0),
]
UPSELLS = [
    {"type_description": "accessory", "amount": "7.0", "description": "Carrying case"},
    {
        "type_description": "buy_one_get_one",
        "amount": 5.0,
        "description": "Second piece of the same",
    },
]
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
