"""Databases, queues and disks that fail: clear words, nothing half-written."""

import os
import shutil
import subprocess
import time
from datetime import UTC, datetime, timedelta
from threading import Event, Thread, Timer

import pytest
from django.core.management import call_command
from django.db import connection, connections
from django.urls import reverse
from django.utils import timezone as clock

from backoffice.health import beat
from orders import importing, tasks
from orders.models import Order, Shipment
from orders.shipping import ship_order
from stores.models import Store
from tests.factories import OrderFactory, StoreFactory
from tests.support.programs import database_url

is_sqlite = connection.vendor == "sqlite"


@pytest.fixture
def store(transactional_db, tophatter):
    return StoreFactory(access_token=tophatter.token, name="Main store")


def fill(tophatter, count: int) -> None:
    placed_at = datetime.now(UTC) - timedelta(hours=1)
    for _ in range(count):
        tophatter.add_order(created_at=placed_at, paid_at=placed_at)


@pytest.mark.skipif(is_sqlite, reason="SQLite has no server to restart")
def test_a_database_that_restarts_in_mid_run_costs_a_pause(store, tophatter):
    fill(tophatter, 1200)
    name = connection.settings_dict["NAME"]
    admin = database_url().rpartition("/")[0] + "/postgres"

    def rule(sql: str) -> None:
        subprocess.run(
            ["psql", "-q", admin, "-c", sql], check=True, capture_output=True
        )

    def go_away(request) -> None:
        if request.path == "orders" and request.body.get("page") == "2":
            rule(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
            rule(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                f"WHERE datname = '{name}'"
            )
            back = f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true'
            Timer(2, rule, [back]).start()

    tophatter.on_request = go_away

    run = importing.refresh_store(store)

    assert (run.status, run.created) == ("complete", 1200)
    assert Order.objects.count() == 1200


@pytest.mark.skipif(not is_sqlite, reason="locks of SQLite")
def test_a_locked_database_is_waited_for(store, tophatter):
    fill(tophatter, 3)
    held = Event()

    def hold() -> None:
        with connections["default"].cursor() as cursor:
            cursor.execute("BEGIN IMMEDIATE")
            held.set()
            time.sleep(3)
            cursor.execute("COMMIT")
        connections["default"].close()

    holder = Thread(target=hold)
    holder.start()
    assert held.wait(60)

    run = importing.refresh_store(store)

    holder.join()
    assert (run.status, run.created) == ("complete", 3)


@pytest.mark.sweep
def test_web_worker_and_commands_write_at_the_same_time(store, tophatter, manage):
    fill(tophatter, 300)
    cluster = manage("qcluster")
    errors = []

    def write(first: int) -> None:
        try:
            # Numbers that neither the other writer nor the marketplace has.
            for number in range(first, first + 60):
                order = OrderFactory(store=store, marketplace_order_id=str(number))
                shipment = ship_order(order, carrier="USPS", tracking_number="A12345")
                Shipment.objects.filter(pk=shipment.pk).update(notification="refused")
        except Exception as error:
            errors.append(error)
        finally:
            connections["default"].close()

    writers = [Thread(target=write, args=[first]) for first in (900_000, 910_000)]
    for writer in writers:
        writer.start()
    tasks.refresh_due_stores()
    for _ in range(30):
        tasks.refresh_due_stores()
        beat()
    command = manage("import_orders", "Main store", "--order", "120000001")
    text, _ = command.communicate(timeout=120)
    for writer in writers:
        writer.join()

    assert errors == []
    assert "locked" not in text
    assert Shipment.objects.count() == 120
    assert cluster.poll() is None


@pytest.mark.sweep
@pytest.mark.skipif(not is_sqlite, reason="the disk of SQLite")
@pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts a small disk")
def test_a_full_disk_is_said_and_half_writes_nothing(
    store, tophatter, manage, tmp_path
):
    fill(tophatter, 3000)
    disk = tmp_path / "disk"
    disk.mkdir()
    connection.close()
    size = sum(path.stat().st_size for path in _files(database_url()))
    room = size // 1024 + 700

    def mount(*options: str) -> None:
        subprocess.run(["mount", *options, "tmpfs", str(disk)], check=True)

    mount("-t", "tmpfs", "-o", f"size={room}k")
    try:
        for path in _files(database_url()):
            shutil.copy(path, disk)
        name = connection.settings_dict["NAME"].rpartition("/")[2]
        url = f"sqlite:///{disk / name}"
        full = manage("import_orders", "Main store", DATABASE_URL=url)
        text, _ = full.communicate(timeout=120)
        mount("-o", f"remount,size={room + 100_000}k")
        answer = manage("shell", "-c", LOOK, DATABASE_URL=url)
        half = answer.communicate(timeout=120)[0].split()[-1]
        again = manage("import_orders", "Main store", DATABASE_URL=url)
        said, _ = again.communicate(timeout=120)
        answer = manage("shell", "-c", COUNT, DATABASE_URL=url)
        count = answer.communicate(timeout=120)[0].split()[-1]
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)

    assert full.returncode == 1
    assert "Traceback" not in text
    assert "database" in text
    assert half == "0"
    assert again.returncode == 0, said
    assert count == "3000"


LOOK = """
from orders.models import Order
from stores.models import Store
print(Order.objects.filter(line_items=None).count())
Store.objects.update(lease_until=None)
"""
COUNT = "from orders.models import Order; print(Order.objects.count())"


def _files(url: str):
    from pathlib import Path

    path = Path(url.removeprefix("sqlite:///"))
    return [one for one in path.parent.iterdir() if one.name.startswith(path.name)]


def test_a_queue_that_refuses_costs_a_minute_and_not_the_step(store, admin_client):
    order = OrderFactory(store=store)
    broken = "django_q_ormq_away"
    data = {
        "_form_submitted": "True",
        "carrier": "USPS",
        "tracking_number": "9400111899562173406594",
        "shipped_at": clock.localdate().isoformat(),
    }
    url = reverse("admin:orders_order_ship", args=[order.pk])

    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE django_q_ormq RENAME TO {broken}")
    try:
        answer = admin_client.post(url, data)
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {broken} RENAME TO django_q_ormq")

    assert answer.status_code == 302
    assert list(Shipment.objects.due(clock.now())) == [Shipment.objects.get()]


@pytest.mark.skipif(is_sqlite, reason="Redis is for PostgreSQL alone")
def test_a_redis_that_is_down_stops_neither_commands_nor_steps(
    store, tophatter, manage
):
    fill(tophatter, 2)
    away = "redis://127.0.0.1:1/0"

    command = manage("import_orders", "Main store", REDIS_URL=away)
    text, _ = command.communicate(timeout=120)
    sweep = "from orders import tasks; tasks.refresh_due_stores(); print('went on')"
    Store.objects.update(last_import_attempt_at=None)
    swept = manage("shell", "-c", sweep, REDIS_URL=away)
    said, _ = swept.communicate(timeout=120)

    assert command.returncode == 0, text
    assert Order.objects.count() == 2
    assert "not queued" in said
    assert "went on" in said


def test_a_clock_that_was_ahead_for_a_while_stops_nothing(store, tophatter):
    fill(tophatter, 1)
    importing.refresh_store(store)
    shipment = ship_order(Order.objects.get(), carrier="USPS", tracking_number="A12345")
    ahead = clock.now() + timedelta(days=30)
    Store.objects.update(
        last_import_attempt_at=ahead,
        last_import_at=ahead,
        backoff_until=ahead,
        lease_owner="gone",
        lease_until=ahead,
        sending_owner="gone",
        sending_until=ahead,
    )
    Shipment.objects.update(next_attempt_at=ahead, claim="gone", claimed_until=ahead)
    store.refresh_from_db()
    fill(tophatter, 1)

    run = importing.refresh_store(store)
    tasks.send_notices(store.pk)

    shipment.refresh_from_db()
    assert (run.status, run.created) == ("complete", 1)
    assert run.window_start <= clock.now() - timedelta(days=3)
    assert shipment.notification == "accepted"


def test_a_store_whose_clock_was_ahead_is_due_at_once(store):
    from orders.importing import due

    now = clock.now()
    store.last_import_attempt_at = store.backoff_until = now + timedelta(days=30)

    assert due.next_import_at(store, now) == now


def test_a_missing_worker_is_said_on_every_page_and_by_check_sync(
    store, admin_client, capsys
):
    pages = ["admin:index", "admin:orders_order_changelist", "admin:stores_store_add"]

    texts = [admin_client.get(reverse(name)).content.decode() for name in pages]
    with pytest.raises(SystemExit) as ended:
        call_command("check_sync")
    said = capsys.readouterr().out
    beat()
    quiet = [admin_client.get(reverse(name)).content.decode() for name in pages]

    assert all("The worker has never run" in text for text in texts)
    assert "The worker has never run" in said
    assert ended.value.code == 1
    assert not any("The worker has" in text for text in quiet)
