"""Wait while the database restarts, or not at all; read much in passing."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from django.db import InterfaceError, OperationalError, connection, transaction

PAUSES = (0.5, 2, 5, 10)
# In kilobytes, as SQLite writes them: below nought.
SMALL_CACHE = -8000

Result = TypeVar("Result")


def retried(work: Callable[[], Result]) -> Result:
    """Do it, again while the database is away; inside a transaction there is one try.

    `work` must be safe to do twice: a commit whose answer is lost may have happened.
    """
    for pause in PAUSES:
        try:
            return work()
        except (OperationalError, InterfaceError):
            if connection.in_atomic_block:
                raise
            connection.close()
            time.sleep(pause)
    return work()


@contextmanager
def in_passing() -> Iterator[None]:
    """Read a great many rows once: SQLite remembers few of them in this process."""
    if connection.vendor != "sqlite":
        yield
        return
    with _pragma("cache_size", SMALL_CACHE):
        yield


@contextmanager
def writing_at_once() -> Iterator[None]:
    """Write in a transaction that fails where it would have to wait for others."""
    if connection.vendor == "sqlite":
        with _pragma("busy_timeout", 0), transaction.atomic():
            yield
    else:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('lock_timeout')")
            (patience,) = cursor.fetchone()
            cursor.execute("SET LOCAL lock_timeout = '50ms'")
            yield
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [patience])


@contextmanager
def _pragma(name: str, value: int) -> Iterator[None]:
    """Have SQLite work with another value of a pragma, and then as before."""
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA {name}")
        (before,) = cursor.fetchone()
        cursor.execute(f"PRAGMA {name} = {value}")
        try:
            yield
        finally:
            # The queue may have closed the connection that the first cursor was of.
            with connection.cursor() as last:
                last.execute(f"PRAGMA {name} = {before}")
