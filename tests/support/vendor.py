"""Calls of the Merchant API as the vendor's own client writes them."""

import json
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from typing import Any
from urllib.parse import urlencode

from stores.sandbox.server import Sandbox

ROOT = "/merchant_api/v1/"
FORM = "application/x-www-form-urlencoded"
NUMBER = "9400111899562173406594"


@dataclass
class Answer:
    status: int
    headers: Any
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    @property
    def message(self) -> str:
        assert list(self.json) == ["message"]
        return self.json["message"]


def send(
    sandbox: Sandbox,
    method: str,
    path: str,
    body: str = "",
    headers: dict[str, str] | None = None,
) -> Answer:
    connection = HTTPConnection("127.0.0.1", sandbox.port, timeout=60)
    try:
        connection.request(
            method, path, body or None, {"Content-Type": FORM} | (headers or {})
        )
        response: HTTPResponse = connection.getresponse()
        return Answer(response.status, response.headers, response.read().decode())
    finally:
        connection.close()


def get(sandbox: Sandbox, path: str, **parameters: Any) -> Answer:
    """Call with parameters and token in the query string."""
    query = urlencode({"access_token": sandbox.token} | parameters)
    return send(sandbox, "GET", f"{ROOT}{path}?{query}")


def get_with_body(sandbox: Sandbox, path: str, **parameters: Any) -> Answer:
    """Call with parameters and token in the body, as the vendor's own client does."""
    body = urlencode({"access_token": sandbox.token} | parameters)
    return send(sandbox, "GET", ROOT + path, body)


def post(sandbox: Sandbox, path: str, **parameters: Any) -> Answer:
    body = urlencode({"access_token": sandbox.token} | parameters, doseq=True)
    return send(sandbox, "POST", ROOT + path, body)


def ids(answer: Answer) -> list[int]:
    return [order["order_id"] for order in answer.json]
