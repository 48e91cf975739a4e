"""Hold what is here against the marketplace: orders that have left the window."""

from datetime import datetime, timedelta
from functools import reduce
from operator import or_

from django.db.models import Exists, OuterRef, Q, QuerySet

from backoffice.clocks import SKEW
from orders.auditing.accounting import open_differences
from orders.auditing.differences import DifferenceKind
from orders.importing.triage import NAMELESS
from orders.importing.windows import OVERLAP, WINDOW, plan_orders
from orders.models import ImportProblem, ImportRun, Order
from stores.marketplaces.base import PADDING, OrderStatus
from stores.models import Store

# Between two re-checks of an order; a daily task must not miss its day by minutes.
RECHECK_AFTER = timedelta(hours=20)
# After a month without an address an order is most likely never paid.
HOMELESS_FOR = timedelta(days=30)
# One run's share, so that a refresh never waits long for the store.
RECHECK_SHARE = 200


def stores_to_recheck(now: datetime) -> list[Store]:
    """Return the stores that have something to ask for again and can be asked."""
    is_due = (Q(Exists(one)) for one in _due(OuterRef("pk"), now))
    stores = Store.objects.filter(
        reduce(or_, is_due),
        is_active=True,
        connection=Store.Connection.CONNECTED,
    )
    return [store for store in stores if store.abilities.reads_single_orders]


def orders_to_recheck(store: Store, now: datetime) -> list[str]:
    """Return the ids of the open orders that no refresh reads any more.

    Those kept out for want of an address or of sense are asked for again too.
    """
    ids = [number for numbers in _due(store, now) for number in numbers[:RECHECK_SHARE]]
    return list(dict.fromkeys(ids))[:RECHECK_SHARE]


def _due(store: Store | OuterRef, now: datetime) -> list[QuerySet]:
    """Return the numbers of what was never asked for again, not lately, and not in."""
    left_window = now - WINDOW - PADDING - OVERLAP
    orders = Order.objects.open_at_marketplace().filter(
        store=store, ordered_at__lt=left_window
    )
    # Three questions, each of which the index answers alone, and in its order.
    never = orders.filter(rechecked_at=None).order_by("rechecked_at", "ordered_at")
    again = orders.filter(rechecked_at__lt=now - RECHECK_AFTER).order_by("rechecked_at")
    # Of the future is what a clock that was ahead has dated.
    misdated = orders.filter(rechecked_at__gt=now + SKEW).order_by("rechecked_at")
    return [
        rows.values_list("marketplace_order_id", flat=True)
        for rows in (never, again, misdated, _problems_due(store, now))
    ]


def _problems_due(store: Store | OuterRef, now: datetime) -> QuerySet[ImportProblem]:
    """Return why orders are not in that were not asked for lately."""
    long_ago, ahead = now - RECHECK_AFTER, now + SKEW
    # Those are asked for once a month: what they come to would never be known.
    was_never_paid = Q(kind=ImportProblem.Kind.NO_ADDRESS) & Q(
        first_seen_at__lte=now - HOMELESS_FOR,
        last_seen_at__range=(now - HOMELESS_FOR, ahead),
    )
    return (
        ImportProblem.objects.filter(
            Q(last_seen_at__lt=long_ago) | Q(last_seen_at__gt=ahead),
            store=store,
            resolved_at=None,
            kind__in=[
                ImportProblem.Kind.NO_ADDRESS,
                ImportProblem.Kind.UNREADABLE,
                ImportProblem.Kind.NOT_STORED,
            ],
        )
        .exclude(was_never_paid)
        .exclude(marketplace_order_id__startswith=NAMELESS)
        .order_by("last_seen_at")
    )


def plan_recheck(store: Store, now: datetime) -> ImportRun | None:
    """Return a run over the next share of old open orders, or None when none is due.

    Where lists alone can be read, an order comes again once it has changed.
    """
    if not store.abilities.reads_single_orders:
        return None
    ids = orders_to_recheck(store, now)
    if not ids:
        return None
    return plan_orders(store, ids, ImportRun.Trigger.SCHEDULE, ImportRun.Kind.RECHECK)


def is_asked(run: ImportRun, now: datetime) -> bool:
    """Return whether a re-check asked for all of its share, so that the next may come.

    Never twice for one number, whatever became of it.
    """
    if run.status == ImportRun.Status.FAILED:
        return False
    return not set(run.order_ids).intersection(orders_to_recheck(run.store, now))


def plan_reopened(store: Store) -> ImportRun | None:
    """Return a run over what is shipped here and was last listed as open, or None.

    Such an order may have left the window, so that nothing else reads it again.
    """
    if not store.abilities.reads_single_orders:
        return None
    ids = [
        one.marketplace_order_id
        for one in open_differences(store)
        if one.kind == DifferenceKind.SHIPPED_HERE
        and one.order
        and one.order.marketplace_state == OrderStatus.SHIPPED
    ][:RECHECK_SHARE]
    if not ids:
        return None
    return plan_orders(store, ids, ImportRun.Trigger.SCHEDULE, ImportRun.Kind.RECHECK)
