"""Judge by what the marketplace shows if a notice may go, and what became of it."""

from dataclasses import dataclass
from datetime import timedelta

from backoffice.kit.backoff import LONGEST_BACKOFF
from backoffice.kit.sentences import sentence
from orders import importing
from orders.importing.fetching import Fetched, fetch_order
from orders.models import Order, Shipment
from orders.notifying.receipts import Receipt
from orders.notifying.words import not_shown, order_names
from orders.shipping import reason_against
from orders.tracking_numbers import is_same
from stores.failures import in_words
from stores.marketplaces.base import (
    Marketplace,
    MarketplaceBusy,
    MarketplaceError,
    MarketplaceOrder,
    MarketplaceRefused,
    OrderStatus,
    TokenRefused,
)

FIRST_PAUSE = timedelta(seconds=60)

Notification = Shipment.Notification


@dataclass(frozen=True)
class Attempt:
    """What an attempt ended with, as it goes on the shipment's row.

    `fetched` is what the order was last read as, to be stored afterwards. `pause` is
    for how long the store's other notices have to wait as well.
    """

    notification: str
    error: str = ""
    retry_after: float | None = None
    receipt: Receipt | None = None
    fetched: Fetched | None = None
    pause: timedelta | None = None


def refresh_order(order: Order, marketplace: Marketplace) -> Fetched:
    """Read the order from the marketplace and keep what it says."""
    fetched = fetch(order, marketplace)
    importing.import_page(order.store, [fetched.raw])
    return fetched


def fetch(order: Order, marketplace: Marketplace) -> Fetched:
    """Read the order from the marketplace, touching no row."""
    return fetch_order(order.marketplace_order_id, marketplace, order.store)


def shows(facts: MarketplaceOrder, shipment: Shipment) -> bool:
    """Return whether the order is shown as shipped with this number."""
    return (
        facts.order_id == shipment.order.marketplace_order_id
        and facts.status == OrderStatus.SHIPPED
        and is_same(facts.tracking_number, shipment.tracking_number)
    )


def reason_not_to_post(facts: MarketplaceOrder, shipment: Shipment) -> str:
    """Return why the notice must not be posted, or an empty text."""
    order = shipment.order
    words = {
        **order_names(order),
        "number": facts.tracking_number,
        "carrier": shipment.carrier,
    }
    if facts.status == OrderStatus.SHIPPED and facts.tracking_number:
        return (
            sentence(
                "%(marketplace)s shows order %(order)s as shipped with the number "
                "%(number)s, which cannot be changed there."
            )
            % words
        )
    if facts.status == OrderStatus.SHIPPED:
        return (
            sentence(
                "%(marketplace)s shows order %(order)s as shipped without a number; "
                "ask its support to add one."
            )
            % words
        )
    if reason := reason_against(order, facts.status, facts.marketplace_status):
        return reason
    # By its label alone, because that is what the notice says.
    labels = {label.casefold() for label in order.store.carrier_labels}
    if shipment.carrier.casefold() not in labels:
        return (
            sentence(
                "%(marketplace)s no longer accepts the carrier %(carrier)s; correct "
                "the shipment of order %(order)s."
            )
            % words
        )
    return ""


def judge_post(
    shipment: Shipment, shown: MarketplaceOrder | None, failure: MarketplaceError | None
) -> Attempt:
    """Say what became of a notice by how its order is shown, and by how it failed."""
    if shown and shows(shown, shipment):
        return Attempt(Notification.ACCEPTED)
    if shown and shown.status == OrderStatus.SHIPPED and not failure:
        return Attempt(Notification.REFUSED, reason_not_to_post(shown, shipment))
    if isinstance(failure, MarketplaceRefused):
        return Attempt(Notification.REFUSED, in_words(failure))
    if isinstance(failure, MarketplaceBusy):
        return still_open(shipment, in_words(failure), failure.retry_after)
    return Attempt(
        Notification.UNCONFIRMED,
        in_words(failure) if failure else not_shown(shipment),
        getattr(failure, "retry_after", None),
    )


def pause_after(error: MarketplaceError | None) -> timedelta | None:
    """Return for how long a failure keeps all notices of the store, if it does.

    For no time, where it is the token that is refused: the store says that itself.
    """
    if isinstance(error, TokenRefused):
        return timedelta()
    wished = getattr(error, "retry_after", None)
    if wished is not None:
        return min(timedelta(seconds=wished), LONGEST_BACKOFF)
    return FIRST_PAUSE if isinstance(error, MarketplaceBusy) else None


def still_open(
    shipment: Shipment, error: str, retry_after: float | None = None
) -> Attempt:
    """Stay as it was: an unconfirmed notice does not become a fresh one."""
    return Attempt(shipment.notification, error, retry_after)
