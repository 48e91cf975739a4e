"""A seller's history of any size, in rows as the product itself writes them.

A day of each of the first stores is imported from the practice marketplace, shipped and
told of. The database repeats its rows for further stores and for the days before, under
keys and numbers of their own, and at earlier times.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from django.core.management import call_command
from django.db import connection
from django.db.models import DateTimeField, GeneratedField, Max, Min, Model
from django.test import override_settings

from orders import importing, notifying
from orders.models import (
    ImportProblem,
    ImportRun,
    LineItem,
    Order,
    OrderEvent,
    Shipment,
)
from orders.shipping import ship_order
from stores.connecting import connect
from stores.marketplaces.base import OrderStatus
from stores.models import Store
from stores.sandbox.seed import seed
from stores.sandbox.server import Sandbox
from stores.sandbox.tables import BUYERS, PRODUCTS
from tests.support.sequences import set_sequences

A_DAY = timedelta(days=1)
# Between the numbers of one day and those of the next.
NUMBERS_A_DAY = 100_000
# Between the numbers of a store that lived its day and of one that repeats it.
NUMBERS_A_STORE = 2_000
STRANGE = 36
# Stores that live their day; further ones repeat it.
LIVING = 20
WITH_ROWS = (Order, LineItem, Shipment, OrderEvent)
# What stands out once in the day does not stand out a thousand times.
REPEATED = [
    OrderStatus.AWAITING_SHIPMENT,
    OrderStatus.SHIPPED,
    OrderStatus.CANCELLED,
]

Tell = Callable[[str], None]


def fill(orders: int, stores: int = 20, days: int = 500, tell: Tell = print) -> None:
    """Migrate an empty database and fill it with orders of so many days."""
    call_command("migrate", verbosity=0)
    a_day = -(-orders // (stores * days))
    tokens = [f"account{number}" for number in range(stores)]
    with (
        Sandbox(tokens=tokens) as sandbox,
        override_settings(TOPHATTER_API_URL=sandbox.url),
    ):
        connected = [
            connect(
                name=f"Store {number:02d}", marketplace="tophatter", access_token=token
            )
            for number, token in enumerate(tokens)
        ]
        for store, token in zip(connected[:LIVING], tokens, strict=False):
            _live_a_day(sandbox, store, token, a_day)
    _repeat_for_stores(connected)
    tell(f"one day: {Order.objects.count()} orders of {stores} stores")
    _repeat_on_days_before(orders, tell)
    _repeat_runs(days)
    set_sequences(connection, WITH_ROWS)
    _analyse()


def _live_a_day(sandbox: Sandbox, store: Store, token: str, count: int) -> None:
    """Import a day's orders, the strange ones too, and ship what can be shipped."""
    now = datetime.now(UTC)
    seed(sandbox, STRANGE, token)
    for number in range(count):
        name, address1, city, state, postal_code, country = BUYERS[number % len(BUYERS)]
        title, product, variation, _price = PRODUCTS[number % len(PRODUCTS)]
        at = now - A_DAY * (number + 1) / count
        sandbox.add_order(
            token,
            customer_name=f"{name} {number}",
            address1=address1,
            city=city,
            state=state,
            postal_code=postal_code,
            country=country,
            product_name=title,
            product_identifier=product,
            variation_identifier=variation,
            created_at=at,
            paid_at=at,
        )
    importing.refresh_store(store)
    to_ship = Order.objects.to_ship().filter(store=store)
    for order in to_ship[: to_ship.count() * 19 // 20]:
        shipment = ship_order(
            order,
            carrier="USPS",
            tracking_number=f"9405511899{order.marketplace_order_id}456",
        )
        notifying.send_tracking(shipment)


def _repeat_for_stores(stores: list[Store]) -> None:
    """Give each store past the first ones the day of one of them."""
    keys = _last_key()
    for place, store in enumerate(stores[LIVING:], LIVING):
        lived = stores[place % LIVING]
        _repeat_orders(
            f"parent.store_id = {lived.pk} AND parent.id <= {keys}",
            keys=keys * (place // LIVING),
            numbers=NUMBERS_A_STORE * (place // LIVING),
            store_id=str(store.pk),
        )
        for model in (ImportRun, ImportProblem):
            _repeat(model, f"source.store_id = {lived.pk}", store_id=str(store.pk))


def _repeat_on_days_before(orders: int, tell: Tell) -> None:
    """Repeat the day's orders on the days before, until there are enough."""
    day = Order.objects.filter(status__in=REPEATED).order_by("pk")
    ids = list(day.values_list("pk", flat=True))
    statuses = ", ".join(f"'{status}'" for status in REPEATED)
    keys = _last_key()
    missing = orders - Order.objects.count()
    for days in range(1, -(-missing // len(ids)) + 1):
        batch = ids[:missing]
        _repeat_orders(
            f"parent.status IN ({statuses}) AND parent.id <= {batch[-1]}",
            keys=keys * days,
            numbers=-NUMBERS_A_DAY * days,
            earlier=A_DAY * days,
        )
        missing -= len(batch)
        if days % 50 == 0:
            tell(f"{missing} orders to go")


def _repeat_runs(days: int) -> None:
    """Give each store a complete import for every hour of the last thirty days."""
    runs = ImportRun.objects.order_by().values_list("store").annotate(first=Min("pk"))
    firsts = ", ".join(str(first) for _store, first in runs)
    for hours in range(min(days, 30) * 24, 0, -1):
        _repeat(
            ImportRun,
            f"source.id IN ({firsts})",
            earlier=timedelta(hours=hours),
            unchanged="source.seen",
            **dict.fromkeys(["created", "updated", "skipped", "rejected"], "0"),
        )


def _repeat_orders(
    which: str,
    *,
    keys: int,
    numbers: int,
    earlier: timedelta = timedelta(),
    **columns: str,
) -> None:
    """Store these orders again with all their rows, so far from the first ones."""
    old = "parent.marketplace_order_id"
    number = f"CAST({old} AS bigint) + {numbers}"
    new = f"CAST({number} AS text)"
    payload = {
        "sqlite": f"json_set(source.payload, '$.order_id', {number})",
        "postgresql": (
            f"jsonb_set(source.payload, '{{order_id}}', to_jsonb({number}))"
        ),
    }[connection.vendor]
    columns |= {
        "marketplace_order_id": new,
        "payload": payload,
        "search_text": f"replace(source.search_text, {old}, {new})",
    }
    of_order = {"order_id": f"source.order_id + {keys}"}
    tracking = {"tracking_number": f"replace(source.tracking_number, {old}, {new})"}
    for model, changed, parent in (
        (Order, columns, "id"),
        (LineItem, of_order, "order_id"),
        (Shipment, of_order | tracking, "order_id"),
        (OrderEvent, of_order, "order_id"),
    ):
        join = f"JOIN orders_order parent ON parent.id = source.{parent}"
        own_key = f"source.id + {keys}"
        _repeat(model, which, join, earlier, id=own_key, **changed)


def _repeat(
    model: type[Model],
    which: str,
    join: str = "",
    earlier: timedelta = timedelta(),
    **columns: str,
) -> None:
    """Store the rows again, all their times earlier, with these columns otherwise."""
    values = {}
    for field in model._meta.concrete_fields:
        if isinstance(field, GeneratedField):
            continue
        value = f"source.{field.column}"
        if isinstance(field, DateTimeField) and earlier:
            value = _moved(value, earlier)
        if not field.primary_key:
            values[field.column] = value
    values |= columns
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(values)})"
            f" SELECT {', '.join(values.values())} FROM {table} source {join}"
            f" WHERE {which}"
        )


def _moved(column: str, earlier: timedelta) -> str:
    seconds = int(earlier.total_seconds())
    if is_postgres():
        return f"{column} - interval '{seconds} seconds'"
    # As Django writes a moment, with six digits of a second.
    return f"strftime('%Y-%m-%d %H:%M:%f000', {column}, '-{seconds} seconds')"


def is_postgres() -> bool:
    return connection.vendor == "postgresql"


def _last_key() -> int:
    """Return the highest key of what an order has, which all copies lie behind."""
    return max(model.objects.aggregate(last=Max("pk"))["last"] for model in WITH_ROWS)


def _analyse() -> None:
    """Leave the tables as PostgreSQL's own vacuum does after a while, if it may."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if is_postgres() else "ANALYZE")
