"""Imports: what a thousand orders cost the process that brings them in.

    python tests/benchmarks/imports.py --orders 50000
    python tests/benchmarks/imports.py --memory 10000 1000000

The marketplace is another process and is read over HTTP, a thousand orders a page. On
SQLite and on PostgreSQL (POSTGRES_URL names the server) three ways to store the same
orders stand side by side, each in a process of its own for each round: the house's own
import; `update_or_create` for each order and each item in a transaction a page; and as
the floor what nothing can do without: fetch, decode, and one bare upsert of the same
columns. Beside them, fetching and decoding alone by the house's client. The rounds are
the first import, the same again unchanged, and the same with a tenth changed.

The figures are milliseconds of the processor for 1,000 orders, user and system, and
behind a slash of the clock (PostgreSQL works in processes of its own).
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial

from databases import ROOT, databases, run_step
from reports import write_json

sys.path.insert(0, str(ROOT))

TOKEN = "account"
SLOW = "update_or_create"
WAYS = ("ours", "floor", SLOW, "fetch")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--orders", type=int, default=50_000)
    parser.add_argument("--slow", type=int, default=2_000, help="for update_or_create")
    parser.add_argument("--times", type=int, default=3, help="of what can be repeated")
    parser.add_argument("--memory", type=int, nargs="+", help="peaks of such imports")
    parser.add_argument("--only", default="", help="ours, update_or_create, floor")
    parser.add_argument("--json", help="a file for the figures")
    parser.add_argument("--step", choices=["serve", "fill", "measure"])
    parser.add_argument("--way", help="of the step")
    parser.add_argument("--url", help="where the step finds the marketplace")
    parser.add_argument("--at", help="when the newest order was placed")
    parser.add_argument("--changed", type=int, default=0, help="every so many changed")
    return parser.parse_args()


@contextmanager
def marketplace(orders: int, at: str, changed: int = 0) -> Iterator[str]:
    """Run a marketplace with so many orders, every so many `changed`."""
    command = [sys.executable, __file__, "--step=serve", f"--orders={orders}"]
    command += [f"--at={at}", f"--changed={changed}"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield server.stdout.readline().strip()
    finally:
        server.kill()
        server.wait()


def measure(options: argparse.Namespace) -> dict[str, float]:
    """Read the marketplace once in the way that is asked for, and tell the cost."""
    from django.conf import settings
    from django.db import connection

    from stores.models import Store
    from tests.benchmarks import import_ways

    settings.TOPHATTER_API_URL = options.url
    store = Store.objects.get(name=options.way)
    way: Callable[[Store], int] = getattr(import_ways, options.way)
    connection.ensure_connection()
    began, worked = time.perf_counter(), time.process_time()
    count = way(store)
    figures = {
        "processor": (time.process_time() - worked) * 1e6 / count,
        "clock": (time.perf_counter() - began) * 1e6 / count,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    assert count == options.orders, (count, options.orders)
    return {name: round(figure, 1) for name, figure in figures.items()}


def median(figures: list[dict[str, float]]) -> dict[str, float]:
    return {
        name: statistics.median(one[name] for one in figures) for name in figures[0]
    }


def compare(options: argparse.Namespace) -> dict[str, dict[str, dict[str, float]]]:
    """Return the figures of each way and round, by the kind of database."""
    at = datetime.now(UTC).isoformat(timespec="seconds")
    found: dict[str, dict[str, dict[str, float]]] = {}
    for kind, url, _is_new in databases(f"imports_{options.orders}"):
        run_step(__file__, "fill", options.orders, url)
        rows = found[kind] = {}
        for way in WAYS:
            if options.only not in way:
                continue
            size = min(options.slow, options.orders) if way == SLOW else options.orders
            times = 1 if way == SLOW else options.times
            read = partial(in_own_process, way, size, url)
            with marketplace(size, at) as before, marketplace(size, at, 10) as after:
                rows[f"{way} first"] = read(before)
                rows[f"{way} unchanged"] = median([read(before) for _ in range(times)])
                if way != "fetch":
                    # Back again, a tenth is other than before as well.
                    turns = [after, before] * times
                    rows[f"{way} changed"] = median([read(one) for one in turns])
            for name, row in rows.items():
                if name.startswith(way):
                    print(f"{kind:<11}{name:<28}{row}", file=sys.stderr, flush=True)
    return found


def in_own_process(way: str, size: int, url: str, where: str) -> dict[str, float]:
    words = f"--way={way}", f"--url={where}"
    return json.loads(run_step(__file__, "measure", size, url, *words))


def peaks(options: argparse.Namespace) -> dict[str, dict[str, float]]:
    """Return what first imports of these sizes cost, by database and size."""
    at = datetime.now(UTC).isoformat(timespec="seconds")
    found = {}
    for size in options.memory:
        for kind, url, _is_new in databases(f"imports_{size}"):
            run_step(__file__, "fill", size, url)
            with marketplace(size, at) as where:
                said = in_own_process("ours", size, url, where)
            found[f"{kind} {size:,}"] = said
            print(f"{kind:<11}{size:>10,}  {said}", flush=True)
    return found


def table(figures: dict[str, dict[str, dict[str, float]]]) -> str:
    """Return the figures as a table with the ratios that matter."""
    lines = [f"{'ms for 1,000 orders':<30}" + "".join(f"{one:>20}" for one in figures)]

    def line(title: str, cell: Callable[[dict[str, dict[str, float]]], str]) -> None:
        try:
            cells = "".join(f"{cell(rows):>20}" for rows in figures.values())
        except KeyError:
            return
        lines.append(f"{title:<30}{cells}")

    for name in next(iter(figures.values())):
        line(
            name,
            lambda rows, name=name: "{processor:,.0f} / {clock:,.0f}".format(
                **rows[name]
            ),
        )
    for title, (above, below) in {
        "update_or_create : ours, first": (f"{SLOW} first", "ours first"),
        "ours : floor, first": ("ours first", "floor first"),
        "ours : floor, unchanged": ("ours unchanged", "floor unchanged"),
        "ours, changed : unchanged": ("ours changed", "ours unchanged"),
        "unchanged : fetch and decode": ("ours unchanged", "fetch unchanged"),
    }.items():
        line(
            title,
            lambda rows, above=above, below=below: (
                f"{rows[above]['processor'] / rows[below]['processor']:.2f}"
            ),
        )
    return "\n".join(lines)


def main() -> None:
    options = arguments()
    if options.step == "serve":
        from tests.benchmarks.listing import serve

        serve(options.orders, options.at, options.changed, TOKEN)
    elif options.step:
        import django

        django.setup()
        if options.step == "fill":
            from tests.benchmarks import import_ways

            import_ways.fill(WAYS, TOKEN)
        else:
            print(json.dumps(measure(options)))
    else:
        figures = peaks(options) if options.memory else compare(options)
        if not options.memory:
            print(table(figures))
        write_json(options.json, figures)


if __name__ == "__main__":
    main()
