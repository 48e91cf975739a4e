"""Wait while the database restarts or resolves a deadlock; read much in passing."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from django.db import InterfaceError, OperationalError, connection

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
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA cache_size")
        (before,) = cursor.fetchone()
        cursor.execute(f"PRAGMA cache_size={SMALL_CACHE}")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA cache_size={before}")
