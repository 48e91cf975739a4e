"""Correct where an order goes; the marketplace's own address stays beside it."""

from collections.abc import Mapping
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone as clock
from django.utils.translation import gettext as _

from backoffice.kit.errors import NotAllowed
from orders import search_text
from orders.history import changes_between, record, refuse_newer
from orders.models import SHIP_TO, Correction, Order, OrderEvent
from orders.shipping.rules import reason_against
from stores.marketplaces.base import OrderStatus
from stores.marketplaces.countries import alpha2

DECIDING = (
    OrderEvent.Kind.ADDRESS,
    OrderEvent.Kind.ADDRESS_KEPT,
    OrderEvent.Kind.ADDRESS_REVERTED,
)


def correct_address(
    order: Order,
    address: Mapping[str, str],
    by: User | None,
    seen: datetime | None,
    seen_event: int | None = None,
) -> None:
    """Send the order to another address than the marketplace says.

    `seen` is the `ship_to_changed_at` that the person looked at, `seen_event` the last
    line of the order's history. Raises `NotAllowed` once the order has left, when the
    marketplace or somebody else changed its address meanwhile, and for an address that
    no parcel can be sent to.
    """
    with transaction.atomic():
        order = Order.objects.locked(order.pk)
        _refuse_unless_current(order, seen, seen_event, by)
        wanted = Correction(**_checked(address))
        # An incomplete one may be confirmed: what cannot be read may not be needed.
        is_own = not changes_between(order, wanted, SHIP_TO)
        if is_own and not order.is_address_incomplete:
            message = _("This is the marketplace’s own address of order %(order)s.")
            raise NotAllowed(message % {"order": order})
        changes = changes_between(order.ship_to, wanted, SHIP_TO)
        if not changes and order.has_correction:
            _keep(order, by)
            return
        values = {name: getattr(wanted, name) for name in SHIP_TO}
        now = _now(order)
        Correction.objects.update_or_create(
            order=order,
            defaults=values | {"made_by": by, "made_at": now, "decided_at": now},
        )
        Order.objects.filter(pk=order.pk).update(
            has_correction=True, corrected_country=wanted.ship_to_country
        )
        search_text.write(order)
        record(order, OrderEvent.Kind.ADDRESS, by=by, changes=changes)


def keep_address(
    order: Order,
    by: User | None,
    seen: datetime | None,
    seen_event: int | None = None,
) -> None:
    """Stay with the corrected address though the marketplace has changed its own."""
    with transaction.atomic():
        order = Order.objects.locked(order.pk)
        _refuse_unless_current(order, seen, seen_event, by)
        if not hasattr(order, "correction"):
            message = _("The address of order %(order)s is not corrected here.")
            raise NotAllowed(message % {"order": order})
        _keep(order, by)


def revert_address(
    order: Order, by: User | None, seen_event: int | None = None
) -> None:
    """Drop the correction, so that the marketplace's address counts again."""
    with transaction.atomic():
        order = Order.objects.locked(order.pk)
        _refuse_once_left(order)
        refuse_newer(order, DECIDING, seen_event, by)
        if not hasattr(order, "correction"):
            return
        changes = changes_between(order.correction, order, SHIP_TO)
        order.correction.delete()
        Order.objects.filter(pk=order.pk).update(
            has_correction=False, corrected_country=None
        )
        search_text.write(order)
        record(order, OrderEvent.Kind.ADDRESS_REVERTED, by=by, changes=changes)


def reason_against_change(order: Order) -> str:
    """Return why the address is settled for good, in words; empty when it is not."""
    status = order.status
    if order.has_shipment and status != OrderStatus.CANCELLED:
        status = OrderStatus.SHIPPED
    if status in {OrderStatus.SHIPPED, OrderStatus.CANCELLED}:
        return reason_against(order, status, order.marketplace_status)
    return ""


def changed_since(order: Order) -> dict[str, str]:
    """Return what the marketplace's address said when staff last decided on it.

    Only the fields that were changed since, as far as the order's history tells.
    """
    changed: dict[str, str] = {}
    for event in order.events.filter(
        kind=OrderEvent.Kind.CHANGED, at__gt=order.correction.decided_at
    ):
        for name, before, _after in event.changes:
            if name in SHIP_TO:
                changed.setdefault(name, before)
    return {
        name: before
        for name, before in changed.items()
        if before != getattr(order, name)
    }


def _keep(order: Order, by: User | None) -> None:
    if not order.has_undecided_address:
        return
    Correction.objects.filter(order=order).update(decided_at=_now(order))
    record(order, OrderEvent.Kind.ADDRESS_KEPT, by=by)


def _checked(address: Mapping[str, str]) -> dict[str, str]:
    """Return the address as it is stored, or raise `NotAllowed`."""
    tidy = {name: " ".join(address.get(name, "").split()) for name in SHIP_TO}
    if not (
        tidy["ship_to_name"]
        and tidy["ship_to_address1"]
        and (tidy["ship_to_city"] or tidy["ship_to_postal_code"])
    ):
        raise NotAllowed(_("Give a name, a street, and a city or a postal code."))
    country = alpha2(tidy["ship_to_country"])
    if not country:
        message = _("“%(country)s” is not a country; give its code, for example US.")
        raise NotAllowed(message % {"country": tidy["ship_to_country"][:50]})
    return tidy | {"ship_to_country": country}


def _refuse_unless_current(
    order: Order, seen: datetime | None, seen_event: int | None, by: User | None
) -> None:
    _refuse_once_left(order)
    refuse_newer(order, DECIDING, seen_event, by)
    if order.ship_to_changed_at != seen:
        message = _(
            "The marketplace changed the address of order %(order)s meanwhile; look at "
            "it again."
        )
        raise NotAllowed(message % {"order": order})


def _refuse_once_left(order: Order) -> None:
    if reason := reason_against_change(order):
        raise NotAllowed(reason)


def _now(order: Order) -> datetime:
    """Return now, never before the address that was decided on (clocks differ)."""
    return max(clock.now(), order.ship_to_changed_at or order.imported_at)
