"""Read the queue, whichever broker keeps it."""

from typing import Any

from django.db import connection
from django_q.brokers import get_broker
from django_q.conf import Conf
from django_q.models import OrmQ
from django_q.signing import SignedPackage


def waiting() -> list[dict[str, Any]]:
    """Return the tasks that wait, the first one first."""
    if Conf.ORM:
        packages = OrmQ.objects.order_by("pk").values_list("payload", flat=True)
    else:
        broker = get_broker()
        packages = broker.connection.lrange(broker.list_key, 0, -1)
    return [SignedPackage.loads(package) for package in packages]


def purge() -> None:
    """Empty the queue; Redis keeps what earlier tests have left there."""
    get_broker().purge_queue()


def refuse_customer(name: str) -> None:
    """Have the database itself refuse the orders of a customer."""
    refusal = (
        f"CREATE TRIGGER refusal BEFORE INSERT ON orders_order "
        f"WHEN NEW.customer_name = '{name}' "
        "BEGIN SELECT RAISE(ABORT, 'refused'); END"
    )
    if connection.vendor == "postgresql":
        refusal = (
            "ALTER TABLE orders_order ADD CONSTRAINT refusal "
            f"CHECK (customer_name <> '{name}')"
        )
    with connection.cursor() as cursor:
        cursor.execute(refusal)
