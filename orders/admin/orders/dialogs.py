"""The steps an order can take by hand: which fit, and what their dialogs ask."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone as clock
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from backoffice.health import worker_is_alive
from backoffice.kit.admin import StaffRequest, dialog, leave_dialog, row_url
from orders.admin.forms import HoldForm, ShipForm, StepForm
from orders.advice import reason_not_alone, waits_for
from orders.models import Order, Shipment
from orders.notifying import sendings
from orders.shipping import NotAllowed
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
    StepForm,
)
SEND = dialog(
    _("Send tracking to the marketplace"),
    _("Look and send"),
    _(
        "The order is looked at once more first. Once the marketplace has accepted "
        "them, carrier and number cannot be changed."
    ),
)
IMPORT_AGAIN = dialog(
    _("Import this order again"),
    _("Import now"),
    _("The marketplace is asked for what it says of this order now."),
)


def steps(order: Order) -> set[str]:
    """Return the buttons that fit the order's state; sending is beside the parcel."""
    fitting = {"import_again"} if not reason_not_alone(order.store) else set()
    if order.status == OrderStatus.AWAITING_SHIPMENT:
        fitting |= {"ship", "hold_order"}
    elif order.status not in {OrderStatus.SHIPPED, OrderStatus.CANCELLED}:
        fitting |= {"hold_order"}
    if order.held_at:
        fitting = fitting - {"hold_order"} | {"release"}
    return fitting


def what_follows(shipment: Shipment) -> str:
    """Say of a parcel that was just shipped or corrected how its notice goes on."""
    now = clock.now()
    waits = waits_for(shipment, now, worker_is_alive(now))
    return waits or str(_("The marketplace is told now."))


def are_too_many(request: StaffRequest, count: int, most: int) -> bool:
    """Say that more are chosen than one step takes, when they are."""
    if count <= most:
        return False
    message = _("%(count)d orders are chosen; choose at most %(most)d at a time.")
    counts = {"count": count, "most": most}
    messages.error(request, message % counts)
    return True


def send_orders(
    request: StaffRequest, orders: QuerySet[Order], back: str
) -> HttpResponse:
    """Begin a sending of what these orders shipped with; say how many have not yet."""
    shipments = Shipment.objects.filter(order__in=orders)
    unshipped = orders.filter(shipments=None)
    can_ship = unshipped.filter(status=OrderStatus.AWAITING_SHIPMENT).count()
    if can_ship:
        message = ngettext(
            "%d order has no shipment here yet; mark it as shipped first.",
            "%d orders have no shipment here yet; mark them as shipped first.",
            can_ship,
        )
        messages.warning(request, message % can_ship)
    if others := unshipped.count() - can_ship:
        message = ngettext(
            "%d order has no shipment here and may not ship; its page says why.",
            "%d orders have no shipment here and may not ship; their pages say why.",
            others,
        )
        messages.warning(request, message % others)
    if (can_ship or others) and not shipments.exists():
        return leave_dialog(request, back)
    return send_by_hand(request, shipments, back)


def send_by_hand(
    request: StaffRequest, shipments: QuerySet[Shipment], back: str
) -> HttpResponse:
    """Begin a sending and lead to its page, or say why there is none and lead back."""
    try:
        begun = sendings.start_sending(shipments, request.user)
    except sendings.AlreadyLooking as error:
        messages.warning(request, str(error))
        begun = error.sending
    except NotAllowed as error:
        messages.warning(request, str(error))
        return leave_dialog(request, back)
    return leave_dialog(request, row_url(begun))
