"""What befalls the house: short blows at random, long ones at their time."""

import os
import random
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import psycopg
from django.db import OperationalError, connection
from django_q.brokers import get_broker

from orders.models import Order, Shipment
from orders.shipping import NotAllowed, ship_order
from stores.sandbox.server import Sandbox
from tests.benchmarks.clusters import Clusters
from tests.benchmarks.recovery import Recoveries
from tests.support.programs import database_url

# Longer than a sender's claim of 200 seconds.
STALL = 230
LAGS = [timedelta(minutes=4), timedelta(minutes=2.5)]
AHEAD = 120
# The long blows need so many minutes.
LONG = 5


def number_for(order: Order) -> str:
    """Return a tracking number; two shops may have orders of one number."""
    return f"SOAK{order.pk:08d}"


class Blows:
    def __init__(
        self, sandbox: Sandbox, clusters: Clusters, dice: random.Random, minutes: float
    ) -> None:
        self.sandbox, self.clusters, self.dice = sandbox, clusters, dice
        self.recoveries = Recoveries(clusters, sandbox)
        self.done: Counter[str] = Counter()
        self.holding: list = []
        # Which clusters were wedged, and at which of their starts.
        self.wedged: dict[int, int] = {}
        self.is_long = minutes >= LONG
        minute = 60 * minutes / 10
        self.plan: list[tuple[float, Callable[[], None]]] = []
        if self.is_long:
            self.plan = [
                (0.3 * minute, lambda: self.lag(LAGS[0])),
                (1.0 * minute, self.wedge),
                (1.6 * minute, self.stall),
                (1.6 * minute + STALL, self.let_go),
                (6.0 * minute, lambda: self.lag(timedelta())),
                (6.2 * minute, lambda: self.put_clock(AHEAD)),
                (7.5 * minute, lambda: self.lag(LAGS[1])),
                (8.2 * minute, lambda: self.put_clock(0)),
            ]
        self.began = time.monotonic()

    def tick(self) -> None:
        """Do what is due by the plan."""
        while self.plan and time.monotonic() - self.began > self.plan[0][0]:
            try:
                self.plan[0][1]()
            except OperationalError:
                # The database is stalled; the blow comes a little later.
                return
            self.plan.pop(0)

    def strike(self) -> None:
        """Kill a busy worker or a whole cluster, or empty the queue."""
        blow = self.dice.choice(["worker", "cluster", "queue"])
        places = [
            place
            for place, starts in enumerate(self.clusters.starts)
            # A wedged one has to end by itself.
            if self.wedged.get(place) != starts
        ]
        if blow == "queue":
            if not self.is_stalled:
                get_broker().purge_queue()
                self.done["queues emptied"] += 1
        elif places:
            place = self.dice.choice(places)
            if blow == "worker":
                self._kill(self.clusters.members(place)[1:2])
                self.wedged[place] = self.clusters.starts[place]
            if blow == "cluster" or not self.is_long:
                # A short trial has no time for one that may be wedged.
                self.clusters.kill(place)
            self.done[f"{blow}s killed"] += 1

    def lag(self, lag: timedelta) -> None:
        self.sandbox.lag = lag
        if lag:
            self.done["lags"] += 1
            self.recoveries.watch("a lag began")

    def wedge(self) -> None:
        """Kill the workers of one cluster while they wait for a task."""
        place = 0
        self._kill(self.clusters.members(place)[1:3])
        self.wedged[place] = self.clusters.starts[place]
        self.done["idle workers killed"] += 1
        self.recoveries.watch("idle workers were killed")

    def stall(self) -> None:
        """Hold rows of orders and of shipments; on SQLite that holds everything."""
        self.done["stalls"] += 1
        if connection.vendor == "sqlite":
            held = sqlite3.connect(
                connection.settings_dict["NAME"], isolation_level=None, timeout=60
            )
            held.execute("BEGIN IMMEDIATE")
        else:
            shipped = [order.pk for order in self._ship(4)]
            held = psycopg.connect(database_url())
            held.execute("SET lock_timeout = 0; SET statement_timeout = 0")
            held.execute(
                "SELECT id FROM orders_order WHERE id = ANY(%s) FOR UPDATE",
                [shipped[:2]],
            )
            held.execute(
                "SELECT id FROM orders_shipment WHERE order_id = ANY(%s) FOR UPDATE",
                [shipped[2:]],
            )
        self.holding.append(held)

    def drop(self) -> None:
        for held in self.holding:
            held.rollback()
            held.close()
        self.holding.clear()

    def let_go(self) -> None:
        if self.is_stalled:
            self.recoveries.begin_anew()
        self.drop()
        self.recoveries.watch("a stall ended")

    def put_clock(self, seconds: int) -> None:
        if self.clusters.with_clocks:
            self.clusters.set_clocks(seconds)
            self.done["clocks put ahead or right"] += 1
            blow = "a clock was put ahead" if seconds else "a clock was put right"
            self.recoveries.watch(blow)

    @property
    def is_stalled(self) -> bool:
        return bool(self.holding) and connection.vendor == "sqlite"

    def free_orders(self, count: int) -> list[Order]:
        """Return orders that may ship and that nobody holds."""
        if self.is_stalled:
            return []
        held = Order.objects.none()
        if self.holding:
            held = Shipment.objects.unsent().values("order_id")
        return list(Order.objects.to_ship().exclude(pk__in=held).order_by("?")[:count])

    def _ship(self, count: int) -> list[Order]:
        orders = self.free_orders(count)
        for order in orders:
            with suppress(NotAllowed):
                ship_order(order, carrier="USPS", tracking_number=number_for(order))
        return orders

    def _kill(self, pids: list[int]) -> None:
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
