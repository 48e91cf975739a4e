"""The practice marketplace with a list of any length, made page by page."""

import time
from datetime import datetime, timedelta
from typing import Any

from stores.sandbox import api
from stores.sandbox.marketplace import FIRST_ID, Marketplace
from stores.sandbox.server import Sandbox
from stores.sandbox.tables import BUYERS, PRODUCTS, UPSELLS

# All of them within the days that a refresh asks for.
DAYS = 2.5


def serve(count: int, at: str, changed: int, token: str) -> None:
    """Print the address and serve so many orders, the newest placed `at`, until killed.

    Every so many of them are `changed`: shipped since, with a number.
    """
    sandbox = Sandbox(tokens=[token])
    pattern = sandbox.add_order()
    sandbox.accounts[token].clear()
    newest, step = datetime.fromisoformat(at), timedelta(days=DAYS) / count

    def order(place: int) -> dict[str, Any]:
        number = count - place
        name, address1, city, state, postal_code, country = BUYERS[number % len(BUYERS)]
        title, product, variation, _price = PRODUCTS[number % len(PRODUCTS)]
        at = sandbox.stamp(newest - step * place)
        shipped = number % 7 == 0 or (changed and number % changed == 0)
        return {
            **pattern,
            "order_id": FIRST_ID + number,
            "customer_name": f"{name} {number}",
            "address1": address1,
            "city": city,
            "state": state,
            "postal_code": postal_code,
            "country": sandbox.country(country),
            "product_name": title,
            "product_identifier": product,
            "variation_identifier": variation,
            "upsells": UPSELLS[:1] if number % 5 == 0 else [],
            "status": "shipped" if shipped else "paid",
            "carrier": "usps" if shipped else None,
            "tracking_number": f"9400111899{number:012}" if shipped else None,
            "created_at": at,
            "paid_at": at,
            "updated_at": at,
        }

    def index(_sandbox: Marketplace, _orders: Any, given: dict[str, Any]) -> Any:
        size = int(given.get("per_page", 50))
        first = (int(given.get("page", 1)) - 1) * size
        return [order(place) for place in range(first, min(first + size, count))]

    api.ROUTES["GET", "orders"] = index, {"page", "per_page"}
    sandbox.start()
    print(sandbox.url, flush=True)
    while True:
        time.sleep(1)
