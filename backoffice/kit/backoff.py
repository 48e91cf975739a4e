"""Pauses that grow from one failure to the next."""

import random
from datetime import timedelta

LONGEST_BACKOFF = timedelta(hours=6)


# The longest pause there is, its jitter included.
LONGEST_DELAY = 1.5 * LONGEST_BACKOFF


def backoff(failures: int, first: timedelta) -> timedelta:
    """Return a growing, jittered delay, six hours at the most before the jitter."""
    delay = min(LONGEST_BACKOFF, first * 2.0 ** min(max(failures - 1, 0), 20))
    return delay * random.uniform(0.5, 1.5)  # noqa: S311 (no secret)  # nosec B311
