"""Read an order at the marketplace, and judge whether a notice may still go there."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone as clock

from backoffice.kit.sentences import Sentence as _
from orders import importing
from orders.models import Order, Shipment
from orders.notifying.words import names_of
from orders.shipping import reason_against
from stores.marketplaces.base import (
    Marketplace,
    MarketplaceOrder,
    MarketplaceUnavailable,
    OrderStatus,
    gettext_noop,
)


@dataclass(frozen=True)
class Reading:
    """What the marketplace shows of an order: when, understood and as received."""

    facts: MarketplaceOrder
    raw: dict[str, Any]
    at: datetime


def read_order(order: Order, marketplace: Marketplace) -> Reading:
    """Read the order from the marketplace and keep what it says."""
    reading = retrieve_order(order, marketplace)
    importing.import_page(order.store, [reading.raw])
    return reading


def retrieve_order(order: Order, marketplace: Marketplace) -> Reading:
    """Read the order from the marketplace, touching no row."""
    return retrieve(order.marketplace_order_id, marketplace, order.store.zone)


def retrieve(order_id: str, marketplace: Marketplace, zone: ZoneInfo) -> Reading:
    """Read an order from the marketplace, touching no row; another one is a failure."""
    raw = marketplace.retrieve_order(order_id)
    at = clock.now()
    facts = marketplace.parse_order(raw, zone)
    if facts.order_id != order_id:
        raise MarketplaceUnavailable(
            gettext_noop("%(marketplace)s answered with another order (%(other)s)."),
            marketplace=marketplace.label,
            other=facts.order_id,
        )
    return Reading(facts, raw, at)


def shows(facts: MarketplaceOrder, shipment: Shipment) -> bool:
    """Return whether the order is shown as shipped with this very number."""
    return (
        facts.order_id == shipment.order.marketplace_order_id
        and facts.status == OrderStatus.SHIPPED
        and facts.tracking_number.casefold() == shipment.tracking_number.casefold()
    )


def reason_not_to_post(facts: MarketplaceOrder, shipment: Shipment) -> str:
    """Return why the notice must not be posted, or an empty text."""
    order = shipment.order
    words = {
        **names_of(order),
        "number": facts.tracking_number,
        "carrier": shipment.carrier,
    }
    if facts.status == OrderStatus.SHIPPED and facts.tracking_number:
        return (
            _(
                "%(marketplace)s shows order %(order)s as shipped with the number "
                "%(number)s, which cannot be changed there."
            )
            % words
        )
    if facts.status == OrderStatus.SHIPPED:
        return (
            _(
                "%(marketplace)s shows order %(order)s as shipped without a number; "
                "ask its support to add one."
            )
            % words
        )
    if reason := reason_against(order, facts.status, facts.marketplace_status):
        return reason
    if order.store.find_carrier(shipment.carrier) is None:
        return (
            _(
                "%(marketplace)s no longer accepts the carrier %(carrier)s; correct "
                "the shipment of order %(order)s."
            )
            % words
        )
    return ""
