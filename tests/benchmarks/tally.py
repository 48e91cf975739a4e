"""The count at the end: each order, compared on both sides."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Count, QuerySet

from orders.models import ImportRun, Order, Shipment
from stores.models import Store
from stores.sandbox.server import Sandbox
from tests.benchmarks.shops import Shops
from tests.benchmarks.there import There

STATES = {
    "paid": "awaiting_shipment",
    "shipped": "shipped",
    "refunded": "cancelled",
    "pending_verification": "awaiting_payment",
}
# Orders that were placed before any import looked back.
OLD = timedelta(days=30)


def tally(sandbox: Sandbox, shops: Shops, unsent: QuerySet[Shipment]) -> dict[str, int]:
    """Compare both sides; `unsent` are the shipments that should be sent by now."""
    there = orders_there(sandbox) | shops.orders_there()
    here = {
        (order.store.name, order.marketplace_order_id): order
        for order in Order.objects.select_related("store").defer("payload")
    }
    taken = Counter(one["order_id"] for one in sandbox.fulfillments)
    posts = sum(one.path == "orders/fulfill" for one in sandbox.requests)
    differing = [
        key
        for key, one in there.items()
        if key in here and here[key].marketplace_state != one.state
    ]
    accepted = Shipment.objects.filter(notification="accepted")
    unknown = [
        one
        for one in accepted.select_related("order__store")
        if one.tracking_number
        not in there[one.order.store.name, one.order.marketplace_order_id].told
    ]
    runs = ImportRun.objects.all()
    return {
        "stores": Store.objects.count(),
        "orders there": len(there),
        "orders here": len(here),
        "lost": len(there.keys() - here.keys()),
        "double": Order.objects.values("store", "marketplace_order_id")
        .annotate(rows=Count("pk"))
        .filter(rows__gt=1)
        .count(),
        "made up": len(here.keys() - there.keys()),
        "in another state": len(differing),
        "posts to Tophatter": posts,
        "notices taken": sum(taken.values()) + shops.taken(),
        "notices accepted": accepted.count(),
        "accepted and not there": len(unknown),
        "sent twice": sum(count > 1 for count in taken.values()) + shops.told_twice(),
        "taken and refused here": shops.told_and_refused(),
        "unsent": unsent.count(),
        "left to a person": shops.ask_a_person().count(),
        "taken by its word, not shown": Shipment.objects.unsent()
        .filter(answer__isnull=False)
        .count(),
        "waiting for a person": Shipment.objects.filter(notification="refused").count(),
        "runs": runs.count(),
        "runs complete": runs.filter(status="complete").count(),
        "runs open": runs.filter(finished_at=None, started_at__isnull=False).count(),
    }


def orders_there(sandbox: Sandbox) -> dict[tuple[str, str], There]:
    """Return the practice marketplace's orders, by store and number."""
    return {
        (f"Store {number}", str(one["order_id"])): There(
            STATES[one["status"]], one["tracking_number"] or ""
        )
        for number, token in enumerate(sandbox.accounts)
        for one in sandbox.orders(token)
        if not is_old(one)
    }


def said_of(unsent: QuerySet[Shipment]) -> list[str]:
    """Say of each shipment that is not through how far it came, a line each."""
    return [
        f"Not through: shipment {one.pk}, {one.notification}, {one.attempts} attempts, "
        f"posted {one.posted_at}, {one.reads_since_post} reads since, next "
        f"{one.next_attempt_at}: {one.notification_error}"
        for one in unsent
    ]


def is_old(order: dict[str, Any]) -> bool:
    return datetime.now(UTC) - datetime.fromisoformat(order["created_at"]) > OLD
