"""What pages count is kept by store: right at once after a step, else in a minute."""

import sqlite3
from datetime import timedelta

import psycopg
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone as clock

from orders import importing, notifying, shipping, tasks
from orders.auditing import listings
from orders.models import Order, StoreChange, StoreFigure
from orders.shipping import holds
from orders.work import figures, to_do
from stores.models import Store
from tests.factories import OrderFactory, StoreFactory
from tests.support.counting import days_ago
from tests.support.coverage import was_read
from tests.support.order_pages import NUMBER
from tests.support.work_causes import CAUSES, import_problem, refused_notice

pytestmark = pytest.mark.django_db
FRONT = reverse("admin:index")
MINUTE = timedelta(minutes=1, seconds=1)


def total(name: str) -> int:
    return figures.total(clock.now())[name]


def test_a_step_is_counted_at_once(store, tophatter):
    tophatter.add_order()
    tophatter.add_order()
    importing.refresh_store(store)
    one, other = Order.objects.all()
    assert total("to_ship") == 2

    holds.hold(one, "Out of stock.")

    assert (total("to_ship"), total("on_hold")) == (1, 1)

    holds.release(one)
    shipment = shipping.ship_order(other, carrier="USPS", tracking_number=NUMBER)

    assert (total("to_ship"), total("on_hold"), total("unsent")) == (1, 0, 1)

    notifying.send_tracking(shipment)

    assert total("unsent") == 0

    tophatter.add_order()
    importing.refresh_store(store)

    assert total("to_ship") == 2


def test_a_badge_falls_for_who_ships_an_order(admin_client):
    order = OrderFactory()
    assert badge(admin_client) == 1

    shipping.ship_order(order, carrier="USPS", tracking_number=NUMBER)

    assert badge(admin_client) == 0


def badge(client) -> int:
    """Return the number beside “Orders” in the side bar."""
    groups = client.get(FRONT).context["sidebar_navigation"]
    links = [link for group in groups for link in group["items"]]
    [shown] = [one["badge"] for one in links if str(one["title"]) == "Orders"]
    return shown


def test_what_nobody_noted_is_right_within_a_minute():
    order = OrderFactory()
    assert total("to_ship") == 1

    Order.objects.filter(pk=order.pk).update(marketplace_state="cancelled")

    assert total("to_ship") == 1
    assert figures.total(clock.now() + MINUTE)["to_ship"] == 0


def test_a_page_reads_what_the_worker_has_counted(admin_client):
    for make in CAUSES.values():
        make()
    tasks.keep_figures()

    with CaptureQueriesContext(
        connection,
    ) as asked:
        answer = admin_client.get(FRONT)

    assert sum(count for _tile, count in answer.context["tiles"])
    touched = {"orders_order", "orders_shipment", "orders_importproblem"}
    assert not [
        one["sql"]
        for one in asked.captured_queries
        for table in touched
        if f'"{table}"' in one["sql"]
    ]


def test_a_store_alone_is_counted_anew():
    orders = [OrderFactory() for _ in range(3)]
    total("to_ship")
    before = dict(StoreFigure.objects.values_list("store", "counted_at"))

    holds.hold(orders[0], "Out of stock.")
    total("to_ship")

    after = dict(StoreFigure.objects.values_list("store", "counted_at"))
    assert [pk for pk in after if after[pk] > before[pk]] == [orders[0].store_id]
    assert not StoreChange.objects.exists()


def test_a_change_that_one_figure_has_seen_is_not_lost_for_others(store, tophatter):
    was_read(store, 40, 1)
    importing.refresh_store(store)
    raw = tophatter.add_order(created_at=days_ago(20))
    listings.reconcile(store)
    assert [one.kind for one in to_do.standing(clock.now())] == ["difference"]

    importing.import_one(store, str(raw["order_id"]))
    total("to_ship")

    assert to_do.standing(clock.now()) == []


def test_a_store_that_is_switched_off_has_nothing_to_do(admin_client):
    shipment = refused_notice()
    store = shipment.order.store
    assert to_do.count(clock.now()) == 1

    url = reverse("admin:stores_store_change", args=[store.pk])
    form = admin_client.get(url).context["adminform"].form
    data = {
        name: value
        for name in form.fields
        if (value := form.get_initial_for_field(form.fields[name], name)) is not None
    }
    admin_client.post(url, {**data, "is_active": ""})

    assert not Store.objects.get().is_active
    assert to_do.count(clock.now()) == 0


def test_the_list_is_read_a_page_at_a_time(admin_client):
    store = StoreFactory()
    for number in range(120):
        problem = import_problem()
        problem.store, problem.marketplace_order_id = store, str(number)
        problem.save()
    url = reverse("admin:orders_order_work")

    shown = [admin_client.get(url, {"page": page}).context for page in (1, 2)]

    assert [one["lists"][0]["count"] for one in shown] == [120, 120]
    rows = [[row for group in one["groups"] for row in group["rows"]] for one in shown]
    assert [len(one) for one in rows] == [100, 20]
    keys = {row["item"].cause for one in rows for row in one}
    assert len(keys) == 120


def test_the_whole_list_is_its_pages_one_after_another():
    for make in CAUSES.values():
        make()
        make()
    found = to_do.listed(clock.now())

    pages = [
        one for start in range(0, len(found), 5) for one in found[start : start + 5]
    ]

    assert pages == to_do.standing(clock.now())
    assert len(pages) == len(found) == 2 * len(CAUSES)


def test_figures_that_cannot_be_written_are_shown_all_the_same(
    transactional_db, admin_client
):
    OrderFactory()
    admin_client.get(FRONT)
    StoreFigure.objects.all().delete()
    held = hold_the_figures()

    try:
        assert badge(admin_client) == 1
    finally:
        held.close()

    assert not StoreFigure.objects.exists()
    assert badge(admin_client) == 1
    assert StoreFigure.objects.exists()


def hold_the_figures() -> sqlite3.Connection | psycopg.Connection:
    """Keep everybody from writing figures, from a connection of its own."""
    facts = connection.settings_dict
    if connection.vendor == "sqlite":
        other = sqlite3.connect(facts["NAME"])
        other.execute("BEGIN IMMEDIATE")
        return other
    keys = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST"}
    named = {key: facts[name] for key, name in keys.items() if facts[name]}
    other = psycopg.connect(**named, port=facts["PORT"] or None)
    other.execute("LOCK TABLE orders_storefigure IN EXCLUSIVE MODE")
    return other
