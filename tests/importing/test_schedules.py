"""What is due is found in the rows, whatever the queue does with the tasks."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone as clock
from django_q.conf import Conf

from backoffice.kit.queue import enqueue
from orders import importing, tasks
from orders.auditing import recheck
from orders.importing import windows
from orders.models import ImportProblem, ImportRun, Order, Shipment
from orders.shipping import hold, ship_order
from stores import leases
from stores.models import Store
from tests.factories import OrderFactory, StoreFactory
from tests.support import queues

pytestmark = pytest.mark.django_db


def days_ago(days: float) -> datetime:
    return datetime.now(UTC) - timedelta(days=days)


def queued() -> list[tuple]:
    """Return what waits in the queue: each task's function and its arguments."""
    return [
        (task["func"].removeprefix("orders.tasks."), *task["args"])
        for task in queues.waiting()
    ]


@pytest.fixture
def sweep(django_capture_on_commit_callbacks):
    """Return a function that calls a task and returns what waits in the queue then."""
    queues.purge()

    def call(task, *arguments) -> list[tuple]:
        with django_capture_on_commit_callbacks(execute=True):
            task(*arguments)
        return queued()

    return call


@pytest.fixture
def work(sweep):
    """Return a function that calls a task and all it queues, as a worker would."""

    def call(task, *arguments) -> None:
        tasks_out = sweep(task, *arguments)
        queues.purge()
        for name, *keys in tasks_out:
            call(getattr(tasks, name), *keys)

    return call


def test_a_sweep_hands_out_due_stores_and_imports_that_wait(store, sweep):
    StoreFactory(last_import_attempt_at=clock.now())
    asked_for = windows.plan_refresh(store, "manual")
    asked_for.save()
    now = clock.now()
    ImportRun.objects.create(store=store, started_at=now, finished_at=now)

    tasks_out = sweep(tasks.refresh_due_stores)

    assert tasks_out == [("refresh_store", store.pk), ("run_import", asked_for.pk)]


def test_a_store_is_refreshed_once_however_often_its_task_runs(store, tophatter):
    tophatter.add_order()

    for _ in range(3):
        tasks.refresh_store(store.pk)

    run = ImportRun.objects.get()
    assert (run.trigger, run.status, run.created) == ("schedule", "complete", 1)


def test_a_store_that_was_switched_off_meanwhile_is_not_refreshed(store, tophatter):
    Store.objects.update(is_active=False)

    tasks.refresh_store(store.pk)

    assert not ImportRun.objects.exists()
    assert not tophatter.requests


def test_an_import_runs_once_however_often_its_task_runs(store, tophatter):
    run = windows.plan_refresh(store, "manual")
    run.save()

    for _ in range(3):
        tasks.run_import(run.pk)

    pages = [one for one in tophatter.requests if one.path == "orders"]
    assert len(pages) == 1
    assert ImportRun.objects.get().status == "complete"


def test_an_import_by_hand_tries_also_when_the_store_is_refused(store):
    Store.objects.update(
        connection="refused", backoff_until=clock.now() + timedelta(hours=5)
    )
    run = windows.plan_refresh(Store.objects.get(), "manual")
    run.save()

    tasks.run_import(run.pk)

    assert ImportRun.objects.get().status == "complete"
    assert Store.objects.get().connection == "connected"


def test_an_import_waits_while_another_holds_the_store(store, tophatter, sweep):
    run = windows.plan_refresh(store, "manual")
    run.save()
    leases.acquire(store)

    tasks.run_import(run.pk)

    run.refresh_from_db()
    assert run.started_at is None
    assert ("run_import", run.pk) in sweep(tasks.refresh_due_stores)
    assert not tophatter.requests


def test_a_second_import_says_that_one_is_running(store):
    ImportRun.objects.create(store=store, started_at=clock.now())
    leases.acquire(store)

    with pytest.raises(importing.AlreadyRunning) as refusal:
        importing.refresh_store(store)

    said = f"An import of {store} is already running since"
    assert str(refusal.value).startswith(said)


def test_an_import_whose_process_died_is_closed_by_the_next(store):
    dead = ImportRun.objects.create(store=store, started_at=clock.now())
    leases.acquire(store)
    Store.objects.update(lease_until=clock.now() - timedelta(seconds=1))

    run = importing.refresh_store(store)

    dead.refresh_from_db()
    assert run.status == "complete"
    assert dead.status == "failed"
    assert dead.error == "The process died in the middle of this import."
    assert dead.finished_at


def test_more_than_a_hundred_due_stores_are_handed_out_within_the_minute(sweep):
    stores = StoreFactory.create_batch(103)
    long_ago = clock.now() - timedelta(days=1)
    Store.objects.update(last_import_attempt_at=long_ago)
    last = stores[50]
    Store.objects.filter(pk=last.pk).update(
        last_import_attempt_at=long_ago + timedelta(hours=1)
    )

    first = sweep(tasks.refresh_due_stores)
    while_they_wait = sweep(tasks.refresh_due_stores)
    queues.purge()
    begun = [pk for _task, *keys in first for pk in keys]
    Store.objects.filter(pk__in=begun).update(last_import_attempt_at=clock.now())
    second = sweep(tasks.refresh_more_stores)

    assert [task for task, *_keys in first] == [
        *["refresh_store"] * 100,
        "refresh_more_stores",
    ]
    assert while_they_wait == first
    assert len(second) == 3
    assert second[-1] == ("refresh_store", last.pk)


def test_what_hands_out_more_stores_goes_on_beside_other_tasks(sweep):
    stores = StoreFactory.create_batch(103)
    others = [("read_pictures", store.pk) for store in stores[:90]]
    for task, pk in others:
        sweep(enqueue, task, pk)

    beside = sweep(tasks.refresh_more_stores)

    assert beside[:90] == others
    assert [task for task, *_keys in beside[90:]] == [
        *["refresh_store"] * 10,
        "refresh_more_stores",
    ]


def test_a_sweep_hands_out_the_stores_with_notices_that_are_due(sweep):
    later = clock.now() + timedelta(minutes=5)
    shipments = [
        ship_order(OrderFactory(), carrier="USPS", tracking_number="A12345")
        for _ in range(6)
    ]
    due, unconfirmed, waiting, refused, other, claimed = shipments
    another = OrderFactory(store=due.order.store)
    ship_order(another, carrier="USPS", tracking_number="A12345")
    states = [
        (unconfirmed, {"notification": "unconfirmed", "next_attempt_at": None}),
        (waiting, {"next_attempt_at": later}),
        (refused, {"notification": "refused"}),
        (other, {"notification": "accepted"}),
        (claimed, {"claimed_until": clock.now() + timedelta(seconds=100)}),
    ]
    for shipment, fields in states:
        Shipment.objects.filter(pk=shipment.pk).update(**fields)

    tasks_out = sweep(tasks.send_due_notices)

    assert sorted(tasks_out) == [
        ("send_notices", due.order.store_id),
        ("send_notices", unconfirmed.order.store_id),
    ]


@pytest.mark.parametrize("fields", [{"is_active": False}, {"connection": "refused"}])
def test_nothing_is_due_of_a_store_that_is_off_or_refused(store, sweep, fields):
    ship_order(OrderFactory(store=store), carrier="USPS", tracking_number="A12345")
    Store.objects.update(**fields)

    assert sweep(tasks.send_due_notices) == []


def test_a_notice_is_sent_once_however_often_its_task_runs(store, tophatter, work):
    tophatter.add_order()
    importing.refresh_store(store)
    shipment = ship_order(Order.objects.get(), carrier="USPS", tracking_number="A12345")

    for _ in range(3):
        work(tasks.send_due_notices)
        tasks.send_notices(store.pk)

    shipment.refresh_from_db()
    assert (shipment.notification, shipment.attempts) == ("accepted", 1)
    assert len(tophatter.fulfillments) == 1


def test_a_notice_that_is_not_due_any_more_is_not_sent(store, tophatter):
    order = OrderFactory(store=store)
    ship_order(order, carrier="USPS", tracking_number="A12345")
    Shipment.objects.update(next_attempt_at=clock.now() + timedelta(minutes=5))

    tasks.send_notices(store.pk)

    assert not tophatter.requests


def test_a_cancellation_of_an_old_order_arrives(store, tophatter, work):
    raw = tophatter.add_order(created_at=days_ago(30))
    importing.import_one(store, str(raw["order_id"]))
    raw["status"] = "refunded"

    work(tasks.recheck_open_orders)

    order = Order.objects.get()
    assert (order.status, order.marketplace_status) == ("cancelled", "refunded")
    assert order.rechecked_at
    assert ImportRun.objects.filter(kind="recheck", status="complete").count() == 1


def test_the_re_check_asks_for_old_open_orders_alone(store, tophatter, work):
    old = OrderFactory(store=store, ordered_at=days_ago(9))
    OrderFactory(store=store, ordered_at=days_ago(1))
    OrderFactory(store=store, ordered_at=days_ago(9), marketplace_state="shipped")
    OrderFactory(
        store=store,
        ordered_at=days_ago(9),
        rechecked_at=clock.now() - timedelta(hours=1),
    )

    ids = recheck.orders_to_recheck(store, clock.now())

    assert ids == [old.marketplace_order_id]


def test_the_re_check_asks_again_for_orders_that_stayed_out(store, tophatter, work):
    raw = tophatter.add_order(created_at=days_ago(9), address1="", city="")
    raw["postal_code"] = ""
    importing.import_one(store, str(raw["order_id"]))
    ImportProblem.objects.update(last_seen_at=days_ago(1))
    raw |= {"address1": "1 Example Street", "city": "Los Altos"}

    work(tasks.recheck_open_orders)

    assert Order.objects.get().marketplace_order_id == str(raw["order_id"])
    assert ImportProblem.objects.get().resolved_at


def test_an_order_that_vanished_is_checked_once_a_day(store, work):
    OrderFactory(store=store, ordered_at=days_ago(9))

    work(tasks.recheck_open_orders)
    work(tasks.recheck_open_orders)

    assert ImportRun.objects.get().rejected == 1
    assert ImportProblem.objects.get().kind == "not_found"


@pytest.mark.slow
def test_the_re_check_goes_on_until_every_old_order_was_read(store, work):
    orders = OrderFactory.create_batch(
        recheck.RECHECK_SHARE + 1, store=store, ordered_at=days_ago(9)
    )

    work(tasks.recheck_open_orders)

    runs = ImportRun.objects.order_by("pk").values_list("seen", flat=True)
    assert list(runs) == [recheck.RECHECK_SHARE, 1]
    assert Order.objects.exclude(rechecked_at=None).count() == len(orders)


def test_a_re_check_that_waits_is_not_planned_twice(store, sweep):
    OrderFactory(store=store, ordered_at=days_ago(9))

    for _ in range(2):
        sweep(tasks.recheck_store, store.pk)

    assert ImportRun.objects.get().kind == "recheck"


@pytest.mark.parametrize("fields", [{"is_active": False}, {"connection": "refused"}])
def test_a_store_that_is_off_or_refused_is_not_re_checked(store, sweep, fields):
    Store.objects.update(**fields)

    assert sweep(tasks.recheck_open_orders) == []


def test_holds_end_on_their_day():
    today = clock.localdate()
    ends_today, ends_tomorrow, open_end = OrderFactory.create_batch(3)
    hold(ends_today, "Address?", today)
    hold(ends_tomorrow, "Address?", today + timedelta(days=1))
    hold(open_end, "Fraud?")

    tasks.release_due_holds()

    held = Order.objects.exclude(held_at=None)
    assert set(held) == {ends_tomorrow, open_end}
    assert Order.objects.to_ship().get() == ends_today


def test_a_queue_that_refuses_loses_nothing(
    store, tophatter, monkeypatch, sweep, caplog, django_capture_on_commit_callbacks
):
    raw = tophatter.add_order()
    importing.import_one(store, str(raw["order_id"]))
    ship_order(Order.objects.get(), carrier="USPS", tracking_number="A12345")
    with monkeypatch.context() as away:
        away.setattr(Conf, "ORM", None)
        away.setattr(Conf, "REDIS", "redis://127.0.0.1:9/0")
        with django_capture_on_commit_callbacks(execute=True):
            tasks.send_due_notices()
            tasks.refresh_due_stores()
    lost = queued()

    sweep(tasks.send_due_notices)
    sweep(tasks.refresh_due_stores)

    assert lost == []
    assert queued() == [("send_notices", store.pk), ("refresh_store", store.pk)]
    assert f"send_notices({store.pk}) not queued: ConnectionError" in caplog.text
