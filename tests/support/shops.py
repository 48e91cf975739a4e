"""Calls of a practice shop as a program that ships writes them."""

from base64 import b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import escape
from http.client import HTTPConnection
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit
from xml.etree.ElementTree import Element, fromstring

from stores.sandbox.shops.orders import Order
from stores.sandbox.shops.server import Shop

NUMBER = "9400111899562173406594"


@dataclass
class Reply:
    status: int
    headers: Any
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def root(self) -> Element:
        """Return the root, read as text, since a declaration may say otherwise."""
        _, _, rest = self.text.rpartition("?>")
        return fromstring(rest.strip())

    @property
    def orders(self) -> list[Element]:
        assert (self.status, self.root.tag) == (200, "Orders")
        return self.root.findall("Order")

    @property
    def numbers(self) -> list[str]:
        return [order.findtext("OrderNumber") or "" for order in self.orders]


def send_raw(
    shop: Shop,
    method: str,
    target: str,
    body: bytes = b"",
    headers: dict[str, str] | None = None,
) -> Reply:
    connection = HTTPConnection("127.0.0.1", shop.port, timeout=30)
    try:
        connection.request(method, target, body or None, headers or {})
        response = connection.getresponse()
        return Reply(response.status, response.headers, response.read())
    finally:
        connection.close()


def basic(user: str, password: str) -> dict[str, str]:
    code = b64encode(f"{user}:{password}".encode()).decode()
    return {"Authorization": f"Basic {code}"}


def credentials(shop: Shop) -> tuple[dict[str, str], dict[str, str]]:
    """Return the query and the headers that open the shop, by its first way."""
    way, keys = shop.profile.ways[0], shop.keys
    if way == "basic":
        return {}, basic(keys["user"], keys["password"])
    if way == "auth_key":
        return {"auth_key": keys["auth_key"]}, {}
    return {"SS-UserName": keys["user"], "SS-Password": keys["password"]}, {}


def call(
    shop: Shop,
    method: str = "GET",
    body: bytes = b"",
    is_open: bool = True,
    **parameters: str,
) -> Reply:
    """Call the shop's address with the parameters, and with what opens it."""
    query, headers = credentials(shop) if is_open else ({}, {})
    address = urlsplit(shop.url)
    fixed = dict(parse_qsl(address.query))
    target = f"{address.path}?{urlencode({**fixed, **query, **parameters})}"
    return send_raw(shop, method, target, body, headers)


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%m/%d/%Y %H:%M")


def export(shop: Shop, page: int | str = 1, **parameters: str) -> Reply:
    """Ask for a page of the orders of the last ten days and the next one."""
    now = datetime.now(UTC)
    window = {
        "start_date": stamp(now - timedelta(days=10)),
        "end_date": stamp(now + timedelta(days=1)),
    }
    given = {"action": "export", "page": str(page), **window, **parameters}
    return call(shop, **given)


def item(order: Order, quantity: int | None = None, place: int = 0) -> str:
    line = order.lines[place]
    return (
        f"<Item><LineItemID>{line.id}</LineItemID><SKU>{escape(line.sku)}</SKU>"
        f"<Name>{escape(line.name)}</Name>"
        f"<Quantity>{quantity or line.quantity}</Quantity>"
        "</Item>"
    )


def notice_body(order_id: str, number: str, items: str = "") -> bytes:
    """Return a notice's body; without items it names none."""
    named = f"<Items>{items}</Items>" if items else ""
    return (
        f"<ShipNotice><OrderID>{order_id}</OrderID><OrderNumber>{number}</OrderNumber>"
        f"<Carrier>USPS</Carrier><TrackingNumber>{NUMBER}</TrackingNumber>{named}"
        "</ShipNotice>"
    ).encode()


def notify(
    shop: Shop, order: Order, body: bytes | None = None, **changed: str
) -> Reply:
    """Tell the shop that the whole order has shipped; `changed` is of the query."""
    given = {
        "action": "shipnotify",
        "order_number": order.number,
        "carrier": "USPS",
        "service": "Ground",
        "tracking_number": NUMBER,
        **changed,
    }
    if body is None:
        items = "".join(item(order, place=at) for at in range(len(order.lines)))
        key = order.number if shop.name == "magento" else order.id
        body = notice_body(key, order.number, items)
    return call(shop, "POST", body, **given)
