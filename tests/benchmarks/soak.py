"""Soak: two clusters, twenty stores, faults and kill −9, then a count on both sides.

    python tests/benchmarks/soak.py --minutes 10

Runs on the PostgreSQL and Redis that DATABASE_URL and REDIS_URL name (by default those
on this machine's standard ports), in a database of its own. Orders arrive and change
all the time, staff ship, the marketplace fails in every way the sandbox knows, and
processes are killed. At the end the faults stop, the work that is left is done, and
each order is compared on both sides. Exit status 1 when one was lost, is here twice,
differs, or was sent twice.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import django

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from stores.sandbox.server import Sandbox  # noqa: E402

POSTGRES = "postgres://postgres@127.0.0.1:5432/postgres"
REDIS = "redis://127.0.0.1:6379/15"
NAME = "backoffice_soak"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--stores", type=int, default=20)
    parser.add_argument("--clusters", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def surroundings(sandbox_url: str) -> None:
    """Set the environment before Django reads it; children inherit it."""
    server = os.environ.get("DATABASE_URL") or POSTGRES
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "backoffice.settings",
        "DATABASE_URL": f"{server.rpartition('/')[0]}/{NAME}",
        "REDIS_URL": os.environ.get("REDIS_URL") or REDIS,
        "SECRET_KEY": "a key for the soak alone",
        "TOKEN_ENCRYPTION_KEYS": "c29ha3NvYWtzb2Frc29ha3NvYWtzb2Frc29ha3NvYWs=",
        "TOPHATTER_API_URL": sandbox_url,
        "Q_WORKERS": "2",
        "LANGUAGE_CODE": "en",
    }
    subprocess.run(
        [
            *("psql", "-q", f"{server.rpartition('/')[0]}/postgres"),
            *("-c", f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)"),
            *("-c", f"CREATE DATABASE {NAME}"),
        ],
        check=True,
        capture_output=True,
    )


MUST_BE_ZERO = [
    *("lost", "double", "in another state", "accepted and not there"),
    *("sent twice", "unsent", "runs open"),
]


def main() -> int:
    options = arguments()
    tokens = [f"{number + 1:032x}" for number in range(options.stores)]
    with Sandbox(tokens=tokens) as sandbox:
        surroundings(sandbox.url)
        django.setup()
        # Its models need the settings.
        import logging

        from tests.benchmarks.house import Soak

        logging.disable(logging.WARNING)
        soak = Soak(options, sandbox)
        began = time.monotonic()
        try:
            soak.setup()
            soak.live()
        finally:
            for cluster in list(soak.clusters):
                soak.kill_cluster(cluster)
        soak.settle()
        figures = {
            "seconds": round(time.monotonic() - began),
            **soak.done,
            "calls": len(sandbox.requests),
            **soak.reconcile(),
        }
    wrong = [name for name in MUST_BE_ZERO if figures[name]]
    if options.json:
        print(json.dumps(figures))
    else:
        for name, figure in figures.items():
            print(f"{name:24} {figure:>9}")
        print("Wrong: " + ", ".join(wrong) if wrong else "Nothing lost, nothing twice.")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
