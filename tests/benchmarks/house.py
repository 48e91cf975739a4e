"""The house under trial: its life, what befalls it, and the count at the end."""

import argparse
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from django.core.management import call_command
from django.db.models import Count
from django.utils import timezone as clock
from django_q.brokers import get_broker

from orders import importing, notifying, tasks
from orders.models import ImportRun, Order, Shipment
from orders.shipping import NotAllowed, ship_order
from stores.connecting import connect
from stores.models import Store
from stores.sandbox.server import Sandbox
from tests.programs import children

ROOT = Path(__file__).resolve().parent.parent.parent
# What goes wrong, for the next call of any kind or of one kind.
FAULTS = [
    *[(name, None) for name in ("429", "500", "503", "reset", "html", "truncated")],
    *[("reset_body", "orders"), ("slow", None), ("401", "orders")],
    *[
        (name, "orders/fulfill")
        for name in (
            *("lost_answer", "lost_request", "error_after_apply", "not_stored"),
            *("claims_not_stored", "other_order", "422"),
        )
    ],
]
STATES = {
    "paid": "awaiting_shipment",
    "shipped": "shipped",
    "refunded": "cancelled",
    "pending_verification": "awaiting_payment",
}


class Soak:
    """The running house, the marketplace's life, and what is done to both."""

    def __init__(self, options: argparse.Namespace, sandbox: Sandbox) -> None:
        self.options = options
        self.sandbox = sandbox
        self.dice = random.Random(options.seed)
        self.done: Counter[str] = Counter()
        self.clusters: list[subprocess.Popen] = []
        self.tokens = list(sandbox.accounts)

    def start_cluster(self) -> None:
        self.clusters.append(
            subprocess.Popen(
                [sys.executable, str(ROOT / "manage.py"), "qcluster"],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        )

    def kill_cluster(self, cluster: subprocess.Popen) -> None:
        with suppress(ProcessLookupError):
            os.killpg(cluster.pid, signal.SIGKILL)
        cluster.wait()
        self.clusters.remove(cluster)

    def setup(self) -> None:
        get_broker().purge_queue()
        call_command("migrate", verbosity=0)
        for number, token in enumerate(self.tokens):
            connect(name=f"Store {number}", marketplace="tophatter", access_token=token)
        Store.objects.update(import_interval=1)
        for _ in range(self.options.clusters):
            self.start_cluster()

    def live(self) -> None:
        """Let the marketplace live and the house suffer until the time is over."""
        ends_at = time.monotonic() + self.options.minutes * 60
        ticks = 0
        while time.monotonic() < ends_at:
            for token in self.dice.sample(self.tokens, 3):
                self.sandbox.add_order(token)
                self.done["orders placed"] += 1
            self.change_some_orders()
            self.ship_some_orders()
            self.sweep()
            if self.dice.random() < 0.5:
                name, path = self.dice.choice(FAULTS)
                self.sandbox.fault(
                    name, on=path, **({"seconds": 3} if name == "slow" else {})
                )
                self.done["faults"] += 1
            ticks += 1
            if ticks % 15 == 0:
                self.strike()
            time.sleep(0.5)

    def change_some_orders(self) -> None:
        if self.dice.random() < 0.3:
            token = self.dice.choice(self.tokens)
            paid = [
                one for one in self.sandbox.orders(token) if one["status"] == "paid"
            ]
            if paid:
                with self.sandbox.lock:
                    order = self.dice.choice(paid)
                    if order["status"] == "paid":
                        order["status"] = "refunded"
                        self.done["orders refunded"] += 1

    def ship_some_orders(self) -> None:
        for order in Order.objects.to_ship().order_by("?")[:2]:
            number = f"SOAK{order.marketplace_order_id}"
            with suppress(NotAllowed):
                ship_order(order, carrier="USPS", tracking_number=number)
                self.done["parcels shipped"] += 1

    def sweep(self) -> None:
        """What the schedules do each minute, here several times a second."""

        # Pauses of minutes and hours would outlast the soak: shorten, don't remove.
        Store.objects.update(last_import_attempt_at=None, backoff_until=None)
        Shipment.objects.unsent().update(next_attempt_at=None)
        tasks.refresh_due_stores()
        tasks.send_due_notices()

    def strike(self) -> None:
        """Kill a worker or a whole cluster, or empty the queue."""

        blow = self.dice.choice(["worker", "cluster", "queue"])
        self.done[f"{blow}s killed" if blow != "queue" else "queues emptied"] += 1
        if blow == "queue":
            get_broker().purge_queue()
            return
        cluster = self.dice.choice(self.clusters)
        if blow == "worker":
            victims = children(cluster.pid)
            if victims:
                with suppress(ProcessLookupError):
                    os.kill(self.dice.choice(victims), signal.SIGKILL)
        # A supervisor would start it again at once, or when its heartbeat stops.
        time.sleep(0.5)
        self.kill_cluster(cluster)
        self.start_cluster()
        self.let_the_dead_go()

    def let_the_dead_go(self) -> None:
        """Let the leases and claims of the killed run out, as two minutes would."""

        if len(self.clusters) > 1:
            # The other cluster's live ones renew theirs in time or lose the store,
            # which is part of the trial.
            self.done["leases ended"] += 1
        past = clock.now() - timedelta(seconds=1)
        Store.objects.exclude(lease_until=None).update(lease_until=past)
        Shipment.objects.filter(claimed_until__lt=clock.now()).update(claim="")

    def settle(self) -> None:
        """Stop the faults and do what is left, as a few quiet hours would."""

        self.sandbox.clear_faults()
        for cluster in list(self.clusters):
            self.kill_cluster(cluster)
        past = clock.now() - timedelta(seconds=1)
        Store.objects.exclude(lease_until=None).update(lease_until=past)
        Shipment.objects.exclude(claimed_until=None).update(claimed_until=past)
        importing.close_dead_runs()
        for store in Store.objects.all():
            importing.refresh_store(store)
        refused = Shipment.objects.filter(notification="refused")
        # A person looks at what was refused while the marketplace failed.
        notifying.request_sending(refused, retry_refused=True)
        for shipment in Shipment.objects.unsent().select_related("order__store"):
            notifying.send_tracking(shipment)
        for store in Store.objects.all():
            importing.refresh_store(store)
        tasks.refresh_due_stores()

    def reconcile(self) -> dict[str, int]:
        """Compare every order on both sides."""

        there = {
            (f"Store {number}", str(one["order_id"])): one
            for number, token in enumerate(self.tokens)
            for one in self.sandbox.orders(token)
        }
        here = {
            (order.store.name, order.marketplace_order_id): order
            for order in Order.objects.select_related("store").defer("payload")
        }
        sent = Counter(one["order_id"] for one in self.sandbox.fulfillments)
        differing = [
            key
            for key, raw in there.items()
            if key in here and here[key].marketplace_state != STATES[raw["status"]]
        ]
        accepted = Shipment.objects.filter(notification="accepted")
        unknown = [
            one
            for one in accepted.select_related("order__store")
            if there[one.order.store.name, one.order.marketplace_order_id][
                "tracking_number"
            ]
            != one.tracking_number
        ]
        runs = ImportRun.objects.all()
        return {
            "stores": Store.objects.count(),
            "orders there": len(there),
            "orders here": Order.objects.count(),
            "lost": len(there.keys() - here.keys()),
            "double": Order.objects.values("store", "marketplace_order_id")
            .annotate(rows=Count("pk"))
            .filter(rows__gt=1)
            .count(),
            "in another state": len(differing),
            "notices accepted": accepted.count(),
            "accepted and not there": len(unknown),
            "sent twice": sum(count > 1 for count in sent.values()),
            "unsent": Shipment.objects.unsent().count(),
            "waiting for a person": Shipment.objects.filter(
                notification="refused"
            ).count(),
            "runs": runs.count(),
            "runs complete": runs.filter(status="complete").count(),
            "runs open": runs.filter(
                finished_at=None, started_at__isnull=False
            ).count(),
        }
