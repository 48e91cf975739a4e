"""Whether a call may come in, by whichever way the profile takes."""

from base64 import b64decode
from binascii import Error
from collections.abc import Mapping
from email.message import Message
from hmac import compare_digest

from stores.sandbox.shops.state import ShopState

PARAMETERS = {"ss-username", "ss-password", "auth_key"}
REST_PARAMETERS = {"consumer_key", "consumer_secret"}


def ways_tried(query: Mapping[str, str], headers: Message) -> set[str]:
    """Return the ways of authentication that a call uses, right or wrong."""
    names = {name.lower() for name in query}
    tried = {
        "parameters": "ss-password" in names,
        "auth_key": "auth_key" in names,
        "consumer_key": "consumer_key" in names,
        "basic": headers.get("authorization", "").startswith("Basic "),
        "headers": "ss-password" in headers,
        "token": "shipstation-access-token" in headers,
    }
    return {way for way, is_tried in tried.items() if is_tried}


def is_open(shop: ShopState, query: Mapping[str, str], headers: Message) -> bool:
    """Whether one of the ways the shop takes carries the right values."""
    keys = shop.keys
    pair = (keys["user"], keys["password"])
    given = {
        "basic": (read_basic(headers), pair),
        "parameters": (
            (query.get("SS-UserName", ""), query.get("SS-Password", "")),
            pair,
        ),
        "headers": (
            (headers.get("ss-username", ""), headers.get("ss-password", "")),
            pair,
        ),
        "auth_key": ((query.get("auth_key", ""),), (keys["auth_key"],)),
        "token": ((headers.get("shipstation-access-token", ""),), (keys["token"],)),
    }
    return any(are_same(*given[way]) for way in shop.profile.ways)


def is_rest_open(shop: ShopState, query: Mapping[str, str], headers: Message) -> bool:
    """Whether WooCommerce's key and secret are there, as Basic or in the query."""
    pair = (shop.keys["consumer_key"], shop.keys["consumer_secret"])
    typed = (query.get("consumer_key", ""), query.get("consumer_secret", ""))
    return are_same(read_basic(headers), pair) or are_same(typed, pair)


def read_basic(headers: Message) -> tuple[str, ...]:
    """Return user and password of the header, two empty texts without one."""
    kind, _, code = headers.get("authorization", "").partition(" ")
    try:
        text = b64decode(code, validate=True).decode() if kind == "Basic" else ""
    except (Error, UnicodeDecodeError):
        text = ""
    user, _, password = text.partition(":")
    return user, password


def without_secrets(query: Mapping[str, str]) -> dict[str, str]:
    """Return a query in which the values that open the shop are empty."""
    hidden = PARAMETERS | REST_PARAMETERS
    return {
        name: "" if name.lower() in hidden else value for name, value in query.items()
    }


def are_same(given: tuple[str, ...], right: tuple[str, ...]) -> bool:
    pairs = zip(given, right, strict=True)
    return all(compare_digest(one.encode(), other.encode()) for one, other in pairs)
