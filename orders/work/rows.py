"""The rows of causes that one filter does not tell."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from orders.auditing import accounting
from orders.auditing.coverage import gaps_by_store
from orders.auditing.differences import Difference, is_next
from orders.models import ImportProblem, Order, Shipment
from orders.models.orders import OPEN_STATES
from stores.marketplaces.base import OrderStatus
from stores.models import Store

Problem = ImportProblem.Kind


@dataclass(frozen=True)
class Gap:
    """A stretch of time of a store that was never completely read."""

    store: Store
    since: datetime
    until: datetime
    marketplace_order_id = ""


def open_problems(now: datetime) -> QuerySet[ImportProblem]:
    """Return the problems that still keep somebody from something.

    Not those of an order that is done with, nor of a country that staff corrected;
    an unknown status is told of by its order.
    """
    order = Order.objects.filter(
        store=OuterRef("store"), marketplace_order_id=OuterRef("marketplace_order_id")
    )
    done = order.filter(status__in=[OrderStatus.SHIPPED, OrderStatus.CANCELLED])
    corrected = order.filter(correction__isnull=False)
    return ImportProblem.objects.filter(~Exists(done), resolved_at=None).exclude(
        Q(kind=Problem.UNKNOWN_STATUS)
        | Q(kind=Problem.UNKNOWN_COUNTRY) & Exists(corrected)
    )


def reopened_orders(now: datetime) -> QuerySet[Order]:
    """Return the orders that are open again at the marketplace (`is_reopened`)."""
    # Few are open of those that shipped here, so that it is them it begins with.
    accepted = Shipment.objects.filter(
        order=OuterRef("pk"),
        notification=Shipment.Notification.ACCEPTED,
        notified_at__lt=OuterRef("changed_at"),
    )
    return Order.objects.filter(
        Exists(accepted), has_shipment=True, marketplace_state__in=OPEN_STATES
    )


def all_gaps(now: datetime) -> list[Gap]:
    found = gaps_by_store(now).items()
    return [Gap(store, gap.start, gap.end) for store, gaps in found for gap in gaps]


def standing_differences(now: datetime) -> list[Difference]:
    """Return where both sides differ; an order that the next import brings in, not."""
    return [
        one
        for one in accounting.open_differences()
        if one.order or not (one.listed and is_next(one.store, one.listed))
    ]
