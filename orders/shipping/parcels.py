"""Ship an order: record the parcel, and correct it while that is possible."""

from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone as clock

from backoffice import audit
from backoffice.kit.errors import NotAllowed
from backoffice.kit.fields import most_characters
from backoffice.kit.sentences import sentence
from backoffice.models import AuditEntry
from orders import history, search_text
from orders.models import Order, OrderEvent, Shipment, note_change
from orders.shipping.number_formats import as_sent
from orders.shipping.refusals import refuse_unless_meant
from orders.shipping.rules import (
    refuse_long_before,
    refuse_unless_open,
    sent_already,
)
from stores.marketplaces.abilities import Evidence
from stores.marketplaces.values import clean
from stores.models import Store

NotSent = Shipment.NotSent
NUMBER_LENGTH = most_characters(Shipment, "tracking_number")


def ship_order(
    order: Order,
    *,
    carrier: str,
    tracking_number: str,
    shipped_at: datetime | None = None,
    shipped_by: User | None = None,
    send: bool | None = None,
    despite: str = "",
    doubt: str = "",
) -> Shipment:
    """Record the parcel and put its notice in the outbox.

    `send` defaults to the store's setting; the queue sends, `notifying.send_tracking`
    at once. With a `doubt`, in words, the notice waits for a last look. Raises
    `NotAllowed` unless the order is paid and open and the marketplace accepts the
    carrier; what is no tracking number needs a reason in `despite`.
    """
    with transaction.atomic():
        order = Order.objects.locked(order.pk)
        refuse_unless_open(order)
        carrier, number = check_notice(order, carrier, tracking_number)
        refuse_unless_meant(order, tracking_number, despite, shipped_by)
        now = clock.now()
        shipped_at = shipped_at or now
        refuse_long_before(order, shipped_at)
        shipment = Shipment(
            order=order,
            carrier=carrier,
            tracking_number=number,
            shipped_at=shipped_at,
            shipped_by=shipped_by,
        )
        if kept_back := kept_back_because(order.store, send, doubt):
            shipment.keep_back(kept_back, doubt)
        else:
            shipment.reopen(now)
        shipment.save()
        Order.objects.filter(pk=order.pk).update(has_shipment=True)
        search_text.write(order)
        _note(order, OrderEvent.Kind.SHIPPED, shipped_by, str(shipment))
    return shipment


def kept_back_because(store: Store, send: bool | None, doubt: str) -> str:
    """Return why the notice does not go by itself, empty when it does.

    What a person wants comes first: whoever chose not to tell has no doubt to settle.
    """
    if send is False:
        return NotSent.CHOICE
    if doubt:
        return NotSent.DOUBT
    if send is None and not store.auto_send_tracking:
        return NotSent.STORE
    return ""


def check_notice(order: Order, carrier: str, tracking_number: str) -> tuple[str, str]:
    """Return carrier and number as they are stored and sent, or `NotAllowed`."""
    store = order.store
    accepted = store.find_carrier(carrier)
    if accepted is None:
        message = sentence(
            "%(marketplace)s does not accept the carrier “%(carrier)s”; it accepts "
            "%(accepted)s."
        )
        names = {
            "marketplace": store.get_marketplace_display(),
            "carrier": clean(carrier),
            "accepted": ", ".join(store.carrier_labels),
        }
        raise NotAllowed(message % names)
    number = as_sent(accepted, tracking_number)
    if not number:
        raise NotAllowed(sentence("Enter the tracking number."))
    if len(number) > NUMBER_LENGTH or not number.isprintable():
        message = sentence("“%(number)s” is not a tracking number.")
        raise NotAllowed(message % {"number": number[:NUMBER_LENGTH]})
    return accepted, number


def correct_shipment(
    shipment: Shipment,
    carrier: str,
    tracking_number: str,
    by: User | None = None,
    despite: str = "",
    seen: int | None = None,
) -> None:
    """Change carrier or number as long as the marketplace cannot have taken them.

    A refused notice goes back to the outbox. Raises `NotAllowed` afterwards: sellers
    cannot change a tracking number at the marketplace. What is no tracking number
    needs a reason in `despite`. `seen` is the last line of history that was looked at:
    what somebody else corrected since is not undone unseen.
    """
    with transaction.atomic():
        order = Order.objects.locked(shipment.order_id)
        history.refuse_newer(order, [OrderEvent.Kind.CORRECTED], seen, by)
        current = Shipment.objects.select_for_update().get(pk=shipment.pk)
        unclaimed = Shipment.objects.unclaimed().filter(pk=current.pk)
        if not (current.may_be_corrected and unclaimed.exists()):
            raise NotAllowed(sent_already(order))
        carrier, number = check_notice(order, carrier, tracking_number)
        refuse_unless_meant(order, tracking_number, despite, by)
        before = str(current)
        _put(current, carrier, number, order.store.abilities.evidence)
        search_text.write(order)
        note_change([order.store_id])
        if str(current) != before:
            _note(order, OrderEvent.Kind.CORRECTED, by, f"{before} → {current}")
    shipment.refresh_from_db()


def _put(shipment: Shipment, carrier: str, number: str, evidence: Evidence) -> None:
    """Save carrier and number; a refused notice becomes a fresh one."""
    before = str(shipment)
    shipment.carrier, shipment.tracking_number = carrier, number
    if str(shipment) != before and evidence < Evidence.NUMBER:
        # What shows as shipped from now on may be so by the notice that was wrong.
        shipment.posted_at, shipment.reads_since_post = None, 0
    if shipment.notification == Shipment.Notification.REFUSED:
        shipment.reopen(clock.now())
    shipment.save(
        update_fields=[
            *("carrier", "tracking_number", "posted_at"),
            *Shipment.OUTBOX_FIELDS,
        ]
    )


def _note(order: Order, kind: OrderEvent.Kind, by: User | None, text: str) -> None:
    history.record(order, kind, by=by, text=text)
    shipped, store = AuditEntry.Kind.SHIPPED, order.store_id
    audit.record(shipped, by=by, about=order, text=text, store_key=store)
