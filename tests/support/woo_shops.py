"""The connector at a practice shop, and what is sent to it."""

from typing import Any

from stores.marketplaces.abilities import Account
from stores.marketplaces.base import NoticeLine, ShipmentNotice
from stores.marketplaces.woocommerce.client import WooCommerce
from stores.sandbox.shops.orders import Order
from stores.sandbox.shops.server import Shop

NUMBER = "9400111899562173406594"


def connect_woo(
    shop: Shop, address: str = "", settings: dict[str, str] | None = None, **limits: Any
) -> WooCommerce:
    account = Account(
        address or shop.rest_address,
        {"consumer_secret": shop.secrets["consumer_secret"]},
        {"consumer_key": shop.secrets["consumer_key"], **(settings or {})},
    )
    return WooCommerce.open(account, may_be_private=True, **limits)


def notice_of(order: Order, number: str = NUMBER, **changes: Any) -> ShipmentNotice:
    """Return a notice of all that the order holds."""
    lines = tuple(
        NoticeLine(line.id, line.sku, line.name, int(line.quantity))
        for line in order.lines
    )
    given = {"order_number": order.number, "lines": lines, **changes}
    return ShipmentNotice(order.id, "USPS", number, **given)
