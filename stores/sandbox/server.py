"""The practice marketplace over HTTP, as the vendor's own client would call it."""

import hashlib
import json
import socket
import struct
import time
import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from stores.sandbox import api, drawings, page
from stores.sandbox.faults import FAULTS, Fault
from stores.sandbox.marketplace import Marketplace, Order
from stores.sandbox.parameters import Refusal

PREFIX = "/merchant_api/v1/"
LOOPBACK = {"127.0.0.1", "localhost", "[::1]"}


@dataclass(frozen=True)
class Request:
    """A call as it came, without the token's value."""

    method: str
    path: str
    query: dict[str, Any]
    body: dict[str, Any]
    has_token: bool
    token_in_url: bool


class Sandbox(Marketplace):
    """A running practice marketplace; use it as a context manager in tests."""

    def __init__(self, port: int = 0, host: str = "127.0.0.1", **options: Any) -> None:
        super().__init__(**options)
        self.requests: deque[Request] = deque(maxlen=100_000)
        self.faults: list[Fault] = []
        self.on_request: Callable[[Request], None] = lambda request: None
        self.server = ThreadingHTTPServer((host, port), Handler)
        self.server.daemon_threads = True
        self.server.sandbox = self  # type: ignore[attr-defined]
        self.port = self.server.server_address[1]
        self.url = f"http://{host}:{self.port}{PREFIX.rstrip('/')}"
        self.pictures_url = f"http://{host}:{self.port}{drawings.PATH}"

    def __enter__(self) -> "Sandbox":
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    def start(self) -> None:
        Thread(target=self.server.serve_forever, args=[0.02], daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def fault(
        self, name: str, times: int | None = 1, on: str | None = None, **options: Any
    ) -> None:
        """Arm a fault for the next `times` calls to `on`, for all calls when None."""
        if name not in FAULTS:
            raise ValueError(f"There is no fault {name!r}: {', '.join(FAULTS)}.")
        self.faults.append(Fault(name, times, on or None, options))

    def clear_faults(self) -> None:
        self.faults.clear()

    def take_fault(self, resource: str) -> Fault | None:
        with self.lock:
            for fault in self.faults:
                if fault.matches(resource):
                    if fault.times is not None:
                        fault.times -= 1
                        if fault.times <= 0:
                            self.faults.remove(fault)
                    return fault
        return None


class Exchange:
    """One call and its answer, as faults see it."""

    def __init__(
        self, handler: "Handler", resource: str, parameters: dict[str, Any], token: str
    ) -> None:
        self.handler = handler
        self.marketplace: Sandbox = handler.sandbox
        self.resource = resource
        self.parameters = parameters
        self.token = token
        self.started = time.perf_counter()

    def answer(self) -> tuple[int, Any]:
        try:
            return 200, api.answer(
                self.marketplace,
                self.handler.command,
                self.resource,
                self.parameters,
                self.token,
            )
        except Refusal as refusal:
            return refusal.status, {"message": refusal.message}

    def order(self) -> Order:
        return dict(self.marketplace.order(self.parameters["order_id"]))

    def any_order(self) -> Order:
        return self.marketplace.add_order(self.token)

    def send_json(
        self, status: int, payload: Any, headers: dict[str, str] | None = None
    ) -> None:
        with self.marketplace.lock:
            body = json.dumps(payload, ensure_ascii=False).encode()
        self.send(status, body, headers=headers)

    def send(
        self,
        status: int,
        body: bytes,
        content_type: str = "application/json; charset=utf-8",
        headers: dict[str, str] | None = None,
        length: int | None = None,
    ) -> None:
        handler = self.handler
        handler.send_response(status)
        for name, value in self._headers(body, content_type).items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(length or len(body)))
        for name, value in (headers or {}).items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)
        handler.wfile.flush()

    def drip(self, status: int, payload: Any, seconds: float, part: str) -> None:
        body = json.dumps(payload).encode()
        head = (
            f"HTTP/1.1 {status} OK\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        ).encode()
        at_once, bit_by_bit = (b"", head + body) if part == "headers" else (head, body)
        self.handler.wfile.write(at_once)
        self.write(bit_by_bit, seconds)

    def write(self, data: bytes, seconds: float) -> None:
        """Write the bytes, with a pause after each one when `seconds` is not zero."""
        step = 1 if seconds else len(data) or 1
        for place in range(0, len(data), step):
            self.handler.wfile.write(data[place : place + step])
            self.handler.wfile.flush()
            time.sleep(seconds)

    def cut(self) -> None:
        """Reset the connection instead of closing it."""
        connection = self.handler.connection
        linger = struct.pack("ii", 1, 0)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.handler.close_connection = True
        self.handler.wfile = None  # type: ignore[assignment]
        connection.close()

    def _headers(self, body: bytes, content_type: str) -> dict[str, str]:
        return {
            "Content-Type": content_type,
            "X-Frame-Options": "SAMEORIGIN",
            "X-Xss-Protection": "1; mode=block",
            "X-Content-Type-Options": "nosniff",
            "Etag": f'W/"{hashlib.sha256(body).hexdigest()[:32]}"',
            "Cache-Control": "max-age=0, private, must-revalidate",
            "X-Request-Id": str(uuid.uuid4()),
            "X-Runtime": f"{time.perf_counter() - self.started:.6f}",
        }


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Without these, keep-alive costs 44 ms a request (Nagle and delayed ACK).
    disable_nagle_algorithm = True
    wbufsize = 65536
    rbufsize = 65536

    @property
    def sandbox(self) -> Sandbox:
        return self.server.sandbox  # type: ignore[attr-defined]

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def log_message(self, *args: Any) -> None:
        """Stay silent: the address may hold a token."""

    def handle(self) -> None:
        try:
            super().handle()
        except (ConnectionError, ValueError, AttributeError):
            self.close_connection = True

    def finish(self) -> None:
        if self.wfile is not None:
            try:
                super().finish()
            except ConnectionError:
                return

    def _serve(self) -> None:
        address = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        query = read_form(address.query)
        body = read_form(self.rfile.read(length).decode(errors="replace"))
        if address.path.startswith(PREFIX):
            resource = address.path.removeprefix(PREFIX).removesuffix(".json")
            self._call(resource, query, body)
        else:
            page.serve(self, address.path, body)

    def _call(self, resource: str, query: dict[str, Any], body: dict[str, Any]) -> None:
        in_url, in_body = (
            query.pop("access_token", None),
            body.pop("access_token", None),
        )
        token = in_body or in_url or ""
        request = Request(
            self.command, resource, query, body, bool(token), in_url is not None
        )
        self.sandbox.requests.append(request)
        self.sandbox.on_request(request)
        exchange = Exchange(self, resource, {**query, **body}, token)
        if fault := self.sandbox.take_fault(resource):
            FAULTS[fault.name](exchange, **fault.options)
        elif (self.command, resource) not in api.ROUTES:
            exchange.send(404, b"<html>Not Found</html>", "text/html; charset=utf-8")
        else:
            exchange.send_json(*exchange.answer())

    def is_from_here(self) -> bool:
        """Refuse pages that reach this address under another name."""
        return self.headers.get("Host", "").rsplit(":", 1)[0] in LOOPBACK


def read_form(text: str) -> dict[str, Any]:
    """Read a form as the vendor's framework does: `name[]` is a list."""
    return {
        name: values if name.endswith("[]") else values[-1]
        for name, values in parse_qs(text, keep_blank_values=True).items()
    }
