"""Export: a hundred thousand orders as CSV and XLSX, in seconds and peak memory.

    python tests/benchmarks/export.py --orders 100000 --json export.json

“page” streams a list as a short one leaves, “job” writes one to parts and hands these
over, as a long one does; “rest” does neither, for what a process holds anyway.

Runs on an SQLite file of its own and, where one answers, on a database of its own of
the PostgreSQL that POSTGRES_URL names. Each file is written by a process of its own,
exactly as a page hands it over, so that its peak memory is that of the export.
"""

import argparse
import json
import resource
import sys
import time
from collections.abc import Iterable
from datetime import timedelta

import django
from databases import ROOT, databases, run_step
from django.utils import timezone as clock
from reports import write_json

sys.path.insert(0, str(ROOT))

A_TIME = 5000
STEPS = ["rest", "page-csv", "page-xlsx", "job-csv", "job-xlsx"]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--orders", type=int, default=100_000)
    parser.add_argument("--keep", help="a folder to keep the databases in")
    parser.add_argument("--json", help="a file for the figures")
    parser.add_argument("--step", choices=["fill", *STEPS])
    return parser.parse_args()


def fill(count: int) -> None:
    """Make the orders, each with an item and half of them with a shipment."""
    from django.core.management import call_command

    from orders.models import LineItem, Order, Shipment
    from tests.factories import OrderFactory, StoreFactory

    call_command("migrate", verbosity=0)
    store = StoreFactory(timezone="America/Los_Angeles")
    now = clock.now()
    for start in range(0, count, A_TIME):
        orders = OrderFactory.build_batch(min(A_TIME, count - start), store=store)
        for number, order in enumerate(orders, start):
            order.ordered_at = order.paid_at = now - timedelta(minutes=number)
            order.payload = {"order_id": number, "text": "x" * 1500}
        Order.objects.bulk_create(orders)
        LineItem.objects.bulk_create(
            LineItem(order=order, position=0, sku="MUG", name="Mug", quantity=1)
            for order in orders
        )
        Shipment.objects.bulk_create(
            Shipment(
                order=order,
                carrier="USPS",
                tracking_number=f"94001000000000{order.pk:08d}",
                shipped_at=now,
                notification="not_sent",
                not_sent_because="store",
            )
            for order in orders[::2]
        )


def measure(step: str) -> dict[str, float]:
    """Export as the page does, or as a job, and tell what it cost this process."""
    from backoffice.kit.sheets import FORMATS
    from orders import jobs
    from orders.exporting import EXPORTS
    from orders.jobs.kinds import file_of
    from orders.models import Job, Order

    way, _dash, format = step.partition("-")
    before, worked = time.monotonic(), time.process_time()
    pieces: Iterable[bytes] = []
    if way == "page":
        written = FORMATS[format]
        rows = EXPORTS[Order]["orders"].rows(Order.objects.all())
        pieces = written.file(written.pieces(rows), "orders")
    if way == "job":
        job = jobs.ask_for_export(Order.objects.all(), "orders", format, "orders", None)
        jobs.work_on(job, clock.now() + timedelta(days=1))
        pieces = file_of(Job.objects.get(pk=job.pk))
    size = first = 0.0
    for piece in pieces:
        first = first or time.monotonic() - before
        size += len(piece)
    return {
        "seconds": round(time.monotonic() - before, 1),
        "of_processor": round(time.process_time() - worked, 1),
        "first_byte": round(first, 2),
        "megabytes": round(size / 1e6, 1),
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def main() -> None:
    options = arguments()
    if options.step:
        django.setup()
        if options.step == "fill":
            fill(options.orders)
        else:
            print(json.dumps(measure(options.step)))
        return
    figures = {}
    for kind, url, is_new in databases(options.orders, options.keep):
        if is_new:
            run_step(__file__, "fill", options.orders, url)
        for step in STEPS:
            said = run_step(__file__, step, options.orders, url)
            figures[f"{kind} {step}"] = json.loads(said)
            print(f"{kind:<11} {step:<9} {said.strip()}", flush=True)
    write_json(options.json, figures)


if __name__ == "__main__":
    main()
