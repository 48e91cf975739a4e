"""The columns of the list of orders, and the links to its lists above it."""

from datetime import datetime
from typing import Any

from django.utils import timezone as clock
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from backoffice.kit import paging
from backoffice.kit.admin import StaffRequest
from orders.admin.filters import ListFilter, chosen_list, shown_list
from orders.admin.marketplaces import with_marketplaces
from orders.labels import (
    counted_from_order,
    deadline_label,
    in_zone,
    notice_label,
    status_labels,
    wish_labels,
)
from orders.models import Order
from orders.work.order_lists import LISTS
from stores.access import seen_by


def columns(request: StaffRequest) -> list[Any]:
    """Return deadlines while an order is open, and parcels once it is not."""
    first = [shown_number, state]
    if shown_list(request).by_deadline:
        first += [deadline, ordered, "customer_name", items]
        shown = [*first, destination, "store", handler]
    else:
        shown = [*first, ordered, "customer_name", items, destination, parcel, "store"]
    return with_marketplaces(request, shown)


@display(description=_("order number"))
def shown_number(order: Order) -> str:
    return order.number


@display(description=_("status"))
def state(order: Order) -> str:
    labels = [*status_labels(order), *wish_labels(order)]
    return format_html_join(" ", "{}", ((one,) for one in labels))


@display(description=_("ship by"), ordering="ship_by")
def deadline(order: Order) -> str:
    shown = deadline_label(order, clock.now())
    if (why := counted_from_order(order.store)) and order.ship_by:
        return format_html('<span title="{}">{}</span>', why, shown)
    return shown


@display(description=_("ordered"), ordering="ordered_at")
def ordered(order: Order) -> str:
    return in_zone(order.ordered_at, order.store.zone)


@display(description=_("items"))
def items(order: Order) -> str:
    return ", ".join(str(item) for item in order.line_items.all())


@display(description=_("ship to"))
def destination(order: Order) -> str:
    place = [order.ship_to.ship_to_city, order.ship_to.country]
    shown = ", ".join(filter(None, place))
    if not order.shipping_service:
        return shown
    return format_html("{}<br>{}", shown, order.shipping_service)


@display(description=_("shipment"))
def parcel(order: Order) -> str:
    for shipment in order.shipments.all():
        return format_html("{}<br>{}", shipment, notice_label(shipment))
    return ""


@display(description=_("assigned to"))
def handler(order: Order) -> str:
    return str(order.assigned_to or "")


def list_links(request: StaffRequest, now: datetime) -> list[dict[str, Any]]:
    """Return each list with its number of rows, as far as counted, and its address."""
    chosen, orders = chosen_list(request), seen_by(Order.objects.all(), request.user)
    counts = {
        name: paging.count_rows(one.select(orders, now)) for name, one in LISTS.items()
    }
    return [
        {
            "title": one.title,
            "url": f"?{ListFilter.parameter_name}={name}",
            "count": counts[name],
            "count_in_words": paging.written(counts[name]),
            "is_shown": name == chosen,
        }
        for name, one in LISTS.items()
    ]
