"""Export: a hundred thousand orders as CSV and XLSX, in seconds and peak memory.

    python tests/benchmarks/export.py --orders 100000

Runs on an SQLite file of its own and, where one answers, on a database of its own of
the PostgreSQL that POSTGRES_URL names. Each file is written by a process of its own,
exactly as a page hands it over, so that its peak memory is that of the export.
"""

import argparse
import json
import resource
import sys
import time
from datetime import timedelta

import django
from databases import ROOT, databases, run_step

sys.path.insert(0, str(ROOT))

A_TIME = 5000


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--orders", type=int, default=100_000)
    parser.add_argument("--step", choices=["fill", "rest", "csv", "xlsx"])
    return parser.parse_args()


def fill(count: int) -> None:
    """Make the orders, each with an item and half of them with a shipment."""
    from django.core.management import call_command
    from django.utils import timezone as clock

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
    """Export as the page does, and tell what it cost this process."""
    from backoffice.kit.sheets import as_csv, as_xlsx
    from orders.exporting import EXPORTS
    from orders.models import Order

    before, worked = time.monotonic(), time.process_time()
    rows = EXPORTS[Order]["orders"].rows(Order.objects.all())
    size = first = 0
    if step != "rest":
        pieces = as_csv(rows) if step == "csv" else as_xlsx(rows, "orders")
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
    for kind, url, _is_new in databases(options.orders):
        for step in ("fill", "rest", "csv", "xlsx"):
            said = run_step(__file__, step, options.orders, url)
            if step != "fill":
                print(f"{kind:<11} {step:<5} {said.strip()}", flush=True)


if __name__ == "__main__":
    main()
