"""Calls of a practice WooCommerce's REST, with its key and secret."""

import json
from typing import Any
from urllib.parse import urlencode

from stores.sandbox.shops.orders import Order
from stores.sandbox.shops.server import Shop
from tests.support.shops import NUMBER, Reply, basic, send_raw

PLUGIN = "wc-shipstation/v1/orders"
OWN = "wc/v3/orders"


def ask(shop: Shop, path: str, method: str = "GET", body: Any = None, **query: Any):
    keys = basic(shop.keys["consumer_key"], shop.keys["consumer_secret"])
    data = b"" if body is None else json.dumps(body).encode()
    target = f"/wp-json/{path}?{urlencode(query, doseq=True)}"
    return send_raw(shop, method, target, data, keys)


def content(answer: Reply) -> Any:
    assert answer.status in {200, 201}
    return json.loads(answer.body)


def notification(order: Order, **changed: Any) -> dict[str, Any]:
    items = [
        {"line_item_id": line.id, "description": line.name, "quantity": 1}
        for line in order.lines
    ]
    given = {"notification_id": "n1", "order_id": order.id, "items": items}
    return given | {"carrier_code": "USPS", "tracking_number": NUMBER} | changed


def tell(shop: Shop, *notifications: dict[str, Any]) -> Any:
    body = {"notifications": list(notifications)}
    answer = ask(shop, f"{PLUGIN}/shipments", "POST", body)
    return content(answer)["notification_results"]
