"""What is wrong with a store's orders: noted, and closed once it is no longer so."""

from collections.abc import Collection, Container
from datetime import datetime

from django.db.models import QuerySet

from orders.importing.payloads import storable
from orders.importing.triage import Page, Problem, status_not_known
from orders.models import ImportProblem, Order
from stores.marketplaces.base import OrderStatus
from stores.models import Store

UNKNOWN = OrderStatus.NEEDS_REVIEW


def record_problems(store: Store, page: Page, now: datetime) -> None:
    """Note what is wrong with these orders, and close what no longer is."""
    problems = {
        (one.order_id, str(one.kind)): one
        for one in [*page.skipped, *page.rejected, *page.remarks]
    }
    read = {one.order.order_id for one in page.created + page.updated}
    opened = ImportProblem.objects.filter(store=store, resolved_at=None)
    # Most stores have none, and need not be asked by a thousand numbers.
    if opened.exists():
        _close_settled(opened, page, problems.keys(), read, now)
    _keep(store, problems.values(), now)


def retell_statuses(store: Store, orders: list[Order], now: datetime) -> None:
    """Close what stands on orders whose status is known by now; note it on the others.

    The rows are locked, and say what their words mean now.
    """
    unknown = [one for one in orders if one.marketplace_state == UNKNOWN]
    known = {one.marketplace_order_id for one in orders}
    known -= {one.marketplace_order_id for one in unknown}
    ImportProblem.objects.filter(
        store=store,
        kind=ImportProblem.Kind.UNKNOWN_STATUS,
        resolved_at=None,
        marketplace_order_id__among=known,
    ).update(resolved_at=now)
    problems = (
        status_not_known(
            store,
            one.marketplace_order_id,
            one,
            None if one.erased_at else one.payload,
        )
        for one in unknown
    )
    _keep(store, list(problems), now)


def _keep(store: Store, problems: Collection[Problem], now: datetime) -> None:
    told = [one.order_id for one in problems if one.raw is not None]
    erased = _erased(store, told) if told else set()
    ImportProblem.objects.bulk_create(
        [
            ImportProblem(
                store=store,
                marketplace_order_id=one.order_id,
                kind=one.kind,
                message=one.message,
                payload=None if one.order_id in erased else storable(one.raw),
                first_seen_at=now,
                last_seen_at=now,
                resolved_at=now if one.is_done else None,
            )
            for one in sorted(problems, key=lambda one: one.order_id)
        ],
        batch_size=500,
        update_conflicts=True,
        update_fields=[
            "message",
            "message_facts",
            "payload",
            "last_seen_at",
            "resolved_at",
        ],
        unique_fields=["store", "marketplace_order_id", "kind"],
    )


def _erased(store: Store, order_ids: list[str]) -> set[str]:
    """Return those whose buyer is erased, maybe since the page was looked through."""
    orders = store.orders.filter(erased_at__isnull=False).numbered(order_ids)
    return set(orders.values_list("marketplace_order_id", flat=True))


def _close_settled(
    opened: QuerySet[ImportProblem],
    page: Page,
    problems: Container[tuple[str, str]],
    read: set[str],
    now: datetime,
) -> None:
    """Close the open problems that this page's orders no longer have."""
    out = {one.order_id for one in [*page.skipped, *page.rejected]}
    ids = read.union(page.unchanged, out)
    standing: list[int] = []
    settled: list[int] = []
    found = opened.filter(marketplace_order_id__among=ids)
    for pk, order_id, kind in found.values_list("pk", "marketplace_order_id", "kind"):
        if (order_id, kind) in problems:
            continue
        # An order stays out for one reason, the one found last.
        if kind in ImportProblem.KEEPS_OUT or order_id in read:
            settled.append(pk)
        # The remarks on an order that did not change still stand.
        elif order_id not in out:
            standing.append(pk)
    ImportProblem.objects.filter(pk__in=standing).update(last_seen_at=now)
    ImportProblem.objects.filter(pk__in=settled).update(resolved_at=now)
