"""Rows stay what they are while the schema changes beneath them."""

import pytest
from django.core.management import call_command
from django.utils import timezone as clock

from orders.models import Shipment
from tests.factories import OrderFactory


@pytest.mark.sweep
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_what_was_not_sent_says_why_from_then_on():
    for sends_by_itself in (True, False):
        OrderFactory(store__auto_send_tracking=sends_by_itself).shipments.create(
            shipped_at=clock.now(), notification="not_sent", not_sent_because="choice"
        )
    OrderFactory().shipments.create(shipped_at=clock.now())
    try:
        call_command("migrate", "orders", "0017", verbosity=0)
    finally:
        call_command("migrate", verbosity=0)

    reasons = Shipment.objects.order_by("pk").values_list("not_sent_because", flat=True)

    assert list(reasons) == ["doubt", "store", ""]
