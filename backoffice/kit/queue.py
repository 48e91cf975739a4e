"""Hand work to the queue, which may lose it: what is due is found again from rows."""

import logging

from django.db import transaction
from django_q.brokers import get_broker
from django_q.tasks import async_task

logger = logging.getLogger(__name__)

# More waiting tasks than these help nobody: the next sweep hands out the rest.
MOST_WAITING = 100


def room() -> int:
    """Return how many more tasks the queue should take now."""
    try:
        return max(0, MOST_WAITING - int(get_broker().queue_size()))
    except Exception as error:  # noqa: BLE001 (whatever the broker's client raises)
        logger.warning("The queue does not answer: %s", type(error).__name__)
        return MOST_WAITING


def enqueue(task: str, pk: int | None = None) -> None:
    """Queue a task of `orders.tasks` for a row, once the transaction is through.

    A queue that refuses costs a minute, until the next sweep, and never the step
    that asked for it. Anything but a key is a `TypeError`: what is queued lies in the
    database or Redis for all who read there, and is unpickled by the worker.
    """
    if pk is not None and type(pk) is not int:
        raise TypeError(f"{task} is queued by a key, not by {type(pk).__name__}.")
    name = f"orders.tasks.{task}"
    arguments = [] if pk is None else [pk]

    def hand_over() -> None:
        try:
            async_task(name, *arguments)
        except Exception as error:  # noqa: BLE001 (as above)
            logger.warning("%s(%s) not queued: %s", name, pk, type(error).__name__)

    transaction.on_commit(hand_over)
