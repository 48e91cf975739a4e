"""A practice shop over HTTP, as a program that ships would call it."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from http.server import ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from stores.sandbox.shops import opening
from stores.sandbox.shops.exchange import Call, Exchange
from stores.sandbox.shops.faults import FAULTS, arm
from stores.sandbox.shops.state import ShopState
from stores.sandbox.shops.texts import Reply
from stores.sandbox.wire import QuietHandler, Wire


@dataclass(frozen=True)
class Request:
    """A call as it came; `query` keeps the names of secrets, never a value.

    `action` is "export", "shipnotify", another word that was sent, or "rest". `ways`
    are the ways of authentication it used, and `was_let_in` whether one was right.
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
        query = f"?{self.profile.query}" if self.profile.query else ""
        self.rest_address = f"{self.root}/" if self.name == "woo" else ""
        self.url = f"{self.root}{self.profile.path}{query}"
        if profile == "woo-rest":
            self.url = self.rest_address

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


class Handler(QuietHandler):
    @property
    def shop(self) -> Shop:
        return self.server.shop  # type: ignore[attr-defined]

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def _serve(self) -> None:
        address = urlsplit(self.path)
        pairs = parse_qsl(address.query, keep_blank_values=True)
        query = dict(pairs)
        body = self.read_body()
        profile = self.shop.profile
        fixed = dict(parse_qsl(profile.query))
        if address.path == profile.path and fixed.items() <= query.items():
            self._call(address.path, query, body)
        else:
            self._send(Reply(404, b"<html>Not Found</html>", "text/html"))

    def _send(self, reply: Reply) -> None:
        Wire(self).send(reply.status, reply.body, reply.kind, reply.headers)

    def _call(self, path: str, query: dict[str, str], body: bytes) -> None:
        action = query.get("action", "")
        if not self.shop.profile.has_case_in_action:
            action = action.lower()
        is_open = opening.is_open(self.shop, query, self.headers)  # type: ignore[arg-type]
        ways = opening.ways_tried(query, self.headers)  # type: ignore[arg-type]
        shown = opening.without_secrets(query)
        request = Request(self.command, path, shown, action, frozenset(ways), is_open)
        self.shop.requests.append(request)
        self.shop.on_request(request)
        call = Call(self.command, action, query, body, is_open)
        exchange = Exchange(self, self.shop, call)
        if fault := self.shop.take_fault(action):
            FAULTS[fault.name].act(exchange, **fault.options)
        else:
            exchange.send_reply(exchange.answer())
