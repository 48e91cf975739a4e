"""A practice shop over HTTP, as a program that ships would call it."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from http.server import ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from stores.sandbox.browser import PageHandler
from stores.sandbox.shops import opening, page, rest
from stores.sandbox.shops.exchange import Call, Exchange
from stores.sandbox.shops.faults import FAULTS, arm
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


class Shop(ShopState):
    """A running practice shop; use it as a context manager in tests.

    `url` is the address to connect, whole; `secrets` and `settings` are what to type
    with it. `orders` is by the order's id; `notices` and `requests` are what came.
    """

    fault = arm

    def __init__(
        self,
        profile: str = "guide",
        port: int = 0,
        host: str = "127.0.0.1",
        **options: Any,
    ) -> None:
        super().__init__(profile, **options)
        self.requests: deque[Request] = deque(maxlen=100_000)
        self.on_request: Callable[[Request], None] = lambda request: None
        self.server = ThreadingHTTPServer((host, port), Handler)
        self.server.daemon_threads = True
        self.server.shop = self  # type: ignore[attr-defined]
        self.port = self.server.server_address[1]
        self.root = f"http://{host}:{self.port}"
        self.rest_address = f"{self.root}/" if self.name == "woo" else ""
        self.url = address_of(profile, self.root)

    @property
    def address(self) -> str:
        return self.url

    def __enter__(self) -> "Shop":
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    def start(self) -> None:
        Thread(target=self.server.serve_forever, args=[0.02], daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()


class Handler(PageHandler):
    @property
    def shop(self) -> Shop:
        return self.server.shop  # type: ignore[attr-defined]

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_PUT(self) -> None:
        self._serve()

    def _serve(self) -> None:
        address = urlsplit(self.path)
        pairs = parse_qsl(address.query, keep_blank_values=True)
        body = self.read_body()
        shop, query = self.shop, dict(pairs)
        fixed = dict(parse_qsl(shop.profile.query))
        if shop.name == "woo" and address.path.startswith(rest.ROOT):
            action = "rest" if self.command == "GET" else "rest_notice"
            is_open = opening.is_rest_open(shop, query, dict(self.headers))
            call = Call(self.command, address.path, action, pairs, body, is_open)
            self._call(RestExchange(self, shop, call))
        elif address.path == shop.profile.path and fixed.items() <= query.items():
            action = query.get("action", "")
            if not shop.profile.has_case_in_action:
                action = action.lower()
            is_open = opening.is_open(shop, query, dict(self.headers))
            call = Call(self.command, address.path, action, pairs, body, is_open)
            self._call(Exchange(self, shop, call))
        else:
            self._show(address.path, body)

    def _show(self, path: str, body: bytes) -> None:
        form = dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))
        shop = self.shop
        refused = self.refuses_page()
        self.show(refused or page.serve(shop, shop.url, self.command, path, form))

    def _call(self, exchange: Exchange) -> None:
        call = exchange.call
        ways = opening.ways_tried(call.query, dict(self.headers))
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
