"""The page by which people see and steer the practice marketplace."""

import json
from base64 import b64encode
from dataclasses import dataclass
from hashlib import sha256
from html import escape
from typing import Any

from stores.sandbox import drawings
from stores.sandbox.faults import FAULTS, arm
from stores.sandbox.marketplace import Marketplace
from stores.sandbox.seed import new_order

STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --accent: #7c3aed; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 70rem;
  padding: 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
code { background: var(--soft); border-radius: 4px; padding: .1rem .3rem;
  overflow-wrap: anywhere; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid var(--line); padding: .4rem .6rem;
  text-align: start; white-space: nowrap; }
form { display: flex; flex-wrap: wrap; gap: .5rem; margin: .5rem 0; }
button, select, input { border: 1px solid var(--line); border-radius: 6px;
  font: inherit; padding: .35rem .7rem; }
button { background: var(--accent); color: #fff; cursor: pointer; }
.shipped { color: #15803d; } @media (prefers-color-scheme: dark) {
  .shipped { color: #4ade80; } :root { --accent: #6d28d9; } }
"""

# No script runs, and only this style is applied, whatever an order holds.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'; "
    f"style-src 'sha256-{b64encode(sha256(STYLE.encode()).digest()).decode()}'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


@dataclass(frozen=True)
class Answer:
    """What is sent back to a browser."""

    status: int
    kind: str
    text: str
    location: str = ""


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
ship, and see it arrive.</p>
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
