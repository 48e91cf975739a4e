"""Three ways to store the same orders, and what all of them do first: fetch, decode."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

import requests
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone as clock

from orders import importing
from orders.importing.payloads import digest_of, storable
from orders.importing.triage import reader_settings
from orders.models import LineItem, Order
from stores import tokens
from stores.marketplaces.base import MarketplaceOrder
from stores.models import Store

PER_PAGE = 1000
# What an order's row takes from the marketplace as it is.
SAME = (
    "marketplace_status",
    "ordered_at",
    "paid_at",
    "customer_name",
    "ship_to_name",
    "ship_to_address1",
    "ship_to_address2",
    "ship_to_city",
    "ship_to_state",
    "ship_to_postal_code",
    "ship_to_country",
    "unknown_country",
    "refund_amount",
)
# The columns that an import writes, and those that a new row needs beside them.
ORDER = (
    "store_id",
    "marketplace_order_id",
    *SAME,
    "marketplace_state",
    "marketplace_carrier",
    "marketplace_tracking_number",
    "payload",
    "digest",
    "read_with",
    "imported_at",
    "changed_at",
    "is_address_incomplete",
    "search_text",
    "hold_reason",
    "customer_email",
    "has_shipment",
    "has_correction",
)
LINE = ("sku", "name", "quantity", "unit_price", "options", "product_id")


def fill(names: Iterable[str], token: str) -> None:
    """Migrate an empty database and give each way a store of its own."""
    call_command("migrate", verbosity=0)
    for name in names:
        Store.objects.create(
            name=name,
            token_ciphertext=tokens.encrypt(token),
            token_fingerprint=name,
            token_set_at=clock.now(),
            carriers={"USPS": "usps"},
            carriers_read_at=clock.now(),
        )


def ours(store: Store) -> int:
    run = importing.refresh_store(store)
    assert run.status == run.Status.COMPLETE, run.error
    return run.seen


def fetch(store: Store) -> int:
    """Fetch and decode by the house's client alone."""
    return sum(map(len, store.connect().list_orders(per_page=PER_PAGE)))


def update_or_create(store: Store) -> int:
    marketplace = store.connect()
    count = 0
    for raws in marketplace.list_orders(per_page=PER_PAGE):
        with transaction.atomic():
            for raw in raws:
                _update_or_create(store, marketplace.parse_order(raw, store.zone), raw)
        count += len(raws)
    return count


def _update_or_create(
    store: Store, facts: MarketplaceOrder, raw: dict[str, Any]
) -> None:
    now = clock.now()
    said = {
        **{name: getattr(facts, name) for name in SAME},
        "marketplace_state": facts.status,
        "marketplace_carrier": facts.carrier,
        "marketplace_tracking_number": facts.tracking_number,
        "payload": storable(raw),
        "digest": digest_of(raw),
        "read_with": reader_settings(store),
        "changed_at": now,
        "is_address_incomplete": not facts.has_ship_to,
        "search_text": f"{facts.order_id} {facts.customer_name.lower()} ",
    }
    order, _is_new = Order.objects.update_or_create(
        store=store,
        marketplace_order_id=facts.order_id,
        defaults=said,
        create_defaults={**said, "imported_at": now},
    )
    for position, line in enumerate(facts.lines):
        LineItem.objects.update_or_create(
            order=order,
            position=position,
            defaults={
                "sku": line.sku,
                "name": line.name,
                "quantity": line.quantity,
                "unit_price": line.unit_price,
                "options": {},
                "product_id": line.product_id,
            },
        )


def floor(store: Store) -> int:
    """Fetch, decode and write bare rows, understanding and comparing nothing."""
    count = 0
    with requests.Session() as session:
        for page in range(1, 10_000):
            answer = session.get(
                f"{settings.TOPHATTER_API_URL}/orders.json",
                data={
                    "access_token": tokens.decrypt(store.token_ciphertext).reveal(),
                    "page": page,
                    "per_page": PER_PAGE,
                },
                timeout=60,
            )
            raws = json.loads(answer.content)
            if not raws:
                return count
            orders = [_bare_order(store, raw) for raw in raws]
            lines = [line for raw in raws for line in _bare_lines(store, raw)]
            with transaction.atomic():
                WRITE[connection.vendor](orders, lines)
            count += len(raws)
    return count


def _bare_order(store: Store, raw: dict[str, Any]) -> tuple[Any, ...]:
    number = str(raw["order_id"])
    return (
        store.pk,
        number,
        raw["status"],
        raw["created_at"],
        raw["paid_at"],
        raw["customer_name"],
        raw["customer_name"],
        raw["address1"],
        raw["address2"] or "",
        raw["city"],
        raw["state"],
        raw["postal_code"],
        raw["country"][:2],
        "",
        raw["refund_amount"],
        "awaiting_shipment" if raw["status"] == "paid" else raw["status"],
        raw["carrier"] or "",
        raw["tracking_number"] or "",
        json.dumps(raw),
        number,
        "floor",
        raw["created_at"],
        raw["created_at"],
        False,
        f"{number} {raw['customer_name'].lower()} ",
        "",
        "",
        False,
        False,
    )


def _bare_lines(store: Store, raw: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    number = str(raw["order_id"])
    sku = raw["variation_identifier"] or raw["product_identifier"]
    fee = raw["available_refunds"]["buyer_fee"]
    pieces, product = raw["product_quantity"], raw["product_identifier"]
    yield 0, sku, raw["product_name"], pieces, fee, "{}", product, store.pk, number
    for place, one in enumerate(raw["upsells"], 1):
        name = one["description"]
        yield place, "", name, 1, one["amount"], "{}", "", store.pk, number


def _set(names: tuple[str, ...]) -> str:
    return ", ".join(f"{name} = excluded.{name}" for name in names)


ORDERS_INTO = f"INSERT INTO orders_order ({', '.join(ORDER)})"
ORDERS_TAKE = (
    "ON CONFLICT (store_id, marketplace_order_id) DO UPDATE SET "
    # What other hands write stays.
    f"{_set(tuple(n for n in ORDER[2:-4] if n != 'imported_at'))}"
)
LINES_INTO = f"INSERT INTO orders_lineitem (order_id, position, {', '.join(LINE)})"
LINES_TAKE = f"ON CONFLICT (order_id, position) DO UPDATE SET {_set(LINE)}"


def _into_sqlite(orders: list[tuple[Any, ...]], lines: list[tuple[Any, ...]]) -> None:
    # The cursor below Django's, which looks at every statement and its parameters.
    cursor = connection.connection.cursor()
    cursor.executemany(
        f"{ORDERS_INTO} VALUES ({', '.join('?' * len(ORDER))}) {ORDERS_TAKE}", orders
    )
    cursor.executemany(
        f"{LINES_INTO} SELECT id, {', '.join('?' * (len(LINE) + 1))} FROM orders_order "
        f"WHERE store_id = ? AND marketplace_order_id = ? {LINES_TAKE}",
        lines,
    )


def _into_postgresql(
    orders: list[tuple[Any, ...]], lines: list[tuple[Any, ...]]
) -> None:
    names, others = ", ".join(ORDER), ", ".join(LINE)
    with connection.connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE IF NOT EXISTS came ON COMMIT DELETE ROWS "
            f"AS SELECT {names} FROM orders_order LIMIT 0"
        )
        cursor.execute(
            "CREATE TEMPORARY TABLE IF NOT EXISTS came_lines ON COMMIT DELETE ROWS "
            f"AS SELECT position, {others}, o.store_id, o.marketplace_order_id "
            "FROM orders_lineitem JOIN orders_order o ON o.id = order_id LIMIT 0"
        )
        for table, rows in (("came", orders), ("came_lines", lines)):
            with cursor.copy(f"COPY {table} FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        cursor.execute(f"{ORDERS_INTO} SELECT {names} FROM came {ORDERS_TAKE}")
        cursor.execute(
            f"{LINES_INTO} SELECT o.id, position, {others} FROM came_lines "
            f"JOIN orders_order o USING (store_id, marketplace_order_id) {LINES_TAKE}"
        )


WRITE = {"sqlite": _into_sqlite, "postgresql": _into_postgresql}
