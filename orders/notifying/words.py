"""What is said of a notice on its way, as its row keeps it."""

from backoffice.kit.sentences import sentence
from orders.models import Order, Shipment


def not_shown(shipment: Shipment) -> str:
    """Say that the marketplace may have the notice, which it does not show."""
    message = sentence(
        "%(marketplace)s may have the shipment of order %(order)s but does not show "
        "it; it is read again several times before anything is sent."
    )
    if shipment.answer is not None:
        message = sentence(
            "%(marketplace)s took the shipment of order %(order)s but does not show it "
            "yet; from now on it is read and not sent again."
        )
    return message % order_names(shipment.order)


def ask_a_person(shipment: Shipment) -> str:
    """Say that the notice may have arrived, and that a second one may do harm."""
    message = sentence(
        "%(marketplace)s was told of the shipment of order %(order)s and still shows "
        "it as open. Look at the order there: a second notice may write to the buyer "
        "again, so it is sent only when you ask for it."
    )
    return message % order_names(shipment.order)


def order_names(order: Order) -> dict[str, str]:
    """Return the names of an order and its marketplace, for a sentence."""
    return {
        "order": order.number,
        "marketplace": order.store.get_marketplace_display(),
    }


def read_too_long_ago(shipment: Shipment) -> str:
    message = sentence(
        "The database was slow, so order %(order)s was read too long ago to send its "
        "tracking."
    )
    return message % order_names(shipment.order)


def gave_up(shipment: Shipment, attempts: int) -> str:
    message = sentence(
        "%(marketplace)s did not confirm the shipment of order %(order)s in %(count)d "
        "attempts; the last one said: %(error)s"
    )
    if shipment.answer is not None:
        message = sentence(
            "%(marketplace)s took the shipment of order %(order)s but never showed it "
            "in %(count)d attempts; look at the order there. It is not sent twice: "
            "sending it again only reads the order."
        )
    return message % {
        **order_names(shipment.order),
        "count": attempts,
        "error": shipment.notification_error or "–",
    }
