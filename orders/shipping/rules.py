"""Whether an order may ship, by what the marketplace and staff say of it."""

from datetime import datetime, timedelta

from backoffice.kit.errors import NotAllowed
from backoffice.kit.sentences import sentence
from orders.advice import missing_parts
from orders.models import Order
from stores.marketplaces.base import OrderStatus

# A wrong year, or month and day exchanged; what differs by less may be meant.
LONGEST_BEFORE_ORDER = timedelta(days=90)


def reason_against(order: Order, status: str, word: str) -> str:
    """Return why an order of this status may not ship, in words; empty when it may.

    `word` is the marketplace's own word for the status.
    """
    if status == OrderStatus.NEEDS_REVIEW and order.lacks_address:
        message = sentence(
            "The address of order %(order)s lacks %(parts)s; complete it, and the "
            "order can ship."
        )
        parts = missing_parts(order)
        return message % {"order": order.number, "parts": parts}
    messages = {
        OrderStatus.AWAITING_SHIPMENT: "",
        OrderStatus.AWAITING_PAYMENT: sentence(
            "Order %(order)s is not paid yet (%(word)s)."
        ),
        OrderStatus.ON_HOLD: sentence("Order %(order)s is on hold (%(reason)s)."),
        OrderStatus.SHIPPED: sentence("Order %(order)s has shipped already."),
        OrderStatus.CANCELLED: sentence("Order %(order)s is cancelled (%(word)s)."),
        OrderStatus.NEEDS_REVIEW: sentence(
            "Order %(order)s has a status that is not known here (%(word)s)."
        ),
    }
    return messages[OrderStatus(status)] % {
        "order": order.number,
        "reason": order.hold_reason or word,
        "word": word,
    }


def reason_as_known(order: Order) -> str:
    """Return why the order may not ship by what is here of it; empty when it may."""
    return reason_against(order, order.status, order.marketplace_status)


def is_long_before(order: Order, shipped_at: datetime) -> bool:
    """Whether nobody can mean that the order left on that day."""
    return shipped_at < order.ordered_at - LONGEST_BEFORE_ORDER


def sent_already(order: Order) -> str:
    """Say that a shipment may not be corrected."""
    message = sentence(
        "The shipment of order %(order)s has been sent; its carrier and number "
        "cannot be changed any more."
    )
    return message % {"order": order}


def refuse_unless_open(order: Order) -> None:
    """Raise `NotAllowed` unless the order may ship now."""
    if reason := reason_as_known(order):
        raise NotAllowed(reason)


def refuse_long_before(order: Order, shipped_at: datetime) -> None:
    """Raise `NotAllowed` where the order left long before it was placed."""
    if is_long_before(order, shipped_at):
        message = sentence(
            "The day %(day)s is long before order %(order)s was placed; correct it."
        )
        day = shipped_at.date().isoformat()
        raise NotAllowed(message % {"day": day, "order": order.number})
