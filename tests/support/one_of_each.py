"""A row of each kind, and what all our forms would take."""

from datetime import timedelta

from django.contrib.auth.models import Group
from django.utils import timezone as clock
from django_q.models import Failure, OrmQ, Schedule, Success

from backoffice import audit
from backoffice.models import AuditEntry, FailedTries
from orders.models import (
    ImportProblem,
    ImportRun,
    Job,
    Order,
    Sending,
    Shipment,
    TrackingFile,
)
from stores.models import Store
from tests.factories import OrderFactory, UserFactory
from tests.support.every_page import Rows
from tests.support.order_pages import NUMBER, parcel, row


def one_of_each(store: Store) -> Rows:
    """Return a row of each kind, in each state that offers another step."""
    now = clock.now()
    waiting = OrderFactory(store=store)
    held = OrderFactory(store=store, held_at=now, hold_reason="Ask")
    shipped = OrderFactory(store=store, has_shipment=True)
    shipment = Shipment.objects.create(
        order=shipped,
        carrier="USPS",
        tracking_number=NUMBER,
        shipped_at=now,
        notification="not_sent",
        not_sent_because="store",
    )
    sending = Sending.objects.create(looked_at=now)
    sending.lines.create(shipment=shipment, look="amber", words="Used before.")
    problem = ImportProblem.objects.create(
        store=store,
        marketplace_order_id="77",
        kind="no_address",
        first_seen_at=now,
        last_seen_at=now,
    )
    # Of days: while one of the last days waits, no other is asked for.
    run = ImportRun.objects.create(
        store=store, kind="range", window_start=now, window_end=now
    )
    file = TrackingFile.objects.create(
        name="numbers.csv",
        header=["Order", "Carrier", "Number"],
        lines=[[2, [waiting.marketplace_order_id, "USPS", NUMBER]]],
        mapping={"order": 0, "carrier": 1, "tracking_number": 2},
    )
    facts = {"list": "order", "what": "orders", "format": "csv", "name": "orders"}
    facts["rows"] = 0
    job = Job.objects.create(kind="export", facts=facts, keys=[waiting.pk], total=1)
    schedule = Schedule.objects.create(
        name="prune", func="orders.tasks.prune", schedule_type="D", next_run=now
    )
    task = {"func": "f", "started": now, "stopped": now}
    queued = OrmQ.objects.create(key="backoffice", payload="", lock=now)
    tasks = [
        Success.objects.create(id="s", name="s", success=True, **task),
        Failure.objects.create(id="f", name="f", success=False, **task),
    ]
    tried = FailedTries.objects.create(
        username="somebody", ip_address="127.0.0.1", failures_since_start=3
    )
    entry = audit.record(AuditEntry.Kind.SIGNED_IN, by="somebody")
    people = [UserFactory(username="somebody"), Group.objects.create(name="others")]
    made = [store, waiting, held, shipped, shipment, sending, problem, run, file, job]
    found: dict = {}
    for one in [*made, schedule, queued, *tasks, *people, tried, entry]:
        found.setdefault(type(one), []).append(one)
    return found


def filled_in(rows: Rows, token: str) -> dict[str, str]:
    """Return the fields of all our forms, filled in so that they would be taken."""
    tomorrow = (clock.localdate() + timedelta(days=1)).isoformat()
    fields = parcel(
        name="Renamed",
        reason="Because",
        until=tomorrow,
        access_token=token,
        marketplace="tophatter",
        timezone="UTC",
        language="fr",
        import_interval="30",
        ship_within_days="7",
        text="A note",
        email="jane@example.com",
        what="orders",
        format="csv",
        post="yes",
        give_reason="yes",
        orders=",".join(str(one.pk) for one in rows[Order]),
        order="0",
        shipment=str(rows[Shipment][0].pk),
    )
    for order in rows[Order]:
        fields |= row(order, "USPS", f"9400{order.pk:018d}")
    return fields
