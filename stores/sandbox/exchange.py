"""One call to the practice marketplace, and what is written to the wire in answer."""

import hashlib
import json
import time
import uuid
from http.server import BaseHTTPRequestHandler
from typing import Any

from stores.sandbox import api
from stores.sandbox.marketplace import Marketplace, Order
from stores.sandbox.parameters import Refusal
from stores.sandbox.wire import Wire


class Exchange(Wire):
    """One call and its answer, as faults see it."""

    def __init__(
        self,
        handler: BaseHTTPRequestHandler,
        marketplace: Marketplace,
        resource: str,
        parameters: dict[str, Any],
        token: str,
    ) -> None:
        super().__init__(handler)
        self.marketplace = marketplace
        self.resource = resource
        self.parameters = parameters
        self.token = token

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

    def send_json(
        self, status: int, payload: Any, headers: dict[str, str] | None = None
    ) -> None:
        with self.marketplace.lock:
            body = json.dumps(payload, ensure_ascii=False).encode()
        self.send(status, body, headers=headers)

    def usual_headers(self, body: bytes, content_type: str) -> dict[str, str]:
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
