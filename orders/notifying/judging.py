"""Judge by what the marketplace shows if a notice may go, and what became of it."""

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone as clock

from backoffice.clocks import is_recent
from backoffice.kit.backoff import LONGEST_BACKOFF
from backoffice.kit.sentences import sentence
from orders import importing
from orders.importing.fetching import Fetched, fetch_order
from orders.models import Order, Shipment
from orders.notifying.notices import Receipt
from orders.notifying.words import not_shown, order_names
from orders.shipping import reason_against
from orders.tracking_numbers import is_same
from stores.failures import in_words
from stores.marketplaces.abilities import Evidence
from stores.marketplaces.base import (
    Marketplace,
    MarketplaceBusy,
    MarketplaceError,
    MarketplaceOrder,
    MarketplaceRefused,
    OrderNotListed,
    OrderStatus,
    TokenRefused,
)

FIRST_PAUSE = timedelta(seconds=60)
# A list around now goes back by more than this.
LISTS_KEEP = timedelta(hours=24)

Notification = Shipment.Notification


@dataclass(frozen=True)
class Attempt:
    """What an attempt ended with, as it goes on the shipment's row.

    `fetched` is what the order was last read as, to be stored afterwards. `pause` is
    for how long the store's other notices have to wait as well. `proof` says by what
    an accepted notice is known to have arrived.
    """

    notification: str
    error: str = ""
    retry_after: float | None = None
    receipt: Receipt | None = None
    fetched: Fetched | None = None
    pause: timedelta | None = None
    proof: Evidence | None = None


def refresh_order(order: Order, marketplace: Marketplace) -> Fetched | None:
    """Read the order from the marketplace and keep what it says, if there is news."""
    fetched = fetch_if_listed(order, marketplace)
    if fetched:
        importing.import_page(order.store, [fetched.raw], asked_at=fetched.asked_at)
    return fetched


def fetch(order: Order, marketplace: Marketplace) -> Fetched:
    """Read the order from the marketplace, touching no row."""
    number, placed_at = order.marketplace_order_id, order.ordered_at
    return fetch_order(number, marketplace, order.store, placed_at)


def fetch_if_listed(order: Order, marketplace: Marketplace) -> Fetched | None:
    """Read the order as `fetch`; None where lists alone are read, and hold no news.

    Only while imports keep up is what is known here the newest then.
    """
    try:
        return fetch(order, marketplace)
    except OrderNotListed:
        read_until = order.store.last_import_at
        if read_until and is_recent(read_until, clock.now(), LISTS_KEEP):
            return None
        raise


def proof_of(facts: MarketplaceOrder, shipment: Shipment) -> Evidence | None:
    """Return what it proves of the notice how the order is shown, if anything.

    A marketplace that never shows a number proves by the status alone, of a notice
    that was sent.
    """
    is_it = facts.order_id == shipment.order.marketplace_order_id
    if not is_it or facts.status != OrderStatus.SHIPPED:
        return None
    if is_same(facts.tracking_number, shipment.tracking_number):
        return Evidence.NUMBER
    shows_numbers = shipment.order.store.abilities.evidence == Evidence.NUMBER
    is_sent = shipment.posted_at is not None
    return Evidence.STATUS if is_sent and not shows_numbers else None


def reason_not_to_post(facts: MarketplaceOrder | None, shipment: Shipment) -> str:
    """Return why the notice must not be posted, or an empty text.

    Of an order that no list holds, what is known here is the newest.
    """
    order = shipment.order
    number = facts.tracking_number if facts else ""
    status = facts.status if facts else OrderStatus(order.marketplace_state)
    word = (facts or order).marketplace_status
    return (
        _reason_when_shipped(order, status, number)
        or reason_against(order, status, word)
        or _reason_against_carrier(shipment)
    )


def _reason_when_shipped(order: Order, status: OrderStatus, number: str) -> str:
    if status != OrderStatus.SHIPPED:
        return ""
    if number:
        message = sentence(
            "%(marketplace)s shows order %(order)s as shipped with the number "
            "%(number)s, which cannot be changed there."
        )
    elif order.store.abilities.evidence < Evidence.NUMBER:
        message = sentence(
            "%(marketplace)s shows order %(order)s as shipped already, and never shows "
            "a number; look there whether it is this parcel."
        )
    else:
        message = sentence(
            "%(marketplace)s shows order %(order)s as shipped without a number; "
            "ask its support to add one."
        )
    return message % {**order_names(order), "number": number}


def _reason_against_carrier(shipment: Shipment) -> str:
    order = shipment.order
    # By its label alone, because that is what the notice says.
    labels = {label.casefold() for label in order.store.carrier_labels}
    is_taken = not order.store.abilities.has_closed_carriers
    if is_taken or shipment.carrier.casefold() in labels:
        return ""
    message = sentence(
        "%(marketplace)s no longer accepts the carrier %(carrier)s; correct the "
        "shipment of order %(order)s."
    )
    return message % {**order_names(order), "carrier": shipment.carrier}


def judge_post(
    shipment: Shipment, shown: MarketplaceOrder | None, failure: MarketplaceError | None
) -> Attempt:
    """Say what became of a notice by how its order is shown, and by how it failed.

    An answer is proof enough where there is no better one, unless the order is shown
    all the same, as open.
    """
    proof = proof_of(shown, shipment) if shown else None
    best = shipment.order.store.abilities.evidence
    if not (proof or shown or failure) and best == Evidence.ANSWERED:
        proof = Evidence.ANSWERED
    if proof:
        return Attempt(Notification.ACCEPTED, proof=proof)
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
