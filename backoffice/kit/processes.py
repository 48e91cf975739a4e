"""How processes of ours end: when they are told to, or with who started them."""

import ctypes
import os
import signal
import sys
import time
from types import FrameType

PR_SET_PDEATHSIG = 1
LOOK_EVERY = 0.1  # seconds


class StopSignal:
    """Whether one of these signals has asked this process to stop.

    No event of `threading`: a signal may come while the main thread holds the event's
    own lock, and its handler would wait for that forever.
    """

    def __init__(self, *signals: signal.Signals) -> None:
        self._has_come = False
        for one in signals:
            signal.signal(one, self._note)

    def _note(self, number: int, frame: FrameType | None) -> None:
        self._has_come = True

    def is_set(self) -> bool:
        return self._has_come

    def wait(self, seconds: float) -> bool:
        """Wait for it so long at the most; return whether it has come."""
        ends_at = time.monotonic() + seconds
        while not self._has_come and (left := ends_at - time.monotonic()) > 0:
            time.sleep(min(left, LOOK_EVERY))
        return self._has_come


def die_with_parent(by: signal.Signals = signal.SIGTERM, parent: int = 0) -> None:
    """Have this process end when its parent does; only Linux can do that.

    `parent` is the number that the parent had before this one was begun: it may have
    ended already, of which the system tells nobody.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, by)
    if parent and os.getppid() != parent:
        os.kill(os.getpid(), by)
