"""What opens a shop, blacked out where the shop repeats it in an answer."""

import json
import re
from collections.abc import Iterable
from html import escape
from urllib.parse import parse_qsl, quote, quote_plus, unquote_plus

from django.views.decorators.debug import sensitive_variables

HIDDEN = "****"
# A shorter word is in half of all texts; so is a longer one that is just a word.
SHORTEST_KEY = 8
NAMES_SECRET = re.compile("auth|credential|key|pass|secret|sign|token", re.IGNORECASE)


@sensitive_variables()
def values_in(query: str) -> list[str]:
    """Return the values of an address's query, as they stand there and decoded."""
    values = [part.partition("=")[2] or part for part in query.split("&")]
    return [*values, *map(unquote_plus, values)]


@sensitive_variables()
def is_key(text: str) -> bool:
    """Whether it is made like a key or a password, of letters and digits."""
    has_digit, has_letter = any(map(str.isdigit, text)), any(map(str.isalpha, text))
    return has_digit and has_letter and len(text) >= SHORTEST_KEY


@sensitive_variables()
def may_open(query: str) -> bool:
    """Whether an address's query may hold what opens a shop, by its names or values.

    Many a shop's address has one that is no secret: “?wc-api=wc_shipstation”.
    """
    pairs = parse_qsl(query, keep_blank_values=True)
    return any(
        NAMES_SECRET.search(name) or is_key(name) or is_key(value)
        for name, value in pairs
    )


@sensitive_variables()
def secret_spellings(secrets: Iterable[str]) -> tuple[str, ...]:
    """Return the ways in which secrets may be written, the longest first."""
    ways = (str, quote_plus, escape, lambda one: quote(one, ""), _in_json)
    forms = {way(secret) for secret in secrets if secret for way in ways}
    return tuple(sorted(forms, key=len, reverse=True))


def _in_json(text: str) -> str:
    return json.dumps(text)[1:-1]


@sensitive_variables()
def without(content: bytes, secrets: Iterable[str]) -> bytes:
    """Return an answer with these texts blacked out."""
    for secret in secrets:
        content = content.replace(secret.encode(), HIDDEN.encode())
    return content
