"""The steps an order can take by hand: which fit, and what their dialogs ask."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from backoffice.base_admin import dialog
from orders import notifying
from orders.forms import HoldForm, ShipForm
from orders.models import Order, Shipment
from orders.queueing import enqueue, room
from stores.marketplaces.base import OrderStatus

SHIP = dialog(_("Ship this order"), _("Mark as shipped"), form=ShipForm)
HOLD = dialog(
    _("Hold this order"),
    _("Hold"),
    _("A held order does not ship and its tracking is not sent."),
    HoldForm,
)
RELEASE = dialog(
    _("Release this order"),
    _("Release"),
    _("The order goes back to what the marketplace says of it."),
)
SEND = dialog(
    _("Send tracking to the marketplace"),
    _("Send"),
    _("Once the marketplace has accepted it, carrier and number cannot be changed."),
)
IMPORT_AGAIN = dialog(
    _("Import this order again"),
    _("Import now"),
    _("The marketplace is asked for what it says of this order now."),
)


def steps(order: Order) -> set[str]:
    """Return the buttons that fit the order's state."""
    fitting = {"import_again"}
    if order.status == OrderStatus.AWAITING_SHIPMENT:
        fitting |= {"ship", "hold_order"}
    elif order.status not in {OrderStatus.SHIPPED, OrderStatus.CANCELLED}:
        fitting |= {"hold_order"}
    if order.held_at:
        fitting = fitting - {"hold_order"} | {"release"}
    waiting = {
        Shipment.Notification.PENDING,
        Shipment.Notification.UNCONFIRMED,
        Shipment.Notification.REFUSED,
        Shipment.Notification.NOT_SENT,
    }
    if any(one.notification in waiting for one in order.shipments.all()):
        fitting.add("send")
    return fitting


def send_by_hand(
    model_admin: admin.ModelAdmin,
    request: HttpRequest,
    shipments: QuerySet[Shipment],
) -> None:
    """Put shipments in the outbox and say how many will be sent."""
    chosen = notifying.request_sending(shipments, retry_refused=True)
    count = chosen.count()
    for pk in chosen.values_list("pk", flat=True)[: room()]:
        enqueue("send_notice", pk)
    if not count:
        model_admin.message_user(
            request,
            _("There is nothing to send: what was shipped is accepted already."),
            messages.WARNING,
        )
        return
    message = ngettext(
        "%d shipment is being sent; its notice shows what the marketplace answers.",
        "%d shipments are being sent; their notices show what the marketplace answers.",
        count,
    )
    model_admin.message_user(request, message % count, messages.SUCCESS)
