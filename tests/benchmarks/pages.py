"""Pages: what each costs the server at a million orders, beside ten thousand.

    python tests/benchmarks/pages.py --orders 10000 1000000

Each size has a database of its own, SQLite and PostgreSQL (POSTGRES_URL names the
server), and stays for the next run where --keep names a folder. Each page is asked for
as the browser asks, without the way through a socket; the figure is the 95th percentile
in milliseconds.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from functools import partial
from typing import Any
from urllib.parse import quote

from databases import ROOT, run_on_each
from reports import p95, p95_table, write_json


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--orders", type=int, nargs="+", default=[10_000, 1_000_000])
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--only", default="", help="pages whose name contains this")
    parser.add_argument("--keep", help="a folder for the SQLite files; keeps databases")
    parser.add_argument("--json", help="a file for the figures")
    parser.add_argument("--step", choices=["fill", "measure"])
    return parser.parse_args()


def addresses() -> Iterator[tuple[str, str]]:
    """Yield each page's name and address, from the rows that are there."""
    from django.urls import reverse

    from orders.admin.filters import ProblemFilter
    from orders.models import ImportRun, Order
    from orders.work.causes import CAUSES
    from orders.work.order_lists import LISTS
    from stores.models import Store

    orders = reverse("admin:orders_order_changelist")
    shipments = reverse("admin:orders_shipment_changelist")
    shipped = Order.objects.filter(has_shipment=True).order_by("pk")
    order = shipped[shipped.count() // 2]
    store = Store.objects.first()
    last_number = -(-Order.objects.count() // 50)
    yield "front page", reverse("admin:index")
    for name in LISTS:
        yield f"list {name}", f"{orders}?view={name}"
    for view in ("to_ship", "cancelled", "all"):
        yield f"list {view}, page 500", f"{orders}?view={view}&p=500"
        yield f"list {view}, last page", f"{orders}?view={view}&p=-1"
    yield "list all, last page by number", f"{orders}?view=all&p={last_number}"
    yield "list to_ship, latest deadline", f"{orders}?o=-3"
    yield "list all, oldest first", f"{orders}?view=all&o=3"
    tracking = order.shipments.first().tracking_number
    for title, words in {
        "number": order.marketplace_order_id,
        "beginning of a number": order.marketplace_order_id[:5],
        "middle of a number": order.marketplace_order_id[2:7],
        "tracking": tracking,
        "tracking with ZIP code": f"420940221234{tracking}",
        "buyer": order.customer_name,
        "city": "köln",
        "SKU": "TOTE-NATURAL-L",
        "common": "mug",
        "in all": tracking[:10],
        "two common": "mug london",
        "two common, never together": "desklamp canvastotebag",
        "two letters": "qx",
        "two letters and a common": "mug qx",
        "store": "Store 07",
        "nothing": "nobody of that name",
    }.items():
        yield f"search {title}", f"{orders}?q={quote(words)}"
        yield f"shipments, search {title}", f"{shipments}?q={quote(words)}"
    filters = {
        "status": "status__exact=cancelled&view=all",
        "store": f"store__id__exact={store.pk}&view=all",
        "days": "ordered_at_from=2026-06-01&ordered_at_to=2026-06-02&view=all",
        "country": "country=DE&view=all",
        "carrier": "carrier=USPS&view=all",
        "sku": "sku=MUG-01&view=all",
        "paid": "paid_at_from=2026-06-01&paid_at_to=2026-06-02&view=all",
        "nobody": "assigned=nobody&view=all",
        "problem yes": "problem=yes&view=all",
        "problem no": "problem=no&view=all",
    }
    for title, query in filters.items():
        yield f"filter {title}", f"{orders}?{query}"
        yield f"filter {title}, page 500", f"{orders}?{query}&p=500"
        yield f"filter {title}, last page", f"{orders}?{query}&p=-1"
    for kind in CAUSES:
        name = ProblemFilter.parameter_name
        yield f"filter problem {kind}", f"{orders}?{name}={kind}&view=all"
    yield "order", reverse("admin:orders_order_change", args=[order.pk])
    find = reverse("admin:orders_order_find")
    yield "find", f"{find}?q={order}"
    yield "find by tracking", f"{find}?q={tracking}"
    yield "find nothing", f"{find}?q=9400111899562173406594"
    yield "To do", reverse("admin:orders_order_work")
    yield "accounting", reverse("admin:orders_order_accounting")
    yield "shipments", shipments
    yield "shipments, page 500", f"{shipments}?p=500"
    yield "shipments, last page", f"{shipments}?p=-1"
    yield "shipments, oldest first", f"{shipments}?o=5"
    yield "shipments, store", f"{shipments}?order__store__id__exact={store.pk}"
    yield "shipments, not sent", f"{shipments}?notification__exact=not_sent"
    yield "imports", reverse("admin:orders_importrun_changelist")
    yield (
        "import",
        reverse("admin:orders_importrun_change", args=[ImportRun.objects.first().pk]),
    )
    yield "import problems", reverse("admin:orders_importproblem_changelist")
    yield "stores", reverse("admin:stores_store_changelist")
    yield "store", reverse("admin:stores_store_change", args=[store.pk])


def measure(options: argparse.Namespace) -> dict[str, float]:
    """Ask for each page, and return its 95th percentile in milliseconds."""
    from django.conf import settings
    from django.contrib.auth import get_user_model
    from django.test import Client

    # The web server starts with it, and so do these pages.
    from backoffice import wsgi  # noqa: F401
    from orders import tasks

    settings.ALLOWED_HOSTS = ["testserver"]
    # Pages need no collected static files.
    plain = "django.contrib.staticfiles.storage.StaticFilesStorage"
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": plain}}
    boss = get_user_model().objects.filter(is_superuser=True).first()
    boss = boss or get_user_model().objects.create_superuser("bench")
    # The worker does so each minute.
    tasks.keep_figures()
    client = Client(raise_request_exception=True)
    client.force_login(boss)
    found = {}
    for name, url in addresses():
        if options.only not in name:
            continue
        found[name] = p95(name, partial(_ask, client, url), options.times, patience=10)
    return found


def _ask(client: Any, url: str) -> None:
    answer = client.get(url, follow=True)
    assert answer.status_code == 200, (url, answer.status_code)


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

            fill(options.orders[0], tell=lambda text: print(text, file=sys.stderr))
        return
    figures = run_on_each(
        __file__, options, f"--times={options.times}", f"--only={options.only}"
    )
    print(p95_table(figures, width=44, digits=0))
    write_json(options.json, figures)


if __name__ == "__main__":
    main()
