"""What speaks against a tracking number before its notice is sent."""

from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone as clock

from backoffice.kit.sentences import joined, sentence
from orders.models import Order, Shipment, note_change
from orders.shipping import number_formats
from orders.shipping.parcels import (
    correct_shipment,
    kept_back_because,
    ship_order,
)
from orders.shipping.refusals import record_override
from orders.tracking_numbers import spellings


def doubts(order: Order, carrier: str, number: str) -> list[str]:
    """Return what speaks against the number, a sentence each, asking nobody."""
    number = number_formats.as_sent(carrier, number)
    found: list[str] = []
    if not number_formats.looks_right(carrier, number):
        message = sentence("“%(number)s” does not look like a number of %(carrier)s.")
        found.append(message % {"number": number, "carrier": carrier})
    forms = {
        form
        for one in {number, *spellings(number)}
        for form in (one, one.upper(), one.lower())
    }
    other = (
        Shipment.objects.filter(tracking_number__in=forms)
        .exclude(order=order)
        .select_related("order")
        .only(
            *("order__marketplace_order_id", "order__order_number", "order__store"),
        )
        .first()
    )
    if other and other.order.store_id != order.store_id:
        # Without its number: who reads it may be kept to this order's store.
        message = sentence("The number “%(number)s” is on an order of another store.")
        found.append(message % {"number": number})
    elif other:
        message = sentence("The number “%(number)s” is on order %(order)s already.")
        found.append(message % {"number": number, "order": other.order})
    return found


def ship_unless_in_doubt(
    order: Order,
    *,
    carrier: str,
    tracking_number: str,
    send: bool | None = None,
    despite: str = "",
    **parcel: Any,
) -> tuple[Shipment, list[str]]:
    """Ship an order, and return what speaks against sending its notice unlooked at.

    With a doubt, the notice waits for a last look, unless `despite` gives a reason to
    send it all the same; what is no tracking number needs one to be recorded. Raises
    `NotAllowed` as `ship_order`.
    """
    carrier = order.store.find_carrier(carrier) or carrier.strip()
    found = doubts(order, carrier, tracking_number)
    despite = despite.strip()
    with transaction.atomic():
        shipment = ship_order(
            order,
            carrier=carrier,
            tracking_number=tracking_number,
            send=send,
            doubt="" if despite else joined(found),
            despite=despite,
            **parcel,
        )
        if found and shipment.notification == Shipment.Notification.PENDING:
            record_override(order, joined(found), despite, shipment.shipped_by)
    is_held = shipment.not_sent_because == Shipment.NotSent.DOUBT
    return shipment, found if is_held else []


def correct_unless_in_doubt(
    shipment: Shipment,
    carrier: str,
    tracking_number: str,
    by: User | None = None,
    despite: str = "",
    seen: int | None = None,
) -> list[str]:
    """Correct a shipment, and return what now keeps its notice for a last look.

    Without a doubt, or with a reason in `despite`, a last look it waited for is over.
    Raises `NotAllowed` as `correct_shipment`.
    """
    with transaction.atomic():
        correct_shipment(shipment, carrier, tracking_number, by, despite, seen)
        waited = shipment.not_sent_because
        if waited in {Shipment.NotSent.CHOICE, Shipment.NotSent.STORE}:
            return []
        order, despite = shipment.order, despite.strip()
        found = doubts(order, shipment.carrier, shipment.tracking_number)
        doubt = "" if despite else joined(found)
        # What was on its way was to be sent, whatever the store does by itself.
        send = None if waited else True
        if kept_back := kept_back_because(order.store, send, doubt):
            shipment.keep_back(kept_back, doubt)
        elif waited:
            shipment.reopen(clock.now())
        shipment.save(update_fields=Shipment.OUTBOX_FIELDS)
        note_change([order.store_id])
        if found and shipment.notification == Shipment.Notification.PENDING:
            record_override(order, joined(found), despite, by)
    return found if kept_back == Shipment.NotSent.DOUBT else []
