"""Write a sorted page of orders in one transaction, or one by one where it must be."""

import math
from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal
from itertools import chain
from typing import Any

from django.db import (
    DatabaseError,
    InterfaceError,
    OperationalError,
    transaction,
)
from django.utils import timezone as clock

from backoffice.kit.database import retried
from backoffice.kit.sentences import sentence
from orders import search_text
from orders.history import record_changes
from orders.importing.triage import Arrival, Page, Problem, reader_settings
from orders.models import SHIP_TO, ImportProblem, LineItem, Order
from stores.marketplaces.base import MarketplaceLine, MarketplaceOrder
from stores.models import Store

# What a refresh may write. Everything else on an order belongs to somebody else.
FACTS = (
    "ordered_at",
    "paid_at",
    "marketplace_status",
    "customer_name",
    *SHIP_TO,
    "unknown_country",
    "refund_amount",
)
ADDRESS = (*SHIP_TO, "unknown_country")
# What of it staff see, so that a change of it goes into the order's history.
SEEN = (
    *FACTS,
    "marketplace_state",
    "marketplace_carrier",
    "marketplace_tracking_number",
)
UPSERTED = (
    *SEEN,
    "is_address_incomplete",
    "ship_to_changed_at",
    "search_text",
    "payload",
    "digest",
    "read_with",
    "changed_at",
)

# Orders nest three levels deep.
DEEPEST = 100

Guard = Callable[[], None]


def store_page(store: Store, page: Page, guard: Guard) -> None:
    """Write the page; an order that the database refuses costs only itself.

    `guard` runs first inside each transaction and may raise to stop the write.
    Waits and tries again while the database is away.
    """
    retried(lambda: _store_page(store, page, guard))


def _store_page(store: Store, page: Page, guard: Guard) -> None:
    try:
        _write(store, page, guard)
    except (OperationalError, InterfaceError):
        raise
    except (DatabaseError, ValueError):
        _store_one_by_one(store, page, guard)


def _store_one_by_one(store: Store, page: Page, guard: Guard) -> None:
    """Find the orders the database refuses, and store all others."""
    for name in ("created", "updated"):
        stored = []
        for arrival in getattr(page, name):
            try:
                one = Page()
                setattr(one, name, [arrival])
                _write(store, one, guard)
            except (OperationalError, InterfaceError):
                raise
            except (DatabaseError, ValueError) as error:
                page.rejected.append(_not_stored(arrival, error))
            else:
                stored.append(arrival)
        setattr(page, name, stored)
    refused = {problem.order_id for problem in page.rejected}
    page.remarks = [one for one in page.remarks if one.order_id not in refused]
    _write(
        store,
        Page(
            unchanged=page.unchanged + [one.order.order_id for one in page.updated],
            skipped=page.skipped,
            rejected=page.rejected,
            remarks=page.remarks,
        ),
        guard,
    )


def _not_stored(arrival: Arrival, error: Exception) -> Problem:
    message = sentence("The database refused order %(order)s (%(reason)s).") % {
        "order": arrival.order.order_id,
        "reason": type(error).__name__,
    }
    return Problem(
        arrival.order.order_id, ImportProblem.Kind.NOT_STORED, message, arrival.raw
    )


def _write(store: Store, page: Page, guard: Guard) -> None:
    with transaction.atomic():
        guard()
        _upsert(store, page)
        _record_problems(store, page, clock.now())


def _upsert(store: Store, page: Page) -> None:
    """Write the page's new and changed orders with their lines and their history."""
    # In one order everywhere, so that two writers cannot wait for each other.
    arrivals = sorted(page.created + page.updated, key=lambda one: one.order.order_id)
    if not arrivals:
        return
    before = _locked(store, arrivals)
    # Read once the rows are locked: an address that staff decided on while this
    # waited is older than the one that is written now.
    now = clock.now()
    orders = [
        _row(store, arrival, before.get(arrival.order.order_id), now)
        for arrival in arrivals
    ]
    Order.objects.bulk_create(
        orders,
        batch_size=500,
        update_conflicts=True,
        update_fields=UPSERTED,
        unique_fields=["store", "marketplace_order_id"],
    )
    packed = [
        list(_lines(store, order, arrival.order))
        for order, arrival in zip(orders, arrivals, strict=True)
    ]
    _upsert_lines(before.values(), list(chain.from_iterable(packed)))
    known = [
        (before[order.marketplace_order_id], order, items)
        for order, items in zip(orders, packed, strict=True)
        if order.marketplace_order_id in before
    ]
    record_changes(known, SEEN, now)


def _locked(store: Store, arrivals: list[Arrival]) -> dict[str, Order]:
    """Return the orders that are here already, as they are, kept from other writers."""
    ids = [arrival.order.order_id for arrival in arrivals]
    orders = (
        Order.objects.select_for_update()
        .filter(store=store, marketplace_order_id__in=ids)
        .only("marketplace_order_id", *UPSERTED)
        .defer("payload")
        .prefetch_related("line_items", "shipments", "correction")
        .order_by("marketplace_order_id")
    )
    return {order.marketplace_order_id: order for order in orders}


def _upsert_lines(before: Iterable[Order], lines: list[LineItem]) -> None:
    LineItem.objects.bulk_create(
        lines,
        batch_size=500,
        update_conflicts=True,
        update_fields=[
            "sku",
            "name",
            "quantity",
            "unit_price",
            "options",
            "product_id",
        ],
        unique_fields=["order", "position"],
    )
    _delete_gone(before, lines)


def _delete_gone(before: Iterable[Order], lines: Iterable[LineItem]) -> None:
    kept = {(line.order_id, line.position) for line in lines}
    gone = [
        line.pk
        for order in before
        for line in order.line_items.all()
        if (line.order_id, line.position) not in kept
    ]
    if gone:
        LineItem.objects.filter(pk__in=gone).delete()


def _row(store: Store, arrival: Arrival, before: Order | None, now: datetime) -> Order:
    facts = {name: getattr(arrival.order, name) for name in FACTS}
    facts["is_address_incomplete"] = not arrival.order.has_ship_to
    changed_at, ship_to_changed_at = now, None
    if before:
        if not _tells_address(arrival.order, before):
            kept = (*ADDRESS, "is_address_incomplete")
            facts |= {name: getattr(before, name) for name in kept}
        ship_to_changed_at = before.ship_to_changed_at
        if before.digest == arrival.digest:
            # Read anew, and not changed at the marketplace.
            changed_at = before.changed_at
        elif any(facts[name] != getattr(before, name) for name in ADDRESS):
            ship_to_changed_at = now
    order = Order(
        store=store,
        marketplace_order_id=arrival.order.order_id,
        marketplace_state=arrival.order.status,
        marketplace_carrier=arrival.order.carrier,
        marketplace_tracking_number=arrival.order.tracking_number,
        payload=storable(arrival.raw),
        digest=arrival.digest,
        read_with=reader_settings(store),
        imported_at=now,
        changed_at=changed_at,
        ship_to_changed_at=ship_to_changed_at,
        **facts,
    )
    order.search_text = search_text.text_of(order, arrival.order.lines, before)
    return order


def _tells_address(order: MarketplaceOrder, before: Order) -> bool:
    """Return whether the address is news: a marketplace blanks old ones, or parts.

    A part that cannot be read is not blank.
    """
    if before.is_address_incomplete or order.is_ship_to_unread:
        return order.has_any_ship_to
    return order.has_ship_to


def _lines(store: Store, order: Order, facts: MarketplaceOrder) -> Iterable[LineItem]:
    for position, line in enumerate(facts.lines):
        yield LineItem(
            order=order,
            position=position,
            sku=line.sku,
            name=line.name,
            quantity=line.quantity,
            unit_price=line.unit_price,
            options=options_of(line, store.import_variation_as_option),
            product_id=line.product_id,
        )


def options_of(line: MarketplaceLine, has_variation: bool) -> dict[str, str]:
    """Return an item's options; `has_variation` is the store's toggle."""
    if has_variation and line.variation_id:
        return {"Variation ID": line.variation_id}
    return {}


def _record_problems(store: Store, page: Page, now: datetime) -> None:
    """Note what is wrong with these orders, and close what no longer is."""
    problems = {
        (one.order_id, str(one.kind)): one
        for one in [*page.skipped, *page.rejected, *page.remarks]
    }
    read = {one.order.order_id for one in page.created + page.updated}
    opened = ImportProblem.objects.filter(
        store=store,
        resolved_at=None,
        marketplace_order_id__in=read.union(
            page.unchanged, [one.order_id for one in page.skipped]
        ),
    ).values_list("pk", "marketplace_order_id", "kind")
    standing: list[int] = []
    settled: list[int] = []
    for pk, order_id, kind in opened:
        if (order_id, kind) in problems:
            continue
        # The remarks on an order that did not change still stand.
        is_over = kind in ImportProblem.KEEPS_OUT or order_id in read
        (settled if is_over else standing).append(pk)
    ImportProblem.objects.filter(pk__in=standing).update(last_seen_at=now)
    ImportProblem.objects.filter(pk__in=settled).update(resolved_at=now)
    ImportProblem.objects.bulk_create(
        [
            ImportProblem(
                store=store,
                marketplace_order_id=one.order_id,
                kind=one.kind,
                message=one.message,
                payload=storable(one.raw),
                first_seen_at=now,
                last_seen_at=now,
            )
            for one in sorted(problems.values(), key=lambda one: one.order_id)
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


def storable(raw: Any, depth: int = 0) -> Any:
    """Return JSON that every database takes, otherwise as received.

    PostgreSQL refuses NUL and lone surrogates in text, no database stores an
    infinite number, and none an endless nesting.
    """
    if depth > DEEPEST:
        return "…"
    if isinstance(raw, dict):
        return {
            storable(str(key)): storable(value, depth + 1) for key, value in raw.items()
        }
    if isinstance(raw, list):
        return [storable(value, depth + 1) for value in raw]
    if isinstance(raw, str):
        return raw.replace("\0", "\ufffd").encode(errors="replace").decode()
    if isinstance(raw, Decimal):
        number = float(raw)
        return number if math.isfinite(number) else str(raw)
    return raw
