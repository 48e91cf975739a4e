"""Small pieces of what the admin's pages show."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.translation import gettext as _

from backoffice.kit.times import in_utc, in_zone
from orders.importing import due
from orders.models import Order, Shipment
from orders.models.readings import settings_of
from orders.shipping import deadlines
from stores.marketplaces.abilities import Fact
from stores.marketplaces.base import OrderStatus
from stores.marketplaces.values import UNSEEN, has_offset
from stores.models import Store

# Orders have a few thousand characters.
MOST_SHOWN = 100_000

STATUS_COLOURS = {
    OrderStatus.AWAITING_PAYMENT.value: "info",
    OrderStatus.AWAITING_SHIPMENT.value: "primary",
    OrderStatus.ON_HOLD.value: "warning",
    OrderStatus.SHIPPED.value: "success",
    OrderStatus.CANCELLED.value: "default",
    OrderStatus.NEEDS_REVIEW.value: "danger",
}
NOTICE_COLOURS = {
    Shipment.Notification.PENDING.value: "info",
    Shipment.Notification.ACCEPTED.value: "success",
    Shipment.Notification.REFUSED.value: "danger",
    Shipment.Notification.UNCONFIRMED.value: "warning",
    Shipment.NotSent.DOUBT.value: "warning",
    Shipment.NotSent.STORE.value: "info",
    Shipment.NotSent.CHOICE.value: "default",
}

HEALTH_COLOURS = {
    due.Health.CONNECTED: "success",
    due.Health.LATE: "warning",
    due.Health.REFUSED: "danger",
    due.Health.OFF: "default",
}


URGENCY_COLOURS = {
    deadlines.Urgency.LATE: "danger",
    deadlines.Urgency.TODAY: "warning",
    deadlines.Urgency.LATER: "default",
}


def label(text: object, colour: str) -> str:
    """Return a word on its colour, in a list and on a page alike."""
    return render_to_string("unfold/helpers/label.html", {"text": text, "type": colour})


def deadline_label(
    order: Order, now: datetime, show: Callable[..., str] = in_zone
) -> str:
    """Return when the order must have left, coloured by how near that is."""
    urgency = deadlines.urgency(order, now)
    moment = show(order.ship_by, order.store.zone)
    if urgency is None or urgency is deadlines.Urgency.LATER:
        return moment
    word = _("Late") if urgency is deadlines.Urgency.LATE else _("Today")
    return format_html("{} {}", moment, label(word, URGENCY_COLOURS[urgency]))


def counted_from_order(store: Store) -> str:
    """Say that deadlines count from the order, where nobody tells when it was paid."""
    if Fact.PAID_AT in store.abilities.gives:
        return ""
    message = _(
        "%(marketplace)s does not tell when an order was paid: the deadline counts "
        "from when it was placed."
    )
    return message % {"marketplace": store.get_marketplace_display()}


def status_labels(order: Order) -> list[str]:
    """Return the order's status, and what else must not be overlooked."""
    dangers = [
        (getattr(order, "has_void_slip", False), _("Slip void")),
        (order.lacks_address, _("Address incomplete")),
        (order.has_undecided_address, _("Address to decide")),
        (order.is_reopened, _("Open again")),
    ]
    status = label(order.get_status_display(), STATUS_COLOURS[order.status])
    return [status, *(label(title, "danger") for is_so, title in dangers if is_so)]


def wish_labels(order: Order) -> list[str]:
    """Return what else the buyer asks for, which the order's page says in full."""
    wishes = [(order.buyer_note, _("Note")), (order.gift_message, _("Gift"))]
    return [label(title, "info") for text, title in wishes if text]


def notice_label(shipment: Shipment) -> str:
    """Return what became of the notice; of one that is not sent, why."""
    text = shipment.get_not_sent_because_display()
    return label(
        text or shipment.notice_in_words,
        NOTICE_COLOURS[shipment.not_sent_because or shipment.notification],
    )


def show_json(payload: Any) -> str:
    """Return JSON as readable, escaped text; of very long one the beginning.

    What nobody would see is written out: this is where one looks for it.
    """
    text = json.dumps(payload, indent=2, ensure_ascii=False)
    if len(text) > MOST_SHOWN:
        text = f"{text[:MOST_SHOWN]}…"
    text = UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
    return render_to_string("orders/json.html", {"text": text})


HISTORY_ICONS = {
    "imported": "download",
    "changed": "sync",
    "held": "pan_tool",
    "released": "play_arrow",
    "shipped": "local_shipping",
    "accepted": "check_circle",
    "refused": "error",
    "overridden": "warning",
    "address": "edit_location",
    "email": "alternate_email",
    "mailed": "mail",
    "assigned": "person",
    "printed": "print",
    "note": "sticky_note_2",
    "erased": "person_off",
}


def closer_look(order: Order, name: str) -> str:
    """Return a time of the order in UTC and, of the marketplace's, what it came as."""
    names = {
        "utc": in_utc(getattr(order, name)),
        "stamp": order.store.connector.read_stamps(order.payload).get(name, ""),
        "zone": settings_of(order.read_with)[0],
    }
    if not names["stamp"]:
        return names["utc"]
    if has_offset(names["stamp"]):
        return _("%(utc)s, received as “%(stamp)s”") % names
    message = _("%(utc)s, received as “%(stamp)s”, without an offset, read in %(zone)s")
    return message % names
