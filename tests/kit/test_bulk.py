"""Rows written in bulk are what the ORM would have written, and finds again."""

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from backoffice.kit import bulk
from orders.models import LineItem, Order
from tests.factories import OrderFactory, StoreFactory

pytestmark = pytest.mark.django_db

NAMES = (
    "store",
    "marketplace_order_id",
    "marketplace_state",
    "ordered_at",
    "paid_at",
    "customer_name",
    "refund_amount",
    "payload",
    "digest",
    "read_with",
    "imported_at",
    "changed_at",
    "is_address_incomplete",
)
UNIQUE = NAMES[:2]
AT = datetime(2026, 3, 20, 23, 59, 59, 123456, tzinfo=UTC)
SAID = {
    "marketplace_state": "awaiting_shipment",
    "ordered_at": AT,
    "paid_at": None,
    "customer_name": "Zoë\t“O’Test”\\n 🎧\n100%s",
    "refund_amount": Decimal("10.10"),
    "payload": {"a": [1, 2.5, None, True, "é\\\t%s"], "b": {}},
    "digest": "d",
    "read_with": "3 UTC plain",
    "imported_at": AT.astimezone(ZoneInfo("Asia/Kolkata")),
    "changed_at": AT.replace(microsecond=0),
    "is_address_incomplete": True,
}
PAYLOAD = '{"a":[1,2.5,null,true,"é\\\\\\t%s"],"b":{}}'


def row(store, number: str, **others) -> tuple:
    said = {**SAID, "payload": PAYLOAD, **others}
    return (store.pk, number, *(said[name] for name in NAMES[2:]))


def all_columns(order: Order) -> dict:
    order.refresh_from_db()
    columns = {field.attname for field in Order._meta.concrete_fields}
    different = {"id", "marketplace_order_id"}
    return {name: getattr(order, name) for name in columns - different}


def test_a_new_row_is_as_the_orm_writes_it():
    store = StoreFactory()
    by_orm = Order.objects.create(store=store, marketplace_order_id="1", **SAID)

    bulk.upsert(Order, NAMES, [row(store, "2")], unique=UNIQUE)

    by_us = Order.objects.get(marketplace_order_id="2")
    assert all_columns(by_us) == all_columns(by_orm)
    assert by_us.status == "needs_review"
    # And on the wire it is the same: both are found by the same value.
    alike = {name: SAID[name] for name in ("ordered_at", "refund_amount", "changed_at")}
    assert Order.objects.filter(**alike).count() == 2


def test_a_row_that_is_there_changes_in_what_is_given_and_not_kept():
    store = StoreFactory()
    there = OrderFactory(
        store=store, marketplace_order_id="1", has_shipment=True, hold_reason="Ask"
    )
    imported_at = Order.objects.get().imported_at

    bulk.upsert(
        Order,
        NAMES,
        [row(store, "1", refund_amount=None), row(store, "2")],
        unique=UNIQUE,
        kept=["imported_at"],
    )

    assert Order.objects.count() == 2
    order = Order.objects.get(pk=there.pk)
    assert (order.imported_at, order.refund_amount) == (imported_at, None)
    assert (order.customer_name, order.ordered_at) == (SAID["customer_name"], AT)
    assert (order.has_shipment, order.hold_reason) == (True, "Ask")
    assert order.ship_to_city == "Los Altos"


def test_lines_are_written_likewise():
    order = OrderFactory()
    LineItem.objects.create(order=order, position=0, sku="OLD", quantity=1)
    names = ("order", "position", "sku", "quantity", "unit_price", "options")
    rows = [
        (order.pk, 0, "NEW", 2, Decimal("0.05"), '{"Variation ID": "X"}'),
        (order.pk, 1, "TWO", 1, None, "{}"),
    ]

    bulk.upsert(LineItem, names, rows, unique=names[:2])

    assert list(order.line_items.values_list(*names, "name", "product_id")) == [
        (order.pk, 0, "NEW", 2, Decimal("0.05"), {"Variation ID": "X"}, "", ""),
        (order.pk, 1, "TWO", 1, None, {}, "", ""),
    ]


def test_what_the_database_refuses_is_a_database_error_and_leaves_nothing():
    store = StoreFactory()
    rows = [row(store, "1"), row(store, "2", payload="no JSON")]

    with pytest.raises(DatabaseError), transaction.atomic():
        bulk.upsert(Order, NAMES, rows, unique=UNIQUE)
    bulk.upsert(Order, NAMES, rows[:1], unique=UNIQUE)

    assert Order.objects.get().marketplace_order_id == "1"


def test_any_number_of_rows_costs_the_same_statements():
    store = StoreFactory()

    def statements(count: int) -> int:
        rows = [row(store, str(number)) for number in range(count)]
        with CaptureQueriesContext(connection) as captured:
            bulk.upsert(Order, NAMES, rows, unique=UNIQUE)
        return len(captured)

    assert statements(2) == statements(2000)
    assert Order.objects.count() == 2000


def test_texts_are_found_among_many():
    store = StoreFactory()
    for number in ("1", "O’7", '"2"'):
        OrderFactory(store=store, marketplace_order_id=number, payload={})
    wanted = [*map(str, range(1, 2000)), '"2"', "O’7\\"]

    found = Order.objects.filter(marketplace_order_id__among=wanted)

    assert set(found.values_list("marketplace_order_id", flat=True)) == {"1", '"2"'}
    assert not Order.objects.filter(marketplace_order_id__among=[]).exists()
