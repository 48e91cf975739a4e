"""Start our own programs as an operator does, in a folder and database of their own."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

# A limit is only for failing, and a busy machine is slow: nothing gets less than this.
PATIENCE = 120
ROOT = Path(__file__).resolve().parents[2]
MANAGE = ROOT / "manage.py"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def free_neighbours() -> int:
    """Return a port that is free, and so is the next."""
    while True:
        port = free_port()
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port + 1))
            return port


def start(*arguments: str, **variables: str) -> subprocess.Popen:
    """Start a management command in a process group of its own."""
    return subprocess.Popen(
        [sys.executable, str(MANAGE), *arguments],
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "backoffice.settings"} | variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def clock_ahead(by: str) -> dict[str, str]:
    """Return the variables of a program whose clock is ahead, by as much as “+1h”."""
    library = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)
    if library is None:
        if os.environ.get("REQUIRE_FAKETIME"):
            pytest.fail("faketime is missing, and REQUIRE_FAKETIME is set.")
        pytest.skip("no faketime on this machine")
    return {
        "LD_PRELOAD": str(library),
        "FAKETIME": by,
        # Waiting takes as long as ever.
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }


def wait_until(is_so: Callable[[], Any], seconds: float, what: str) -> Any:
    """Return the first true result, or fail saying what did not happen."""
    seconds = max(seconds, PATIENCE)
    ends_at = time.monotonic() + seconds
    while time.monotonic() < ends_at:
        if result := is_so():
            return result
        time.sleep(0.1)
    raise AssertionError(f"{what} did not happen within {seconds} s.")


def kill(process: subprocess.Popen) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def children(pid: int) -> list[int]:
    """Return the running descendants of a process, of each parent the oldest first."""
    table: dict[int, list[tuple[int, int]]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with suppress(OSError):
                facts = (folder / "stat").read_text().rpartition(")")[2].split()
                state, parent, started = facts[0], int(facts[1]), int(facts[19])
                if state != "Z":
                    # Numbers of processes begin anew after the highest.
                    table.setdefault(parent, []).append((started, int(folder.name)))
    found, waiting = [], [pid]
    while waiting:
        new = [child for _, child in sorted(table.get(waiting.pop(0), []))]
        found += new
        waiting += new
    return found


def runs(pid: int) -> bool:
    """Return whether any thread of it is left: the last one closes its connections."""
    with suppress(OSError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            if (thread / "stat").read_text().rpartition(")")[2].split()[0] != "Z":
                return True
    return False


def command_of(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")


def clear_away(process: subprocess.Popen) -> None:
    """Kill a program and everything it started; what is left would take later tasks."""
    descendants = children(process.pid)
    kill(process)
    for pid in descendants:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not any(map(runs, descendants)), 10, "the end of its processes")


def database_url() -> str:
    """Return the address of the test's own database, for other processes."""
    facts = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{facts['NAME']}"
    login = f"{facts['USER']}:{facts['PASSWORD']}"
    return f"postgres://{login}@{facts['HOST']}:{facts['PORT'] or 5432}/{facts['NAME']}"


class Demo:
    """A running demo in a folder of its own."""

    def __init__(self, folder) -> None:
        self.folder = folder
        self.port, self.sandbox_port = free_port(), free_neighbours()
        self.database = folder / "db.sqlite3"
        self.process = None

    def begin(self, **variables: str):
        address = f"http://127.0.0.1:{self.sandbox_port}/merchant_api/v1"
        settings = {
            "DEBUG": "True",
            "ALLOWED_HOSTS": "localhost,127.0.0.1",
            "DATABASE_URL": f"sqlite:///{self.database}",
            "REDIS_URL": "",
            "TOPHATTER_API_URL": address,
        }
        self.process = start(
            *("demo", "--port", str(self.port), "--folder", str(self.folder)),
            **(settings | variables),
        )

    def introduction(self) -> str:
        lines = []
        for line in self.process.stdout:
            lines.append(line)
            if "Ctrl-C" in line:
                break
        return "".join(lines)

    def end(self) -> str:
        self.process.send_signal(signal.SIGINT)
        text, _ = self.process.communicate(timeout=120)
        return text

    def count(self, table: str) -> int:
        with closing(sqlite3.connect(self.database)) as database:
            return database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
