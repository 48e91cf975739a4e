"""Connect to practice shops by the Custom Store convention, and write its XML."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from stores.marketplaces.abilities import Account
from stores.marketplaces.base import (
    MarketplaceError,
    MarketplaceOrder,
    NoticeLine,
    Received,
    ShipmentNotice,
)
from stores.marketplaces.custom_store.client import CustomStore
from stores.marketplaces.custom_store.documents import read_document
from stores.sandbox.shops.server import Shop

# What a person chooses for each practice shop.
CARTS = {
    "guide": "other",
    "woo": "woocommerce",
    "magento": "magento",
    "nop": "nopcommerce",
    "craft": "craft",
    "spree": "spree",
}
DAY = timedelta(days=1)

each_profile = pytest.mark.parametrize("profile", CARTS)


def account(shop: Shop, **typed: str) -> Account:
    """Return what a person types: an address, maybe a name, one password or key."""
    name = "auth_key" if shop.name == "woo" else "password"
    settings = {"cart": CARTS[shop.name], "auth": "auto", **shop.settings}
    password = typed.pop("password", shop.secrets[name])
    address = typed.pop("address", shop.address)
    return Account(address, {"password": password}, settings | typed)


def connect_shop(shop: Shop, limits: Any = None, **typed: str) -> CustomStore:
    return CustomStore.open(
        account(shop, **typed), may_be_private=True, **(limits or {})
    )


def listed(connector: CustomStore, since: datetime | None = None) -> list[Any]:
    """Return all raw orders of the last day, or since then."""
    since = since or datetime.now(UTC) - DAY
    return [raw for page in connector.list_orders(since) for raw in page]


def understood(
    connector: CustomStore, raws: Iterable[Any], cart: str = "other"
) -> list[MarketplaceOrder]:
    words = connector.status_words({"cart": cart})
    return [connector.parse_order(raw, ZoneInfo("UTC"), words) for raw in raws]


def ids(raws: Iterable[Any]) -> list[str]:
    return [CustomStore.order_id(raw) for raw in raws]


def notice_for(order: MarketplaceOrder, **changes: Any) -> ShipmentNotice:
    """Return a notice of all lines of an order."""
    facts = {
        "order_id": order.order_id,
        "order_number": order.order_number,
        "carrier": "UPS",
        "tracking_number": "1Z999AA10123456784",
        "lines": tuple(
            NoticeLine(line.line_item_id, line.sku, line.name, line.quantity)
            for line in order.lines
        ),
    }
    return ShipmentNotice(**(facts | changes))


def failure_to_list_orders(connector: CustomStore) -> MarketplaceError:
    with pytest.raises(MarketplaceError) as caught:
        listed(connector)
    return caught.value


def order_xml(inner: str = "", **changes: str) -> str:
    """Return an order as the guide writes it; an empty text leaves an element out."""
    elements = {
        "OrderID": "1",
        "OrderNumber": "ABC-1",
        "OrderDate": "12/08/2025 21:56",
        "OrderStatus": "paid",
        "LastModified": "12/08/2025 22:00",
        "OrderTotal": "12.50",
    }
    written = "".join(
        f"<{name}>{text}</{name}>"
        for name, text in (elements | changes).items()
        if text
    )
    return f"<Order>{written}{inner}</Order>"


def item_xml(**changes: str) -> str:
    elements = {"SKU": "A-1", "Name": "Mug", "Quantity": "2", "UnitPrice": "5.00"}
    written = "".join(
        f"<{name}>{text}</{name}>"
        for name, text in (elements | changes).items()
        if text
    )
    return f"<Item>{written}</Item>"


def items_xml(*items: str) -> str:
    return f"<Items>{''.join(items)}</Items>"


def orders_xml(*orders: str, attributes: str = ' pages="1"') -> bytes:
    return f"<Orders{attributes}>{''.join(orders)}</Orders>".encode()


SHIP_TO = {
    "Name": "Ann Ex",
    "Company": "Ex &amp; Co",
    "Address1": "1 Example Street",
    "Address2": "2nd floor",
    "City": "Los Altos",
    "State": "CA",
    "PostalCode": "94022",
    "Country": "US",
    "Phone": "555 0100",
}


def option_xml(name: str, value: str, more: str = "") -> str:
    option = f"<Name>{name}</Name><Value>{value}</Value>{more}"
    return f"<Options><Option>{option}</Option></Options>"


def raw_of(inner: str = "", **changes: str) -> Received:
    return read_document(orders_xml(order_xml(inner, **changes))).orders[0]


def order_of(inner: str = "", zone: str = "UTC", **changes: str) -> MarketplaceOrder:
    return CustomStore.parse_order(raw_of(inner, **changes), ZoneInfo(zone))


def customer(ship_to: dict[str, str] | None = None, bill_to: str = "", code="7") -> str:
    written = "".join(
        f"<{name}>{text}</{name}>" for name, text in (ship_to or {}).items()
    )
    ship = "" if ship_to is None else f"<ShipTo>{written}</ShipTo>"
    return (
        f"<Customer><CustomerCode>{code}</CustomerCode><BillTo>{bill_to}</BillTo>"
        f"{ship}</Customer>"
    )
