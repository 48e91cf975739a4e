"""The search text of orders that were here before there was one."""

from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection
from django.utils import timezone as clock

from orders import search_text
from orders.models import Correction, Order
from tests.factories import OrderFactory

migration = import_module("orders.migrations.0015_fill_search_text")


@pytest.mark.django_db
def test_the_migration_fills_what_is_written_from_then_on(monkeypatch):
    monkeypatch.setattr(migration, "A_TIME", 2)
    orders = [
        OrderFactory(customer_name="Łukasz Żak", marketplace_tracking_number="rr 1")
        for _ in range(5)
    ]
    for order in orders:
        order.line_items.create(position=0, sku="EX-1", name="Café", quantity=1)
        order.shipments.create(
            carrier="USPS",
            tracking_number="420940229400111899562173406594",
            shipped_at=clock.now(),
        )
    Correction.objects.create(
        order=orders[0],
        ship_to_name="Zoë",
        ship_to_city="Évry",
        made_at=clock.now(),
        decided_at=clock.now(),
    )
    Order.objects.update(search_text="")

    migration.fill(apps, SimpleNamespace(connection=connection))

    filled = dict(Order.objects.values_list("pk", "search_text"))
    for order in orders:
        search_text.write(order)
    written = dict(Order.objects.values_list("pk", "search_text"))
    assert {pk: set(text.split()) for pk, text in filled.items()} == {
        pk: set(text.split()) for pk, text in written.items()
    }
    assert " =9400111899562173406594 " in filled[orders[0].pk]
    assert " zoe evry " in filled[orders[0].pk]
