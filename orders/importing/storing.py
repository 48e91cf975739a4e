"""Write a sorted page of orders in one transaction, or one by one where it must be."""

from collections.abc import Callable
from datetime import datetime
from operator import attrgetter, itemgetter
from types import SimpleNamespace
from typing import Any

from django.db import (
    DatabaseError,
    InterfaceError,
    OperationalError,
    connection,
    transaction,
)
from django.utils import timezone as clock

from backoffice.kit import bulk
from backoffice.kit.database import retried
from backoffice.kit.sentences import sentence
from orders import search_text
from orders.history import record_changes
from orders.importing.lines import item_rows, read_lines, write_lines
from orders.importing.payloads import text_to_keep
from orders.importing.problems import record_problems
from orders.importing.triage import Arrival, Page, Problem, reader_settings
from orders.models import (
    SHIP_TO,
    Correction,
    ImportProblem,
    Order,
    Shipment,
)
from orders.models.orders import deadline_of
from orders.models.told import OF_BUYER as TOLD_OF_BUYER
from orders.models.told import TOLD
from stores.marketplaces.base import MarketplaceOrder
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
    *TOLD,
)
ADDRESS = (*SHIP_TO, "unknown_country")
OF_BUYER = ("customer_name", *ADDRESS, *TOLD_OF_BUYER, "is_address_incomplete")
# What is called otherwise in a marketplace's order.
CALLED = {"buyer_email": "email", "buyer_phone": "phone"}
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
    "ship_by",
    "search_text",
    "payload",
    "digest",
    "read_with",
    "changed_at",
)
# The columns of an order's row and of a line's, those first by which they are found.
ORDER = ("store", "marketplace_order_id", *UPSERTED, "imported_at")
KEPT = ("imported_at",)
KNOWN = (
    *(name for name in UPSERTED if name not in {"payload", "search_text"}),
    "erased_at",
)


Guard = Callable[[], None]


def store_page(store: Store, page: Page, guard: Guard) -> None:
    """Write the page; an order that the database refuses costs only itself.

    `guard` runs first inside each transaction and may raise to stop the write.
    Waits and tries again while the database is away.
    """
    retried(lambda: _store_page(store, page, guard))


def record_asked(store: Store, page: Page) -> None:
    """Record that the orders of a page were asked for by number, whatever came.

    Those that it brought in are not looked up again by that.
    """
    now = clock.now()
    new = {one.order_id for one in page.created}
    known = store.orders.numbered(set(page.ids) - new)
    known.update(rechecked_at=now)
    store.problems.filter(
        marketplace_order_id__in=page.ids,
        kind__in=ImportProblem.KEEPS_OUT,
        resolved_at=None,
    ).update(last_seen_at=now)


def _store_page(store: Store, page: Page, guard: Guard) -> None:
    try:
        _write(store, page, guard)
    except (OperationalError, InterfaceError):
        raise
    except (DatabaseError, ValueError):
        _store_one_by_one(store, page, guard)


def _store_one_by_one(store: Store, page: Page, guard: Guard) -> None:
    """Find the orders the database refuses, and store all others."""
    newer: list[str] = []
    for name in ("created", "updated"):
        stored = []
        for arrival in getattr(page, name):
            try:
                one = Page(asked_at=page.asked_at)
                setattr(one, name, [arrival])
                _write(store, one, guard)
            except (OperationalError, InterfaceError):
                raise
            except (DatabaseError, ValueError) as error:
                page.rejected.append(_not_stored(arrival, error))
            else:
                stored.append(arrival)
                newer += one.unchanged
        setattr(page, name, stored)
    page.leave(newer)
    refused = {problem.order_id for problem in page.rejected}
    page.remarks = [one for one in page.remarks if one.order_id not in refused]
    _write(
        store,
        Page(
            unchanged=page.unchanged + [one.order_id for one in page.updated],
            skipped=page.skipped,
            rejected=page.rejected,
            remarks=page.remarks,
            digests=page.digests,
        ),
        guard,
    )


def _not_stored(arrival: Arrival, error: Exception) -> Problem:
    message = sentence("The database refused order %(order)s (%(reason)s).") % {
        "order": arrival.order_id,
        "reason": type(error).__name__,
    }
    kept = None if arrival.is_erased else arrival.raw
    return Problem(arrival.order_id, ImportProblem.Kind.NOT_STORED, message, kept)


def _write(store: Store, page: Page, guard: Guard) -> None:
    with transaction.atomic():
        guard()
        _upsert(store, page)
        if page.digests:
            _renew_digests(store, page.digests)
        record_problems(store, page, clock.now())


def _upsert(store: Store, page: Page) -> None:
    """Write the page's new and changed orders with their lines and their history."""
    if not page.created + page.updated:
        return
    before = _locked(store, page.created + page.updated)
    # Read once the rows are locked: an address that staff decided on while this
    # waited is older than the one that is written now.
    now = clock.now()
    # Since the page was decided on, a notice or a last look may have read anew.
    page.leave([key for key, known in before.items() if page.is_older_than(known, now)])
    # In one order everywhere, so that two writers cannot wait for each other.
    arrivals = sorted(page.created + page.updated, key=attrgetter("order_id"))
    if not arrivals:
        return
    days = Store.objects.values_list("ship_within_days", flat=True).get(pk=store.pk)
    reading = {"read_with": reader_settings(store)}
    rows = [
        _row(store, arrival, before.get(arrival.order_id), days, now) | reading
        for arrival in arrivals
    ]
    bulk.upsert(
        Order, ORDER, map(itemgetter(*ORDER), rows), unique=ORDER[:2], kept=KEPT
    )
    lines = {one.order_id: item_rows(one.order, store) for one in arrivals}
    here = {number: order.lines for number, order in before.items()}
    write_lines(store, lines, here)
    known = [
        (before[number], SimpleNamespace(**row), before[number].lines, lines[number])
        for row in rows
        if (number := row["marketplace_order_id"]) in before
    ]
    record_changes(known, SEEN, now)


def _renew_digests(store: Store, digests: dict[str, tuple[str, str]]) -> None:
    """Note how unchanged orders are written now, unless they changed meanwhile."""
    rows = [
        (now, store.pk, order_id, kept)
        for order_id, (kept, now) in sorted(digests.items())
    ]
    # By the ORM, a thousand of them would cost what a thousand new orders cost.
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE orders_order SET digest = %s "
            "WHERE store_id = %s AND marketplace_order_id = %s AND digest = %s",
            rows,
        )


def _locked(store: Store, arrivals: list[Arrival]) -> dict[str, Any]:
    """Return the orders that are here already, as they are, kept from other writers.

    Each with what belongs to it: `lines`, `parcels`, `correction`.
    """
    ids = [arrival.order_id for arrival in arrivals]
    orders = (
        Order.objects.select_for_update()
        .filter(store=store)
        .numbered(ids)
        .order_by("marketplace_order_id")
        .values("pk", "marketplace_order_id", *KNOWN)
    )
    found = {row["pk"]: SimpleNamespace(**row) for row in orders}
    for order in found.values():
        order.lines, order.parcels, order.correction = [], [], None
    for pk, lines in read_lines(found).items():
        found[pk].lines = lines
    parcels = Shipment.objects.filter(order__in=found)
    for pk, number in parcels.values_list("order", "tracking_number"):
        found[pk].parcels.append(number)
    for correction in Correction.objects.filter(order__in=found):
        found[correction.order_id].correction = correction
    before = {order.marketplace_order_id: order for order in found.values()}
    for arrival in arrivals:
        known = before.get(arrival.order_id)
        if known and known.digest == arrival.kept_digest:
            # The same JSON, written otherwise: nothing has changed.
            known.digest = arrival.digest
    return before


def _row(
    store: Store, arrival: Arrival, before: Any, days: int, now: datetime
) -> dict[str, Any]:
    """Return what the order's columns are to say; `before` is it as it is here."""
    told = arrival.order
    facts = {name: getattr(told, CALLED.get(name, name)) for name in FACTS}
    facts["is_address_incomplete"] = not told.has_ship_to
    changed_at, ship_to_changed_at, raw = now, None, arrival.raw
    if before:
        if before.erased_at:
            # What was erased stays so, and its blanks are no news.
            facts |= {name: getattr(before, name) for name in OF_BUYER}
            raw = store.connector.without_person(raw)
        elif not _tells_address(told, before):
            kept = (*ADDRESS, "is_address_incomplete")
            facts |= {name: getattr(before, name) for name in kept}
        ship_to_changed_at = before.ship_to_changed_at
        if before.digest == arrival.digest:
            # Read anew, and not changed at the marketplace.
            changed_at = before.changed_at
        elif any(facts[name] != getattr(before, name) for name in ADDRESS):
            ship_to_changed_at = now
    row = facts | {
        "store": store.pk,
        "marketplace_order_id": told.order_id,
        "marketplace_state": told.status.value,
        "marketplace_carrier": told.carrier,
        "marketplace_tracking_number": told.tracking_number,
        "payload": text_to_keep(raw),
        "digest": arrival.digest,
        "imported_at": now,
        "changed_at": changed_at,
        "ship_to_changed_at": ship_to_changed_at,
    }
    said = SimpleNamespace(**row)
    row["ship_by"] = deadline_of(said, days)
    row["search_text"] = search_text.text_of(
        said,
        told.lines,
        before.parcels if before else (),
        before and before.correction,
    )
    return row


def _tells_address(order: MarketplaceOrder, before: Order) -> bool:
    """Return whether the address is news: a marketplace blanks old ones, or parts.

    A part that cannot be read is not blank.
    """
    if before.is_address_incomplete or order.is_ship_to_unread:
        return order.has_any_ship_to
    return order.has_ship_to
