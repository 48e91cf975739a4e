"""How a text gets into XML, right or wrong, and a reply as bytes."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape
from typing import Any

# Takes the text and the most bytes it may have.
WriteText = Callable[[str, int], str]


@dataclass(frozen=True)
class Reply:
    """An answer before it is on the wire."""

    status: int
    body: bytes
    kind: str
    headers: dict[str, str] = field(default_factory=dict)


def json_reply(
    status: int, payload: Any, headers: dict[str, str] | None = None
) -> Reply:
    body = json.dumps(payload, ensure_ascii=False).encode()
    return Reply(status, body, "application/json; charset=UTF-8", headers or {})


def as_cdata(text: str, most: int) -> str:
    return f"<![CDATA[{text.replace(']]>', ']]]]><![CDATA[>')}]]>"


def as_cdata_with_entities(text: str, most: int) -> str:
    """Write `&amp;` for `&` where it is no entity, inside CDATA."""
    return as_cdata(text.replace("&", "&amp;"), most)


def as_plain(text: str, most: int) -> str:
    return escape(text, quote=False)


def twice_escaped(text: str, most: int) -> str:
    """Escape, cut the bytes, maybe inside a character, and escape again."""
    cut = escape(text).encode()[:most].decode("utf-8", "surrogateescape")
    return escape(cut, quote=False)
