"""A store sends as many notices at the same time as it allows, and never more."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Lock

import pytest
from django.db import DatabaseError, connection
from django.utils import timezone as clock

from orders import importing, tasks
from orders.models import Order, Shipment
from orders.shipping import ship_order
from stores import leases
from stores.models import Store
from tests.factories import StoreFactory
from tests.support import queues
from tests.support.commands import run
from tests.support.holding import start

pytestmark = pytest.mark.django_db(transaction=True)

RETRIEVE, FULFILL = "orders/retrieve", "orders/fulfill"
is_sqlite = connection.vendor == "sqlite"


@pytest.fixture
def store(transactional_db, tophatter):
    """A store with twelve notices that wait; a second notice would be taken."""
    tophatter.takes_twice = True
    store = StoreFactory(access_token=tophatter.token, name="Main store")
    ship(store, tophatter, 12)
    queues.purge()
    return store


def ship(store: Store, tophatter, count: int) -> None:
    raws = [tophatter.add_order() for _ in range(count)]
    importing.import_page(store, raws)
    for raw in raws:
        order = Order.objects.get(marketplace_order_id=str(raw["order_id"]))
        ship_order(order, carrier="USPS", tracking_number=f"SENT{order}")


def allow(store: Store, number: int) -> None:
    Store.objects.filter(pk=store.pk).update(notices_at_once=number)


class Counted:
    """How many calls were at the marketplace at the same time, at the most."""

    def __init__(self) -> None:
        self.lock, self.now, self.most = Lock(), 0, 0

    def __call__(self, request) -> None:
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)
        # The way to a marketplace that is far.
        time.sleep(0.1)
        with self.lock:
            self.now -= 1


def paths(tophatter) -> list[str]:
    return [request.path for request in tophatter.requests]


def assert_all_sent_once(tophatter, count: int) -> None:
    noticed = [one["order_id"] for one in tophatter.fulfillments]
    states = set(Shipment.objects.values_list("notification", "attempts", "claim"))
    assert states == {("accepted", 1, "")}
    assert len(noticed) == len(set(noticed)) == count
    assert set(Order.objects.values_list("marketplace_status", flat=True)) == {
        "shipped"
    }


@pytest.mark.parametrize("number", [1, 4])
def test_as_many_notices_go_at_the_same_time_as_the_store_allows(
    store, tophatter, number
):
    allow(store, number)
    tophatter.on_request = counted = Counted()

    tasks.send_notices(store.pk)

    assert counted.most == number
    assert_all_sent_once(tophatter, 12)


def test_a_second_task_for_the_same_store_adds_no_senders(store, tophatter):
    allow(store, 3)
    tophatter.on_request = counted = Counted()

    both = [start(tasks.send_notices, store.pk) for _ in range(2)]
    for one in both:
        one.join()

    assert counted.most == 3
    assert_all_sent_once(tophatter, 12)


def test_the_command_waits_for_the_task_and_adds_no_senders(store, tophatter, capsys):
    allow(store, 3)
    tophatter.on_request = counted = Counted()

    task = start(tasks.send_notices, store.pk)
    status = run("send_tracking")
    task.join()

    assert (status, counted.most) == (0, 3)
    assert capsys.readouterr().out.count(": Accepted\n") == 12
    assert_all_sent_once(tophatter, 12)


def test_what_ships_while_the_store_is_taken_is_sent_by_who_has_taken_it(
    store, tophatter
):
    seen = []

    def ship_more(request) -> None:
        if request.path == FULFILL and not seen:
            seen.append(request)
            other = start(ship, store, tophatter, 1)
            other.join()
            late = start(tasks.send_notices, store.pk)
            late.join()

    tophatter.on_request = ship_more

    tasks.send_notices(store.pk)

    assert_all_sent_once(tophatter, 13)


@pytest.mark.parametrize("path", [RETRIEVE, FULFILL])
def test_a_marketplace_that_wants_to_be_left_alone_is_left_by_all_senders(
    store, tophatter, path
):
    allow(store, 4)
    tophatter.fault("429", times=None, on=path, retry_after="120")

    tasks.send_notices(store.pk)

    soon = clock.now() + timedelta(seconds=110)
    asked = paths(tophatter).count(path)
    assert 1 <= asked <= 4
    assert Shipment.objects.filter(attempts=1).count() == asked
    assert Shipment.objects.filter(next_attempt_at__gt=soon).count() == 12
    tasks.send_due_notices()
    assert not queues.waiting()


def test_a_refused_token_stops_all_senders(store, tophatter):
    allow(store, 4)
    tophatter.fault("401", times=None)

    tasks.send_notices(store.pk)
    tasks.send_due_notices()

    asked = len(tophatter.requests)
    assert 1 <= asked <= 4
    assert Shipment.objects.filter(attempts=1).count() == asked
    assert Store.objects.get().connection == "refused"
    assert not queues.waiting()


def test_a_store_that_is_switched_off_meanwhile_sends_no_more(store, tophatter):
    allow(store, 2)

    def switch_off(request) -> None:
        Store.objects.update(is_active=False)
        connection.close()

    tophatter.on_request = switch_off

    tasks.send_notices(store.pk)

    # What the senders had in their hands, and what was read for their next turn.
    assert len(tophatter.fulfillments) <= 6


def test_when_the_time_is_over_another_task_goes_on(store, tophatter):
    tasks.send_notices(store.pk, timedelta())
    first = [task["args"] for task in queues.waiting()]
    queues.purge()

    allow(store, 1)
    tophatter.fault("slow", seconds=1)
    tasks.send_notices(store.pk, timedelta(seconds=1))
    second = [task["args"] for task in queues.waiting()]
    sent = len(tophatter.fulfillments)
    tasks.send_notices(store.pk)

    assert first == second == [(store.pk,)]
    assert 1 <= sent < 12
    assert_all_sent_once(tophatter, 12)


def test_a_dead_process_keeps_the_stores_notices_until_its_lease_is_over(
    store, tophatter
):
    leases.acquire(store, leases.SENDING)
    tasks.send_due_notices()
    tasks.send_notices(store.pk)
    held = queues.waiting(), len(tophatter.requests)

    Store.objects.update(sending_until=clock.now() - timedelta(seconds=1))
    tasks.send_due_notices()
    tasks.send_notices(store.pk)

    assert held == ([], 0)
    assert [task["args"] for task in queues.waiting()] == [(store.pk,)]
    assert_all_sent_once(tophatter, 12)
    store.refresh_from_db()
    assert (store.sending_owner, store.sending_until) == ("", None)


def test_the_senders_leave_no_connection_to_the_database_open(store, tophatter):
    allow(store, 4)
    tasks.send_notices(store.pk)
    # SQLite keeps a closed file's handle for the next that opens it.
    before = connections_now()
    ship(store, tophatter, 4)

    tasks.send_notices(store.pk)

    assert connections_now() == before


def connections_now() -> int:
    if is_sqlite:
        files = (f"/proc/self/fd/{name}" for name in os.listdir("/proc/self/fd"))
        database = str(connection.settings_dict["NAME"])
        return sum(
            os.path.realpath(file) == os.path.realpath(database) for file in files
        )
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        )
        return cursor.fetchone()[0]


@contextmanager
def unclaimable(number: str) -> Iterator[None]:
    """Have the database itself refuse to claim the shipment with this number."""
    begin = (
        "CREATE TRIGGER refusal BEFORE UPDATE ON orders_shipment "
        f"WHEN NEW.claim <> '' AND NEW.tracking_number = '{number}' "
        "BEGIN SELECT RAISE(ABORT, 'refused'); END"
    )
    end = "DROP TRIGGER refusal"
    if not is_sqlite:
        table = "ALTER TABLE orders_shipment"
        check = f"CHECK (claim = '' OR tracking_number <> '{number}')"
        begin = f"{table} ADD CONSTRAINT refusal {check}"
        end = f"{table} DROP CONSTRAINT refusal"
    with connection.cursor() as cursor:
        cursor.execute(begin)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(end)


def test_a_notice_that_meets_an_error_stops_no_other_and_is_not_hidden(
    store, tophatter
):
    bad = Shipment.objects.order_by("pk")[0]

    with unclaimable(bad.tracking_number), pytest.raises(DatabaseError):
        tasks.send_notices(store.pk)

    bad.refresh_from_db()
    assert bad.notification == "pending"
    assert Shipment.objects.filter(notification="accepted").count() == 11
    store.refresh_from_db()
    assert store.sending_until is None


def test_the_command_says_which_notices_were_not_tried_any_more(
    store, tophatter, capsys
):
    allow(store, 2)
    tophatter.fault("429", times=None, on=RETRIEVE, retry_after="120")

    status = run("send_tracking")

    lines = capsys.readouterr().out.splitlines()
    asked = len(tophatter.requests)
    untried = [line for line in lines if "was not tried any more" in line]
    assert status == 1
    assert (len(lines), len(untried)) == (12, 12 - asked)
    assert all("asks for fewer requests (429)" in line for line in lines)
