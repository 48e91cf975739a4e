"""Hold what is here against the marketplace: orders that have left the window."""

from datetime import datetime, timedelta

from django.db.models import Q

from orders.auditing.accounting import open_differences
from orders.auditing.differences import DifferenceKind
from orders.importing.triage import NAMELESS
from orders.importing.windows import OVERLAP, PADDING, WINDOW, plan_orders
from orders.models import ImportProblem, ImportRun, Order
from stores.marketplaces.base import OrderStatus
from stores.models import Store

# Between two re-checks of an order; a daily task must not miss its day by minutes.
RECHECK_AFTER = timedelta(hours=20)
# One run's share, so that a refresh never waits long for the store.
RECHECK_SHARE = 200


def orders_to_recheck(store: Store, now: datetime) -> list[str]:
    """Return the ids of the open orders that no refresh reads any more.

    Those kept out for want of an address or of sense are asked for again too.
    """
    left_window = now - WINDOW - PADDING - OVERLAP
    long_ago = now - RECHECK_AFTER
    orders = (
        Order.objects.open_at_marketplace()
        .filter(Q(rechecked_at=None) | Q(rechecked_at__lt=long_ago))
        .filter(store=store, ordered_at__lt=left_window)
        .order_by("rechecked_at", "id")
        .values_list("marketplace_order_id", flat=True)
    )
    problems = (
        ImportProblem.objects.filter(
            store=store,
            resolved_at=None,
            kind__in=[
                ImportProblem.Kind.NO_ADDRESS,
                ImportProblem.Kind.UNREADABLE,
                ImportProblem.Kind.NOT_STORED,
            ],
            last_seen_at__lt=long_ago,
        )
        .exclude(marketplace_order_id__startswith=NAMELESS)
        .order_by("last_seen_at")
        .values_list("marketplace_order_id", flat=True)
    )
    ids = [*orders[:RECHECK_SHARE], *problems[:RECHECK_SHARE]]
    return list(dict.fromkeys(ids))[:RECHECK_SHARE]


def plan_recheck(store: Store, now: datetime) -> ImportRun | None:
    """Return a run over the next share of old open orders, or None when none is due."""
    ids = orders_to_recheck(store, now)
    if not ids:
        return None
    return plan_orders(store, ids, ImportRun.Trigger.SCHEDULE, ImportRun.Kind.RECHECK)


def plan_reopened(store: Store) -> ImportRun | None:
    """Return a run over what is shipped here and was last listed as open, or None.

    Such an order may have left the window, so that nothing else reads it again.
    """
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
