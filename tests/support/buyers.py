"""A buyer with a word in every place, and a look into every table for it."""

import zlib
from contextlib import suppress
from typing import Any

from django.db import connection

from orders import importing, jobs, mailing, notifying, shipping
from orders.documents import slips
from orders.importing import runs
from orders.models import ImportProblem, Order
from orders.shipping import addresses, notes
from stores.models import Store
from tests.factories import UserFactory
from tests.support.order_pages import NUMBER
from tests.support.tracking_files import stored

CANARY = "canary"
NAME, CODE = "Zoë Canary", "CANARY 9"
EMAIL = "canary@example.com"
OF_BUYER = {
    "customer_name": NAME,
    "address1": "1 Canary Street",
    "address2": "Canary yard",
    "city": "Canaryville",
    "state": "Canaryland",
    "postal_code": CODE,
    "country": "Canary Islands",
    "phone": "555 canary",
    "annotation": {"gift": "for my canary"},
}
WHERE = {
    "ship_to_name": NAME,
    "ship_to_address1": "2 Canary Street",
    "ship_to_city": "Canarytown",
    "ship_to_postal_code": CODE,
    "ship_to_country": "US",
}


def come(store: Store, tophatter, **fields: Any) -> tuple[dict, Order]:
    """Bring an order of the buyer in; return it at the marketplace, and here."""
    raw = tophatter.add_order(**(OF_BUYER | fields))
    importing.import_one(store, str(raw["order_id"]))
    return raw, Order.objects.get(marketplace_order_id=raw["order_id"])


def everywhere(store: Store, tophatter) -> tuple[dict, Order]:
    """Bring an order in and ship it, with the buyer in all places there are."""
    by = UserFactory()
    raw, order = come(store, tophatter)
    raw["address1"], raw["product_quantity"] = "3 Canary Street", 1
    importing.import_one(store, str(order))
    order.refresh_from_db()
    addresses.correct_address(order, WHERE, by, order.ship_to_changed_at)
    notes.set_email(order, EMAIL, by)
    notes.add_note(order, "The canary wants it blue.", by)
    shipping.hold(order, "Canary on holiday", by=by)
    shipping.release(order, by)
    Store.objects.filter(pk=store.pk).update(mail_customers=True)
    slips.mark_printed(Order.objects.select_related("correction"), by)
    one = shipping.ship_order(order, carrier="USPS", tracking_number=NUMBER)
    notifying.send_tracking(one)
    Store.objects.update(mail_customers=True, mail_customers_since="2000-01-01T00:00Z")
    mailing.send_due_mails(one.shipped_at.replace(year=one.shipped_at.year + 1))
    problem = {"marketplace_order_id": str(order), "payload": raw}
    now = one.shipped_at
    ImportProblem.objects.create(
        store=store,
        kind="partly_read",
        first_seen_at=now,
        last_seen_at=now,
        **problem,
    )
    stored([str(order), "USPS", "9400", f"{NAME}, Canaryville"], header=HEADER)
    job = jobs.ask_for_export(Order.objects.all(), "orders", "csv", "orders", by)
    jobs.work_on(job, now.replace(year=now.year + 1))
    runs.close_dead_runs()
    order.refresh_from_db()
    return raw, order


HEADER = ["Order", "Carrier", "Tracking number", "Label"]


def places(word: str = CANARY) -> set[str]:
    """Return each table and column of the whole database that has the word."""
    found = set()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            columns = [one[0] for one in cursor.description]
            for row in cursor.fetchall():
                found |= {
                    f"{table}.{column}"
                    for column, value in zip(columns, row, strict=True)
                    if word in _text(value)
                }
    return found


def _text(value: Any) -> str:
    if isinstance(value, (bytes, memoryview)):
        content = bytes(value)
        with suppress(zlib.error):
            content = zlib.decompress(content)
        return content.decode(errors="replace").casefold()
    return str(value).casefold()
