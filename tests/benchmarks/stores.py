"""Stores: how many two clusters refresh in time, and how late a refresh begins.

    python tests/benchmarks/stores.py --stores 500 1000

Real clusters on PostgreSQL and Redis (POSTGRES_URL and REDIS_URL name the servers), the
marketplace in a process of its own, --seconds away. For each number of stores it is
measured how many are refreshed in a minute when all are due at once, which is what the
clusters can do; then, for --minutes, with each store due once in its interval, how long
after its time a refresh begins. What ten thousand stores need follows from both.
"""

import argparse
import json
import os
import statistics
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from databases import REDIS, ROOT, databases, run_step
from reports import write_json

INTERVAL = timedelta(minutes=15)
MANY = 10_000


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--stores", type=int, nargs="+", default=[500, 1000])
    parser.add_argument("--orders-each", type=int, default=5)
    parser.add_argument("--clusters", type=int, default=2)
    parser.add_argument("--workers", type=int, default=2, help="of each cluster")
    parser.add_argument("--minutes", type=float, default=4, help="of regular work")
    parser.add_argument("--seconds", type=float, default=0.03, help="of a call")
    parser.add_argument("--json", help="a file for the figures")
    parser.add_argument("--step", choices=["measure"])
    parser.add_argument("--orders", type=int)
    return parser.parse_args()


def measure(options: argparse.Namespace) -> dict[str, float]:
    """Refresh all stores at once, then each in its time, and return what was seen."""
    from django.core.management import call_command
    from django_q.brokers import get_broker

    from orders.models import ImportRun
    from stores.models import Store
    from tests.benchmarks.clusters import Clusters

    call_command("migrate", verbosity=0)
    get_broker().purge_queue()
    Store.objects.bulk_create(_stores(options.stores[0]))
    with TemporaryDirectory() as folder, open(os.devnull, "w") as nowhere:
        clusters = Clusters(options.clusters, Path(folder), set())
        try:
            clusters.tend()
            first = _refresh_all()
            # The last ones have yet to give their stores free.
            time.sleep(5)
            unchanged = _refresh_all()
            begun = _spread()
            call_command("setup_schedules", stdout=nowhere)
            time.sleep(60 * options.minutes)
        finally:
            clusters.kill_all()
    seconds = sorted(lag.total_seconds() for lag in _lags(begun))
    runs = ImportRun.objects.filter(started_at__gt=begun)
    return {
        "first refresh, stores a minute": round(first),
        "unchanged, stores a minute": round(unchanged),
        "asked for in a minute": round(options.stores[0] / 15, 1),
        "refreshed in a minute": round(runs.count() / (options.minutes - 1), 1),
        "lag in s, median": round(statistics.median(seconds), 1),
        "lag in s, p99": round(statistics.quantiles(seconds, n=100)[-1], 1),
        "due and not begun": _left(),
        "failed": ImportRun.objects.exclude(status="complete").count(),
    }


def _stores(count: int):
    """Yield new stores, whose tokens are the marketplace's."""
    from django.utils import timezone as clock

    from stores import tokens
    from stores.models import Store

    for number in range(count):
        token = f"{number + 1:032x}"
        yield Store(
            name=f"Store {number}",
            token_ciphertext=tokens.encrypt(token),
            token_fingerprint=tokens.fingerprint(token),
            token_set_at=clock.now(),
            import_interval=INTERVAL // timedelta(minutes=1),
        )


def _refresh_all() -> float:
    """Make all stores due, sweep each minute, and return how many a minute brings."""
    from django.utils import timezone as clock

    from orders import tasks
    from stores.models import Store

    now, begun = clock.now(), time.monotonic()
    Store.objects.update(last_import_attempt_at=None)
    left = Store.objects.exclude(last_import_at__gt=now)
    swept_at = 0.0
    while left.exists():
        if time.monotonic() - swept_at > 60:
            swept_at = time.monotonic()
            tasks.refresh_due_stores()
        time.sleep(0.2)
    return Store.objects.count() / (time.monotonic() - begun) * 60


def _spread() -> datetime:
    """Have the stores come due one after the other from now on, and return that time.

    The worker hands a store out a little early; the first one is due in a minute.
    """
    from django.utils import timezone as clock

    from stores.models import Store

    begun, stores = clock.now(), list(Store.objects.order_by("pk"))
    for place, store in enumerate(stores):
        waits = timedelta(minutes=1) + INTERVAL * place / len(stores)
        store.last_import_attempt_at = begun + waits - INTERVAL
    Store.objects.bulk_update(stores, ["last_import_attempt_at"], batch_size=500)
    return begun


def _lags(begun: datetime):
    """Yield how long after its time each refresh began."""
    from orders.models import ImportRun
    from stores.models import Store

    stores = list(Store.objects.order_by("pk").values_list("pk", flat=True))
    runs = ImportRun.objects.filter(started_at__gt=begun)
    for store, started_at in runs.values_list("store", "started_at"):
        waits = INTERVAL * stores.index(store) / len(stores)
        yield started_at - (begun + timedelta(minutes=1) + waits)


def _left() -> int:
    """Return how many stores have been due for longer than a minute."""
    from django.utils import timezone as clock

    from orders.importing import due

    return len(due.stores_due(clock.now() - timedelta(minutes=1)))


def needed(figures: dict[str, dict[str, float]], clusters: int) -> str:
    """Say what ten thousand stores need, by what each of these clusters did."""
    lines = []
    for number, found in figures.items():
        of_one = found["unchanged, stores a minute"] / clusters
        demand = MANY / (INTERVAL / timedelta(minutes=1))
        lines.append(
            f"By {number} stores a cluster does {of_one:.0f} a minute; {MANY:,} stores "
            f"ask for {demand:.0f}, that is {demand / of_one:.1f} clusters "
            "at full load."
        )
    return "\n".join(lines)


def table(figures: dict[str, dict[str, float]]) -> str:
    names = [*next(iter(figures.values()))]
    lines = [f"{'stores':<34}" + "".join(f"{number:>10}" for number in figures)]
    lines += [
        f"{name:<34}" + "".join(f"{found[name]:>10}" for found in figures.values())
        for name in names
    ]
    return "\n".join(lines)


def _measured(options: argparse.Namespace, count: int, url: str) -> dict[str, float]:
    from tests.benchmarks.distant import Distant

    with Distant(count, options.orders_each, options.seconds) as marketplace:
        said = run_step(
            __file__,
            "measure",
            count,
            url,
            f"--stores={count}",
            f"--clusters={options.clusters}",
            f"--minutes={options.minutes}",
            REDIS_URL=REDIS,
            Q_WORKERS=str(options.workers),
            TOPHATTER_API_URL=marketplace.url,
        )
    return json.loads(said.splitlines()[-1])


def main() -> None:
    options = arguments()
    sys.path.insert(0, str(ROOT))
    if options.step:
        import logging

        import django

        django.setup()
        logging.disable(logging.INFO)
        print(json.dumps(measure(options)))
        return
    figures = {}
    for count in options.stores:
        for kind, url, _is_new in databases("stores"):
            if kind == "PostgreSQL":
                figures[str(count)] = _measured(options, count, url)
    print(table(figures))
    print(needed(figures, options.clusters))
    write_json(options.json, figures)


if __name__ == "__main__":
    main()
