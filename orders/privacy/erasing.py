"""Erase what closed orders hold of their buyers; what accounting needs stays."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils import timezone as clock

from backoffice import audit
from backoffice.kit.sentences import sentence
from backoffice.models import AuditEntry
from orders import history, search_text
from orders.models import (
    SHIP_TO,
    Correction,
    ImportProblem,
    Order,
    OrderEvent,
    PackingSlip,
    Shipment,
)
from orders.models.orders import TO_ERASE
from orders.models.told import OF_BUYER
from stores.marketplaces.base import OrderStatus
from stores.models import Store

Kind = OrderEvent.Kind
# A transaction of so many keeps SQLite's other writers waiting for a moment.
ORDERS_A_TIME = 200
# Short, so that imports and notices get their turn at the only worker in between.
ERASING_TIME = timedelta(seconds=20)
CLOSED = (OrderStatus.SHIPPED, OrderStatus.CANCELLED)
# The country stays: taxes and statistics are reckoned by it.
TEXTS = (
    *("customer_name", "customer_email", "unknown_country", "hold_reason"),
    *OF_BUYER,
    *(name for name in SHIP_TO if name != "ship_to_country"),
)
BLANK = dict.fromkeys(TEXTS, "") | {
    # Should the marketplace open it again, staff type where it goes.
    "is_address_incomplete": True,
    "has_correction": False,
    "corrected_country": None,
}
# Lines of history that may name the buyer, and those of them in free words.
TELLING = (
    *(Kind.CHANGED, Kind.ADDRESS, Kind.ADDRESS_REVERTED, Kind.EMAIL),
    *(Kind.MAILED, Kind.NOTE, Kind.HELD),
)
FREE = {Kind.MAILED, Kind.NOTE, Kind.HELD}


def closed(orders: QuerySet[Order]) -> QuerySet[Order]:
    """Narrow orders to those that are over there and here, so that none need ship."""
    on_its_way = Shipment.objects.unsent().filter(order=OuterRef("pk"))
    return orders.filter(~Exists(on_its_way), marketplace_state__in=CLOSED)


def erase(
    keys: Sequence[int],
    reason: str,
    request: HttpRequest | None = None,
    now: datetime | None = None,
) -> list[int]:
    """Erase the buyers of those of these orders that are closed; return their keys.

    In a transaction for so many at a time, each noted in the audit with the reason.
    """
    erased: list[int] = []
    _overwrite()
    for start in range(0, len(keys), ORDERS_A_TIME):
        some = keys[start : start + ORDERS_A_TIME]
        erased += _erase(some, reason, request, now or clock.now())
    return erased


def erase_due(now: datetime, until: datetime) -> bool:
    """Erase what stores keep no longer; return whether time ran out before the end."""
    for store in Store.objects.filter(erase_after_days__isnull=False):
        days = store.erase_after_days or 0
        reason = sentence("closed for %(days)d days") % {"days": days}
        before = now - timedelta(days=days)
        old = ImportProblem.objects.filter(store=store, last_seen_at__lt=before)
        old.filter(payload__isnull=False).update(payload=None)
        while keys := _due(store, before):
            if clock.now() >= until:
                return True
            # By the time that they are due by, or a wrong clock finds them again.
            if not erase(keys, reason, now=now):
                break
    return False


def _due(store: Store, before: datetime) -> list[int]:
    """Return some of the orders that were closed so long ago, found by an index."""
    for state in CLOSED:
        orders = store.orders.filter(
            TO_ERASE, marketplace_state=state, changed_at__lt=before
        )
        oldest = closed(orders).order_by("changed_at").values_list("pk", flat=True)
        if keys := list(oldest[:ORDERS_A_TIME]):
            return keys
    return []


@transaction.atomic
def _erase(
    keys: Sequence[int], reason: str, request: HttpRequest | None, now: datetime
) -> list[int]:
    # The rows are locked first: what is on its way is looked for afterwards.
    # In the order of imports, so that neither waits for the other.
    locked = Order.objects.select_for_update().filter(TO_ERASE, pk__in=keys)
    still = locked.order_by("marketplace_order_id").values_list("pk", flat=True)
    orders = list(
        closed(Order.objects.filter(pk__in=list(still)))
        .select_related("store")
        .prefetch_related("line_items", "shipments")
        .defer("search_text")
    )
    pks = [order.pk for order in orders]
    Correction.objects.filter(order__in=pks).delete()
    Order.objects.filter(pk__in=pks).update(**BLANK, erased_at=now)
    _write_what_stays(orders)
    _erase_history(pks)
    by = getattr(request, "user", None)
    history.record_all(pks, Kind.ERASED, by=by)
    _erase_shipments(orders)
    _erase_papers(orders)
    for store, some in _by_store(orders).items():
        numbers = [order.marketplace_order_id for order in some]
        problems = ImportProblem.objects.filter(store=store)
        problems.filter(marketplace_order_id__among=numbers).delete()
        message = sentence("Orders erased: %(count)d, %(reason)s.")
        audit.record(
            AuditEntry.Kind.ERASED,
            request=request,
            about=store,
            store_key=store.pk,
            text=message % {"count": len(numbers), "reason": reason},
        )
    return pks


def _write_what_stays(orders: Iterable[Order]) -> None:
    """Write what of the payload is no person's, and a search text without one."""
    rows = []
    for order in orders:
        for name, value in BLANK.items():
            setattr(order, name, value)
        parcels = [one.tracking_number for one in order.shipments.all()]
        text = search_text.text_of(order, order.line_items.all(), parcels)
        kept = _without_person(order, order.payload)
        rows.append((json.dumps(kept), text, order.pk))
    _rewrite(
        "UPDATE orders_order SET payload = %s, search_text = %s WHERE id = %s", rows
    )


def _erase_history(pks: Sequence[int]) -> None:
    """Keep of history what happened and when, but neither names nor free words."""
    events = OrderEvent.objects.filter(order__in=pks, kind__in=TELLING)
    events.filter(kind__in=FREE).exclude(text="").update(text="")
    rows = []
    for pk, changes in events.exclude(changes=[]).values_list("pk", "changes"):
        kept = [[one[0], "", ""] if one[0] in TEXTS else one for one in changes]
        if kept != changes:
            rows.append((json.dumps(kept), pk))
    _rewrite("UPDATE orders_orderevent SET changes = %s WHERE id = %s", rows)


def _erase_shipments(orders: Iterable[Order]) -> None:
    """Keep of receipts what proves the notice, and of mails only that they left."""
    rows = []
    for order in orders:
        for one in order.shipments.all():
            kept = [_proof(order, one.receipt), _without_person(order, one.answer)]
            if kept != [one.receipt, one.answer]:
                rows.append((*map(_as_json, kept), one.pk))
    _rewrite("UPDATE orders_shipment SET receipt = %s, answer = %s WHERE id = %s", rows)
    told = Shipment.objects.filter(order__in=orders).exclude(customer_mail_error="")
    told.update(customer_mail_error="")


def _proof(order: Order, receipt: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return a receipt without what its answers tell of the buyer."""
    if not receipt:
        return receipt
    kept = receipt | {"answer": _without_person(order, receipt.get("answer"))}
    if read_back := receipt.get("read_back"):
        raw = _without_person(order, read_back.get("raw"))
        kept["read_back"] = read_back | {"raw": raw}
    return kept


def _as_json(value: object) -> str | None:
    return None if value is None else json.dumps(value)


def _rewrite(statement: str, rows: list[tuple[Any, ...]]) -> None:
    # By the ORM, a case for each row would be compiled.
    with connection.cursor() as cursor:
        cursor.executemany(statement, rows)


def _erase_papers(orders: Iterable[Order]) -> None:
    """Have slips say what is left of the address, so that none becomes void by it."""
    by_address = defaultdict(list)
    for order in orders:
        by_address[Order(ship_to_country=order.ship_to_country).address].append(order)
    for address, some in by_address.items():
        PackingSlip.objects.filter(order__in=some).update(address=address)


def _without_person(order: Order, raw: object) -> dict[str, Any] | None:
    return None if raw is None else order.store.connector.without_person(raw)


def _by_store(orders: Iterable[Order]) -> dict[Store, list[Order]]:
    found: dict[Store, list[Order]] = defaultdict(list)
    for order in orders:
        found[order.store].append(order)
    return found


def _overwrite() -> None:
    """Have SQLite write zeros over what is erased, instead of only forgetting it."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA secure_delete = ON")
