"""Soak: clusters and many stores, faults and kill −9, then a count on both sides.

    python tests/benchmarks/soak.py --minutes 10
    python tests/benchmarks/soak.py --minutes 10 --database sqlite

Runs two clusters and twenty stores on the PostgreSQL and Redis that DATABASE_URL and
REDIS_URL name (by default those on this machine's standard ports), in a database of its
own, or on SQLite with the queue in the database. A third of the stores are practice
shops, each of another kind. Orders arrive and change all the time, staff ship, the
marketplace and the shops fail in every way they know and take a second notice silently,
and processes are killed. From five minutes on, the marketplace lags, a session holds
rows for longer than a sender's claim, idle workers are killed, a clock is ahead for two
minutes, and some lists are in no order; then nothing is helped along, and it is
measured after each blow how long it takes until an import, a notice and a beat of each
cluster go through.

At the end the faults stop, the work that is left is done, and each order is compared
on both sides. Exit status 1 when one was lost, is here twice, differs, or was sent
twice, or when something did not go through again within five minutes.
"""

import argparse
import json
import logging
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import django
from django.db import connection

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from stores.sandbox.server import Sandbox  # noqa: E402

POSTGRES = "postgres://postgres@127.0.0.1:5432/postgres"
REDIS = "redis://127.0.0.1:6379/15"
# Two trials at a time don't meet.
NAME = f"backoffice_soak_{os.getpid()}"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--settle-minutes", type=float, default=30)
    parser.add_argument("--stores", type=int, default=20)
    parser.add_argument("--clusters", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--database", choices=["postgresql", "sqlite"], default="postgresql"
    )
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


@contextmanager
def surroundings(sandbox_url: str, database: str, folder: Path) -> Iterator[None]:
    """Set the environment before Django reads it; children inherit it."""
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "backoffice.settings",
        "SECRET_KEY": "a key for the soak alone, long enough to be one of fifty",
        "TOKEN_ENCRYPTION_KEYS": "c29ha3NvYWtzb2Frc29ha3NvYWtzb2Frc29ha3NvYWs=",
        "TOPHATTER_API_URL": sandbox_url,
        "ALLOW_PRIVATE_MARKETPLACE": "True",
        "LANGUAGE_CODE": "en",
    }
    if database == "sqlite":
        os.environ |= {"DATABASE_URL": f"sqlite:///{folder}/db", "REDIS_URL": ""}
        yield
        return
    server = (os.environ.get("DATABASE_URL") or POSTGRES).rpartition("/")[0]
    os.environ |= {
        "DATABASE_URL": f"{server}/{NAME}",
        "REDIS_URL": os.environ.get("REDIS_URL") or REDIS,
        "Q_WORKERS": "2",
    }
    ask(server, f"CREATE DATABASE {NAME}")
    try:
        yield
    finally:
        ask(server, f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")


def ask(server: str, statement: str) -> None:
    subprocess.run(
        ["psql", "-q", f"{server}/postgres", "-c", statement],
        check=True,
        capture_output=True,
    )


MUST_BE_ZERO = [
    *("lost", "double", "made up", "in another state", "accepted and not there"),
    *("sent twice", "taken and refused here", "unsent", "left to a person"),
    "runs open",
]


def main() -> int:
    options = arguments()
    shops = options.stores // 3
    tokens = [f"{number + 1:032x}" for number in range(options.stores - shops)]
    with (
        TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        Sandbox(tokens=tokens) as sandbox,
        surroundings(sandbox.url, options.database, Path(folder)),
    ):
        django.setup()
        logging.disable(logging.WARNING)
        figures, recoveries = run(options, sandbox, Path(folder))
    wrong = [name for name in MUST_BE_ZERO if figures[name]]
    wrong += [f"no {failure}" for failure in recoveries.failures()]
    if options.json:
        print(json.dumps({**figures, "seconds to recover": rows(recoveries)}))
    else:
        for name, figure in figures.items():
            print(f"{name:28} {figure:>9}")
        for row in rows(recoveries):
            print(row)
        print("Wrong: " + ", ".join(wrong) if wrong else "Nothing lost, nothing twice.")
    return bool(wrong)


def run(options: argparse.Namespace, sandbox: Sandbox, folder: Path):
    """Live through it all, and return the figures and the recoveries."""
    # Its models need the settings.
    from tests.benchmarks.house import Soak
    from tests.benchmarks.tally import said_of, tally

    soak = Soak(options, sandbox, folder)
    shops = soak.shops
    began = time.monotonic()
    try:
        soak.setup()
        soak.live()
        soak.settle()
    finally:
        soak.clusters.kill_all()
        soak.blows.drop()
        shops.stop()
    figures = {
        "seconds": round(time.monotonic() - began),
        **soak.done,
        **shops.done,
        **soak.blows.done,
        "clusters that ended alone": soak.clusters.ended_alone,
        "calls": len(sandbox.requests) + shops.calls,
        **tally(sandbox, shops, soak.left_over()),
    }
    for line in said_of(soak.left_over()):
        print(line, file=sys.stderr)
    connection.close()
    return figures, soak.blows.recoveries


def rows(recoveries) -> list[str]:
    """Say of each blow when what went through again, in seconds."""
    return [
        f"{one.blow}: "
        + ", ".join(
            f"{sign} {one.seconds.get(sign, f'not in {one.age:.0f}')} s"
            for sign in one.signs
        )
        for one in recoveries.all
    ]


if __name__ == "__main__":
    sys.exit(main())
