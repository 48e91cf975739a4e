"""The page by which people see and steer the practice marketplace."""

import json
from html import escape
from typing import Any

from stores.sandbox import drawings
from stores.sandbox.browser import STYLE, Answer
from stores.sandbox.faults import FAULTS, arm
from stores.sandbox.marketplace import Marketplace
from stores.sandbox.seed import new_order


def serve(
    marketplace: Marketplace, method: str, path: str, form: dict[str, Any]
) -> Answer:
    """Answer a request outside the API: the page, its buttons, or the state."""
    if method == "GET" and path == "/":
        return Answer(200, "text/html; charset=utf-8", _page(marketplace))
    if method == "GET" and path.startswith(f"{drawings.PATH}/"):
        return Answer(200, "image/svg+xml", drawings.draw(path))
    if method == "GET" and path == "/sandbox/state.json":
        return Answer(200, "application/json", _state(marketplace))
    if method == "POST" and _steer(marketplace, path, form):
        return Answer(303, "text/plain", "", location="/")
    return Answer(404, "text/html", "<html>Not Found</html>")


def _steer(marketplace: Marketplace, path: str, form: dict[str, Any]) -> bool:
    if path == "/sandbox/fault" and form.get("name") in FAULTS:
        times = form.get("times", "1")
        often = int(times) if times.isdigit() else None
        arm(marketplace, form["name"], often, form.get("on"))
    elif path == "/sandbox/clear":
        marketplace.clear_faults()
    elif path == "/sandbox/orders" and form.get("account") in _accounts(marketplace):
        new_order(marketplace, _accounts(marketplace)[form["account"]])
    else:
        return False
    return True


def _accounts(marketplace: Marketplace) -> dict[str, str]:
    """Return the token of each account by the number that stands for it."""
    return {str(place): token for place, token in enumerate(marketplace.accounts, 1)}


def _state(marketplace: Marketplace) -> str:
    with marketplace.lock:
        state = {
            "accounts": [
                {"account": place, "orders": marketplace.orders(token)}
                for place, token in _accounts(marketplace).items()
            ],
            "faults": [vars(fault) for fault in marketplace.faults],
            "fulfillments": marketplace.fulfillments,
        }
        return json.dumps(state, ensure_ascii=False)


def _page(marketplace: Marketplace) -> str:
    with marketplace.lock:
        accounts = "".join(
            _account(place, token, marketplace)
            for place, token in _accounts(marketplace).items()
        )
        armed = ", ".join(
            f"{fault.name} ({'on' if fault.times is None else f'{fault.times}×'})"
            for fault in marketplace.faults
        )
    choices = "".join(f"<option>{escape(name)}</option>" for name in FAULTS)
    return f"""<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>Practice marketplace</title>
<style>{STYLE}</style>
<h1>Practice marketplace</h1>
<p>It speaks Tophatter’s Merchant API at <code>{escape(marketplace.url)}</code>. Nothing
here is real: connect a store with a token that the program showed when it started,
ship, and see it arrive.</p>{_neighbours(marketplace)}
<h2>Faults</h2><p>Armed: {escape(armed) or "none"}.</p>
<form method="post" action="/sandbox/fault">
<select name="name" aria-label="Fault">{choices}</select>
<select name="times" aria-label="How often"><option value="1">once</option>
<option value="3">3 times</option><option value="on">until cleared</option></select>
<select name="on" aria-label="Call"><option value="">every call</option>
<option>orders</option><option>orders/retrieve</option><option>orders/fulfill</option>
</select><button>Switch on</button></form>
<form method="post" action="/sandbox/clear"><button>Clear all faults</button></form>
{accounts}</html>"""


def _neighbours(marketplace: Marketplace) -> str:
    """Return links to the practice shops that run beside this one."""
    links = "".join(
        f'<li><a href="{escape(address)}">{escape(name)}</a></li>'
        for name, address in marketplace.neighbours.items()
    )
    return f"<h2>Practice shops</h2><ul>{links}</ul>" if links else ""


def _account(place: str, token: str, marketplace: Marketplace) -> str:
    rows = "".join(_row(order) for order in reversed(marketplace.orders(token)[-200:]))
    title = f"Account {place}, whose token ends in <code>{escape(token[-4:])}</code>"
    return f"""<h2>{title}</h2>
<form method="post" action="/sandbox/orders">
<input type="hidden" name="account" value="{place}">
<button>New order</button></form>
<div class="scroll"><table><tr><th>Order</th><th>Status</th><th>Carrier</th>
<th>Tracking number</th><th>Buyer</th><th>Product</th></tr>{rows}</table></div>"""


def _row(order: dict[str, Any]) -> str:
    names = ("order_id", "status", "carrier", "tracking_number", "customer_name")
    cells = [str(order.get(name) or "–") for name in (*names, "product_name")]
    kind = "shipped" if order.get("status") == "shipped" else ""
    return (
        f'<tr id="order-{escape(cells[0])}" class="{kind}">'
        + "".join(f"<td><bdi>{escape(cell)}</bdi></td>" for cell in cells)
        + "</tr>"
    )
