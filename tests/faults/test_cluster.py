"""A real django-q2 cluster: schedules fire, one cluster or two, stuck or stopped."""

import sys
import time
from threading import Event

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone as clock
from django_q.brokers import get_broker
from django_q.models import Schedule, Success

from backoffice.demo.processes import GivenUp, Program, keep_running, stop
from backoffice.health import worker_is_alive
from backoffice.models import Heartbeat
from orders import importing, tasks
from orders.models import Order, Shipment
from orders.shipping import ship_order
from tests.factories import StoreFactory
from tests.support.programs import children, command_of, wait_until


@pytest.fixture
def store(transactional_db, tophatter):
    return StoreFactory(access_token=tophatter.token)


def processes_of(cluster) -> list[int]:
    return [pid for pid in children(cluster.pid) if "qcluster" in command_of(pid)]


def test_the_schedules_bring_orders_in_send_tracking_and_beat(store, tophatter, manage):
    tophatter.add_order()
    importing.refresh_store(store)
    shipment = ship_order(Order.objects.get(), carrier="USPS", tracking_number="A12345")
    tophatter.add_order()
    store.last_import_attempt_at = store.backoff_until = None
    store.save()
    call_command("setup_schedules", verbosity=0)

    manage("qcluster")
    wait_until(worker_is_alive, 90, "the heartbeat")
    wait_until(lambda: Order.objects.count() == 2, 30, "the import")
    wait_until(
        lambda: Shipment.objects.get(pk=shipment.pk).notification == "accepted",
        30,
        "the sending",
    )

    assert len(tophatter.fulfillments) == 1


@pytest.mark.sweep
def test_two_clusters_fire_one_schedule_once(transactional_db, manage):
    Schedule.objects.create(
        name="heartbeat",
        func="backoffice.health.beat",
        schedule_type=Schedule.MINUTES,
        minutes=60,
        next_run=clock.now(),
    )

    manage("qcluster")
    manage("qcluster")
    wait_until(worker_is_alive, 90, "the heartbeat")
    time.sleep(3)

    assert Success.objects.filter(func="backoffice.health.beat").count() == 1


def test_check_worker_tells_a_supervisor(db, capsys):
    with pytest.raises(CommandError, match="No task has come through"):
        call_command("check_worker")
    Heartbeat.objects.create(name="worker", beat_at=clock.now())

    call_command("check_worker")

    assert "alive" in capsys.readouterr().out


def test_a_program_that_dies_again_and_again_is_given_up(tmp_path):
    program = Program("worker", [sys.executable, "-c", "raise SystemExit(3)"])
    program.start(tmp_path / "log")

    with pytest.raises(GivenUp, match="worker"):
        keep_running([program], tmp_path / "log", Event(), lambda name: None)

    stop([program])
    assert len(program.deaths) == 5


def test_a_stop_lets_the_running_task_end(store, tophatter, manage):
    tophatter.add_order()
    tophatter.fault("slow", on="orders", seconds=3)
    cluster = manage("qcluster")
    tasks.refresh_due_stores()
    wait_until(
        lambda: any(one.path == "orders" for one in tophatter.requests),
        30,
        "the import",
    )

    cluster.terminate()
    cluster.wait(120)

    assert Order.objects.count() == 1
    assert store.import_runs.get().status == "complete"


def test_an_emptied_queue_is_filled_again_from_the_rows(store, tophatter, manage):
    tophatter.add_order()
    importing.refresh_store(store)
    shipment = ship_order(Order.objects.get(), carrier="USPS", tracking_number="A12345")
    tophatter.add_order()
    store.last_import_attempt_at = None
    store.save()
    tasks.refresh_due_stores()
    tasks.send_due_notices()
    queued = get_broker().queue_size()
    get_broker().purge_queue()
    emptied = get_broker().queue_size()

    tasks.refresh_due_stores()
    tasks.send_due_notices()
    manage("qcluster")

    assert (queued, emptied) == (2, 0)
    wait_until(lambda: Order.objects.count() == 2, 30, "the import")
    wait_until(
        lambda: Shipment.objects.get(pk=shipment.pk).notification == "accepted",
        30,
        "the sending",
    )
