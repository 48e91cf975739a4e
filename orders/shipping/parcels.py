"""What staff decide about an order: ship it, hold it, release it."""

from datetime import date, datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Q
from django.utils import timezone as clock

from backoffice.kit.sentences import Sentence as _
from orders import history
from orders.models import Order, OrderEvent, Shipment
from stores.marketplaces.base import OrderStatus
from stores.models import stores_by_zone

NUMBER_LENGTH = 100
NOT_HELD = {"held_at": None, "hold_reason": "", "hold_until": None}


class NotAllowed(Exception):
    """A step that the state of the order forbids, said in one sentence."""


def ship_order(
    order: Order,
    *,
    carrier: str,
    tracking_number: str,
    shipped_at: datetime | None = None,
    shipped_by: AbstractBaseUser | None = None,
    send: bool | None = None,
) -> Shipment:
    """Record the parcel and put its notice in the outbox.

    `send` defaults to the store's setting. Raises `NotAllowed` unless the order is
    paid and open and the marketplace accepts the carrier. The queue sends the notice;
    `notifying.send_tracking` does so at once.
    """
    with transaction.atomic():
        order = Order.objects.locked(order.pk)
        _refuse_unless_open(order)
        carrier, tracking_number = check_notice(order, carrier, tracking_number)
        wants_notice = order.store.auto_send_tracking if send is None else send
        now = clock.now()
        shipment = Shipment.objects.create(
            order=order,
            carrier=carrier,
            tracking_number=tracking_number,
            shipped_at=shipped_at or now,
            shipped_by=shipped_by,
            notification=(
                Shipment.Notification.PENDING
                if wants_notice
                else Shipment.Notification.NOT_SENT
            ),
            queued_at=now if wants_notice else None,
            next_attempt_at=now if wants_notice else None,
        )
        Order.objects.filter(pk=order.pk).update(has_shipment=True)
        kind = OrderEvent.Kind.SHIPPED
        history.record(order, kind, by=shipped_by, text=str(shipment))
    return shipment


def check_notice(order: Order, carrier: str, tracking_number: str) -> tuple[str, str]:
    """Return carrier and number as the marketplace takes them, or `NotAllowed`."""
    store = order.store
    accepted = store.find_carrier(carrier)
    if accepted is None:
        message = _(
            "%(marketplace)s does not accept the carrier “%(carrier)s”; it accepts "
            "%(accepted)s."
        )
        raise NotAllowed(
            message
            % {
                "marketplace": store.get_marketplace_display(),
                "carrier": carrier.strip(),
                "accepted": ", ".join(store.carrier_labels),
            }
        )
    number = tracking_number.strip()
    if not number:
        raise NotAllowed(_("Enter the tracking number."))
    if len(number) > NUMBER_LENGTH or not number.isprintable() or " " in number:
        message = _("“%(number)s” is not a tracking number.")
        raise NotAllowed(message % {"number": number[:NUMBER_LENGTH]})
    return accepted, number


def correct_shipment(
    shipment: Shipment,
    carrier: str,
    tracking_number: str,
    by: AbstractBaseUser | None = None,
) -> None:
    """Change carrier or number as long as the marketplace cannot have taken them.

    A refused notice goes back to the outbox. Raises `NotAllowed` afterwards: sellers
    cannot change a tracking number at the marketplace.
    """
    with transaction.atomic():
        order = Order.objects.locked(shipment.order_id)
        current = Shipment.objects.select_for_update().get(pk=shipment.pk)
        unclaimed = Shipment.objects.unclaimed().filter(pk=current.pk)
        if current.is_locked or not unclaimed.exists():
            message = _(
                "The shipment of order %(order)s has been sent; its carrier and number "
                "cannot be changed any more."
            )
            raise NotAllowed(message % {"order": order})
        carrier, number = check_notice(order, carrier, tracking_number)
        before = str(current)
        current.carrier, current.tracking_number = carrier, number
        if current.notification == Shipment.Notification.REFUSED:
            current.reopen(clock.now())
        current.save()
        if str(current) != before:
            text = f"{before} → {current}"
            history.record(order, OrderEvent.Kind.CORRECTED, by=by, text=text)
    shipment.refresh_from_db()


def hold(
    order: Order,
    reason: str,
    until: date | None = None,
    by: AbstractBaseUser | None = None,
) -> None:
    """Keep an open order from shipping, until a day or until it is released."""
    with transaction.atomic():
        order = Order.objects.locked(order.pk)
        if order.status in {OrderStatus.SHIPPED, OrderStatus.CANCELLED}:
            _refuse_unless_open(order)
        if not reason.strip():
            raise NotAllowed(_("Say why the order is held."))
        reason = reason.strip()[:200]
        Order.objects.filter(pk=order.pk).update(
            held_at=clock.now(), hold_reason=reason, hold_until=until
        )
        history.record(order, OrderEvent.Kind.HELD, by=by, text=reason)


def release(order: Order, by: AbstractBaseUser | None = None) -> None:
    """End a hold; the order goes back to what the marketplace says."""
    with transaction.atomic():
        held = Order.objects.filter(pk=order.pk, held_at__isnull=False)
        if held.update(**NOT_HELD):
            history.record(order, OrderEvent.Kind.RELEASED, by=by)


def release_due_holds(now: datetime) -> int:
    """End the holds whose day has come in their stores' zones; return their number."""
    has_come = Q(pk__in=[])
    for zone, stores in stores_by_zone().items():
        today = now.astimezone(zone).date()
        has_come |= Q(store__in=stores, hold_until__lte=today)
    due = Order.objects.filter(has_come, held_at__isnull=False)
    with transaction.atomic():
        pks = list(due.select_for_update().order_by("pk").values_list("pk", flat=True))
        Order.objects.filter(pk__in=pks).update(**NOT_HELD)
        history.record_all(pks, OrderEvent.Kind.RELEASED)
    return len(pks)


def reason_against(order: Order, status: str, word: str) -> str:
    """Return why an order of this status may not ship, in words; empty when it may.

    `word` is the marketplace's own word for the status.
    """
    messages = {
        OrderStatus.AWAITING_SHIPMENT: "",
        OrderStatus.AWAITING_PAYMENT: _("Order %(order)s is not paid yet (%(word)s)."),
        OrderStatus.ON_HOLD: _("Order %(order)s is on hold (%(reason)s)."),
        OrderStatus.SHIPPED: _("Order %(order)s has shipped already."),
        OrderStatus.CANCELLED: _("Order %(order)s is cancelled (%(word)s)."),
        OrderStatus.NEEDS_REVIEW: _(
            "Order %(order)s has a status that is not known here (%(word)s)."
        ),
    }
    return messages[OrderStatus(status)] % {
        "order": order.marketplace_order_id,
        "reason": order.hold_reason or word,
        "word": word,
    }


def _refuse_unless_open(order: Order) -> None:
    if reason := reason_against(order, order.status, order.marketplace_status):
        raise NotAllowed(reason)
