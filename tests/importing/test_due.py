"""When the next import is due, and how long failures make it wait."""

from datetime import UTC, datetime, timedelta

import pytest

from backoffice.kit import backoff
from orders import importing
from orders.importing import due, windows
from stores.models import Store
from tests.factories import StoreFactory

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def minutes_ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


def test_a_new_store_is_due_at_once():
    store = StoreFactory()

    assert due.stores_due(NOW) == [store]


@pytest.mark.parametrize(
    ("fields", "is_due"),
    [
        ({"last_import_attempt_at": minutes_ago(14)}, False),
        ({"last_import_attempt_at": minutes_ago(15)}, True),
        ({"last_import_attempt_at": minutes_ago(15), "import_interval": 60}, False),
        ({"last_import_attempt_at": minutes_ago(60), "import_interval": 60}, True),
        (
            {
                "last_import_attempt_at": minutes_ago(20),
                "backoff_until": NOW + timedelta(minutes=1),
            },
            False,
        ),
        ({"last_import_attempt_at": minutes_ago(20), "backoff_until": NOW}, True),
        ({"is_active": False}, False),
        ({"auto_import": False}, False),
    ],
)
def test_a_store_is_due_after_its_interval_and_its_backoff(fields, is_due):
    StoreFactory(**fields)

    assert bool(due.stores_due(NOW)) == is_due


# The seconds of sweeps: each minute, and as late as the worker's look allows.
STEADY = range(0, 1800, 60)
UNSTEADY = [minute * 60 + late for minute, late in enumerate([0, 30, 0, 15, 29] * 6)]


@pytest.mark.parametrize("interval", [1, 7, 15, 20, 240, 1000])
def test_stores_of_any_interval_are_found_to_the_second(interval):
    second, patience = timedelta(seconds=1), timedelta(minutes=interval)
    due_since = NOW - patience + due.EARLY
    read = [NOW - 3 * patience, NOW - 3 * patience - second, NOW + 4 * patience]
    _waiting, ready = (
        StoreFactory(
            import_interval=interval, last_import_attempt_at=at, last_import_at=NOW
        )
        for at in (due_since + second, due_since)
    )
    _in_time, late, of_a_clock_ahead = (
        StoreFactory(
            import_interval=interval, last_import_attempt_at=NOW, last_import_at=at
        )
        for at in read
    )

    assert due.stores_due(NOW) == [ready]
    assert set(due.stores_late(NOW)) == {late, of_a_clock_ahead}


@pytest.mark.parametrize("sweeps", [STEADY, UNSTEADY])
@pytest.mark.parametrize(("interval", "imports"), [(1, 30), (2, 15), (5, 6), (15, 2)])
def test_an_interval_is_kept_however_the_sweeps_come(sweeps, interval, imports):
    store = StoreFactory(import_interval=interval)
    count = 0

    for second in sweeps:
        now = NOW + timedelta(seconds=second)
        if due.stores_due(now):
            # An import begins a little after the sweep that handed it out.
            begun = now + timedelta(seconds=4)
            Store.objects.filter(pk=store.pk).update(last_import_attempt_at=begun)
            count += 1

    assert imports <= count <= 1.2 * imports + 1


def test_a_task_that_runs_twice_imports_once():
    StoreFactory(import_interval=1, last_import_attempt_at=NOW)

    assert not due.stores_due(NOW + timedelta(seconds=15))


@pytest.mark.parametrize(
    ("minutes", "interval", "is_due"),
    [(59, 15, False), (60, 15, True), (60, 120, False), (120, 120, True)],
)
def test_a_refused_store_is_probed_hourly_at_the_most(minutes, interval, is_due):
    StoreFactory(
        connection="refused",
        import_interval=interval,
        last_import_attempt_at=minutes_ago(minutes),
    )

    assert bool(due.stores_due(NOW)) == is_due


@pytest.mark.parametrize(
    ("failures", "minutes"), [(0, 15), (1, 15), (2, 30), (5, 240), (6, 360), (999, 360)]
)
def test_the_delay_doubles_up_to_six_hours(failures, minutes):
    delays = [backoff.backoff(failures, timedelta(minutes=15)) for _ in range(100)]

    assert all(
        minutes * 0.5 <= delay / timedelta(minutes=1) <= minutes * 1.5
        for delay in delays
    )


def test_the_delays_of_several_stores_differ():
    delays = {backoff.backoff(3, timedelta(minutes=15)) for _ in range(10)}

    assert len(delays) > 1


def test_a_failing_store_waits_longer_each_time(store, tophatter):
    tophatter.fault("503", times=None)

    for _ in range(4):
        importing.refresh_store(store)

    store.refresh_from_db()
    pause = store.backoff_until - store.last_import_attempt_at
    assert store.import_failures == 4
    assert timedelta(minutes=60) <= pause <= timedelta(minutes=180)


def test_a_complete_import_ends_the_waiting(store, tophatter):
    tophatter.fault("503", times=2)
    importing.refresh_store(store)

    importing.refresh_store(store)

    store.refresh_from_db()
    assert (store.import_failures, store.backoff_until) == (0, None)


def test_the_marketplaces_own_wish_is_the_next_attempts_time(store, tophatter):
    tophatter.fault("429", times=None, retry_after="7200")

    run = importing.refresh_store(store)

    store.refresh_from_db()
    assert store.backoff_until == run.finished_at + timedelta(hours=2)


def test_what_no_import_has_read_completely_yet_is_still_to_be_read():
    store = StoreFactory()
    for days in (8, 20):
        first = windows.plan_refresh(store, "schedule", NOW - timedelta(days=days))
        first.save()

    run = windows.plan_refresh(store, "schedule", NOW)

    assert run.window == (NOW - timedelta(days=23), NOW)


@pytest.mark.parametrize(
    ("fields", "health"),
    [
        ({"last_import_at": minutes_ago(45)}, "connected"),
        ({"last_import_at": minutes_ago(46)}, "late"),
        ({"token_set_at": minutes_ago(45)}, "connected"),
        ({"token_set_at": minutes_ago(46)}, "late"),
        ({"last_import_at": minutes_ago(46), "auto_import": False}, "connected"),
        ({"last_import_at": minutes_ago(46), "connection": "refused"}, "refused"),
        ({"connection": "refused", "is_active": False}, "off"),
    ],
)
def test_a_store_is_late_after_three_intervals(fields, health):
    store = StoreFactory(**fields)

    assert due.health(store, NOW) == health


@pytest.mark.parametrize(("minutes", "health"), [(45, "connected"), (46, "late")])
def test_a_new_shop_that_reads_its_first_weeks_is_not_late(minutes, health):
    store = StoreFactory(
        marketplace="custom_store",
        token_set_at=minutes_ago(minutes),
        last_import_at=NOW - timedelta(days=23),
    )

    assert due.health(store, NOW) == health
