"""Say in words where an order here and the same order at the marketplace differ."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import TextChoices
from django.utils import timezone as clock
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders.advice import Step, names_of
from orders.auditing.listings import lists_changes
from orders.importing.triage import NAMELESS
from orders.models import ListedOrder, Order, Reconciliation, Shipment
from orders.models.shipments import parcel_of
from orders.tracking_numbers import is_same
from stores.marketplaces.abilities import Evidence
from stores.marketplaces.base import OrderStatus
from stores.models import Store

Notification = Shipment.Notification
# How long an order may wait for somebody who imports by hand.
BY_HAND_WITHIN = timedelta(days=1)


class DifferenceKind(TextChoices):
    """How the two sides differ; of several that hold, the first counts."""

    NOT_HERE = "not_here", gettext_lazy("There, but not here")
    NOT_THERE = "not_there", gettext_lazy("Here, but not there")
    SHIPPED_THERE = "shipped_there", gettext_lazy("Shipped there, but not here")
    SHIPPED_HERE = "shipped_here", gettext_lazy("Shipped here, but not there")
    OTHER_NUMBER = "other_number", gettext_lazy("Another tracking number")
    OTHER_STATUS = "other_status", gettext_lazy("Another status")


@dataclass(frozen=True)
class Difference:
    """An order the two sides do not agree on, in one sentence, and the step that fits.

    `since` is when the listing began, or when the parcel left that is not known there.
    """

    kind: DifferenceKind
    store: Store
    marketplace_order_id: str
    order: Order | None
    listed: ListedOrder | None
    text: str
    since: datetime
    step: Step


def not_here(listing: Reconciliation, listed: ListedOrder) -> Difference:
    store, number = listing.store, listed.marketplace_order_id
    kind, since, step = DifferenceKind.NOT_HERE, listing.started_at, Step.IMPORT
    names = names_of(store, number) | {"there": _state(listed)}
    if number.startswith(NAMELESS):
        step = Step.NONE
        text = _("%(marketplace)s lists an order without a number.")
    elif lists_changes(store) and is_awaited(listing):
        text = _(
            "%(marketplace)s lists order %(order)s (%(there)s), which may have changed "
            "after the last import; the next one brings it in."
        )
    elif is_next(listing, listed):
        text = _(
            "%(marketplace)s lists order %(order)s (%(there)s), placed after the last "
            "import; the next one brings it in."
        )
    else:
        text = _(
            "%(marketplace)s lists order %(order)s (%(there)s); it is not here, and "
            "nothing says why."
        )
    return Difference(kind, store, number, None, listed, text % names, since, step)


def is_next(listing: Reconciliation, listed: ListedOrder) -> bool:
    """Return whether the order may be new since the last import, so that one is due."""
    if lists_changes(listing.store):
        return is_awaited(listing)
    since = awaited_since(listing.store)
    return bool(since and listed.ordered_at and listed.ordered_at >= since)


def is_awaited(listing: Reconciliation) -> bool:
    """Return whether what had changed when the listing began comes with an import.

    No list says when an order has changed.
    """
    since = awaited_since(listing.store)
    return bool(since and listing.started_at >= since)


def awaited_since(store: Store) -> datetime | None:
    """Return since when what was placed comes with the next import."""
    since = store.last_import_at
    if since and not store.auto_import:
        # Whoever imports by hand may forget to.
        since = max(since, clock.now() - BY_HAND_WITHIN)
    # Stamps have no fractions of a second.
    return since and since.replace(microsecond=0)


def not_there(listing: Reconciliation, order: Order) -> Difference:
    store, key = listing.store, order.marketplace_order_id
    kind, since, step = DifferenceKind.NOT_THERE, listing.started_at, Step.IMPORT
    names = names_of(store, order.number) | {"here": order.get_status_display()}
    text = _(
        "Order %(order)s is here (%(here)s), but %(marketplace)s does not list it."
    )
    return Difference(kind, store, key, order, None, text % names, since, step)


def compare_order(
    listing: Reconciliation, order: Order, listed: ListedOrder
) -> Difference | None:
    """Return where an order that both sides have differs, if it does."""
    parcel = parcel_of(order)
    kind = _kind(listing, order, listed, parcel)
    if kind is None:
        return None
    since, step = listing.started_at, Step.IMPORT
    if kind == DifferenceKind.OTHER_NUMBER:
        step = Step.OPEN
    elif kind == DifferenceKind.SHIPPED_HERE and parcel:
        since = parcel.shipped_at
        # What was accepted once is not sent again.
        is_accepted = parcel.notification == Notification.ACCEPTED
        step = Step.OPEN if is_accepted else Step.SEND
    text = _sentence(kind, listing.store, bool(listed.tracking_number)) % {
        **names_of(listing.store, order.number),
        "number": listed.tracking_number,
        "there": _state(listed),
        "here": order.get_status_display(),
        "before": order.get_marketplace_state_display(),
        "parcel": parcel,
        "notice": parcel.notice_in_words if parcel else "",
    }
    key = order.marketplace_order_id
    return Difference(kind, listing.store, key, order, listed, text, since, step)


def _kind(
    listing: Reconciliation,
    order: Order,
    listed: ListedOrder,
    parcel: Shipment | None,
) -> DifferenceKind | None:
    there = listed.marketplace_state
    if there == OrderStatus.SHIPPED and order.status != OrderStatus.SHIPPED:
        return DifferenceKind.SHIPPED_THERE
    # A notice on its way is no difference, nor what somebody chose not to tell.
    is_kept = parcel and parcel.not_sent_because == Shipment.NotSent.CHOICE
    if parcel and not is_kept and parcel.notification not in Shipment.OPEN:
        is_closed = there in {OrderStatus.SHIPPED, OrderStatus.CANCELLED}
        if not is_closed and parcel.shipped_at < listing.started_at:
            return DifferenceKind.SHIPPED_HERE
        ours, theirs = parcel.tracking_number, listed.tracking_number
        shows_numbers = listing.store.abilities.evidence == Evidence.NUMBER
        is_other = shows_numbers and not is_same(ours, theirs)
        if there == OrderStatus.SHIPPED and is_other:
            return DifferenceKind.OTHER_NUMBER
    return DifferenceKind.OTHER_STATUS if there != order.marketplace_state else None


def _state(listed: ListedOrder) -> str:
    return listed.get_marketplace_state_display() or _("Unreadable")


def _sentence(kind: DifferenceKind, store: Store, has_number: bool) -> str:
    if kind == DifferenceKind.SHIPPED_THERE and has_number:
        return _(
            "%(marketplace)s shows order %(order)s as shipped with %(number)s; here it "
            "is “%(here)s”."
        )
    shows_numbers = store.abilities.evidence == Evidence.NUMBER
    if kind == DifferenceKind.SHIPPED_THERE and not shows_numbers:
        return _(
            "%(marketplace)s shows order %(order)s as shipped; here it is “%(here)s”."
        )
    if kind == DifferenceKind.SHIPPED_THERE:
        return _(
            "%(marketplace)s shows order %(order)s as shipped without a number; here "
            "it is “%(here)s”."
        )
    if kind == DifferenceKind.SHIPPED_HERE:
        return _(
            "Order %(order)s has shipped here with %(parcel)s (notice: %(notice)s), "
            "but %(marketplace)s shows it as “%(there)s”."
        )
    if kind == DifferenceKind.OTHER_NUMBER and has_number:
        return _(
            "Order %(order)s has shipped here with %(parcel)s, but %(marketplace)s "
            "shows %(number)s, which cannot be changed there."
        )
    if kind == DifferenceKind.OTHER_NUMBER:
        return _(
            "Order %(order)s has shipped here with %(parcel)s, but %(marketplace)s "
            "shows it as shipped without a number; ask its support to add one."
        )
    return _(
        "%(marketplace)s shows order %(order)s as “%(there)s”; here it is known as "
        "“%(before)s”."
    )
