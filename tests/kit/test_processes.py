"""A process that is told to stop stops."""

import subprocess
import sys

import pytest

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


@pytest.mark.parametrize(("told", "status"), [("os.getppid()", 0), ("1", -9)])
def test_who_was_begun_by_a_process_that_is_gone_ends_at_once(told, status):
    code = (
        "import os, signal; from backoffice.kit.processes import die_with_parent; "
        f"die_with_parent(signal.SIGKILL, {told})"
    )

    ended = subprocess.run([sys.executable, "-c", code], check=False)

    assert ended.returncode == status
