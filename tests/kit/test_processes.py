"""A process that is told to stop stops."""

import subprocess
import sys

# A signal each tenth of a millisecond, while the process does nothing but wait.
BUSY = """
import signal, time
from backoffice.kit.processes import StopSignal
stopped = StopSignal(signal.SIGALRM)
signal.setitimer(signal.ITIMER_REAL, 0.0001, 0.0001)
ends_at = time.monotonic() + 1
while time.monotonic() < ends_at:
    stopped.wait(0)
signal.setitimer(signal.ITIMER_REAL, 0)
print(stopped.is_set())
"""


def test_a_signal_in_the_middle_of_a_wait_holds_nothing_up():
    done = subprocess.run(
        [sys.executable, "-c", BUSY], capture_output=True, text=True, timeout=30
    )

    assert done.stdout == "True\n"
