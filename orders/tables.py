"""Small pieces of what the admin's pages show."""

import json
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.template.loader import render_to_string
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _

from orders import deadlines, pacing
from orders.models import Order, Shipment
from stores.marketplaces.base import OrderStatus

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
    Shipment.Notification.NOT_SENT.value: "default",
}

HEALTH_COLOURS = {
    pacing.Health.CONNECTED: "success",
    pacing.Health.LATE: "warning",
    pacing.Health.REFUSED: "danger",
    pacing.Health.OFF: "default",
}


URGENCY_COLOURS = {
    deadlines.Urgency.LATE: "danger",
    deadlines.Urgency.TODAY: "warning",
    deadlines.Urgency.LATER: "default",
}


def label(text: object, colour: str) -> str:
    """Return a word on its colour, in a list and on a page alike."""
    return render_to_string("unfold/helpers/label.html", {"text": text, "type": colour})


def in_zone(moment: datetime | None, zone: ZoneInfo) -> str:
    """Return a moment in a zone, named beside it; in UTC under the pointer."""
    if moment is None:
        return ""
    local = moment.astimezone(zone)
    return format_html(
        '<time datetime="{}" title="{} UTC"><span class="whitespace-nowrap">{}</span> '
        '<span class="whitespace-nowrap">{} {}</span></time>',
        local.isoformat(),
        moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S"),
        date_format(local, "SHORT_DATE_FORMAT"),
        date_format(local, "TIME_FORMAT"),
        local.tzname(),
    )


def deadline_label(order: Order, now: datetime) -> str:
    """Return when the order must have left, coloured by how near that is."""
    urgency = deadlines.urgency(order, now)
    moment = in_zone(order.ship_by, order.store.zone)
    if urgency is None or urgency is deadlines.Urgency.LATER:
        return moment
    word = _("Late") if urgency is deadlines.Urgency.LATE else _("Today")
    return format_html("{} {}", moment, label(word, URGENCY_COLOURS[urgency]))


def status_labels(order: Order) -> list[str]:
    """Return the order's status, and what else must not be overlooked."""
    labels = [label(order.get_status_display(), STATUS_COLOURS[order.status])]
    if getattr(order, "has_void_slip", False):
        labels.append(label(_("Slip void"), "danger"))
    if order.has_undecided_address:
        labels.append(label(_("Address to decide"), "danger"))
    return labels


def notice_label(shipment: Shipment) -> str:
    return label(
        shipment.get_notification_display(), NOTICE_COLOURS[shipment.notification]
    )


def show_json(payload: Any) -> str:
    """Return JSON as readable, escaped text."""
    text = json.dumps(payload, indent=2, ensure_ascii=False)
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
    "assigned": "person",
    "printed": "print",
    "note": "sticky_note_2",
}
