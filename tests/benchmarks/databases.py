"""A database for each size of a benchmark, on SQLite and on PostgreSQL."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
POSTGRES = os.environ.get("POSTGRES_URL") or (
    "postgres://postgres@127.0.0.1:5432/postgres"
)
REDIS = os.environ.get("REDIS_URL") or "redis://127.0.0.1:6379/14"


def run_on_each(
    script: str, options: argparse.Namespace, *words: str
) -> dict[str, dict]:
    """Run a script's step “measure” for each size on each database that is here.

    `words` go to each step; it prints its figures as JSON.
    """
    figures = {}
    for size in options.orders:
        for kind, url, is_new in databases(size, options.keep):
            if is_new:
                run_step(script, "fill", size, url, *words)
            said = run_step(script, "measure", size, url, *words)
            figures[f"{kind} {size:,}"] = json.loads(said)
    return figures


def databases(
    size: int | str, keep: str | None = None
) -> Iterator[tuple[str, str, bool]]:
    """Yield the kind and the address of each, and whether it is new and empty.

    It is named after its size, or after what it is for.
    """
    for kind, open_database in (("SQLite", _sqlite), ("PostgreSQL", _postgres)):
        with open_database(size, keep) as (url, is_new):
            if url:
                yield kind, url, is_new


def run_step(
    script: str, step: str, size: int, url: str, *words: str, **variables: str
) -> str:
    """Run a step of a script in a process of its own, and return what it printed."""
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "backoffice.settings",
        "DATABASE_URL": url,
        "REDIS_URL": "",
        "ALLOW_PRIVATE_MARKETPLACE": "True",
        "DEBUG": "",
        "LOG_LEVEL": "ERROR",
        "SECRET_KEY": "a key for the benchmark alone, long enough to be one of fifty",
        "TOKEN_ENCRYPTION_KEYS": "c29ha3NvYWtzb2Frc29ha3NvYWtzb2Frc29ha3NvYWs=",
        **variables,
    }
    command = [sys.executable, script, f"--step={step}", f"--orders={size}", *words]
    done = subprocess.run(
        command, env=environment, check=True, stdout=subprocess.PIPE, text=True
    )
    return done.stdout


@contextmanager
def _sqlite(size: int | str, keep: str | None) -> Iterator[tuple[str, bool]]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(keep or folder).resolve() / f"orders_{size}.sqlite3"
        path.parent.mkdir(parents=True, exist_ok=True)
        yield f"sqlite:///{path}", not path.exists()


@contextmanager
def _postgres(size: int | str, keep: str | None) -> Iterator[tuple[str, bool]]:
    name = f"bench_{size}"
    drop = f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"
    if not _psql("SELECT 1"):
        yield "", False
        return
    if not keep:
        _psql(drop)
    is_new = _psql(f"CREATE DATABASE {name}")
    try:
        yield f"{POSTGRES.rpartition('/')[0]}/{name}", is_new
    finally:
        if not keep:
            _psql(drop)


def _psql(statement: str) -> bool:
    answer = subprocess.run(
        ["psql", "-q", POSTGRES, "-c", statement], capture_output=True
    )
    return answer.returncode == 0
