"""How whatever is practised with is started, serves and is stopped."""

from collections import deque
from collections.abc import Callable
from http.server import ThreadingHTTPServer
from threading import Thread
from typing import Any, Self

from stores.sandbox.browser import PageHandler


class Served:
    """Something that listens at a port; use it as a context manager in tests."""

    def listen(self, port: int, handler: type[PageHandler]) -> None:
        """Take the port of this computer; calls are answered once it is started."""
        self.requests: deque[Any] = deque(maxlen=100_000)
        self.on_request: Callable[[Any], None] = lambda request: None
        self.server = ThreadingHTTPServer(("127.0.0.1", port), handler)
        self.server.daemon_threads = True
        self.server.practice = self  # type: ignore[attr-defined]
        self.port = self.server.server_address[1]
        self.root = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    def start(self) -> None:
        Thread(target=self.server.serve_forever, args=[0.02], daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
