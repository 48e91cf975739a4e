"""What a shop's answer means when it is not what was asked for.

WordPress and WooCommerce name each refusal by a `code` in JSON. Sources: WooCommerce's
REST API documentation, "Errors" and "Authentication over HTTPS"; its classes
`WC_REST_Authentication` and `WC_REST_CRUD_Controller`, for the codes.
"""

from typing import Any

from stores.marketplaces.answers import failure_of, kind_of
from stores.marketplaces.base import (
    MarketplaceError,
    MarketplaceRefused,
    NotTheMarketplace,
    OrderNotFound,
    ProductNotFound,
    TokenRefused,
    gettext_noop,
)
from stores.marketplaces.http import Reply

UNKNOWN_ORDER = gettext_noop(
    "The shop knows no order %(order)s (%(status)s): %(message)s"
)
NOT_SHIPPED = gettext_noop(
    "The shop refused the shipment of order %(order)s: %(message)s"
)
NO_RESULT = gettext_noop(
    "The shop answered without a word on the shipment of order %(order)s."
)
REFUNDS_UNREAD = gettext_noop(
    "The refunds of order %(order)s could not be read (%(status)s), so what is left to "
    "ship of it is not known; it is read again by itself."
)

WRONG_SECRET = gettext_noop(
    "The shop refused the consumer key and its secret (%(status)s): %(message)s"
)
UNSEEN_KEY = gettext_noop(
    "The shop does not know the consumer key, or its server keeps the header "
    "“Authorization” to itself (%(status)s): %(message)s In that case have the key "
    "sent in the address."
)
MAY_NOT = gettext_noop(
    "The user that the consumer key belongs to may not do this in the shop "
    "(%(status)s): %(message)s"
)
FIREWALL = gettext_noop(
    "Something in front of the shop refused the request (%(status)s, %(message)s); its "
    "firewall has to let this computer through."
)
NO_WOOCOMMERCE = gettext_noop(
    "At this address is a WordPress without WooCommerce’s REST API (%(status)s); check "
    "the address, and that WooCommerce is active."
)
NO_WORDPRESS = gettext_noop(
    "Nothing at this address answers for WooCommerce (%(status)s, %(message)s); name "
    "the shop’s front page, and choose permalinks other than “Plain” in WordPress."
)
UNKNOWN_THING = gettext_noop(
    "%(marketplace)s knows no such thing (%(status)s): %(message)s"
)

NO_ROUTE = "rest_no_route"
AUTHENTICATION = "woocommerce_rest_authentication_error"
# Codes of things that are not there, by their ends.
UNKNOWN: dict[str, type[MarketplaceRefused]] = {
    "order_invalid_id": OrderNotFound,
    "product_invalid_id": ProductNotFound,
}


class NoRoute(NotTheMarketplace):
    """The shop's REST has nothing by this name: nothing was done."""


def code_of(answer: Any) -> str:
    """Return the name that an answer in JSON gives its refusal."""
    code = answer.get("code") if isinstance(answer, dict) else None
    return code if isinstance(code, str) else ""


def shop_failure(
    reply: Reply, answer: Any, marketplace: str, message: str
) -> MarketplaceError:
    """Return what to raise for an answer of another status than 200 or 201.

    `message` is what the shop says, fit to be shown, or empty.
    """
    status, code = reply.status, code_of(answer)
    message = message or kind_of(reply, answer)
    facts: dict[str, Any] = {"status": status, "message": message}
    if not code:
        if status == 403:
            return NotTheMarketplace(FIREWALL, **facts)
        if status == 404:
            return NotTheMarketplace(NO_WORDPRESS, **facts)
        failure = failure_of(reply, MarketplaceRefused, marketplace, message)
        if type(failure) is MarketplaceRefused:
            return NotTheMarketplace(failure.text, **failure.facts)
        return failure
    if code == AUTHENTICATION:
        return TokenRefused(WRONG_SECRET, **facts)
    # Who is not known may not, and who is known but may not is told by another status.
    if status in {401, 403}:
        return TokenRefused(UNSEEN_KEY if status == 401 else MAY_NOT, **facts)
    if code == NO_ROUTE:
        return NoRoute(NO_WOOCOMMERCE, **facts)
    for end, kind in UNKNOWN.items():
        # 400 is what a change of something unknown gets, 404 a look at it.
        if status in {400, 404} and code.endswith(end):
            return kind(UNKNOWN_THING, marketplace=marketplace, **facts)
    return failure_of(reply, MarketplaceRefused, marketplace, message)
