"""Small pieces of what the admin's pages show."""

import json
from typing import Any

from django.template.loader import render_to_string

from orders import pacing
from orders.models import Shipment
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


def label(text: object, colour: str) -> str:
    """Return a word on its colour, in a list and on a page alike."""
    return render_to_string("unfold/helpers/label.html", {"text": text, "type": colour})


def notice_label(shipment: Shipment) -> str:
    return label(
        shipment.get_notification_display(), NOTICE_COLOURS[shipment.notification]
    )


def show_json(payload: Any) -> str:
    """Return JSON as readable, escaped text."""
    text = json.dumps(payload, indent=2, ensure_ascii=False)
    return render_to_string("orders/json.html", {"text": text})
