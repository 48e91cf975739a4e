"""What is written to the wire, of either kind of practice."""

import socket
import struct
import time
from http.server import BaseHTTPRequestHandler
from typing import Any


class QuietHandler(BaseHTTPRequestHandler):
    """A handler that answers fast, says nothing and outlives any client."""

    protocol_version = "HTTP/1.1"
    # Without these, keep-alive costs 44 ms a request (Nagle and delayed ACK).
    disable_nagle_algorithm = True
    wbufsize = 65536
    rbufsize = 65536

    def log_message(self, *args: Any) -> None:
        """Stay silent: the address may hold a secret."""

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

    def read_body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))


class Wire:
    """One answer on its way, whole or not."""

    def __init__(self, handler: BaseHTTPRequestHandler) -> None:
        self.handler = handler
        self.started = time.perf_counter()

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
        for name, value in self.usual_headers(body, content_type).items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(length or len(body)))
        for name, value in (headers or {}).items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)
        handler.wfile.flush()

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

    def usual_headers(self, body: bytes, content_type: str) -> dict[str, str]:
        return {"Content-Type": content_type}
