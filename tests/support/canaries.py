"""Stores whose every text is a word that occurs nowhere else."""

import zlib
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.db.models import CharField, Field, JSONField, Model, TextField
from django.utils import timezone as clock

from backoffice.models import AuditEntry
from orders import search_text
from orders.models import (
    Alert,
    ImportRun,
    Job,
    LineItem,
    Order,
    OrderEvent,
    PackingSlip,
    ProductPicture,
    Reconciliation,
    Replay,
    Sending,
    Shipment,
    TrackingFile,
)
from orders.work import figures
from stores.models import Logo, Store
from tests.factories import OrderFactory
from tests.support.order_pages import NUMBER
from tests.support.work_causes import CAUSES

WORD = "Kanarie"
# What a person kept to another store may type in: these tell nothing by themselves.
KNOWN_ORDER, SHARED_ORDER, KNOWN_PARCEL = "88123", "88124", NUMBER
# What has a grammar of its own, or is no text.
PLAIN = {
    *("timezone", "suspected_timezone", "language", "read_with", "digest", "claim"),
    *("token_ciphertext", "token_fingerprint", "lease_owner", "sending_owner"),
    *("ship_to_country", "corrected_country", "claimed_by", "content_type", "cause"),
    *("figure", "product_id"),
}
# JSON whose form is read.
READ = {
    "mapping",
    "results",
    "left_out",
    "facts",
    "keys",
    "readings",
    "changes",
    "before",
    "after",
    "status_words",
}
UNTOLD = {"StoreFigure", "StoreChange", "WorkMark", "JobPart"}


def make_canaries(viewer: User) -> dict[type[Model], list[Any]]:
    """Make stores with something of everything, and return their rows by model.

    `viewer` is who will be kept from them, and worked on them before.
    """
    before = set(Store.objects.values_list("pk", flat=True))
    for make in CAUSES.values():
        make()
    store = Store.objects.exclude(pk__in=before).latest("pk")
    _fill(store, viewer)
    rows = {
        model: list(
            model._base_manager.exclude(**{f"{path}__in": before}).order_by("pk")
        )
        for model, path in _paths()
    }
    for found in rows.values():
        for row in found:
            _stamp(row)
    waiting = Order.objects.exclude(store__in=before).filter(
        marketplace_state="awaiting_shipment", has_shipment=False
    )
    for number, order in zip((KNOWN_ORDER, SHARED_ORDER), waiting, strict=False):
        Order.objects.filter(pk=order.pk).update(marketplace_order_id=number)
    parcel = Shipment.objects.filter(pk=rows[Shipment][0].pk)
    parcel.update(tracking_number=KNOWN_PARCEL)
    for order in Order.objects.exclude(store__in=before):
        search_text.write(order)
    figures.forget()
    rows |= {
        TrackingFile: list(TrackingFile.objects.order_by("pk")),
        Job: list(Job.objects.order_by("pk")),
        AuditEntry: list(AuditEntry.objects.filter(about=WORD)),
    }
    return rows


def _fill(store: Store, viewer: User) -> None:
    """Give a store what causes of trouble do not make."""
    now = clock.now()
    # People are of the house, and no secret of a store.
    boss = User.objects.create(username="boss", is_superuser=True)
    Logo.objects.create(store=store, image=b"", content_type="image/png")
    order = OrderFactory(store=store, ordered_at=now - timedelta(days=9))
    held = OrderFactory(store=store, held_at=now, hold_reason="held", assigned_to=boss)
    cancelled = OrderFactory(store=store, marketplace_state="cancelled")
    for one in (order, held, cancelled):
        LineItem.objects.create(
            order=one, position=0, sku="sku", name="n", quantity=3, product_id="p1"
        )
        PackingSlip.objects.create(order=one, printed_at=now, address="a")
        OrderEvent.objects.create(order=one, kind="note", at=now, text="t")
    ProductPicture.objects.create(store=store, product_id="p1", url="u", read_at=now)
    run = ImportRun.objects.create(
        store=store,
        status="failed",
        error="e",
        order_ids=["x"],
        window_start=now - timedelta(days=1),
        window_end=now,
    )
    listing = Reconciliation.objects.create(
        store=store,
        window_start=now - timedelta(days=30),
        started_at=now,
        finished_at=now,
        status="complete",
    )
    listing.orders.create(
        marketplace_order_id="x",
        ordered_at=now,
        marketplace_state="awaiting_shipment",
        day=now.date(),
    )
    Replay.objects.create(
        store=store,
        made_at=now,
        made_by=boss,
        changed=2,
        before={"timezone": "UTC", "import_variation_as_option": False},
        after={"timezone": "UTC", "import_variation_as_option": True},
    )
    waiting = Shipment.objects.create(
        order=OrderFactory(store=store, has_shipment=True),
        carrier="USPS",
        tracking_number="y",
        shipped_at=now,
        queued_at=now - timedelta(hours=5),
    )
    sending = Sending.objects.create(asked_by=viewer, looked_at=now)
    sending.lines.create(shipment=waiting, look="amber", words="w")
    TrackingFile.objects.create(
        name="f",
        header=["Order", "Number", WORD],
        lines=[[2, [f"{WORD}-line", f"{WORD}-parcel", WORD]]],
        mapping={"order": 0, "tracking_number": 1},
        uploaded_by=boss,
    )
    for by in (boss, viewer):
        job = Job.objects.create(
            kind="export",
            facts={
                "list": "order",
                "what": "orders",
                "format": "csv",
                "name": f"{WORD}-job",
                "rows": 2,
            },
            keys=[order.pk],
            total=1,
            done=1,
            asked_by=by,
            language="en",
            finished_at=now,
        )
        job.parts.create(start=0, content=zlib.compress(WORD.encode()))
    Store.objects.filter(pk=store.pk).update(
        suspected_timezone="America/Los_Angeles",
        suspected_since=now,
        status_words={f"{WORD}-means": "shipped"},
    )
    AuditEntry.objects.create(
        kind="shipped",
        store_key=store.pk,
        about=WORD,
        text=WORD,
        changes=[["carrier", WORD, WORD]],
    )
    Alert.objects.create(cause="late", store=store, message="m", raised_at=now)
    for row in (order, store, run):
        LogEntry.objects.create(
            user=viewer,
            content_type=ContentType.objects.get_for_model(row),
            object_id=str(row.pk),
            object_repr=f"{WORD} repr",
            action_flag=CHANGE,
            change_message=f"{WORD} message",
        )


def _paths() -> Iterator[tuple[type[Model], str]]:
    """Yield the models whose rows are of a store, with the way to it."""
    for app in ("stores", "orders"):
        for model in apps.get_app_config(app).get_models():
            names = {field.name for field in model._meta.concrete_fields}
            ways = {
                "store": "store",
                "order": "order__store",
                "shipment": "shipment__order__store",
                "reconciliation": "reconciliation__store",
            }
            found = [path for name, path in ways.items() if name in names]
            if model is Store:
                yield model, "pk"
            elif model is Sending:
                yield model, "lines__shipment__order__store"
            elif found and model.__name__ not in UNTOLD:
                yield model, found[0]


def _stamp(row: Model) -> None:
    """Put the word into every text of a row."""
    new = {
        field.name: _written(field, row)
        for field in row._meta.local_concrete_fields
        if _is_text(field)
    }
    type(row)._base_manager.filter(pk=row.pk).update(**new)


def _is_text(field: "Field[Any, Any]") -> bool:
    is_text = isinstance(field, CharField | TextField | JSONField)
    is_free = not field.choices and field.name not in PLAIN | READ
    return is_text and is_free and not field.generated and "facts" not in field.name


def _written(field: "Field[Any, Any]", row: Model) -> Any:
    text = f"{WORD}-{field.name}-{row.pk}"
    if isinstance(field, JSONField):
        kept = getattr(row, field.name)
        return [text] if isinstance(kept, list) else {**(kept or {}), text: text}
    if field.max_length and field.max_length < len(text):
        return f"{WORD}{row.pk}"[: field.max_length]
    return text
