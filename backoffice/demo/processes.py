"""Run several programs as one: start them, keep them going, stop all of them."""

import os
import signal
import subprocess  # nosec B404 # our own programs
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

from backoffice.kit.processes import StopSignal, die_with_parent

# Longer than a request and most imports; work that is killed is found again.
PATIENCE = 20
QUICK_DEATHS = 5
WITHIN = 60


class GivenUp(Exception):
    """A program that dies again and again; the text names it."""


@dataclass
class Program:
    name: str
    command: Sequence[str]
    deaths: deque[float] = field(default_factory=lambda: deque(maxlen=QUICK_DEATHS))
    process: subprocess.Popen[bytes] = field(init=False)

    def start(self, log: Path) -> None:
        with log.open("ab") as output:
            self.process = subprocess.Popen(  # noqa: S603 (commands of our own)  # nosec B603
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                # A group of its own: Ctrl-C is ours to pass on, and what the main
                # process leaves behind can be killed with it.
                start_new_session=True,
                preexec_fn=die_with_parent,  # noqa: PLW1509 (one call into C)
            )

    def note_death(self) -> None:
        now = time.monotonic()
        self.deaths.append(now)
        if len(self.deaths) == QUICK_DEATHS and now - self.deaths[0] < WITHIN:
            raise GivenUp(self.name)

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def keep_running(
    programs: list[Program],
    log: Path,
    stopped: StopSignal | Event,
    say: Callable[[str], None],
) -> None:
    """Start again whatever dies, until told to stop.

    `say` is told the name of a program that starts again. Raises `GivenUp` after
    five deaths of one program within a minute.
    """
    while not stopped.wait(0.5):
        for program in programs:
            if program.process.poll() is not None:
                program.kill()
                program.note_death()
                say(program.name)
                program.start(log)


def stop(programs: list[Program]) -> None:
    """Ask each program to end its work, then kill what is left of it."""
    for program in programs:
        # To the main process alone: its workers would die in the middle of a task.
        program.process.terminate()
    ends_at = time.monotonic() + PATIENCE
    for program in programs:
        with suppress(subprocess.TimeoutExpired):
            program.process.wait(max(0, ends_at - time.monotonic()))
        program.kill()
