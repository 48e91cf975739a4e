"""Faults that can be switched on while the sandbox runs: a name, a few lines each.

Each gets the exchange: `answer()` carries the call out and returns status and JSON,
`send…` writes to the wire, `cut` resets the connection.
"""

import copy
import gzip
import json
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

from stores.sandbox.exchange import Exchange

STATUSES = (400, 401, 403, 404, 408, 422, 429, 500, 502, 503, 504)


def status(
    exchange: Exchange, code: int, retry_after: str = "", message: str = ""
) -> None:
    headers = {"Retry-After": retry_after} if retry_after else {}
    if code == 500:
        exchange.send(code, b"", "text/html; charset=utf-8", headers)
        return
    text = message or f"The sandbox was told to answer {code}."
    exchange.send_json(code, {"message": text}, headers)


def slow(exchange: Exchange, seconds: float = 5) -> None:
    time.sleep(float(seconds))
    exchange.send_json(*exchange.answer())


def drip(exchange: Exchange, seconds: float = 0.05, part: str = "body") -> None:
    code, payload = exchange.answer()
    body = json.dumps(payload).encode()
    head = (
        f"HTTP/1.1 {code} OK\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode()
    at_once, bit_by_bit = (b"", head + body) if part == "headers" else (head, body)
    exchange.write(at_once, 0)
    exchange.write(bit_by_bit, float(seconds))


def reset_body(exchange: Exchange) -> None:
    code, payload = exchange.answer()
    body = json.dumps(payload).encode()
    exchange.send(code, body[: len(body) // 2], length=len(body))
    exchange.cut()


def truncated(exchange: Exchange) -> None:
    code, payload = exchange.answer()
    body = json.dumps(payload).encode()
    exchange.send(code, body[: len(body) // 2])


def raw(
    body: bytes, kind: str = "application/json; charset=utf-8"
) -> Callable[..., None]:
    return lambda exchange: exchange.send(200, body, kind)


def body(exchange: Exchange, text: str = "{}") -> None:
    exchange.send(200, text.encode())


def wire(exchange: Exchange, text: str = "nonsense", seconds: float = 0) -> None:
    """Write exactly these bytes (as Latin-1), at once or one by one, and hang up."""
    exchange.write(text.encode("latin-1"), float(seconds))
    exchange.handler.close_connection = True


def as_object(exchange: Exchange) -> None:
    exchange.send_json(200, {"orders": exchange.answer()[1]})


def junk(exchange: Exchange) -> None:
    code, payload = exchange.answer()
    if isinstance(payload, list):
        payload = [7, "junk", None, *payload, ["deep"], {"order_id": None}]
    exchange.send_json(code, payload)


def huge(exchange: Exchange, megabytes: int = 50) -> None:
    exchange.send(200, b"[" + b"1," * (int(megabytes) * 524_288) + b"1]")


def gzip_bomb(exchange: Exchange, megabytes: int = 200) -> None:
    body = gzip.compress(b"[" + b" " * (int(megabytes) * 1_048_576) + b"]")
    exchange.send(200, body, headers={"Content-Encoding": "gzip"})


def redirect(
    exchange: Exchange, location: str = "http://127.0.0.1:9/", code: int = 302
) -> None:
    exchange.send(int(code), b"", headers={"Location": location})


def lost_answer(exchange: Exchange) -> None:
    exchange.answer()
    exchange.cut()


def error_after_apply(exchange: Exchange) -> None:
    exchange.answer()
    exchange.send(500, b"", "text/html")


def not_stored(exchange: Exchange) -> None:
    exchange.send_json(200, exchange.order())


def claims_not_stored(exchange: Exchange) -> None:
    claim = {"status": "shipped", "carrier": exchange.parameters.get("carrier")}
    number = {"tracking_number": exchange.parameters.get("tracking_number")}
    exchange.send_json(200, exchange.order() | claim | number)


def other_order(exchange: Exchange) -> None:
    code, payload = exchange.answer()
    exchange.send_json(code, payload | {"order_id": payload["order_id"] + 1})


def other_number(exchange: Exchange) -> None:
    order = exchange.answer()[1]
    order["tracking_number"] = "OTHER-NUMBER"
    exchange.send_json(200, order)


def tidied_number(exchange: Exchange) -> None:
    """Store the number bare, and without a ZIP code before it."""
    code, order = exchange.answer()
    bare = re.sub(r"\W", "", order["tracking_number"]).upper()
    order["tracking_number"] = re.sub(r"^420\d{5}(\d{4})?(?=9\d{21}$)", "", bare)
    exchange.send_json(code, order)


def repeat_page(exchange: Exchange) -> None:
    exchange.parameters["page"] = "1"
    exchange.send_json(*exchange.answer())


def endless(exchange: Exchange) -> None:
    """Full pages for ever: ids sink, dates stay recent."""
    code, payload = exchange.answer()
    page = int(exchange.parameters.get("page") or 1)
    size = int(exchange.parameters.get("per_page") or 50)
    pattern = payload[0] if payload else exchange.marketplace.add_order(exchange.token)
    now = exchange.marketplace.stamp(datetime.now(UTC) - timedelta(minutes=5))
    orders = []
    for place in range(size):
        order = copy.deepcopy(pattern)
        order |= {"order_id": 119_000_000 - (page - 1) * size - place}
        order |= {"created_at": now, "paid_at": now}
        orders.append(order)
    exchange.send_json(code, orders)


def drop_carrier(exchange: Exchange, label: str = "USPS") -> None:
    exchange.marketplace.carriers.pop(label, None)
    exchange.send_json(*exchange.answer())


FAULTS: dict[str, Callable[..., None]] = {
    **{str(code): partial(status, code=code) for code in STATUSES},
    "slow": slow,
    "drip": drip,
    "reset": Exchange.cut,
    "reset_body": reset_body,
    "truncated": truncated,
    "html": raw(b"<html><h1>Down for maintenance</h1></html>", "text/html"),
    "empty": raw(b""),
    "null": raw(b"null"),
    "object": as_object,
    "nan": raw(b'[{"order_id": NaN}]'),
    "body": body,
    "wire": wire,
    "junk": junk,
    "huge": huge,
    "gzip_bomb": gzip_bomb,
    "redirect": redirect,
    "lost_answer": lost_answer,
    "lost_request": Exchange.cut,
    "error_after_apply": error_after_apply,
    "not_stored": not_stored,
    "claims_not_stored": claims_not_stored,
    "other_order": other_order,
    "other_number": other_number,
    "tidied_number": tidied_number,
    "repeat_page": repeat_page,
    "endless": endless,
    "drop_carrier": drop_carrier,
}
