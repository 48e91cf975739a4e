"""Read the queue, whichever broker keeps it."""

from typing import Any

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
