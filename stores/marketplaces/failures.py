"""What an answer other than 200 means: try later, or a person must act."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from stores.marketplaces.base import (
    MarketplaceBusy,
    MarketplaceError,
    MarketplaceRefused,
    MarketplaceUnavailable,
    TokenRefused,
    gettext_noop,
)
from stores.marketplaces.http import Reply

LONGEST_WAIT = 6 * 60 * 60

REFUSED_TOKEN = gettext_noop(
    "%(marketplace)s refused the access token (%(status)s): %(message)s"
)
UNKNOWN = gettext_noop("%(marketplace)s knows no such thing (404): %(message)s")
BUSY = gettext_noop("%(marketplace)s asks for fewer requests (%(status)s).")
REFUSED = gettext_noop("%(marketplace)s refused the request (%(status)s): %(message)s")
UNAVAILABLE = gettext_noop("%(marketplace)s has a problem (%(status)s).")
REDIRECTED = gettext_noop(
    "%(marketplace)s answered with a redirect (%(status)s), which is not followed; "
    "check TOPHATTER_API_URL if it stays so."
)


def failure_of(
    reply: Reply, unknown: type[MarketplaceRefused], marketplace: str, message: str
) -> MarketplaceError:
    """Return what to raise for an answer; a 404 is an error of the kind `unknown`."""
    status = reply.status
    facts = {"marketplace": marketplace, "status": status, "message": message}
    if status in {401, 403}:
        return TokenRefused(REFUSED_TOKEN, **facts)
    if status == 404:
        return unknown(UNKNOWN, **facts)
    wait = retry_after(reply.headers.get("Retry-After", ""))
    if status in {425, 429}:
        return MarketplaceBusy(BUSY, retry_after=wait, **facts)
    if 300 <= status < 400:
        return MarketplaceUnavailable(REDIRECTED, **facts)
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
