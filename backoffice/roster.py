"""Which clusters should be at work: a row for each, named after host and process."""

import os
import platform
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError
from django.db.models import QuerySet
from django.utils import timezone as clock

from backoffice.clocks import is_recent
from backoffice.health import WORKER
from backoffice.models import Heartbeat

# Who has been silent for longer was taken out of service.
MISSED_FOR = timedelta(days=1)


def expected(now: datetime) -> QuerySet[Heartbeat]:
    """Return the clusters that are at work, and those that stopped without a word."""
    lately = Heartbeat.objects.filter(beat_at__gt=now - MISSED_FOR)
    return lately.exclude(name=WORKER).order_by("name")


def is_silent(cluster: Heartbeat, now: datetime) -> bool:
    """Return whether it should have ended and been started again by now."""
    patience = timedelta(seconds=settings.CLUSTER_PATIENCE)
    return not is_recent(cluster.beat_at, now, 4 * patience)


def silent(now: datetime) -> list[Heartbeat]:
    return [one for one in expected(now) if is_silent(one, now)]


def name_of(pid: int) -> str:
    """Return how people know a cluster: its host and its main process."""
    return f"{_host()}:{pid}"


def is_here(name: str) -> bool:
    return name.rpartition(":")[0] == _host()


def forget_the_dead() -> None:
    """Remove the rows of this host's clusters that are gone, and of any long gone."""
    with suppress(DatabaseError):
        awaited = set(expected(clock.now()))
        for one in Heartbeat.objects.exclude(name=WORKER):
            is_gone = is_here(one.name) and not _runs(one.name.rpartition(":")[2])
            if is_gone or one not in awaited:
                one.delete()


def _host() -> str:
    return platform.node()[:40]


def _runs(pid: str) -> bool:
    """Return whether a cluster has this number, which may be another's by now."""
    with suppress(OSError, ValueError):
        os.kill(int(pid), 0)
        command = Path(f"/proc/{pid}/cmdline")
        return not command.exists() or b"qcluster" in command.read_bytes()
    return False
