"""Read a marketplace's answer as JSON, whatever it is, and name what it is instead."""

import json
from decimal import Decimal, InvalidOperation
from typing import Any

from stores.marketplaces.base import gettext_noop
from stores.marketplaces.http import Reply


def read_json(reply: Reply) -> Any:
    """Return the parsed body with exact decimals, or None when it is no JSON."""
    try:
        return json.loads(
            reply.content,
            parse_float=_parse_float,
            parse_int=_parse_int,
            parse_constant=_refuse_constant,
        )
    except (ValueError, RecursionError):
        return None


def kind_of(reply: Reply, answer: Any) -> str:
    """Name what came, for a sentence on why it is of no use."""
    if not reply.content:
        return gettext_noop("an empty answer")
    if "html" in reply.content_type:
        return "HTML"
    if answer is None and reply.content.strip() != b"null":
        return gettext_noop("unreadable JSON")
    return {dict: "object", list: "array"}.get(type(answer), type(answer).__name__)


def _parse_float(digits: str) -> Decimal | str:
    """Return a number beyond any exponent as text, so that only its order suffers."""
    try:
        return Decimal(digits)
    except InvalidOperation:
        return digits


def _parse_int(digits: str) -> int | Decimal:
    """Absurdly long numbers must not stop the page: `int` refuses them by an error."""
    return int(digits) if len(digits) <= 100 else Decimal(digits)


def _refuse_constant(name: str) -> None:
    raise ValueError(name)
