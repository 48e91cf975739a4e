"""The page by which people see and steer the practice marketplace."""

from html import escape
from typing import Any

from stores.sandbox.browser import (
    Pages,
    faults_part,
    frame,
    row,
    steer_faults,
    table,
)
from stores.sandbox.marketplace import Marketplace
from stores.sandbox.seed import new_order

CALLS = ("orders", "orders/retrieve", "orders/fulfill")
HEADS = ("Order", "Status", "Carrier", "Tracking number", "Buyer", "Product")
SHOWN = (
    *("order_id", "status", "carrier", "tracking_number"),
    *("customer_name", "product_name"),
)


def _steer(marketplace: Marketplace, path: str, form: dict[str, Any]) -> bool:
    if path == "/sandbox/orders" and form.get("account") in _accounts(marketplace):
        new_order(marketplace, _accounts(marketplace)[form["account"]])
        return True
    return steer_faults(marketplace, path, form, CALLS)


def _accounts(marketplace: Marketplace) -> dict[str, str]:
    """Return the token of each account by the number that stands for it."""
    return {str(place): token for place, token in enumerate(marketplace.accounts, 1)}


def _state(marketplace: Marketplace) -> dict[str, Any]:
    return {
        "accounts": [
            {"account": place, "orders": marketplace.orders(token)}
            for place, token in _accounts(marketplace).items()
        ],
        "faults": [vars(fault) for fault in marketplace.faults],
        "fulfillments": marketplace.fulfillments,
    }


def _page(marketplace: Marketplace) -> str:
    accounts = "".join(
        _account(place, token, marketplace)
        for place, token in _accounts(marketplace).items()
    )
    return frame(
        "Practice marketplace",
        f"""<h1>Practice marketplace</h1>
<p>It speaks Tophatter’s Merchant API at <code>{escape(marketplace.url)}</code>. Nothing
here is real: connect a store with a token that the program showed when it started,
ship, and see it arrive.</p>{_neighbours(marketplace)}
{faults_part(marketplace, CALLS, "every call")}
{accounts}""",
    )


def _neighbours(marketplace: Marketplace) -> str:
    """Return links to the practice shops that run beside this one."""
    links = "".join(
        f'<li><a href="{escape(address)}">{escape(name)}</a></li>'
        for name, address in marketplace.neighbours.items()
    )
    return f"<h2>Practice shops</h2><ul>{links}</ul>" if links else ""


def _account(place: str, token: str, marketplace: Marketplace) -> str:
    rows = [_row(order) for order in reversed(marketplace.orders(token)[-200:])]
    title = f"Account {place}, whose token ends in <code>{escape(token[-4:])}</code>"
    return f"""<h2>{title}</h2>
<form method="post" action="/sandbox/orders">
<input type="hidden" name="account" value="{place}">
<button>New order</button></form>
{table(HEADS, rows)}"""


def _row(order: dict[str, Any]) -> str:
    cells = [str(order.get(name) or "") for name in SHOWN]
    return row(cells, is_shipped=order.get("status") == "shipped")


PAGES = Pages(_page, _state, _steer)
