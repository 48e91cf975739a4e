"""The practice marketplace over HTTP, as the vendor's own client would call it."""

import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, urlsplit

from stores.sandbox import api, drawings
from stores.sandbox.browser import PageHandler
from stores.sandbox.exchange import Exchange
from stores.sandbox.faults import FAULTS
from stores.sandbox.marketplace import Marketplace
from stores.sandbox.page import PAGES
from stores.sandbox.serving import Served

PREFIX = "/merchant_api/v1/"


@dataclass(frozen=True)
class Request:
    """A call as it came, without the token's value."""

    method: str
    path: str
    query: dict[str, Any]
    body: dict[str, Any]
    has_token: bool
    token_in_url: bool


class Sandbox(Served, Marketplace):
    """A running practice marketplace."""

    known_faults = dict.fromkeys(FAULTS)

    def __init__(self, port: int = 0, **options: Any) -> None:
        super().__init__(**options)
        self.listen(port, Handler)
        self.url = f"{self.root}{PREFIX.rstrip('/')}"
        self.pictures_url = f"{self.root}{drawings.PATH}"


class Handler(PageHandler):
    @property
    def sandbox(self) -> Sandbox:
        return self.server.practice  # type: ignore[attr-defined]

    def send_error(
        self, code: int, message: str | None = None, explain: str | None = None
    ) -> None:
        """Refuse as the marketplace does, in JSON, what never came to be a call."""
        if code == HTTPStatus.NOT_IMPLEMENTED:
            code = HTTPStatus.METHOD_NOT_ALLOWED
            message = f"The method {self.command} is not allowed."
            # What is left unread would cost the answer.
            self.read_body()
        body = json.dumps({"message": message or HTTPStatus(code).phrase}).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def serve(self) -> None:
        address = urlsplit(self.path)
        query = read_form(address.query)
        body = read_form(self.read_body().decode(errors="replace"))
        if address.path.startswith(PREFIX):
            resource = address.path.removeprefix(PREFIX).removesuffix(".json")
            self._call(resource, query, body)
        else:
            self.show(PAGES, self.sandbox, address.path, body)

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
        exchange = Exchange(self, self.sandbox, resource, {**query, **body}, token)
        if fault := self.sandbox.take_fault(resource):
            FAULTS[fault.name](exchange, **fault.options)
        elif not api.is_known(self.command, resource):
            exchange.send(404, b"<html>Not Found</html>", "text/html; charset=utf-8")
        else:
            exchange.send_json(*exchange.answer())


def read_form(text: str) -> dict[str, Any]:
    """Read a form as the vendor's framework does: `name[]` is a list."""
    return {
        name: values if name.endswith("[]") else values[-1]
        for name, values in parse_qs(text, keep_blank_values=True).items()
    }
