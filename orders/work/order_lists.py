"""The lists staff work from; the front page counts the same rows."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from orders.models import Order, Shipment
from orders.models.orders import OrderQuerySet
from orders.shipping import deadlines
from orders.work.about import about
from stores.marketplaces.base import OrderStatus

Select = Callable[[OrderQuerySet, datetime], OrderQuerySet]


@dataclass(frozen=True)
class OrderList:
    """A list by name: its title, its rows, and whether deadlines order it."""

    title: Promise
    select: Select
    by_deadline: bool = False
    # Said of the list while it has no rows.
    when_empty: Promise | str = ""
    # The causes whose rows it shows; no row has two of them.
    problems: tuple[str, ...] = ()


def _with_status(status: OrderStatus) -> Select:
    return lambda orders, now: orders.filter(status=status)


def _with_problem(*kinds: str) -> Select:
    def select(orders: OrderQuerySet, now: datetime) -> OrderQuerySet:
        return orders.filter(pk__in=about(Order, kinds, now))

    return select


LISTS: dict[str, OrderList] = {
    "to_ship": OrderList(
        _("To ship"),
        _with_status(OrderStatus.AWAITING_SHIPMENT),
        by_deadline=True,
        when_empty=_("Nothing to ship: every paid order has left, or is on hold."),
    ),
    "due_today": OrderList(
        _("Due today"),
        deadlines.due_today,
        by_deadline=True,
        when_empty=_("No deadline ends today."),
    ),
    "late": OrderList(
        _("Late"),
        deadlines.late,
        by_deadline=True,
        when_empty=_("No order is late."),
    ),
    "on_hold": OrderList(
        _("On hold"),
        _with_status(OrderStatus.ON_HOLD),
        by_deadline=True,
        when_empty=_("No order is on hold."),
    ),
    "needs_review": OrderList(
        _("Needs review"),
        _with_problem("review", "incomplete"),
        problems=("review", "incomplete"),
        when_empty=_("Every status is known here, and every address is complete."),
    ),
    "address": OrderList(
        _("Address to decide"),
        _with_problem("address"),
        by_deadline=True,
        problems=("address",),
        when_empty=_(
            "No address that was corrected here has changed at the marketplace since."
        ),
    ),
    "reopened": OrderList(
        _("Open again"),
        _with_problem("reopened"),
        problems=("reopened",),
        when_empty=_("No order is open again whose tracking was accepted."),
    ),
    "never_told": OrderList(
        _("Shipped here, never told"),
        _with_problem("untold"),
        problems=("untold",),
        when_empty=_("No shipment waits for somebody to send its tracking."),
    ),
    "not_accepted": OrderList(
        _("Shipped, not accepted"),
        lambda orders, now: orders.filter(
            has_shipment=True, pk__in=Shipment.objects.unaccepted().values("order")
        ),
        when_empty=_("The marketplace has accepted the tracking of every shipment."),
    ),
    "cancelled": OrderList(
        _("Cancelled"),
        _with_status(OrderStatus.CANCELLED),
        when_empty=_("No order is cancelled."),
    ),
    "all": OrderList(
        _("All"),
        lambda orders, now: orders,
        when_empty=_("No orders are here yet: they come in once a store is connected."),
    ),
}
