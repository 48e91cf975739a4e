"""Read an order at the marketplace, and judge whether a notice may still go there."""

from backoffice.kit.sentences import sentence
from orders import importing
from orders.importing.fetching import Fetched, fetch_order
from orders.models import Order, Shipment
from orders.notifying.words import order_names
from orders.shipping import reason_against
from orders.tracking_numbers import is_same
from stores.marketplaces.base import (
    Marketplace,
    MarketplaceOrder,
    OrderStatus,
)


def refresh_order(order: Order, marketplace: Marketplace) -> Fetched:
    """Read the order from the marketplace and keep what it says."""
    fetched = fetch(order, marketplace)
    importing.import_page(order.store, [fetched.raw])
    return fetched


def fetch(order: Order, marketplace: Marketplace) -> Fetched:
    """Read the order from the marketplace, touching no row."""
    return fetch_order(order.marketplace_order_id, marketplace, order.store.zone)


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
