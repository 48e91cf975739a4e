"""A store's senders: so many of its notices at the same time as the store allows.

One process at a time sends for a store, by a lease. Its senders are threads, each with
a connection of its own to the database and to the marketplace; the caller's thread
stores what they have read. Each notice is claimed as ever: whatever happens to a lease,
none goes twice.
"""

import logging
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from queue import Empty, SimpleQueue
from threading import Event, Lock, Thread

from django.db import DatabaseError, InterfaceError, connection
from django.db.models import QuerySet
from django.utils import timezone as clock

from backoffice.kit.claims import is_free
from orders.models import Shipment
from orders.models.shipments import ShipmentQuerySet
from orders.notifying.judging import Attempt
from orders.notifying.outbox import Connect, deliver, keep
from orders.notifying.waiting import put_off
from stores import leases
from stores.leases import SENDING
from stores.marketplaces.base import Marketplace
from stores.models import Store

logger = logging.getLogger(__name__)

# Other tasks want the worker too.
SENDING_TIME = timedelta(seconds=60)
# In seconds.
RENEW_EVERY = 10
LOOK_AGAIN_AFTER = 0.2
GATHERED_FOR = 0.5
# So many due notices are looked up at a time.
MOST_LOOKED_UP = 1000


@dataclass(frozen=True)
class Tried:
    """A notice that was tried, what the attempt ended with, or the bug it met."""

    shipment: Shipment | None = None
    attempt: Attempt | None = None
    error: Exception | None = None


def stores_to_send(now: datetime) -> QuerySet[Shipment, int]:
    """Return the keys of the stores of which notices are due and nobody sends them."""
    free = is_free(f"order__store__{SENDING.until}", SENDING.time)
    due = Shipment.objects.due(now).unclaimed().filter(free).order_by()
    return due.values_list("order__store", flat=True).distinct()


def send_due(store: Store, until: datetime) -> bool:
    """Send the store's due notices as far as the time goes; return if all were tried.

    To a process that sends for the store already they are left: it looks again once
    it has given the store free.
    """
    tried: set[int] = set()
    while _due(store, tried).exists():
        if clock.now() >= until:
            return False
        with _held(store) as is_over:
            if is_over is None:
                return True
            for _ in _work(store, _supply(store, tried, until), is_over):
                pass
    return True


def send_named(store: Store, shipments: list[Shipment]) -> Iterator[Shipment]:
    """Send these shipments of a store, due or not, and yield each that was tried.

    Waits while another process sends for the store, perhaps these very ones. Ends
    early when the marketplace wants to be left alone or refuses the token.
    """
    while True:
        with _held(store) as is_over:
            if is_over:
                yield from _work(store, iter(shipments), is_over)
                return
        time.sleep(LOOK_AGAIN_AFTER)


def _due(store: Store, tried: Collection[int] = ()) -> ShipmentQuerySet:
    """Return what is due of the store, and neither tried yet nor in other hands."""
    due = Shipment.objects.due(clock.now()).unclaimed()
    return due.filter(order__store=store).exclude(pk__in=tried)


def _supply(store: Store, tried: set[int], until: datetime) -> Iterator[Shipment]:
    """Yield the due notices until the time is over.

    Each is read shortly before its turn comes: a store may be switched off meanwhile.
    """
    while keys := list(
        _due(store, tried)
        .order_by("next_attempt_at", "pk")
        .values_list("pk", flat=True)[:MOST_LOOKED_UP]
    ):
        share = 2 * store.notices_at_once
        for place in range(0, len(keys), share):
            for shipment in _due(store).filter(pk__in=keys[place : place + share]):
                if clock.now() >= until:
                    return
                tried.add(shipment.pk)
                yield shipment


@contextmanager
def _held(store: Store) -> Iterator[Event | None]:
    """Keep other processes' senders off the store; yields None while they are at it.

    The event is set when the store is lost to others, and stops the senders.
    """
    owner = leases.acquire(store, SENDING)
    if owner is None:
        yield None
        return
    is_over, is_done = Event(), Event()
    keeper = Thread(target=_renew, args=[store, owner, is_over, is_done], daemon=True)
    keeper.start()
    try:
        yield is_over
    finally:
        is_done.set()
        keeper.join()
        leases.end_lease(store, owner, SENDING)


def _renew(store: Store, owner: str, is_over: Event, is_done: Event) -> None:
    """Keep the lease until all is done, or say that it is lost."""
    try:
        while not is_done.wait(RENEW_EVERY):
            try:
                leases.renew(store, owner, SENDING)
            except leases.LeaseLost:
                is_over.set()
                return
            except (DatabaseError, InterfaceError) as error:
                name = type(error).__name__
                logger.warning("Store %s not kept: %s", store.pk, name)
                connection.close()
    finally:
        connection.close()


def _work(
    store: Store, shipments: Iterator[Shipment], is_over: Event
) -> Iterator[Shipment]:
    """Have the store's senders send these, and yield each shipment that was tried.

    A bug that one of them meets stops no other, and is raised at the end.
    """
    pauses, errors = [], []
    for results in _results(store, shipments, is_over):
        attempts = [one.attempt for one in results if one.attempt]
        read = [attempt.fetched for attempt in attempts if attempt.fetched]
        if read:
            keep(store, read)
        pauses += [one.pause for one in attempts if one.pause]
        errors += [one.error for one in results if one.error]
        yield from (one.shipment for one in results if one.shipment)
    if pauses:
        put_off(store, clock.now() + max(pauses))
    if errors:
        raise errors[0]


def _results(
    store: Store, shipments: Iterator[Shipment], is_over: Event
) -> Iterator[list[Tried]]:
    """Yield what the senders have done since the last look at it."""
    first, second = next(shipments, None), next(shipments, None)
    if first and not second:
        # For a single notice no thread is needed.
        yield [_tried(first, Store.connect, is_over)]
    if not (first and second):
        return
    done: SimpleQueue[Tried | None] = SimpleQueue()
    supply, taking = chain([first, second], shipments), Lock()

    def take() -> Shipment | None:
        with taking:
            return None if is_over.is_set() else next(supply, None)

    def work() -> None:
        connect = _line()
        try:
            while shipment := take():
                done.put(_tried(shipment, connect, is_over))
        except Exception as error:  # noqa: BLE001 (raised in the caller's thread)
            done.put(Tried(error=error))
        finally:
            connection.close()
            done.put(None)

    senders = [Thread(target=work, daemon=True) for _ in range(store.notices_at_once)]
    for sender in senders:
        sender.start()
    try:
        working = len(senders)
        while working:
            results = [*_gathered(done)]
            working -= results.count(None)
            yield [one for one in results if one]
    finally:
        is_over.set()
        for sender in senders:
            sender.join()


def _tried(shipment: Shipment, connect: Connect, is_over: Event) -> Tried:
    """Send one notice; what keeps all notices of the store stops the senders."""
    try:
        attempt = deliver(shipment, connect)
    except Exception as error:
        logger.exception("Shipment %s met an error in this program.", shipment.pk)
        return Tried(shipment, error=error)
    if attempt and attempt.pause is not None:
        is_over.set()
    return Tried(shipment, attempt)


def _gathered(done: "SimpleQueue[Tried | None]") -> Iterator[Tried | None]:
    """Yield what comes in within a moment, because it costs less to store together.

    Ends at once when a sender does.
    """
    result = done.get()
    ends_at = time.monotonic() + GATHERED_FOR
    with suppress(Empty):
        while result:
            yield result
            result = done.get(timeout=max(0, ends_at - time.monotonic()))
        yield None


def _line() -> Connect:
    """Return a sender's way to the marketplace, opened anew for another token."""
    opened: dict[str, Marketplace] = {}

    def connect(store: Store) -> Marketplace:
        if store.token_ciphertext not in opened:
            opened.clear()
            opened[store.token_ciphertext] = store.connect()
        return opened[store.token_ciphertext]

    return connect
