"""A seller's history of any size, in rows as the product itself writes them.

A day of each store is imported from the practice marketplace, shipped and told of; the
days before it are copies of that day, with earlier times and numbers of their own.
"""

import copy
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection
from django.db.models import DateTimeField, Max, Model
from django.test import override_settings

from orders import importing, notifying
from orders.models import ImportRun, LineItem, Order, OrderEvent, Shipment
from orders.shipping import ship_order
from stores.connecting import connect
from stores.marketplaces.base import OrderStatus
from stores.models import Store
from stores.sandbox.seed import BUYERS, PRODUCTS, seed
from stores.sandbox.server import Sandbox

A_DAY = timedelta(days=1)
# Between the numbers of one day and those of the next.
NUMBERS_A_DAY = 100_000
STRANGE = 36
AT_ONCE = 5000
# What stands out once in the day does not stand out a thousand times.
REPEATED = [
    OrderStatus.AWAITING_SHIPMENT,
    OrderStatus.SHIPPED,
    OrderStatus.CANCELLED,
]

Tell = Callable[[str], None]
Row = TypeVar("Row", bound=Model)


def fill(orders: int, stores: int = 20, days: int = 500, tell: Tell = print) -> None:
    """Migrate an empty database and fill it with orders of so many days."""
    call_command("migrate", verbosity=0)
    a_day = -(-orders // (stores * days))
    tokens = [f"account{number}" for number in range(stores)]
    with (
        Sandbox(tokens=tokens) as sandbox,
        override_settings(TOPHATTER_API_URL=sandbox.url),
    ):
        for number, token in enumerate(tokens):
            _live_a_day(sandbox, token, f"Store {number:02d}", a_day)
    tell(f"one day: {Order.objects.count()} orders of {stores} stores")
    _copy_back(orders, days, tell)
    _analyse()


def _live_a_day(sandbox: Sandbox, token: str, name: str, count: int) -> None:
    """Import a day's orders, the strange ones too, and ship what can be shipped."""
    store = connect(name=name, marketplace="tophatter", access_token=token)
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


def _copy_back(orders: int, days: int, tell: Tell) -> None:
    """Repeat the day's orders on the days before, until there are enough."""
    patterns = list(
        Order.objects.filter(status__in=REPEATED)
        .select_related(None)
        .prefetch_related("line_items", "shipments", "events")
    )
    missing = orders - Order.objects.count()
    copies = _copies(patterns, days)
    while missing > 0:
        batch = [next(copies) for _ in range(min(AT_ONCE, missing))]
        for model in (Order, LineItem, Shipment, OrderEvent):
            rows = [row for rows in batch for row in rows if type(row) is model]
            model.objects.bulk_create(rows, batch_size=500)
        missing -= len(batch)
        if missing // AT_ONCE % 20 == 0:
            tell(f"{missing} orders to go")
    _runs_back(days)
    _reset_sequences()


def _copies(patterns: list[Order], days: int) -> Iterator[list[Model]]:
    """Yield an order with all its rows, day after day into the past."""
    pk = Order.objects.aggregate(last=Max("pk"))["last"]
    day = 0
    while True:
        day += 1
        for pattern in patterns:
            pk += 1
            number = int(pattern.marketplace_order_id) - day * NUMBERS_A_DAY
            earlier = A_DAY * day
            order = _earlier(pattern, earlier, pk=pk, marketplace_order_id=str(number))
            order.payload = {**order.payload, "order_id": number}
            order.search_text = pattern.search_text.replace(str(pattern), str(number))
            yield [
                order,
                *[
                    _earlier(one, earlier, order=order)
                    for one in pattern.line_items.all()
                ],
                *[
                    _earlier(
                        one,
                        earlier,
                        order=order,
                        tracking_number=f"9405511899{number}456",
                    )
                    for one in pattern.shipments.all()
                ],
                *[_earlier(one, earlier, order=order) for one in pattern.events.all()],
            ]


def _earlier(row: Row, earlier: timedelta, **others: Any) -> Row:
    """Return the row as a new one, all its times earlier."""
    new = copy.copy(row)
    new._state = copy.copy(row._state)
    new._state.fields_cache = {}
    new.pk, new._state.adding = None, True
    for field in row._meta.concrete_fields:
        moment = getattr(row, field.attname)
        if isinstance(field, DateTimeField) and moment:
            setattr(new, field.attname, moment - earlier)
    for name, value in others.items():
        setattr(new, name, value)
    return new


def _runs_back(days: int) -> None:
    """Give each store a complete import for every hour of the last thirty days."""
    for store in Store.objects.all():
        pattern = ImportRun.objects.filter(store=store).earliest("pk")
        ImportRun.objects.bulk_create(
            _earlier(
                pattern,
                timedelta(hours=hours),
                created=0,
                unchanged=pattern.seen,
                updated=0,
                skipped=0,
                rejected=0,
            )
            for hours in range(min(days, 30) * 24, 0, -1)
        )


def _reset_sequences() -> None:
    statements = connection.ops.sequence_reset_sql(no_style(), [Order])
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _analyse() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
