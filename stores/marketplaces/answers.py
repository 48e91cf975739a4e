"""Read a marketplace's answer as JSON, whatever it is, and name what it is instead."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

from django.views.decorators.debug import sensitive_variables

from stores.marketplaces.base import (
    MarketplaceBusy,
    MarketplaceError,
    MarketplaceRefused,
    MarketplaceUnavailable,
    Received,
    TokenRefused,
    gettext_noop,
)
from stores.marketplaces.http import BoundedClient, PrivateAddress, Reply, Unanswered

Shape = TypeVar("Shape")

BLANKS = re.compile(r"[ \t\n\r]*")
# Several times what an answer of the allowed size holds of orders; of what is none,
# it may hold millions, each of which would be looked at.
MOST_ENTRIES = 100_000


def read_json(reply: Reply) -> Any:
    """Return the parsed body with exact decimals, or None when it is no JSON.

    An object that is the whole of it, or an entry of a list, brings its text.
    """
    encoding = json.detect_encoding(reply.content)
    try:
        return _read(reply.content.decode(encoding, "surrogatepass").strip(" \t\n\r"))
    except (ValueError, RecursionError):
        return None


def _read(text: str) -> Any:
    if not text.startswith("["):
        return _with_text(DECODER.decode(text), text)
    # Entry by entry, so that the end of each is known.
    entries: list[Any] = []
    place = _after_blanks(text, 1)
    while text[place] != "]":
        if entries:
            if text[place] != ",":
                raise ValueError(text[place])
            place = _after_blanks(text, place + 1)
        entry, end = DECODER.raw_decode(text, place)
        entries.append(_with_text(entry, text[place:end]))
        if len(entries) > MOST_ENTRIES:
            raise ValueError(len(entries))
        place = _after_blanks(text, end)
    if place != len(text) - 1:
        raise ValueError(text[place + 1 :])
    return entries


def _after_blanks(text: str, place: int) -> int:
    """Return where the text goes on; one that ends there is cut off."""
    found = BLANKS.match(text, place)
    end = found.end() if found else place
    if end == len(text):
        raise ValueError(end)
    return end


def _with_text(value: Any, text: str) -> Any:
    if not isinstance(value, dict):
        return value
    order = Received(value)
    order.text = text
    return order


def kind_of(reply: Reply, answer: Any) -> str:
    """Name what came, for a sentence on why it is of no use."""
    if not reply.content:
        return gettext_noop("an empty answer")
    if "html" in reply.content_type:
        return "HTML"
    if answer is None and reply.content.strip() != b"null":
        return gettext_noop("unreadable JSON")
    name = "object" if isinstance(answer, dict) else type(answer).__name__
    return "array" if name == "list" else name


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


DECODER = json.JSONDecoder(
    parse_float=_parse_float,
    parse_int=_parse_int,
    parse_constant=_refuse_constant,
)


LONGEST_WAIT = 6 * 60 * 60

UNANSWERED = gettext_noop("%(marketplace)s did not answer (%(reason)s).")
PRIVATE = gettext_noop(
    "The address of %(marketplace)s leads into a private network, so nothing was sent; "
    "check the address and the DNS of this computer."
)
NOT_ORDERS = gettext_noop(
    "%(marketplace)s answered with something else than orders (%(what)s)."
)
NO_ORDERS = gettext_noop(
    "%(marketplace)s answered with a list in which nothing is an order (entries: "
    "%(count)d)."
)
REPEATING = gettext_noop(
    "%(marketplace)s repeats itself: %(count)d pages in a row held no order that had "
    "not come before."
)
ENDLESS = gettext_noop(
    "%(marketplace)s lists orders without end; the reading stopped after %(count)d "
    "pages."
)
REFUSED_TOKEN = gettext_noop(
    "%(marketplace)s refused the access token (%(status)s): %(message)s"
)
UNKNOWN = gettext_noop("%(marketplace)s knows no such thing (404): %(message)s")
BUSY = gettext_noop("%(marketplace)s asks for fewer requests (%(status)s).")
REFUSED = gettext_noop("%(marketplace)s refused the request (%(status)s): %(message)s")
UNAVAILABLE = gettext_noop("%(marketplace)s has a problem (%(status)s).")
MISLED = gettext_noop(
    "%(marketplace)s answered with a redirect (%(status)s), which is not followed; "
    "check %(setting)s if it stays so."
)
REDIRECTED = gettext_noop(
    "%(marketplace)s answered with a redirect (%(status)s) to %(host)s, which is not "
    "followed; connect it with that address."
)
REDIRECTED_SOMEWHERE = gettext_noop(
    "%(marketplace)s answered with a redirect (%(status)s), which is not followed; "
    "connect it with the address that a browser ends up at."
)


@sensitive_variables()
def ask(
    client: BoundedClient,
    marketplace: str,
    method: str,
    path: str,
    data: Mapping[str, str] | bytes | None = None,
    *,
    private: str = PRIVATE,
    **more: Mapping[str, str],
) -> Reply:
    """Return the answer, or raise `MarketplaceUnavailable`."""
    try:
        return client.request(method, path, data, **more)
    except Unanswered as error:
        reason = str(error)
    # Out here, so that it does not remember what led to it, which knows headers.
    raise MarketplaceUnavailable(
        private if reason == PrivateAddress.__name__ else UNANSWERED,
        marketplace=marketplace,
        reason=reason,
    )


def was_answered(error: MarketplaceError) -> bool:
    """Return whether an answer came, though another one than was asked for."""
    return error.text not in {UNANSWERED, PRIVATE}


def shaped(reply: Reply, shape: type[Shape], marketplace: str) -> Shape:
    """Return the JSON of an answer; anything else is a failure, never nothing."""
    answer = read_json(reply)
    if not isinstance(answer, shape):
        raise MarketplaceUnavailable(
            NOT_ORDERS, marketplace=marketplace, what=kind_of(reply, answer)
        )
    return answer


def about_order(error: MarketplaceError, text: str, order_id: str) -> MarketplaceError:
    """Return the failure in words that name the order."""
    return type(error)(text, **{**error.facts, "order": order_id})


def failure_of(
    reply: Reply,
    unknown: type[MarketplaceRefused],
    marketplace: str,
    message: str,
    address_setting: str = "",
) -> MarketplaceError:
    """Return what to raise for an answer; a 404 is an error of the kind `unknown`.

    `address_setting` is what holds the marketplace's address, where it has one for all.
    """
    status = reply.status
    facts: dict[str, Any] = {
        "marketplace": marketplace,
        "status": status,
        "message": message,
    }
    if status in {401, 403}:
        return TokenRefused(REFUSED_TOKEN, **facts)
    if status == 404:
        return unknown(UNKNOWN, **facts)
    wait = retry_after(reply.headers.get("Retry-After", ""))
    if status in {425, 429}:
        return MarketplaceBusy(BUSY, retry_after=wait, **facts)
    if 300 <= status < 400:
        if address_setting:
            return MarketplaceUnavailable(MISLED, setting=address_setting, **facts)
        text = REDIRECTED if reply.leads_to else REDIRECTED_SOMEWHERE
        return MarketplaceUnavailable(text, host=reply.leads_to, **facts)
    if 400 <= status < 500 and status != 408:
        return MarketplaceRefused(REFUSED, **facts)
    return MarketplaceUnavailable(UNAVAILABLE, retry_after=wait, **facts)


def retry_after(header: str, now: datetime | None = None) -> float | None:
    """Return the seconds to wait, six hours at the most; None when it makes no sense.

    The header gives seconds or an HTTP date (RFC 9110, 10.2.3).
    """
    header = header.strip()
    if header.isascii() and header.isdigit():
        return min(float(header[:12]), LONGEST_WAIT)
    try:
        until = parsedate_to_datetime(header)
    except (ValueError, OverflowError, IndexError):
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    wait = (until - (now or datetime.now(UTC))).total_seconds()
    return min(wait, LONGEST_WAIT) if wait >= 0 else None
