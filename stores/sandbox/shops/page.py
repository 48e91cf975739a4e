"""The page by which people see and steer a practice shop."""

import json
from html import escape
from typing import Any

from stores.sandbox import drawings
from stores.sandbox.browser import STYLE, Answer
from stores.sandbox.shops.faults import FAULTS, arm
from stores.sandbox.shops.orders import Notice, Order
from stores.sandbox.shops.state import ShopState

SHOWN = 200
CALLS = ("export", "shipnotify", "rest", "rest_notice")
ORDER_HEADS = ("Order", "ID", "Status", "Tracking numbers", "Buyer", "Products")
NOTICE_HEADS = ("Received", "Order", "Carrier", "Tracking number", "Lines", "Effect")


def serve(
    shop: ShopState, address: str, method: str, path: str, form: dict[str, str]
) -> Answer:
    """Answer a person's browser: the page, its buttons, or the state."""
    if method == "GET" and path == "/":
        return Answer(200, "text/html; charset=utf-8", _page(shop, address))
    if method == "GET" and path.startswith(f"{drawings.PATH}/"):
        return Answer(200, "image/svg+xml", drawings.draw(path))
    if method == "GET" and path == "/sandbox/state.json":
        return Answer(200, "application/json", _state(shop))
    if method == "POST" and _steer(shop, path, form):
        return Answer(303, "text/plain", "", location="/")
    return Answer(404, "text/html", "<html>Not Found</html>")


def _steer(shop: ShopState, path: str, form: dict[str, str]) -> bool:
    if path == "/sandbox/fault" and form.get("name") in FAULTS:
        times = form.get("times", "1")
        often = int(times) if times.isdigit() else None
        on = form.get("on", "")
        arm(shop, form["name"], often, on if on in CALLS else None)
    elif path == "/sandbox/clear":
        shop.clear_faults()
    elif path == "/sandbox/orders":
        shop.add_order()
    else:
        return False
    return True


def _state(shop: ShopState) -> str:
    with shop.lock:
        state: dict[str, Any] = {
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
        return json.dumps(state, ensure_ascii=False, default=str)


def _page(shop: ShopState, address: str) -> str:
    with shop.lock:
        orders = [_order_row(one) for one in reversed(shop.orders.values())]
        notices = [_notice_row(one) for one in reversed(shop.notices)]
        armed = ", ".join(
            f"{fault.name} ({'on' if fault.times is None else f'{fault.times}×'})"
            for fault in shop.faults
        )
    choices = "".join(f"<option>{escape(name)}</option>" for name in FAULTS)
    calls = "".join(f"<option>{name}</option>" for name in CALLS)
    typed = "".join(f"<li>{name}: {text}</li>" for name, text in _typed(shop))
    return f"""<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>Practice shop</title>
<style>{STYLE}</style>
<h1>Practice shop: {escape(shop.profile_name)}</h1>
<p>It is connected by the address <code>{escape(address)}</code>. Nothing here is real:
connect it with what the program showed when it started, ship, and see it arrive.</p>
<ul>{typed}</ul>
<h2>Faults</h2><p>Armed: {escape(armed) or "none"}.</p>
<form method="post" action="/sandbox/fault">
<select name="name" aria-label="Fault">{choices}</select>
<select name="times" aria-label="How often"><option value="1">once</option>
<option value="3">3 times</option><option value="on">until cleared</option></select>
<select name="on" aria-label="Call"><option value="">what it is about</option>{calls}
</select><button>Switch on</button></form>
<form method="post" action="/sandbox/clear"><button>Clear all faults</button></form>
<h2>Orders</h2>
<form method="post" action="/sandbox/orders"><button>New order</button></form>
{_table(ORDER_HEADS, orders)}
<h2>Notices</h2>
{_table(NOTICE_HEADS, notices)}</html>"""


def _typed(shop: ShopState) -> list[tuple[str, str]]:
    """Return what is typed by its name; of secrets only the name is shown."""
    open_ones = [(name, escape(text)) for name, text in shop.settings.items()]
    return open_ones + [(name, "(a secret)") for name in shop.secrets]


def _table(heads: tuple[str, ...], rows: list[str]) -> str:
    head = "".join(f"<th>{name}</th>" for name in heads)
    body = "".join(rows[:SHOWN])
    return f'<div class="scroll"><table><tr>{head}</tr>{body}</table></div>'


def _row(cells: list[str], kind: str = "") -> str:
    inner = "".join(f"<td><bdi>{escape(cell) or '–'}</bdi></td>" for cell in cells)
    return f'<tr class="{kind}">{inner}</tr>'


def _order_row(order: Order) -> str:
    numbers = ", ".join(one["tracking_number"] for one in order.tracking)
    products = ", ".join(f"{line.quantity} × {line.name}" for line in order.lines)
    cells = [order.number, order.id, order.status, numbers, order.buyer, products]
    return _row(cells, "shipped" if order.completed_at else "")


def _notice_row(notice: Notice) -> str:
    lines = ", ".join(f"{one.quantity} × {one.sku}" for one in notice.lines or ())
    number = notice.order_number or notice.order_id
    received = f"{notice.received_at:%H:%M:%S}"
    cells = [received, number, notice.carrier, notice.tracking_number, lines]
    return _row([*cells, notice.effect])
