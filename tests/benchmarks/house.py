"""The house under trial: its life, and the quiet hours after it."""

import argparse
import random
import time
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.models import QuerySet
from django.utils import timezone as clock
from django_q.brokers import get_broker

from orders import importing, notifying, tasks
from orders.importing import runs
from orders.models import Shipment
from orders.shipping import NotAllowed, ship_order
from stores.connecting import connect
from stores.models import Store
from stores.sandbox.listings import LISTINGS
from stores.sandbox.server import Sandbox
from tests.benchmarks.blows import LONG, Blows, number_for
from tests.benchmarks.clusters import Clusters
from tests.benchmarks.shops import Shops

# What goes wrong, for the next call of any kind or of one kind.
FAULTS = [
    *[
        (name, path)
        for name in ("429", "500", "503", "reset", "html", "truncated", "slow")
        for path in ("orders", "orders/retrieve")
    ],
    ("reset_body", "orders"),
    *[
        (name, "orders/fulfill")
        for name in ("lost_answer", "error_after_apply", "other_order", "422", "429")
    ],
]
# After these the order is read over minutes before its notice goes again.
SLOW_TO_HEAL = [
    (name, "orders/fulfill")
    for name in ("lost_request", "not_stored", "claims_not_stored", "500", "reset")
]
# A refused token waits for an hour or for a person; the short trial is that person.
NEEDS_A_PERSON = [("401", "orders")]


class Soak:
    """The running house, the marketplace's life, and what is done to both."""

    def __init__(
        self, options: argparse.Namespace, sandbox: Sandbox, folder: Path
    ) -> None:
        self.options, self.sandbox = options, sandbox
        self.dice = random.Random(options.seed)
        self.done: Counter[str] = Counter()
        self.tokens = list(sandbox.accounts)
        self.shops = Shops(options.stores // 3, self.dice)
        # Within minutes everything has to go by itself; in less it is helped.
        self.is_long = options.minutes >= LONG
        self.faults = FAULTS + (SLOW_TO_HEAL if self.is_long else NEEDS_A_PERSON)
        count = options.clusters
        # With SQLite all processes are on one host, with one clock.
        clocks = set(range(count)) if connection.vendor == "sqlite" else {count - 1}
        self.clusters = Clusters(count, folder, clocks if self.is_long else set())
        self.blows = Blows(sandbox, self.clusters, self.dice, options.minutes)

    def setup(self) -> None:
        sandbox = self.sandbox
        sandbox.takes_twice = True
        call_command("migrate", verbosity=0)
        get_broker().purge_queue()
        if self.is_long:
            call_command("setup_schedules", stdout=StringIO())
            for token, listing in zip(self.tokens, LISTINGS, strict=False):
                self.add_old_orders(token)
                sandbox.list_as(listing, token)
        for number, token in enumerate(self.tokens):
            connect(name=f"Store {number}", marketplace="tophatter", access_token=token)
        self.shops.open()
        Store.objects.update(import_interval=1)
        self.clusters.tend()
        self.blows.began = time.monotonic()

    def add_old_orders(self, token: str) -> None:
        """Fill the first page of an ascending list with orders of long ago."""
        long_ago = datetime.now(UTC) - timedelta(days=60)
        pattern = self.sandbox.add_order(token, created_at=long_ago, paid_at=long_ago)
        first, orders = pattern["order_id"], self.sandbox.accounts[token]
        for number in range(first + 1, first + 1100):
            orders[number] = pattern | {"order_id": number}

    def live(self) -> None:
        """Let the marketplace live and the house suffer until the time is over."""
        ends_at = time.monotonic() + self.options.minutes * 60
        ticks = 0
        while time.monotonic() < ends_at:
            ticks += 1
            for token in self.dice.sample(self.tokens, 1 if self.is_long else 3):
                self.sandbox.add_order(token)
                self.done["orders placed"] += 1
            self.refund_some_order()
            # As many a store as at the marketplace.
            self.shops.live(1 if self.is_long else 2)
            with suppress(OperationalError):
                self.work()
            self.arm_a_fault()
            if ticks % (120 if self.is_long else 15) == 0:
                self.blows.strike()
            self.watch()

    def work(self) -> None:
        """Ship as staff does, and in a short trial hurry everything along."""
        for order in self.blows.free_orders(1 if self.is_long else 2):
            with suppress(NotAllowed):
                ship_order(order, carrier="USPS", tracking_number=number_for(order))
                self.done["parcels shipped"] += 1
        if not self.is_long:
            self.hasten()
            tasks.refresh_due_stores()
            tasks.send_due_notices()

    def watch(self) -> None:
        """Tend the clusters, do what is due, and see what goes through again."""
        self.clusters.tend()
        self.blows.tick()
        with suppress(OperationalError):
            self.blows.recoveries.look()
        time.sleep(0.5)

    def refund_some_order(self) -> None:
        if self.dice.random() < 0.3:
            token = self.dice.choice(self.tokens)
            with self.sandbox.lock:
                paid = [
                    one for one in self.sandbox.orders(token) if one["status"] == "paid"
                ]
                if paid:
                    self.dice.choice(paid)["status"] = "refunded"
                    self.done["orders refunded"] += 1

    def arm_a_fault(self) -> None:
        chance = 0.15 if self.is_long else 0.5
        if self.dice.random() < chance and len(self.sandbox.faults) < 5:
            name, path = self.dice.choice(self.faults)
            options = {"seconds": 3} if name == "slow" else {}
            self.sandbox.fault(name, on=path, **options)
            self.done["faults"] += 1
        if self.dice.random() < chance:
            self.shops.arm_a_fault(refuses=not self.is_long)

    def hasten(self) -> None:
        """End the pauses that would outlast a short trial.

        Never those of a notice that was posted and may be again: reads decide on it,
        over minutes.
        """
        Store.objects.update(last_import_attempt_at=None, backoff_until=None)
        self.never_posted().update(next_attempt_at=None)
        self.shops.decided_by_reads().update(next_attempt_at=None)

    def never_posted(self) -> QuerySet[Shipment]:
        return Shipment.objects.unsent().filter(posted_at=None)

    def left_over(self) -> QuerySet[Shipment]:
        """Return what must not be unsent: a short trial has no minutes for reads.

        What the marketplace said it took and never shows is read for hours, by rule.
        """
        if not self.is_long:
            return self.never_posted() | self.shops.decided_by_reads()
        return Shipment.objects.unsent().filter(answer__isnull=True)

    def settle(self) -> None:
        """Stop the faults, and let what is left be done by itself."""
        self.sandbox.clear_faults()
        self.shops.clear_faults()
        self.sandbox.lag = timedelta()
        minutes = self.options.settle_minutes
        if not self.is_long:
            self.clusters.kill_all()
            self.bury_the_dead()
            minutes = 1
            # In the long trial the hourly probe does that.
            for store in Store.objects.filter(connection=Store.Connection.REFUSED):
                importing.refresh_store(store)
        self.be_a_person()
        ends_at = time.monotonic() + 60 * minutes
        while time.monotonic() < ends_at and not self.is_settled():
            if not self.is_long:
                self.hasten()
                tasks.send_due_notices()
            with suppress(OperationalError):
                self.be_a_person_at_shops()
            self.watch()
        self.clusters.kill_all()
        self.bury_the_dead()
        for store in Store.objects.all():
            importing.refresh_store(store)

    def be_a_person(self) -> None:
        """Look at what was refused while the marketplace failed, and send it again."""
        refused = Shipment.objects.filter(notification="refused")
        notifying.request_sending(refused, retry_refused=True)
        self.never_posted().update(next_attempt_at=clock.now())

    def be_a_person_at_shops(self) -> None:
        """Look at the shops for what may have arrived, and send again what did not."""
        notifying.request_sending(self.shops.ask_a_person(), retry_refused=True)

    def bury_the_dead(self) -> None:
        """End the leases and claims of processes that are all dead."""
        past = clock.now() - timedelta(seconds=1)
        Store.objects.exclude(lease_until=None).update(lease_until=past)
        Store.objects.exclude(sending_until=None).update(sending_until=past)
        Shipment.objects.exclude(claimed_until=None).update(claimed_until=past)
        runs.close_dead_runs()

    def is_settled(self) -> bool:
        try:
            is_left = self.left_over().exists() or self.shops.ask_a_person().exists()
            return self.blows.recoveries.are_over() and not is_left
        except OperationalError:
            return False
