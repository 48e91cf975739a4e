"""Processes that die at the worst moment: nothing is lost, nothing is sent twice."""

import os
import signal
from collections import Counter
from datetime import UTC, datetime, timedelta
from threading import Timer

import pytest
from django.db.models import F
from django.utils import timezone as clock

from orders import importing, notifying, tasks
from orders.importing import runs, windows
from orders.models import ImportRun, Order, Shipment
from orders.models.shipments import REPOST_AFTER
from orders.notifying import outbox
from orders.shipping import ship_order
from stores import leases
from stores.models import Store
from tests.factories import StoreFactory
from tests.support.killing import two_minutes_pass
from tests.support.programs import children, clear_away, command_of, wait_until

NUMBER = "9400111899562173406594"


@pytest.fixture
def store(transactional_db, tophatter):
    return StoreFactory(access_token=tophatter.token, name="Main store")


def kill_when(tophatter, process, path: str, call: int = 1) -> None:
    """Kill the process, with all it started, when its nth call of a kind arrives."""
    seen = []

    def strike(request) -> None:
        if request.path == path:
            seen.append(request)
            if len(seen) == call:
                clear_away(process)

    tophatter.on_request = strike


def fill(tophatter, count: int) -> None:
    placed_at = datetime.now(UTC) - timedelta(hours=1)
    for _ in range(count):
        tophatter.add_order(created_at=placed_at, paid_at=placed_at)


def assert_all_here_once(tophatter) -> None:
    there = sorted(str(raw["order_id"]) for raw in tophatter.orders())
    here = sorted(Order.objects.values_list("marketplace_order_id", flat=True))
    assert here == there
    for run in ImportRun.objects.all():
        outcomes = (getattr(run, name) for name in ImportRun.COUNTS[1:])
        assert sum(outcomes) == run.seen


def test_a_command_killed_between_two_pages_keeps_the_first_and_loses_none(
    store, tophatter, manage
):
    fill(tophatter, 1200)
    process = manage("import_orders", "Main store")
    kill_when(tophatter, process, "orders", call=2)
    process.wait(120)
    kept = Order.objects.count()
    store.refresh_from_db()
    lease = store.lease_until - clock.now()
    mark = store.last_import_at

    with pytest.raises(importing.AlreadyRunning):
        importing.refresh_store(store)
    two_minutes_pass()
    closed = runs.close_dead_runs()
    run = importing.refresh_store(store)

    assert kept == 1000
    assert lease <= timedelta(minutes=2)
    assert closed == 1
    assert (mark, store.last_import_at) == (None, run.window_end)
    assert (run.status, run.created, run.unchanged) == ("complete", 200, 1000)
    assert "died" in ImportRun.objects.get(status="failed").error
    assert_all_here_once(tophatter)


@pytest.mark.parametrize("delay", [0.02, 0.08, 0.15, 0.3])
def test_a_command_killed_while_it_stores_a_page_leaves_no_half_order(
    store, tophatter, manage, delay
):
    fill(tophatter, 400)
    process = manage("import_orders", "Main store")
    tophatter.on_request = lambda request: (
        Timer(delay, process.kill).start() if request.path == "orders" else None
    )
    process.wait(120)

    half = Order.objects.filter(line_items=None).count()
    two_minutes_pass()
    run = importing.refresh_store(store)

    assert half == 0
    assert run.status == "complete"
    assert_all_here_once(tophatter)


@pytest.mark.parametrize(
    ("path", "call"),
    [("orders/retrieve", 1), ("orders/fulfill", 1), ("orders/retrieve", 2)],
)
def test_a_sender_killed_at_any_call_sends_once(store, tophatter, manage, path, call):
    tophatter.add_order()
    importing.refresh_store(store)
    shipment = ship_order(Order.objects.get(), carrier="USPS", tracking_number=NUMBER)
    process = manage("send_tracking")
    kill_when(tophatter, process, path, call)
    process.wait(120)
    tophatter.on_request = lambda request: None
    shipment.refresh_from_db()
    after_the_kill = shipment.notification, shipment.attempts

    notifying.send_tracking(shipment)
    claimed = shipment.attempts
    two_minutes_pass()
    notifying.send_tracking(shipment)

    assert after_the_kill == ("pending", 1)
    assert claimed == 1
    assert (shipment.notification, shipment.attempts) == ("accepted", 2)
    assert len(tophatter.fulfillments) == 1


def test_a_notice_that_kills_its_sender_every_time_is_counted_and_stops(
    store, tophatter, manage
):
    tophatter.add_order()
    importing.refresh_store(store)
    shipment = ship_order(Order.objects.get(), carrier="USPS", tracking_number=NUMBER)
    for _ in range(2):
        process = manage("send_tracking")
        kill_when(tophatter, process, "orders/retrieve")
        process.wait(120)
        two_minutes_pass()
    shipment.refresh_from_db()
    counted = shipment.attempts
    tophatter.on_request = lambda request: None

    Shipment.objects.update(attempts=outbox.MAX_ATTEMPTS)
    notifying.send_tracking(shipment)

    assert counted == 2
    assert shipment.notification == "refused"
    assert "12 attempts" in shipment.notification_error
    assert not tophatter.fulfillments


@pytest.mark.sweep
@pytest.mark.parametrize(
    ("path", "call"), [("orders/fulfill", 12), ("orders/retrieve", 30)]
)
def test_eight_senders_killed_at_any_call_send_each_notice_once(
    store, tophatter, manage, path, call
):
    tophatter.takes_twice = True
    Store.objects.update(notices_at_once=8)
    fill(tophatter, 24)
    importing.refresh_store(store)
    for order in Order.objects.all():
        ship_order(order, carrier="USPS", tracking_number=f"SENT{order}")
    cluster = manage("qcluster")
    kill_when(tophatter, cluster, path, call)
    tasks.send_due_notices()
    cluster.wait(120)
    tophatter.on_request = lambda request: None
    at_the_kill = Counter(Shipment.objects.values_list("notification", flat=True))
    claimed = Shipment.objects.unsent().exclude(claimed_until=None).count()

    two_minutes_pass()
    manage("qcluster")
    tasks.send_due_notices()

    wait_until(all_are_answered, 60, "the end of the sending")
    noticed = Counter(str(one["order_id"]) for one in tophatter.fulfillments)
    assert at_the_kill["pending"] >= claimed > 1
    assert set(Shipment.objects.values_list("notification", flat=True)) == {"accepted"}
    assert noticed == Counter(
        Order.objects.values_list("marketplace_order_id", flat=True)
    )


def all_are_answered() -> bool:
    """Let the time go by after which what was lost on its way is posted again."""
    lost = Shipment.objects.unclaimed().filter(notification="unconfirmed")
    if lost.update(posted_at=F("posted_at") - REPOST_AFTER, next_attempt_at=None):
        tasks.send_due_notices()
    return not Shipment.objects.unsent().exists()


def test_a_worker_killed_in_an_import_is_replaced_and_the_orders_come(
    store, tophatter, manage
):
    fill(tophatter, 1200)
    cluster = manage("qcluster")
    struck = []

    def strike(request) -> None:
        if request.path == "orders" and len(tophatter.requests) > 2 and not struck:
            busy = holder_of_a_connection(cluster, tophatter.port)
            struck.append(busy)
            os.kill(busy, signal.SIGKILL)

    tophatter.on_request = strike
    tasks.refresh_due_stores()
    wait_until(lambda: struck, 60, "the kill of the worker")
    wait_until(lambda: struck[0] not in children(cluster.pid), 30, "its end")
    two_minutes_pass()
    Store.objects.update(last_import_attempt_at=None, backoff_until=None)

    tasks.refresh_due_stores()

    wait_until(
        lambda: ImportRun.objects.filter(status="complete").exists(), 60, "the import"
    )
    assert_all_here_once(tophatter)


def holder_of_a_connection(cluster, port: int) -> int:
    """Return the process of a cluster that is talking to the marketplace."""
    for pid in children(cluster.pid):
        if "qcluster" in command_of(pid) and port in remote_ports(pid):
            return pid
    raise AssertionError("No worker talks to the marketplace.")


def remote_ports(pid: int) -> set[int]:
    sockets = set()
    for name in os.listdir(f"/proc/{pid}/fd"):
        try:
            target = os.readlink(f"/proc/{pid}/fd/{name}")
        except OSError:
            continue
        if target.startswith("socket:["):
            sockets.add(target.removeprefix("socket:[").removesuffix("]"))
    ports = set()
    with open(f"/proc/{pid}/net/tcp") as table:
        for line in table.readlines()[1:]:
            columns = line.split()
            if columns[9] in sockets:
                ports.add(int(columns[2].rpartition(":")[2], 16))
    return ports


def test_a_live_slow_import_keeps_its_lease(store, tophatter):
    fill(tophatter, 5)
    left = []

    def look(request) -> None:
        if request.path != "orders/retrieve":
            return
        row = Store.objects.get(pk=store.pk)
        left.append(row.lease_until - clock.now())
        # As if this call had taken a minute and a half.
        soon = clock.now() + timedelta(seconds=20)
        Store.objects.filter(pk=store.pk).update(lease_until=soon)

    tophatter.on_request = look
    ids = [str(raw["order_id"]) for raw in tophatter.orders()]

    run = importing.execute(windows.plan_orders(store, ids, "manual"))

    assert (run.status, run.created, len(left)) == ("complete", 5, 5)
    assert all(timedelta(seconds=100) < one <= leases.LEASE_TIME for one in left)
