"""Hold, release and assign many orders: a result for each, never all or nothing."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone as clock

from orders.models import Order, OrderEvent
from tests.factories import OrderFactory, StoreFactory
from tests.support.order_pages import LIST, staff

pytestmark = pytest.mark.django_db


def post(client, action: str, *orders: Order, **fields: str):
    data = {"action": action, "_selected_action": [order.pk for order in orders]}
    return client.post(reverse(LIST) + "?view=all", data | fields)


def test_many_orders_are_held_with_one_reason_and_a_result_each(admin_client):
    open_one, gone = OrderFactory(), OrderFactory(marketplace_state="shipped")
    until = clock.localdate() + timedelta(days=3)

    asked = post(admin_client, "hold_chosen", open_one, gone).content.decode()
    nothing_yet = not Order.objects.filter(held_at__isnull=False).exists()
    text = post(
        admin_client,
        "hold_chosen",
        open_one,
        gone,
        give_reason="1",
        _form_submitted="True",
        reason="Stock is short",
        until=until.isoformat(),
    ).content.decode()

    assert "2 orders will be held" in asked
    assert nothing_yet
    held = Order.objects.get(status="on_hold")
    assert (held, held.hold_reason, held.hold_until) == (
        open_one,
        "Stock is short",
        until,
    )
    assert "1 of 2 orders are done" in text
    assert f"Order {gone} has shipped already" in text


def test_many_orders_are_not_held_without_a_reason(admin_client):
    order = OrderFactory()

    empty = {"give_reason": "1", "_form_submitted": "True", "reason": ""}

    text = post(admin_client, "hold_chosen", order, **empty).content.decode()

    assert "This field is required" in text
    assert Order.objects.get().status == "awaiting_shipment"


def test_held_orders_are_released_and_others_say_so(admin_client, admin_user):
    held, free = OrderFactory(held_at=clock.now(), hold_reason="Ask"), OrderFactory()

    text = post(admin_client, "release_chosen", held, free).content.decode()

    assert "1 of 2 orders are done" in text
    assert "It was not on hold" in text
    assert Order.objects.to_ship().count() == 2
    assert OrderEvent.objects.get(kind="released").by == admin_user


def test_many_orders_are_assigned_to_me(admin_client, admin_user):
    orders = OrderFactory.create_batch(3)

    post(admin_client, "assign_chosen", *orders)

    assert Order.objects.filter(assigned_to=admin_user).count() == 3


@pytest.mark.parametrize("name", ["hold_chosen", "release_chosen", "assign_chosen"])
def test_who_may_not_ship_changes_nothing(client, name):
    staff(client, "view_order")
    order = OrderFactory(held_at=clock.now())

    post(client, name, order, give_reason="1", reason="x")

    order.refresh_from_db()
    assert (order.status, order.assigned_to) == ("on_hold", None)
    assert not OrderEvent.objects.exists()


@pytest.mark.parametrize(
    ("action", "most"),
    [
        ("hold_chosen", 500),
        ("release_chosen", 500),
        ("assign_chosen", 500),
        ("ship_chosen", 200),
    ],
)
def test_a_step_takes_all_that_is_chosen_or_nothing(admin_client, action, most):
    store = StoreFactory()
    Order.objects.bulk_create(OrderFactory.build_batch(most + 1, store=store))

    answer = post(admin_client, action, *Order.objects.all())

    text = admin_client.get(answer["Location"]).content.decode()
    assert f"{most + 1} orders are chosen; choose at most {most} at a time." in text
    assert not Order.objects.exclude(assigned_to=None).exists()
