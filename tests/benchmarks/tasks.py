"""Tasks: what each costs that runs by itself while nothing is due, by how much is here.

    python tests/benchmarks/tasks.py --orders 10000 1000000
    python tests/benchmarks/tasks.py --orders 1000000 --stores 1000

The databases are those of pages.py where --keep names their folder and there are twenty
stores. What is due is done first; then each task runs some times. The figure is the
95th percentile in milliseconds.
"""

import argparse
import gc
import json
import sys
from collections.abc import Callable, Iterator

from databases import ROOT, run_on_each
from reports import p95, p95_table, write_json


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--orders", type=int, nargs="+", default=[10_000, 1_000_000])
    parser.add_argument("--stores", type=int, default=20)
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--only", default="", help="tasks whose name contains this")
    parser.add_argument("--keep", help="a folder for the SQLite files; keeps databases")
    parser.add_argument("--json", help="a file for the figures")
    parser.add_argument("--step", choices=["fill", "measure"])
    return parser.parse_args()


def settle() -> None:
    """Do what is due, so that nothing is: as hours of a worker would have done it."""
    from django.utils import timezone as clock
    from django_q.models import OrmQ

    from backoffice import health
    from orders import tasks
    from orders.models import ImportRun, Order, Reconciliation
    from stores.models import Store

    now = clock.now()
    Order.objects.open_at_marketplace().update(rechecked_at=now)
    Store.objects.update(last_import_at=now, last_import_attempt_at=now)
    ImportRun.objects.filter(finished_at=None).delete()
    listed = set(Reconciliation.objects.values_list("store", flat=True))
    for store in Store.objects.exclude(pk__in=listed):
        list_what_is_here(store)
    for task in (tasks.release_due_holds, tasks.examine_zones, tasks.prune):
        task()
    tasks.keep_figures()
    health.beat()
    tasks.send_alerts()
    OrmQ.objects.all().delete()


def list_what_is_here(store) -> None:
    """Keep a listing of the store's last month as its marketplace would answer."""
    from datetime import timedelta

    from django.utils import timezone as clock

    from orders.auditing import listings
    from orders.models import ListedOrder, Reconciliation

    now = clock.now()
    listing = Reconciliation.objects.create(
        store=store,
        window_start=now - listings.WINDOW,
        started_at=now,
        finished_at=now + timedelta(seconds=1),
        status="complete",
    )
    orders = store.orders.filter(ordered_at__gte=listing.window_start).order_by()
    fields = ("marketplace_order_id", "ordered_at", "marketplace_state")
    ListedOrder.objects.bulk_create(
        (
            ListedOrder(
                reconciliation=listing,
                day=one["ordered_at"].date(),
                tracking_number=one.pop("shipments__tracking_number") or "",
                **one,
            )
            for one in orders.values(*fields, "shipments__tracking_number")
        ),
        batch_size=500,
    )


def steps() -> Iterator[tuple[str, Callable[[], object]]]:
    """Yield what runs by itself, and the number in the header of every page."""
    from django.utils import timezone as clock

    from orders import pruning, tasks
    from orders.models import Reconciliation
    from orders.work import to_do

    def reconcile() -> None:
        tasks.reconcile_due_stores()
        for one in Reconciliation.objects.all()[:1]:
            tasks.reconcile_due_store(one.store_id)

    yield "minute tick", tasks.refresh_due_stores
    yield "count anew", tasks.keep_figures
    yield "sending sweep", tasks.send_due_notices
    yield "re-check", tasks.recheck_open_orders
    yield "reconcile", reconcile
    yield "alarms", tasks.send_alerts
    yield "To do's number", lambda: to_do.count(clock.now())
    yield "zone doctor", tasks.examine_zones
    yield "holds", tasks.release_due_holds
    yield "mails", tasks.mail_customers
    yield "gaps", tasks.fill_gaps
    yield "pruning", lambda: pruning.prune(clock.now())


def measure(options: argparse.Namespace) -> dict[str, float]:
    """Run each task while nothing is due, and return its 95th percentile."""
    from django_q.models import OrmQ

    # As the worker does when it starts.
    gc.freeze()
    settle()
    found = {}
    for name, step in steps():
        if options.only not in name:
            continue
        queued = OrmQ.objects.all()
        found[name] = p95(name, step, options.times, patience=20, tidy=queued.delete)
    return found


def main() -> None:
    options = arguments()
    if options.step:
        import django

        sys.path.insert(0, str(ROOT))
        django.setup()
        if options.step == "measure":
            print(json.dumps(measure(options)))
        else:
            from tests.benchmarks.filling import fill

            fill(
                options.orders[0],
                stores=options.stores,
                tell=lambda text: print(text, file=sys.stderr),
            )
        return
    figures = run_on_each(
        __file__,
        options,
        f"--times={options.times}",
        f"--only={options.only}",
        f"--stores={options.stores}",
    )
    print(p95_table(figures, width=20, digits=1))
    write_json(options.json, figures, stores=options.stores)


if __name__ == "__main__":
    main()
