"""django-q2's cluster, which watches its own path and ends when nothing comes through.

A worker or monitor that is killed while it waits takes the lock of its queue with it:
every process lives on, and nothing is done any more. So the guard sends a beat of its
own through its queues, beside the broker, which other clusters share. When nothing has
come through although no worker is busy, all processes end, and a supervisor starts the
cluster anew.
"""

import logging
import os
import signal
import time
import uuid
from contextlib import suppress
from datetime import timedelta
from queue import Full
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connections
from django.utils import timezone as clock
from django_q import cluster
from django_q.signals import post_execute, post_execute_in_worker

from backoffice import clocks, health, roster
from backoffice.kit.logs import scrub
from backoffice.kit.processes import die_with_parent
from backoffice.models import Heartbeat

logger = logging.getLogger(__name__)

PATIENCE = settings.CLUSTER_PATIENCE
BEAT_EVERY = PATIENCE / 2
# The guard waits for the database while it looks at the schedules.
GUARD_PATIENCE = 3 * PATIENCE
STOP_PATIENCE = settings.TASK_TIMEOUT + 20


def hide_secrets(task: dict[str, Any], **facts: Any) -> None:
    """Scrub why a task failed: the queue keeps the error's words in a row."""
    if not task["success"]:
        task["result"] = scrub(str(task["result"]))


# The queue offers no other place between a task and its row.
post_execute_in_worker.connect(hide_secrets)


def come_through() -> None:
    """Do nothing: that it is done is what counts."""


class Signs:
    """What the processes of one cluster show each other, on the monotonic clock."""

    def __init__(self) -> None:
        self.main_pid = os.getpid()
        context = cluster.get_mp_context()
        # A lock would be held for ever by who is killed with it.
        self.guarded, self.came, self.well = (
            context.Value("d", time.monotonic(), lock=False) for _ in range(3)
        )


def tie_children() -> None:
    """Have each process that this one forks end with it, from its first moment on."""
    parent = [0]

    def remember() -> None:
        parent[0] = os.getpid()

    def tie() -> None:
        die_with_parent(signal.SIGKILL, parent[0])

    os.register_at_fork(before=remember, after_in_child=tie)


class Sentinel(cluster.Sentinel):
    def __init__(self, signs: Signs, *arguments: Any) -> None:
        # A group of its own, which ends as one, and which Ctrl-C does not reach.
        os.setpgid(0, 0)
        die_with_parent(signal.SIGKILL, signs.main_pid)
        tie_children()
        self.signs = signs
        self.taken_at = self.stored_at = self.asked_at = time.monotonic()
        self.is_asked = False
        post_execute.connect(self._note, weak=False)
        super().__init__(*arguments)

    def _note(self, **facts: Any) -> None:
        """In the monitor: a task went all the way."""
        self.signs.came.value = time.monotonic()

    def status(self) -> str:
        # The guard asks in each of its rounds; it has no other place for a look.
        if self.monitor:
            self._look()
        return super().status()

    def _look(self) -> None:
        now = time.monotonic()
        # A time in which this process stood still says nothing of the others.
        unseen = max(0, now - self.signs.guarded.value - 1)
        self.signs.guarded.value = now
        self.taken_at += unseen
        self.stored_at += unseen
        if os.getppid() != self.signs.main_pid:
            self._end("Its main process is gone")
        is_stopping = self.stop_event.is_set()
        came = self.signs.came.value
        if came > self.asked_at:
            self.is_asked = False
        # Without the timer's lock, which a killed worker may hold.
        is_busy = any(one.timer.get_obj().value > 0 for one in self.pool)
        if is_busy or not (self.is_asked or is_stopping):
            self.taken_at = now
        if self.result_queue.empty():
            self.stored_at = now
        self.stored_at = max(self.stored_at, came)
        since = self.signs.well.value = min(self.taken_at, self.stored_at)
        if now - since > PATIENCE:
            self._end(f"Nothing came through for {now - since:.0f} s")
        if not (self.is_asked or is_stopping) and now - self.asked_at > BEAT_EVERY:
            self._ask(now)

    def _ask(self, now: float) -> None:
        beat = {
            "id": uuid.uuid4().hex,
            "name": "beat",
            "func": come_through,
            "args": (),
            "kwargs": {},
            "started": clock.now(),
            # Not among the done tasks, where it would push others out.
            "save": False,
        }
        with suppress(Full):
            # What has filled the queue shows as well whether anything is taken.
            self.task_queue.put(beat, block=False)
        self.is_asked, self.asked_at = True, now

    def _end(self, reason: str) -> None:
        name = roster.name_of(self.signs.main_pid)
        logger.critical("%s: cluster %s ends.", reason, name)
        os.killpg(0, signal.SIGKILL)


class Cluster:
    """The main process: it starts the guard, outlives it, and leaves no orphans."""

    def __init__(self) -> None:
        self.name = roster.name_of(os.getpid())
        self.signs = Signs()
        context = cluster.get_mp_context()
        self.stop_event, self.start_event = context.Event(), context.Event()
        self.sentinel = context.Process(
            target=Sentinel,
            args=(self.signs, self.stop_event, self.start_event, uuid.uuid4()),
        )
        self.is_stopping, self.noted_at = False, 0.0
        self.stopping_since: float | None = None

    def stop(self, *signalled: Any) -> None:
        # No more in a signal's handler: the guard may hold the event's lock for it.
        self.is_stopping = True

    def run(self) -> int:
        """Work until told to stop; return the exit status, 1 when it had to end."""
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, self.stop)
        roster.forget_the_dead()
        self._note()
        # The guard's own connections are not to be shared with this process.
        connections.close_all()
        self.sentinel.start()
        while self.sentinel.is_alive():
            self._look()
            self.sentinel.join(0.5)
        self._kill()
        if not (self.stopping_since and self.sentinel.exitcode == 0):
            return 1
        with suppress(DatabaseError):
            Heartbeat.objects.filter(name=self.name).delete()
        return 0

    def _look(self) -> None:
        now = time.monotonic()
        if self.is_stopping and not self.stopping_since:
            self.stopping_since = now
            self.stop_event.set()
        if self.stopping_since:
            if now - self.stopping_since > STOP_PATIENCE:
                self._kill()
        elif now - self.signs.guarded.value > GUARD_PATIENCE:
            logger.critical("The guard hangs: cluster %s ends.", self.name)
            self._kill()
        if now - self.noted_at > BEAT_EVERY:
            self._note()

    def _note(self) -> None:
        """Write down when it was last well, and mend what a wrong clock left."""
        self.noted_at = time.monotonic()
        try:
            age = timedelta(seconds=self.noted_at - self.signs.well.value)
            health.record_beat(self.name, age)
            if pulled := clocks.set_right():
                logger.warning("%s times lay in the future and were set right.", pulled)
        except DatabaseError as error:
            logger.warning("Cluster %s not noted: %s", self.name, type(error).__name__)

    def _kill(self) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.sentinel.pid, signal.SIGKILL)
