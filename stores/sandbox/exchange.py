"""One call to the practice marketplace, and what is written to the wire in answer."""

import hashlib
import json
import socket
import struct
import time
import uuid
from http.server import BaseHTTPRequestHandler
from typing import Any

from stores.sandbox import api
from stores.sandbox.marketplace import Marketplace, Order
from stores.sandbox.parameters import Refusal


class Exchange:
    """One call and its answer, as faults see it."""

    def __init__(
        self,
        handler: BaseHTTPRequestHandler,
        marketplace: Marketplace,
        resource: str,
        parameters: dict[str, Any],
        token: str,
    ) -> None:
        self.handler = handler
        self.marketplace = marketplace
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
