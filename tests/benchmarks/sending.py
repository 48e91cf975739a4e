"""Sending: how near a store's senders come to as many notices as its bound allows.

    python tests/benchmarks/sending.py --notices 1000 --at-once 1 4 8

The marketplace runs in a process of its own and takes --seconds for each call; a
notice is three calls, one after the other. So the ideal for a bound of N is a Nth of
all calls' time. A real cluster sends, on SQLite with the queue in the database and on
PostgreSQL with Redis (POSTGRES_URL and REDIS_URL name the servers), from the hand-out
of the sweep until the last notice is accepted. Beside it stands what the same calls
take when nothing is read, judged or written: on a busy machine, what can be had.
"""

import argparse
import json
import os
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

from databases import REDIS, ROOT, databases, run_step
from reports import write_json

CALLS = 3
TICKS = os.sysconf("SC_CLK_TCK")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--notices", type=int, default=1000)
    parser.add_argument("--at-once", type=int, nargs="+", default=[1, 4, 8])
    parser.add_argument("--seconds", type=float, default=0.1, help="of a call")
    parser.add_argument("--only", default="", help="SQLite or PostgreSQL")
    parser.add_argument("--json", help="a file for the figures")
    parser.add_argument("--step", choices=["measure"])
    parser.add_argument("--orders", type=int)
    parser.add_argument("--tokens", nargs="+")
    return parser.parse_args()


def measure(options: argparse.Namespace) -> dict[str, dict[str, float]]:
    """Send as many notices with each bound, and return what it took."""
    from django.core.management import call_command
    from django_q.brokers import get_broker

    from tests.benchmarks.clusters import Clusters

    call_command("migrate", verbosity=0)
    get_broker().purge_queue()
    stores = [
        _fill(token, at_once)
        for token, at_once in zip(options.tokens, options.at_once, strict=True)
    ]
    found = {}
    with TemporaryDirectory() as folder:
        clusters = Clusters(1, Path(folder), set())
        try:
            clusters.tend()
            _wait_for_a_beat()
            for store in stores:
                spent = _processor(clusters)
                seconds = _send(store)
                spent = _processor(clusters) - spent
                bound = store.notices_at_once
                ideal = options.notices * CALLS * options.seconds / bound
                calls = _calls_alone(store, options.notices // 5) * 5
                found[f"{bound} at a time"] = {
                    "seconds": round(seconds, 1),
                    "ideal": round(ideal, 1),
                    "share": round(ideal / seconds, 3),
                    "calls alone": round(calls, 1),
                    "processor ms a notice": round(1000 * spent / options.notices, 1),
                }
                print(found, file=sys.stderr, flush=True)
        finally:
            clusters.kill_all()
    return found


def _send(store) -> float:
    """Make the store's notices due, hand them out, and return what all of them took."""
    from django.utils import timezone as clock

    from orders import tasks
    from orders.models import Shipment

    notices = Shipment.objects.filter(order__store=store)
    notices.update(next_attempt_at=clock.now())
    begun = time.perf_counter()
    tasks.send_due_notices()
    while notices.exclude(notification="accepted").exists():
        time.sleep(0.1)
    return time.perf_counter() - begun


def _calls_alone(store, notices: int) -> float:
    """Return what three reads for each notice take with as many threads."""
    from orders.models import Order

    number = Order.objects.filter(store=store).first().marketplace_order_id
    left = iter(range(notices))

    def call() -> None:
        marketplace = store.connect()
        while next(left, None) is not None:
            for _ in range(CALLS):
                marketplace.retrieve_order(number)

    threads = [Thread(target=call) for _ in range(store.notices_at_once)]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - begun


def _fill(token: str, at_once: int):
    """Return a new store whose orders have all shipped, and whose notices wait."""
    from datetime import timedelta

    from django.db import transaction
    from django.utils import timezone as clock

    from orders import importing
    from orders.models import Order, Shipment
    from orders.shipping import ship_order
    from stores.connecting import connect

    store = connect(
        name=f"{at_once} at a time", marketplace="tophatter", access_token=token
    )
    store.notices_at_once = at_once
    store.save(update_fields=["notices_at_once"])
    importing.refresh_store(store)
    with transaction.atomic():
        for order in Order.objects.filter(store=store):
            number = f"SEND{order.marketplace_order_id}"
            ship_order(order, carrier="USPS", tracking_number=number)
        later = clock.now() + timedelta(hours=1)
        Shipment.objects.filter(order__store=store).update(next_attempt_at=later)
    return store


def _wait_for_a_beat() -> None:
    from django_q.tasks import async_task

    from backoffice.health import worker_is_alive

    async_task("backoffice.health.beat")
    while not worker_is_alive():
        time.sleep(0.1)


def _processor(clusters) -> float:
    """Return the processor's seconds that the living processes have used."""
    ticks = 0
    for pid in clusters.members(0):
        facts = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(facts[11]) + int(facts[12])
    return ticks / TICKS


def table(figures: dict[str, dict[str, dict[str, float]]]) -> str:
    columns = [*next(iter(next(iter(figures.values())).values()))]
    lines = [f"{'':<28}" + "".join(f"{name:>24}" for name in columns)]
    for kind, found in figures.items():
        for bound, facts in found.items():
            cells = "".join(f"{facts[name]:>24}" for name in columns)
            lines.append(f"{kind + ', ' + bound:<28}{cells}")
    return "\n".join(lines)


def main() -> None:
    options = arguments()
    sys.path.insert(0, str(ROOT))
    if options.step:
        import django

        django.setup()
        print(json.dumps(measure(options)))
        return
    from tests.benchmarks.distant import Distant

    figures, is_twice = {}, 0
    for kind, url, _is_new in databases("sending"):
        if options.only not in kind:
            continue
        accounts = len(options.at_once)
        with Distant(accounts, options.notices, options.seconds) as marketplace:
            said = run_step(
                __file__,
                "measure",
                options.notices,
                url,
                f"--notices={options.notices}",
                f"--seconds={options.seconds}",
                "--at-once",
                *map(str, options.at_once),
                "--tokens",
                *marketplace.tokens,
                REDIS_URL=REDIS if kind == "PostgreSQL" else "",
                TOPHATTER_API_URL=marketplace.url,
            )
            counts = marketplace.counts()
        figures[kind] = json.loads(said.splitlines()[-1])
        is_twice += counts["sent twice"]
        print(kind, counts, file=sys.stderr)
    print(table(figures))
    write_json(options.json, figures, **{"sent twice": is_twice})
    sys.exit(bool(is_twice))


if __name__ == "__main__":
    main()
