"""Which shipment an order's number means, and why its notice does not go."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from backoffice.kit.sentences import joined, sentence
from orders.finding.words import as_number
from orders.models import Order, Shipment
from orders.models.shipments import parcel_of
from orders.models.told import by_number, names_beside
from orders.notifying.last_look import doubts_about, reason_not_to_send
from orders.shipping import reason_as_known
from stores.models import Store

Notification = Shipment.Notification


@dataclass(frozen=True)
class Meant:
    """What an order's number means to whoever wants its tracking sent."""

    number: str
    shipment: Shipment | None = None
    # Why its notice does not go, empty when it does.
    reason: str = ""


def meant_by(
    numbers: Iterable[str],
    stores: Collection[Store],
    *,
    retry_refused: bool = False,
    despite_doubt: bool = False,
) -> list[Meant]:
    """Return what each number means among the orders of these stores."""
    numbers = list(dict.fromkeys(numbers))
    written = {number: as_number(number) for number in numbers}
    orders = by_number(
        Order.objects.called([*numbers, *written.values()])
        .select_related("store", "correction")
        .prefetch_related("shipments")
        .without_texts()
    )
    found = []
    for number in numbers:
        called = orders[number] or orders[written[number]]
        only, reason = _only(number, called, stores)
        shipment = parcel_of(only) if only else None
        if shipment:
            reason = _reason_against(shipment, retry_refused, despite_doubt)
        found.append(Meant(number, shipment, reason))
    return found


def _only(
    number: str, orders: list[Order], stores: Collection[Store]
) -> tuple[Order | None, str]:
    """Return the one order of a number, and why there is nothing to send of it."""
    among = [one for one in orders if one.store in stores]
    if not orders:
        reason = sentence(
            "There is no order %(order)s here; import_orders --order %(order)s asks "
            "the marketplace for it."
        )
    elif not among:
        reason = sentence(
            "Order %(order)s is of a store that is switched off or was not named "
            "(%(stores)s); name the store."
        )
    elif len({one.store_id for one in among}) < len(among):
        reason = sentence(
            "“%(order)s” may mean any of these orders: %(orders)s; name the one."
        )
    elif len(among) > 1:
        reason = sentence(
            "Order %(order)s is in several stores (%(stores)s); name the store."
        )
    elif why := reason_as_known(among[0]):
        return among[0], why
    else:
        reason = sentence("Order %(order)s has not shipped here; ship it first.")
    names = ", ".join(sorted(one.store.name for one in among or orders))
    meant = names_beside(number, among)
    order = among[0] if len(among) == 1 else None
    return order, reason % {"order": number, "stores": names, "orders": meant}


def _reason_against(shipment: Shipment, retry_refused: bool, despite: bool) -> str:
    """Return why the notice of a shipment does not go."""
    if reason := reason_not_to_send(shipment):
        return reason
    names = {"order": shipment.order, "error": shipment.notification_error}
    if shipment.notification == Notification.REFUSED and not retry_refused:
        message = sentence(
            "The notice of order %(order)s was refused, and --retry-refused sends it "
            "again: %(error)s"
        )
        return message % names
    is_unsent = shipment.notification == Notification.NOT_SENT
    if is_unsent and not despite and (found := doubts_about(shipment)):
        message = sentence(
            "%(doubts)s Nothing is sent; --despite-doubt REASON sends it all the same."
        )
        return message % {"doubts": joined(found)}
    return ""
