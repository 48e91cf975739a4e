"""What runs by itself reads what is due, and no table that grows as a whole."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone as clock

from orders import pruning, tasks
from orders.auditing import recheck
from orders.models import ImportRun, Order
from orders.shipping import holds
from orders.work import counting, to_do
from stores.models import Store
from tests.factories import OrderFactory
from tests.support.counting import days_ago
from tests.support.plans import reading_no_table_whole
from tests.support.work_causes import CAUSES

pytestmark = pytest.mark.django_db

TASKS = [
    tasks.refresh_due_stores,
    tasks.send_due_notices,
    tasks.recheck_open_orders,
    tasks.reconcile_due_stores,
    tasks.release_due_holds,
    tasks.keep_figures,
    tasks.send_alerts,
    tasks.examine_zones,
    tasks.fill_gaps,
    tasks.prune,
]


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.__name__)
def test_a_task_reads_no_table_whole(task):
    for make in CAUSES.values():
        make()
    tasks.keep_figures()

    with reading_no_table_whole():
        task()


def test_what_there_is_to_do_is_found_by_indexes():
    for make in CAUSES.values():
        make()
    tasks.keep_figures()

    with reading_no_table_whole():
        assert to_do.standing(clock.now())
        counting.counts([Store.objects.all()[0].pk], clock.now())


def test_the_front_page_reads_no_table_whole(admin_client):
    for make in CAUSES.values():
        make()
    tasks.keep_figures()

    with reading_no_table_whole():
        admin_client.get(reverse("admin:index"))


def test_a_recheck_is_handed_out_where_something_is_due():
    due = OrderFactory(ordered_at=days_ago(9))
    OrderFactory(ordered_at=days_ago(9), rechecked_at=clock.now())
    OrderFactory(ordered_at=days_ago(9), marketplace_state="shipped")
    OrderFactory(ordered_at=days_ago(1))

    assert list(recheck.stores_to_recheck(clock.now())) == [due.store]


def test_a_store_is_examined_when_an_order_is_new(django_assert_num_queries):
    order = OrderFactory()
    tasks.examine_zones()

    with django_assert_num_queries(2):
        tasks.examine_zones()

    Store.objects.update(suspected_timezone="Europe/Paris")
    OrderFactory(store=order.store)
    tasks.examine_zones()

    assert Store.objects.get().suspected_timezone == ""


def test_only_holds_whose_day_has_come_are_released():
    today = clock.localdate()
    held = [OrderFactory() for _ in range(3)]
    for order, until in zip(
        held, (today, today + timedelta(days=9), None), strict=True
    ):
        holds.hold(order, "Out of stock.", until)

    assert holds.release_due_holds(clock.now()) == 1
    assert not Order.objects.get(pk=held[0].pk).held_at


def test_the_newest_complete_run_of_a_store_stays():
    order = OrderFactory()
    old = {"store": order.store, "started_at": days_ago(200)}
    done = {**old, "finished_at": days_ago(199)}
    first = ImportRun.objects.create(**done, status="complete")
    newest = ImportRun.objects.create(**done, status="complete")
    failed = ImportRun.objects.create(**done, status="failed")

    assert pruning.prune(clock.now())["import_runs"] == 2

    assert list(ImportRun.objects.all()) == [newest]
    assert first.pk < newest.pk < failed.pk
