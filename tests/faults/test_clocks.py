"""A clock that was ahead: what it left in the future stops and hides nothing."""

from contextlib import suppress
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone as clock
from django_q.models import Schedule

from backoffice.health import worker_is_alive
from orders import importing
from orders.importing import due, windows
from orders.models import Order, Shipment
from orders.notifying import waiting
from tests.factories import StoreFactory
from tests.support.programs import clock_ahead, wait_until

pytestmark = pytest.mark.sweep

LEAVE_MARKS = """
from django.core.management import call_command
from backoffice import health
from orders import importing, shipping
from orders.models import Order
from stores.models import Store
call_command("setup_schedules")
health.beat()
importing.refresh_store(Store.objects.get())
for order in Order.objects.filter(status="awaiting_shipment", shipments=None):
    shipping.ship_order(order, carrier="USPS", tracking_number="A12345")
print("left marks")
"""


@pytest.fixture
def store(transactional_db, tophatter):
    tophatter.add_order()
    store = StoreFactory(access_token=tophatter.token, name="Main store")
    importing.refresh_store(store)
    return store


@pytest.fixture
def leave_marks(store, manage):
    """Run what a worker does on a host whose clock is ahead, then set it right."""

    def leave(offset: str) -> None:
        program = manage("shell", "-c", LEAVE_MARKS, **clock_ahead(offset))
        said, _ = program.communicate(timeout=60)
        assert "left marks" in said, said
        store.refresh_from_db()

    return leave


def check_sync(capsys) -> str:
    capsys.readouterr()
    with suppress(SystemExit):
        call_command("check_sync")
    return capsys.readouterr().out


def is_any_too_far_ahead() -> bool:
    now = clock.now() + timedelta(minutes=1)
    minutely = Schedule.objects.filter(schedule_type=Schedule.MINUTES, minutes=1)
    soon = minutely.filter(next_run__gt=now + timedelta(minutes=1))
    return (
        soon.exists()
        or Schedule.objects.filter(next_run__gt=now + timedelta(days=1)).exists()
    )


@pytest.mark.parametrize("offset", ["+3m", "+1h", "+30d"])
def test_what_a_clock_ahead_left_is_set_right_when_a_worker_starts(
    store, manage, leave_marks, offset
):
    leave_marks(offset)
    was_ahead = is_any_too_far_ahead()

    manage("qcluster")

    wait_until(lambda: not is_any_too_far_ahead(), 30, "the setting right")
    assert was_ahead
    assert store.last_import_attempt_at > clock.now()
    assert due.stores_due(clock.now()) == [store]


def test_an_hour_that_a_clock_was_ahead_is_over_within_two_minutes(
    store, tophatter, manage, leave_marks, capsys
):
    leave_marks("+1h")
    tophatter.add_order()
    before = check_sync(capsys)
    if connection.vendor == "sqlite":
        with pytest.raises(CommandError, match="No task has come through"):
            call_command("check_worker")

    manage("qcluster")

    assert "a clock that was ahead" in before
    wait_until(worker_is_alive, 90, "the heartbeat")
    wait_until(lambda: Order.objects.count() == 2, 60, "the import")
    wait_until(lambda: len(tophatter.fulfillments) == 1, 60, "the sending")
    wait_until(lambda: check_sync(capsys) == "All is well.\n", 60, "the all-clear")


def test_a_last_import_from_the_future_is_late_and_its_window_reaches_back(
    store, leave_marks
):
    now = clock.now()
    week_ago = now - timedelta(days=7)
    store.import_runs.update(window_end=week_ago)

    leave_marks("+30d")

    start, end = windows.refresh_window(store, now)
    assert store.last_import_at > now + timedelta(days=29)
    assert due.is_late(store, now)
    assert start == week_ago - windows.OVERLAP
    assert end == now


def test_a_shipment_queued_in_the_future_is_due_at_once(store, leave_marks):
    leave_marks("+1h")
    now = clock.now()
    waited = Shipment.objects.due(now).exists()

    waiting.pull_back()

    assert not waited
    assert Shipment.objects.due(clock.now()).count() == 1
