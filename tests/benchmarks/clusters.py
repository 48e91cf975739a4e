"""The worker's clusters under a supervisor, each with a clock that may be wrong."""

import os
import subprocess
import sys
import time
from pathlib import Path

from tests.support.programs import MANAGE, children, clear_away

FAKETIME = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
# As systemd and compose wait before they start again what has ended.
PAUSE = 1.0


class Clusters:
    """Start clusters, and start again whatever ends: nothing else is done for them."""

    def __init__(self, count: int, folder: Path, with_clocks: set[int]) -> None:
        self.folder = folder
        self.with_clocks = with_clocks if FAKETIME else set()
        self.processes: list[subprocess.Popen | None] = [None] * count
        self.starts = [0] * count
        self.ended_at = [0.0] * count
        self.ended_alone = 0

    def tend(self) -> None:
        """Do what a supervisor does several times a second."""
        for place, process in enumerate(self.processes):
            if process and process.poll() is not None:
                self.ended_alone += 1
                clear_away(process)
                self._forget(place)
            rested = time.monotonic() - self.ended_at[place] > PAUSE
            if rested and not self.processes[place]:
                self._start(place)

    def kill(self, place: int) -> None:
        """Kill a cluster with everything it started."""
        if process := self.processes[place]:
            clear_away(process)
            self._forget(place)

    def kill_all(self) -> None:
        for place in range(len(self.processes)):
            self.kill(place)

    def members(self, place: int) -> list[int]:
        """Return the guard, then its workers, its monitor and its pusher."""
        process = self.processes[place]
        return sorted(children(process.pid)) if process else []

    def pid(self, place: int) -> int | None:
        process = self.processes[place]
        return process.pid if process else None

    def set_clocks(self, seconds: int) -> None:
        for place in self.with_clocks:
            self._clock(place).write_text(f"+{seconds}s\n")

    def _start(self, place: int) -> None:
        variables = os.environ | {"PYTHONUNBUFFERED": "1"}
        if place in self.with_clocks:
            clock = self._clock(place)
            if not clock.exists():
                clock.write_text("+0s\n")
            variables |= {
                "LD_PRELOAD": str(FAKETIME),
                "FAKETIME_TIMESTAMP_FILE": str(clock),
                "FAKETIME_CACHE_DURATION": "1",
                "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            }
        with (self.folder / f"cluster{place}.log").open("a") as log:
            self.processes[place] = subprocess.Popen(
                [sys.executable, str(MANAGE), "qcluster"],
                env=variables,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.starts[place] += 1

    def _forget(self, place: int) -> None:
        self.processes[place] = None
        self.ended_at[place] = time.monotonic()

    def _clock(self, place: int) -> Path:
        return self.folder / f"clock{place}"
