"""What came, as it is kept: JSON text that every database takes, and its digest."""

import hashlib
import json
import math
import re
from decimal import Decimal
from typing import Any

from stores.marketplaces.base import Received

# Orders nest three levels deep.
DEEPEST = 100
# How JSON may hide NUL and halves of a pair of surrogates.
ESCAPES = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
# Of a text written with these, "0e0" is in each exponent and a row of zeros in each
# number that may be infinite.
AS_ZEROS = bytes.maketrans(b"0123456789+-.E", b"0" * 13 + b"e")
ENDLESS = b"0" * 300


def digest_of(raw: Any) -> str:
    """Return a digest of an order's JSON as it is written."""
    if isinstance(raw, Received):
        return _hashed(raw.lasting or raw.text)
    return _hashed(canonical(raw))


def canonical_digest(raw: Any) -> str:
    """Return a digest of an order's JSON, whatever way it is written."""
    return _hashed(canonical(raw))


def _hashed(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def canonical(raw: Any) -> str:
    """Return JSON as one text, whatever the order of its keys and its white space."""
    return json.dumps(raw, sort_keys=True, separators=(",", ":"), default=str)


def is_kept_as(raw: Any, payload: Any) -> bool:
    """Return whether an order's JSON says what is kept of it, however it is written."""
    came = json.loads(text_to_keep(raw))
    # True and 1 are equal, and not the same.
    return came == payload and canonical(came) == canonical(payload)


def text_to_keep(raw: Any) -> str:
    """Return the JSON that every database takes, as received where it is such."""
    if isinstance(raw, Received) and _is_storable(raw.text):
        return raw.text
    return json.dumps(storable(raw))


def _is_storable(text: str) -> bool:
    """Return whether `storable` would surely change nothing."""
    try:
        numbers = text.encode().translate(AS_ZEROS)
    except UnicodeEncodeError:
        return False
    return not (
        b"0e0" in numbers
        or ENDLESS in numbers
        or ESCAPES.search(text)
        or text.count("[") + text.count("{") > DEEPEST
    )


def storable(raw: Any, depth: int = 0) -> Any:
    """Return JSON that every database takes, otherwise as received.

    PostgreSQL refuses NUL and lone surrogates in text, no database stores an
    infinite number, and none an endless nesting.
    """
    if depth > DEEPEST:
        return "…"
    if isinstance(raw, dict):
        return {
            storable(str(key)): storable(value, depth + 1) for key, value in raw.items()
        }
    if isinstance(raw, list):
        return [storable(value, depth + 1) for value in raw]
    if isinstance(raw, str):
        return raw.replace("\0", "\ufffd").encode(errors="replace").decode()
    if isinstance(raw, Decimal):
        number = float(raw)
        return number if math.isfinite(number) else str(raw)
    return raw
