"""Wait while the database restarts or resolves a deadlock."""

import time
from collections.abc import Callable
from typing import TypeVar

from django.db import InterfaceError, OperationalError, connection

PAUSES = (0.5, 2, 5, 10)

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
