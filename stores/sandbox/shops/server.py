"""A practice shop over HTTP, as a program that ships would call it."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from stores.sandbox.browser import PageHandler
from stores.sandbox.serving import Served
from stores.sandbox.shops import opening, rest
from stores.sandbox.shops.exchange import Call, Exchange
from stores.sandbox.shops.faults import FAULTS
from stores.sandbox.shops.page import PAGES
from stores.sandbox.shops.profiles import address_of
from stores.sandbox.shops.rest import RestExchange
from stores.sandbox.shops.state import ShopState


@dataclass(frozen=True)
class Request:
    """A call as it came; `query` keeps the names of secrets, never a value.

    `action` is "export", "shipnotify" or another word that was sent; of the REST it is
    "rest" for reads and "rest_notice" for all else. `ways` are the ways of
    authentication it used, and `was_let_in` whether one was right.
    """

    method: str
    path: str
    query: dict[str, str]
    action: str
    ways: frozenset[str]
    was_let_in: bool

    @property
    def has_credentials(self) -> bool:
        return bool(self.ways)


class Shop(Served, ShopState):
    """A running practice shop.

    `url` is the address to connect, whole; `secrets` and `settings` are what to type
    with it. `orders` is by the order's id; `notices` and `requests` are what came.
    """

    known_faults = {name: kind.on for name, kind in FAULTS.items()}

    def __init__(self, profile: str = "guide", port: int = 0, **options: Any) -> None:
        super().__init__(profile, **options)
        self.listen(port, Handler)
        self.rest_address = f"{self.root}/" if self.name == "woo" else ""
        self.url = address_of(profile, self.root)

    @property
    def address(self) -> str:
        return self.url


class Handler(PageHandler):
    @property
    def shop(self) -> Shop:
        return self.server.practice  # type: ignore[attr-defined]

    do_PUT = PageHandler.do_GET

    def serve(self) -> None:
        address = urlsplit(self.path)
        pairs = parse_qsl(address.query, keep_blank_values=True)
        body = self.read_body()
        shop, query = self.shop, dict(pairs)
        fixed = dict(parse_qsl(shop.profile.query))
        if shop.name == "woo" and address.path.startswith(rest.ROOT):
            action = "rest" if self.command == "GET" else "rest_notice"
            is_open = opening.is_rest_open(shop, query, self.headers)
            call = Call(self.command, address.path, action, pairs, body, is_open)
            self._call(RestExchange(self, shop, call))
        elif address.path == shop.profile.path and fixed.items() <= query.items():
            action = query.get("action", "")
            if not shop.profile.has_case_in_action:
                action = action.lower()
            is_open = opening.is_open(shop, query, self.headers)
            call = Call(self.command, address.path, action, pairs, body, is_open)
            self._call(Exchange(self, shop, call))
        else:
            text = body.decode(errors="replace")
            form = dict(parse_qsl(text, keep_blank_values=True))
            self.show(PAGES, shop, address.path, form)

    def _call(self, exchange: Exchange) -> None:
        call = exchange.call
        ways = opening.ways_tried(call.query, self.headers)
        request = Request(
            call.method,
            call.path,
            opening.without_secrets(call.query),
            call.action,
            frozenset(ways),
            call.is_open,
        )
        self.shop.requests.append(request)
        self.shop.on_request(request)
        if fault := self.shop.take_fault(call.action):
            FAULTS[fault.name].act(exchange, **fault.options)
        else:
            exchange.send_reply(exchange.answer())
