"""The page by which people see and steer a practice shop."""

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
from stores.sandbox.shops.orders import Notice, Order
from stores.sandbox.shops.state import ShopState

SHOWN = 200
CALLS = ("export", "shipnotify", "rest", "rest_notice")
ORDER_HEADS = ("Order", "ID", "Status", "Tracking numbers", "Buyer", "Products")
NOTICE_HEADS = ("Received", "Order", "Carrier", "Tracking number", "Lines", "Effect")


def _steer(shop: ShopState, path: str, form: dict[str, str]) -> bool:
    if path == "/sandbox/orders":
        shop.add_order()
        return True
    return steer_faults(shop, path, form, CALLS)


def _state(shop: ShopState) -> dict[str, Any]:
    return {
        "profile": shop.profile_name,
        "orders": [
            {"id": order.id, "number": order.number, "status": order.status}
            | {"tracking": order.tracking}
            for order in shop.orders.values()
        ],
        "notices": [
            {
                "order_id": notice.order_id,
                "order_number": notice.order_number,
                "order": notice.order and notice.order.id,
                "carrier": notice.carrier,
                "tracking_number": notice.tracking_number,
                "effect": notice.effect,
                "through": notice.through,
            }
            for notice in shop.notices
        ],
        "faults": [vars(fault) for fault in shop.faults],
    }


def _page(shop: ShopState) -> str:
    orders = [_order_row(one) for one in reversed(shop.orders.values())]
    notices = [_notice_row(one) for one in reversed(shop.notices)]
    typed = "".join(f"<li>{name}: {text}</li>" for name, text in _typed(shop))
    return frame(
        "Practice shop",
        f"""<h1>Practice shop: {escape(shop.profile_name)}</h1>
<p>It is connected by the address <code>{escape(shop.url)}</code>. Nothing here is real:
connect it with what the program showed when it started, ship, and see it arrive.</p>
<ul>{typed}</ul>
{faults_part(shop, CALLS, "what it is about")}
<h2>Orders</h2>
<form method="post" action="/sandbox/orders"><button>New order</button></form>
{table(ORDER_HEADS, orders[:SHOWN])}
<h2>Notices</h2>
{table(NOTICE_HEADS, notices[:SHOWN])}""",
    )


def _typed(shop: ShopState) -> list[tuple[str, str]]:
    """Return what is typed by its name; of secrets only the name is shown."""
    open_ones = [(name, escape(text)) for name, text in shop.settings.items()]
    return open_ones + [(name, "(a secret)") for name in shop.secrets]


def _order_row(order: Order) -> str:
    numbers = ", ".join(one["tracking_number"] for one in order.tracking)
    products = ", ".join(f"{line.quantity} × {line.name}" for line in order.lines)
    cells = [order.number, order.id, order.status, numbers, order.buyer, products]
    return row(cells, is_shipped=bool(order.completed_at))


def _notice_row(notice: Notice) -> str:
    lines = ", ".join(f"{one.quantity} × {one.sku}" for one in notice.lines or ())
    number = notice.order_number or notice.order_id
    received = f"{notice.received_at:%H:%M:%S}"
    cells = [received, number, notice.carrier, notice.tracking_number, lines]
    return row([*cells, notice.effect], is_shipped=False)


PAGES = Pages(_page, _state, _steer)
