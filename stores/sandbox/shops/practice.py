"""Shops to practise with beside the Tophatter one, with keys that stay the same."""

import random
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from stores.sandbox import drawings
from stores.sandbox.seed import spread
from stores.sandbox.shops.orders import Order
from stores.sandbox.shops.profiles import PROFILES, address_of
from stores.sandbox.shops.server import Shop
from stores.sandbox.tables import BUYERS, PRODUCTS

# Keys of shops that exist nowhere but here.
PRACTICE_KEYS = {
    "user": "seller",
    "password": "practice-" + "feed" * 4,
    "auth_key": "WCSS-" + "feed" * 8,
    "token": "cafe" * 8,
    "consumer_key": "ck_" + "feed" * 10,
    "consumer_secret": "cs_" + "cafe" * 10,
}
LINES: list[dict[str, Any]] = [
    {"name": name, "sku": variation or sku, "price": price}
    for name, sku, variation, price in PRODUCTS
]
# Every third order is one of these; the others are plain, and wait to be shipped.
SPECIALS: list[dict[str, Any]] = [
    {"status": "unpaid", "paid_at": None},
    {"lines": [LINES[0], LINES[2] | {"quantity": 2, "options": {"Size": "L"}}]},
    {"status": "held"},
    {"fees": {"Gift wrap": 3}, "gift": True, "gift_message": "Happy birthday, Ada!"},
    {"discounts": {"spring10": "2.50"}, "note": "Leave it at Tom & Jerry’s <please>."},
    {"lines": [LINES[1], LINES[3] | {"quantity": 0}]},
    {"status": "cancelled", "refunded": 14},
    {
        "lines": [
            LINES[2] | {"name": "Cotton fabric, by the metre", "quantity": "0.375"}
        ]
    },
    {"address": None},
    {"status": "mystery"},
    {"status": "shipped"},
]


@dataclass(frozen=True)
class Connection:
    """What a person types to connect a practice shop."""

    address: str
    secrets: dict[str, str]
    settings: dict[str, str]

    @property
    def password(self) -> str:
        """Return the one secret of an address: its password or key."""
        return next(iter(self.secrets.values()))


def what_to_type(profile: str, port: int) -> Connection:
    """Return what connects the practice shop that runs at the port."""
    kind = PROFILES[profile]
    return Connection(
        address_of(profile, f"http://127.0.0.1:{port}"),
        {name: PRACTICE_KEYS[name] for name in kind.secrets},
        {name: PRACTICE_KEYS[name] for name in kind.settings},
    )


# The shop that “demo” serves beside the practice marketplace.
DEMO_PROFILE = "woo"


def demo_shop(port: int) -> dict[str, Any]:
    """Return what connects the shop of “demo”, as it is typed."""
    typed = what_to_type(DEMO_PROFILE, port)
    return {
        "marketplace": "custom_store",
        "address": typed.address,
        "password": typed.secrets["auth_key"],
        "cart": "woocommerce",
    }


def open_practice_shop(
    profile: str, port: int, orders: int, state_file: Path | None = None
) -> Shop:
    """Return a shop with orders, ready to start, as it was when it ran before."""
    shop = Shop(profile, port, secrets=PRACTICE_KEYS, state_file=state_file)
    if not shop.orders:
        fill(shop, orders)
    return shop


def fill(shop: Shop, count: int) -> None:
    """Add `count` varied orders of the last five days, the same every time."""
    dice = random.Random(0)  # noqa: S311 (no secret)  # nosec B311
    for placed_at, special in spread(count, SPECIALS):
        _add(shop, dice, placed_at, special)


def sell(shop: Shop) -> Order:
    """Add a plain order that waits to be shipped, placed now."""
    dice = random.Random()  # noqa: S311 (no secret)  # nosec B311
    return _add(shop, dice, datetime.now(UTC), {})


def _add(
    shop: Shop, dice: random.Random, placed_at: datetime, special: dict[str, Any]
) -> Order:
    parts = ("name", "address1", "city", "state", "postal_code", "country")
    address = dict(zip(parts, dice.choice(BUYERS), strict=True))
    address["address2"] = dice.choice(["", "", "Apt 4"])
    fields: dict[str, Any] = {
        "created_at": placed_at,
        "buyer": address["name"],
        "email": f"buyer{dice.randrange(100, 1000)}@example.com",
        "address": special.get("address", address),
    }
    lines = special.get("lines", [dice.choice(LINES)])
    pictures = f"{shop.root}{drawings.PATH}"
    fields["lines"] = [
        line | {"picture": drawings.images(pictures, line["sku"])["square"]}
        for line in lines
    ]
    return shop.add_order(**{**special, **fields})
