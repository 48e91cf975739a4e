"""A cluster through which nothing comes ends itself, whichever process was killed."""

import os
import signal
import sys
from contextlib import suppress
from datetime import timedelta
from subprocess import TimeoutExpired
from threading import Event, Thread

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone as clock
from django_q.models import Success
from django_q.tasks import async_task

from backoffice import roster
from backoffice.demo.processes import Program, keep_running, stop
from backoffice.health import beat, worker_last_seen
from backoffice.models import Heartbeat
from orders.work import alarms
from tests.support.programs import MANAGE, children, database_url, runs, wait_until

pytestmark = pytest.mark.sweep

# Seconds; long enough for a machine that is busy with other tests.
SHORT = "6"


def processes_of(cluster) -> list[int]:
    """Return the guard, then its workers, its monitor and its pusher."""
    return children(cluster.pid)


def is_ready(cluster) -> bool:
    """Return whether the cluster, of one worker, does its work."""
    return len(children(cluster.pid)) == 4 and Success.objects.exists()


def started(manage, **variables: str):
    """Return a cluster of one worker, which waits for tasks."""
    cluster = manage("qcluster", Q_WORKERS="1", **variables)
    async_task("backoffice.health.beat")
    wait_until(lambda: is_ready(cluster), 60, "the first task")
    return cluster


@pytest.mark.parametrize("victim", ["guard", "worker", "monitor"])
def test_a_cluster_ends_as_a_whole_whoever_of_it_is_killed(
    transactional_db, manage, victim
):
    cluster = started(manage, Q_PATIENCE=SHORT)
    members = set()

    # Who is killed while it waits takes a lock along. The first may just have done its
    # task, and be replaced by a process that waits, the youngest.
    for place in (["guard", "worker", "monitor"].index(victim), -1):
        members |= set(family := processes_of(cluster))
        os.kill(family[place], signal.SIGKILL)
        members |= set(children(cluster.pid))
        with suppress(TimeoutExpired):
            cluster.wait(45)
            break

    assert cluster.returncode == 1
    wait_until(lambda: not any(map(runs, members)), 10, "the end of its processes")


def test_a_killed_main_process_leaves_no_orphans(transactional_db, manage):
    cluster = started(manage)
    members = processes_of(cluster)

    os.kill(cluster.pid, signal.SIGKILL)
    cluster.wait()

    wait_until(lambda: not any(map(runs, members)), 10, "the end of its processes")


def test_a_killed_pusher_is_replaced(transactional_db, manage):
    cluster = started(manage, Q_PATIENCE=SHORT)
    first = worker_last_seen()

    pusher = processes_of(cluster)[3]
    os.kill(pusher, signal.SIGKILL)
    # Until its connection is closed, Redis would hand the dead one the next task.
    wait_until(
        lambda: len(now := processes_of(cluster)) == 4 and pusher not in now,
        60,
        "its successor",
    )
    async_task("backoffice.health.beat")

    wait_until(lambda: worker_last_seen() > first, 60, "the next task")


def test_a_wedged_cluster_is_started_again_and_works(transactional_db, tmp_path):
    settings = [f"DATABASE_URL={database_url()}", "Q_WORKERS=1", f"Q_PATIENCE={SHORT}"]
    command = ["env", *settings, sys.executable, str(MANAGE), "qcluster"]
    program, stopped, said = Program("worker", command), Event(), []
    program.start(tmp_path / "log")
    first = program.process
    async_task("backoffice.health.beat")
    keeper = Thread(
        target=keep_running, args=[[program], tmp_path / "log", stopped, said.append]
    )
    keeper.start()
    try:
        wait_until(lambda: is_ready(first), 60, "the first task")
        seen = worker_last_seen()
        os.kill(processes_of(first)[1], signal.SIGKILL)
        async_task("backoffice.health.beat")
        wait_until(lambda: said, 60, "the restart")
        wait_until(lambda: len(children(program.process.pid)) == 4, 60, "its processes")
        async_task("backoffice.health.beat")
        wait_until(lambda: worker_last_seen() > seen, 60, "the next task")
        names = [one.name for one in roster.expected(clock.now())]
    finally:
        stopped.set()
        keeper.join()
        stop([program])

    assert names == [roster.name_of(program.process.pid)]


def test_a_long_task_is_no_wedge(transactional_db, manage):
    cluster = started(manage, Q_PATIENCE="3")
    for _ in range(3):
        async_task("time.sleep", 5)

    wait_until(
        lambda: Success.objects.filter(func="time.sleep").count() == 3, 60, "the tasks"
    )

    assert cluster.poll() is None
    assert roster.silent(clock.now()) == []


def test_one_of_two_clusters_that_is_silent_is_named(
    transactional_db, manage, admin_client, settings
):
    settings.CLUSTER_PATIENCE = 5
    idle = started(manage, Q_PATIENCE="10")
    wedged = manage("qcluster", Q_WORKERS="1", Q_PATIENCE="5")
    wait_until(lambda: len(children(wedged.pid)) == 4, 60, "the second cluster")

    os.kill(processes_of(wedged)[1], signal.SIGKILL)
    wedged.wait(60)
    wait_until(lambda: roster.silent(clock.now()), 60, "the silence")
    beat()

    name = roster.name_of(wedged.pid)
    assert [one.name for one in roster.silent(clock.now())] == [name]
    assert idle.poll() is None
    (alarm,) = alarms.raised(clock.now())
    assert (alarm.cause, name in alarm.message) == ("cluster", True)
    for options in [[], ["--here"]]:
        with pytest.raises(CommandError, match=name):
            call_command("check_worker", *options)
    assert name in admin_client.get(reverse("worker")).text
    answer = admin_client.get("/healthz/sync")
    assert answer.json()["worker"]["clusters"] == {"alive": 1, "silent": 1}
    assert name not in answer.text


def test_an_orderly_stop_leaves_no_row(transactional_db, manage):
    cluster = started(manage)
    beats = set(Heartbeat.objects.values_list("name", flat=True))

    cluster.terminate()

    assert cluster.wait(60) == 0
    assert beats == {"worker", roster.name_of(cluster.pid)}
    assert list(Heartbeat.objects.values_list("name", flat=True)) == ["worker"]


def test_the_rows_of_the_dead_are_forgotten(transactional_db, manage):
    now = clock.now()
    elsewhere = "other-host:1"
    Heartbeat.objects.create(name=roster.name_of(2**22 + 1), beat_at=now)
    Heartbeat.objects.create(name="gone-host:1", beat_at=now - timedelta(days=2))
    Heartbeat.objects.create(name=elsewhere, beat_at=now)

    cluster = started(manage)

    names = set(Heartbeat.objects.values_list("name", flat=True))
    assert names == {"worker", elsewhere, roster.name_of(cluster.pid)}


def test_a_beat_of_its_own_is_no_done_task(transactional_db, manage):
    cluster = started(manage, Q_PATIENCE="2")
    own = Heartbeat.objects.filter(name=roster.name_of(cluster.pid))
    first = own.get().beat_at

    wait_until(lambda: own.get().beat_at > first, 60, "its next beat")

    assert set(Success.objects.values_list("func", flat=True)) == {
        "backoffice.health.beat"
    }
