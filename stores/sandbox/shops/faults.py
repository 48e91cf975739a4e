"""What goes wrong at real shops, to be switched on: a name, a few lines each."""

import copy
import gzip
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from stores.sandbox.shops.exchange import Exchange
from stores.sandbox.shops.exporting import Listing
from stores.sandbox.shops.orders import now

LOS_ANGELES = "America/Los_Angeles"
BOMB = (
    '<!DOCTYPE Orders [<!ENTITY a "boom">'
    + "".join(
        f'<!ENTITY {name} "{f"&{before};" * 10}">'
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + "]><Orders><Order><OrderNumber>&i;</OrderNumber></Order></Orders>"
)
PHP_NOTICE = (
    "<br />\n<b>Notice</b>:  Undefined index: shop in "
    "<b>/var/www/html/shop.php</b> on line <b>12</b><br />\n"
)
HTML = "<!DOCTYPE html><html><title>Error</title><h1>Critical error.</h1></html>"


@dataclass(frozen=True)
class Kind:
    """What a fault does, and which calls it is about unless told otherwise.

    They are "export", "shipnotify", or any. Of the REST, reads are "rest" and all else
    is "rest_notice".
    """

    act: Callable[..., None]
    on: str | None = None


def status(
    exchange: Exchange, code: int = 500, text: str = HTML, retry_after: str = ""
) -> None:
    headers = {"Retry-After": retry_after} if retry_after else {}
    exchange.send(int(code), text.encode(), "text/html; charset=UTF-8", headers)


def rewritten(rewrite: Callable[[str], str]) -> Callable[..., None]:
    return lambda exchange: exchange.send_reply(exchange.answer(rewrite=rewrite))


def in_one_order(text: str) -> Callable[..., None]:
    """Put a text as it is, outside of CDATA, into one order of the page."""
    element = f"<CustomField3>{text}</CustomField3>"

    def act(exchange: Exchange, place: int = 0) -> None:
        def rewrite(text: str) -> str:
            parts = text.split("<OrderNumber>")
            chosen = int(place) + 1
            if chosen < len(parts):
                parts[chosen] = parts[chosen].replace(
                    "<CustomerNotes>", f"{element}<CustomerNotes>", 1
                )
            return "<OrderNumber>".join(parts)

        exchange.send_reply(exchange.answer(rewrite=rewrite))

    return act


def dates(exchange: Exchange, zone: str = LOS_ANGELES) -> None:
    """Write all dates in another zone than the one they are read in."""

    def change(listing: Listing) -> None:
        listing.form = replace(listing.form, zone=ZoneInfo(zone))

    exchange.send_reply(exchange.answer(change))


def window(exchange: Exchange, zone: str = LOS_ANGELES) -> None:
    """Read start and end in another zone, as WooCommerce's plug-in 4.9.2 did."""
    with exchange.shop.lock:
        before = exchange.shop.window_zone
        exchange.shop.window_zone = ZoneInfo(zone)
        try:
            reply = exchange.answer()
        finally:
            exchange.shop.window_zone = before
    exchange.send_reply(reply)


def slow(exchange: Exchange, seconds: float = 5) -> None:
    time.sleep(float(seconds))
    exchange.send_reply(exchange.answer())


def drip(exchange: Exchange, seconds: float = 0.05) -> None:
    body = exchange.answer().body
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n"
    exchange.write(head.encode() + body, float(seconds))


def shrinking(exchange: Exchange) -> None:
    """After a page, have its first order leave the list for good."""
    gone: list[Any] = []
    reply = exchange.answer(lambda listing: gone.extend(listing.orders[:1]))
    for order in gone:
        exchange.shop.orders.pop(order.id, None)
    exchange.send_reply(reply)


def shifting(exchange: Exchange) -> None:
    """After a page, have the first order of the next one change."""
    with exchange.shop.lock:
        reply = exchange.answer(lambda listing: _touch_next(exchange, listing))
    exchange.send_reply(reply)


def _touch_next(exchange: Exchange, listing: Listing) -> None:
    shown = {order.id for order in listing.orders}
    later = exchange.listing(listing.page + 1).orders
    chosen = next((order for order in later if order.id not in shown), None)
    if chosen:
        exchange.shop.change_order(chosen, note=f"{chosen.note} Changed.".strip())


def lost_authorization(exchange: Exchange) -> None:
    """Answer as if the web server had kept the header to itself."""
    exchange.call = replace(exchange.call, is_open=False)
    exchange.send_reply(exchange.answer())


def redirect(exchange: Exchange, location: str = "", code: int = 301) -> None:
    host = exchange.handler.headers.get("Host", "shop.example")
    target = location or f"https://www.{host}{exchange.handler.path}"
    exchange.send(int(code), b"", "text/html", {"Location": target})


def lost_answer(exchange: Exchange, seconds: float = 0) -> None:
    """Do all that is asked, and never say so; hang on for so long."""
    exchange.answer()
    time.sleep(float(seconds))
    exchange.cut()


def error_after_apply(exchange: Exchange, code: int = 500) -> None:
    exchange.answer()
    status(exchange, code)


def truncated(exchange: Exchange) -> None:
    """End in the middle of an order, without a sign that anything is missing."""
    reply = exchange.answer()
    exchange.send_reply(replace(reply, body=reply.body[: len(reply.body) * 2 // 3]))


def reset_body(exchange: Exchange) -> None:
    reply = exchange.answer()
    half = reply.body[: len(reply.body) // 2]
    exchange.send(reply.status, half, reply.kind, length=len(reply.body))
    exchange.cut()


def page_ignored(exchange: Exchange) -> None:
    """Have no paging, as in the guide's first years: all orders, every time."""

    def change(listing: Listing) -> None:
        shop, size = exchange.shop, exchange.shop.page_size
        shop.page_size = len(shop.orders) + 1
        try:
            listing.orders = exchange.listing(1).orders
        finally:
            shop.page_size = size
        listing.attributes = {}

    exchange.send_reply(exchange.answer(change))


def repeat_page(exchange: Exchange) -> None:
    """Answer each page with the first one."""
    pairs = [*exchange.call.pairs, ("page", "1")]
    exchange.call = replace(exchange.call, pairs=pairs)
    exchange.send_reply(exchange.answer())


def endless(exchange: Exchange) -> None:
    """Full pages for ever, each of orders that nobody has seen."""

    def change(listing: Listing) -> None:
        known = list(exchange.shop.orders.values())
        pattern = known[0] if known else exchange.shop.add_order()
        page = int(exchange.call.query.get("page") or 1)
        size = int(listing.attributes.get("per_page", exchange.shop.page_size))
        listing.orders, listing.pages = [], page + 1
        for place in range(size):
            order = copy.deepcopy(pattern)
            order.id = str(9_000_000 + page * size + place)
            order.number, order.modified_at = order.id, now()
            listing.orders.append(order)
        if "pages" in listing.attributes:
            listing.attributes["pages"] = str(page + 1)

    exchange.send_reply(exchange.answer(change))


def gzip_bomb(exchange: Exchange, megabytes: int = 200) -> None:
    text = b"<Orders>" + b" " * (int(megabytes) * 1_048_576) + b"</Orders>"
    headers = {"Content-Encoding": "gzip"}
    exchange.send(200, gzip.compress(text), "text/xml", headers)


def body(
    exchange: Exchange, text: str = "", code: int = 200, kind: str = "text/xml"
) -> None:
    """Answer exactly this (as Latin-1), whatever was asked."""
    exchange.send(int(code), text.encode("latin-1"), kind)


def hanging(exchange: Exchange, seconds: float = 60) -> None:
    """Do nothing at all, for so long, and hang up."""
    time.sleep(float(seconds))
    exchange.cut()


EXPORT = "export"
FAULTS: dict[str, Kind] = {
    "dates_in_los_angeles": Kind(dates, EXPORT),
    "window_in_los_angeles": Kind(window, EXPORT),
    "blank_line": Kind(rewritten(lambda text: f"\n\r\n{text}"), EXPORT),
    "byte_order_mark": Kind(rewritten(lambda text: f"\ufeff{text}"), EXPORT),
    "php_notice": Kind(rewritten(lambda text: PHP_NOTICE + text), EXPORT),
    "control_character": Kind(in_one_order("Ring\x0bthe bell"), EXPORT),
    "bare_ampersand": Kind(in_one_order("Salt & pepper"), EXPORT),
    "bad_byte": Kind(in_one_order("\udce9t\udce9"), EXPORT),
    "doctype_bomb": Kind(lambda exchange: body(exchange, BOMB), EXPORT),
    "slow": Kind(slow),
    "drip": Kind(drip),
    "hanging": Kind(hanging),
    "shrinking": Kind(shrinking, EXPORT),
    "shifting": Kind(shifting, EXPORT),
    "lost_authorization": Kind(lost_authorization),
    "status": Kind(status),
    "html_500": Kind(status),
    "html_200": Kind(lambda exchange: status(exchange, 200)),
    "empty": Kind(body),
    "body": Kind(body),
    "redirect": Kind(redirect),
    "ignored": Kind(lambda exchange: exchange.ignore(), "shipnotify"),
    "lost_answer": Kind(lost_answer, "shipnotify"),
    "lost_request": Kind(Exchange.cut),
    "error_after_apply": Kind(error_after_apply, "shipnotify"),
    "truncated": Kind(truncated, EXPORT),
    "reset_body": Kind(reset_body, EXPORT),
    "page_ignored": Kind(page_ignored, EXPORT),
    "repeat_page": Kind(repeat_page, EXPORT),
    "endless": Kind(endless, EXPORT),
    "gzip_bomb": Kind(gzip_bomb, EXPORT),
}
