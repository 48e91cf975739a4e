"""The rows of causes that one filter does not tell."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from orders.auditing import accounting, listings
from orders.auditing.differences import Difference, is_next
from orders.models import Correction, ImportProblem, Order, Reconciliation, Shipment
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


@dataclass(frozen=True)
class Kept:
    """What is worked out, as it is kept of its store (see `figures`).

    `about` is when a gap ends, or the number of an order that differs.
    """

    store_id: int
    key: str
    since: datetime
    about: str


def gaps_of(kept: list[Kept]) -> list[tuple[Kept, Gap]]:
    stores = Store.objects.in_bulk({one.store_id for one in kept})
    return [
        (one, Gap(stores[one.store_id], one.since, datetime.fromisoformat(one.about)))
        for one in kept
    ]


def differences_of(kept: list[Kept]) -> list[tuple[Kept, Difference]]:
    """Return the differences as they are now; those that are over are left out."""
    numbers = defaultdict(set)
    for one in kept:
        numbers[one.store_id].add(one.about)
    found = {
        (one.store.pk, one.marketplace_order_id): one
        for listing in listings.last_listings().filter(store__in=numbers)
        for one in standing_differences(listing, numbers[listing.store_id])
    }
    keys = [(one, (one.store_id, one.about)) for one in kept]
    return [(one, found[key]) for one, key in keys if key in found]


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


def undecided_addresses(now: datetime) -> QuerySet[Order]:
    """Return the orders whose corrected address the marketplace has changed since."""
    # Few are corrected, so that it is them it begins with.
    corrected = Correction.objects.values("order")
    return Order.objects.with_undecided_address().filter(pk__in=corrected)


def reopened_orders(now: datetime) -> QuerySet[Order]:
    """Return the orders that are open again at the marketplace (`is_reopened`)."""
    accepted = Shipment.objects.filter(
        order=OuterRef("pk"), notification=Shipment.Notification.ACCEPTED
    )
    # Few are open of those that shipped here, and have an index. No `EXISTS`, which
    # PostgreSQL makes a join that begins with every accepted shipment.
    left = Order.objects.filter(has_shipment=True).exclude(
        marketplace_state=OrderStatus.SHIPPED
    )
    # No order has two that were accepted.
    told_at = Subquery(accepted.order_by().values("notified_at"))
    return left.filter(marketplace_state__in=OPEN_STATES, changed_at__gt=told_at)


def standing_differences(
    listing: Reconciliation, numbers: Collection[str] | None = None
) -> list[Difference]:
    """Return where both sides differ; an order that the next import brings in, not."""
    return [
        one
        for one in accounting.compare_listing(listing, numbers)
        if one.order or not (one.listed and is_next(listing, one.listed))
    ]
