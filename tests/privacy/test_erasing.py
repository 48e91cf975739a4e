"""What is erased of a buyer is nowhere and does not come back; what counts stays."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone as clock

from backoffice.models import AuditEntry
from orders import importing, pruning, shipping, tasks
from orders.history import timeline
from orders.importing.storing import store_page
from orders.importing.triage import triage
from orders.models import ImportProblem, Order, PackingSlip, Shipment, TrackingFile
from orders.privacy import erasing
from orders.privacy.buyers import Buyer, erase_buyer, facts_of
from orders.privacy.erasing import erase, erase_due
from orders.shipping import notes
from stores.marketplaces.tophatter.parsing import IMPERSONAL
from stores.models import Store
from tests.factories import OrderFactory, StoreFactory
from tests.support.buyers import CODE, EMAIL, HEADER, NAME, come, everywhere, places
from tests.support.order_pages import NUMBER, page, words
from tests.support.plans import count_rows
from tests.support.queues import purge, waiting
from tests.support.replaying import everything
from tests.support.tracking_files import stored

pytestmark = pytest.mark.django_db

SOON = timedelta(minutes=1)


def erased(order: Order) -> Order:
    assert erase([order.pk], "because") == [order.pk]
    order.refresh_from_db()
    return order


def closed_order(days: int, store: Store | None = None, **fields) -> Order:
    changed_at = clock.now() - timedelta(days=days)
    fields = {"marketplace_state": "shipped", "changed_at": changed_at} | fields
    return OrderFactory(store=store or Store.objects.get(), **fields)


def due_now() -> bool:
    now = clock.now()
    return erase_due(now, now + SOON)


def test_after_an_erasure_no_table_knows_the_buyer(store, tophatter, admin_client):
    raw, order = everywhere(store, tophatter)
    before = places()
    facts = str(facts_of(Buyer(EMAIL), [order])).casefold()

    done = erase_buyer(Buyer(EMAIL), Order.objects.all())

    assert len(before) > 15, before
    assert facts.count("canary") > 20
    assert (done.count, done.open) == (1, [])
    assert places() == set()
    order.refresh_from_db()
    with pytest.raises(shipping.NotAllowed):
        notes.set_email(order, EMAIL, None)
    text = words(admin_client.get(page(order)).content.decode())
    assert "Personal data erased" in text
    assert "What was kept of the buyer was erased on" in text
    assert "Slip void" not in text
    assert {entry.title for entry in timeline(order)} >= {"Note", "Held"}
    assert raw["customer_name"] == NAME


def test_on_an_erased_order_no_note_is_taken_that_would_stay_for_ever(store):
    order = erased(closed_order(400, store))
    with pytest.raises(shipping.NotAllowed, match="a note would not be erased again"):
        notes.add_note(order, f"{NAME} called", None)
    assert not order.events.filter(kind="note").exists()

    # Changed since, as by a late refund, it is gone through again.
    Order.objects.filter(pk=order.pk).update(changed_at=clock.now() + SOON)
    notes.add_note(order, f"{NAME} called", None)
    erased(order)

    assert order.events.get(kind="note").text == ""


def test_what_accounting_and_receipts_need_stays(store, tophatter, admin_client):
    _raw, order = everywhere(store, tophatter)
    kept = ("ordered_at", "paid_at", "status", "refund_amount", "ship_to_country")
    before = {name: getattr(order, name) for name in kept}
    receipt = Shipment.objects.get().receipt

    erased(order)

    assert {name: getattr(order, name) for name in kept} == before
    after = Shipment.objects.get().receipt
    assert after["sent"] == receipt["sent"]
    assert after["read_back"]["status"] == "shipped"
    assert after["answer"].keys() <= {*IMPERSONAL, "available_refunds", "upsells"}
    assert after["answer"]["tracking_number"] == receipt["answer"]["tracking_number"]
    order.refresh_from_db()
    assert "Payout" in words(admin_client.get(page(order)).content.decode())
    assert PackingSlip.objects.get().address == order.ship_to.address
    assert order.search_text.startswith(str(order))


def test_a_refresh_brings_nothing_back_but_other_news(store, tophatter):
    raw, order = come(store, tophatter, status="shipped", tracking_number=NUMBER)
    erased(order)
    events = order.events.count()

    same = importing.refresh_store(store)
    raw |= {"refund_amount": "5", "address1": "4 Canary Street", "status": "refunded"}
    news = importing.refresh_store(store)

    order.refresh_from_db()
    assert (same.unchanged, news.updated) == (1, 1)
    assert (str(order.refund_amount), order.status) == ("5.00", "cancelled")
    assert order.payload["refund_amount"] == "5"
    changed = {name for name, _was, _is in order.events.latest("pk").changes}
    assert changed == {"refund_amount", "marketplace_status", "marketplace_state"}
    assert order.events.count() == events + 1
    assert order.ship_to_changed_at is None
    assert places() == set()
    assert importing.refresh_store(store).unchanged == 1


@pytest.mark.parametrize("fault", ["status", "product_quantity"])
def test_a_problem_with_an_erased_order_keeps_nothing_of_the_buyer(
    store, tophatter, fault
):
    raw, order = come(store, tophatter, status="shipped", tracking_number=NUMBER)
    erased(order)
    raw[fault] = "?"

    importing.refresh_store(store)

    assert ImportProblem.objects.get().payload is None
    assert places() == set()


def test_an_erasure_while_a_page_is_looked_through_counts(store, tophatter):
    raw, order = come(store, tophatter, status="shipped", tracking_number=NUMBER)
    raw["status"] = "?"
    page_of_orders = triage(store, [raw])

    erased(order)
    store_page(store, page_of_orders, lambda: None)

    kept = dict(ImportProblem.objects.values_list("kind", "payload"))
    assert "unknown_status" in kept
    assert set(kept.values()) == {None}


def test_an_order_that_opens_again_waits_for_a_typed_address(store, tophatter):
    raw, order = come(store, tophatter, status="refunded")
    erased(order)
    raw["status"] = "paid"
    importing.refresh_store(store)
    order.refresh_from_db()

    assert order.lacks_address
    with pytest.raises(shipping.NotAllowed):
        shipping.ship_order(order, carrier="USPS", tracking_number=NUMBER)


def test_what_others_bought_is_left_alone(store, tophatter):
    _raw, order = come(store, tophatter, status="shipped", tracking_number=NUMBER)
    tophatter.add_order(status="shipped")
    importing.refresh_store(store)
    other = StoreFactory()
    OrderFactory(store=other, customer_name=NAME, ship_to_postal_code="1")
    own = store.orders.exclude(pk=order.pk).values().get()
    rows = everything(other)

    erase_buyer(Buyer(name=NAME, postal_code=CODE), Order.objects.all())
    importing.refresh_store(store)

    assert store.orders.exclude(pk=order.pk).values().get() == own
    assert everything(other) == rows


def test_who_has_the_beginning_of_the_name_is_somebody_else(store):
    """Or his address would be handed out to the buyer, and erased with him."""
    closed_order(1, ship_to_name="Jan Berg", ship_to_postal_code="10115")
    for number, name in enumerate(["Jan Berg", "Jan Bergmann", "Marjan Berg"]):
        ImportProblem.objects.create(
            store=store,
            kind="partly_read",
            marketplace_order_id=str(number),
            payload={"customer": name, "to": {"zip": 10115, "street": name}},
            first_seen_at=clock.now(),
            last_seen_at=clock.now(),
        )
    stored(["1", "USPS", "94", "Jan Bergmann, 10115"], header=HEADER)
    buyer = Buyer(name="Jan Berg", postal_code="10115")

    facts = facts_of(buyer, buyer.orders(Order.objects.all()))
    erase_buyer(buyer, Order.objects.all())

    assert len(facts["orders"]) == 1
    assert [one["payload"]["customer"] for one in facts["import_problems"]] == [
        "Jan Berg"
    ]
    assert facts["tracking_files"] == []
    left = ImportProblem.objects.order_by("marketplace_order_id")
    assert [one.payload["customer"] for one in left] == ["Jan Bergmann", "Marjan Berg"]
    assert TrackingFile.objects.get().lines[0][1][3] == "Jan Bergmann, 10115"


def test_a_line_of_another_stores_order_is_somebody_elses(store):
    """Stores number from one; and a number may stand in any column."""
    order = closed_order(1, store, marketplace_order_id="1011", customer_email=EMAIL)
    Shipment.objects.create(
        order=order,
        carrier="USPS",
        tracking_number="9400-1",
        shipped_at=clock.now(),
        notification="accepted",
    )
    OrderFactory(store=StoreFactory(), marketplace_order_id="1011")
    only = closed_order(1, store, marketplace_order_id="77", customer_email=EMAIL)
    lines = [
        ["1011", "USPS", "94002", "Bob, 5 Secret Lane"],
        ["5", "USPS", "77", "Carl, 6 Secret Lane"],
        ["1011", "USPS", "94001", "what is his by the parcel"],
        ["#77", "USPS", "94003", "what is his by the number"],
    ]
    stored(*lines, header=HEADER)

    (file,) = facts_of(Buyer(EMAIL), [order, only])["tracking_files"]
    erase_buyer(Buyer(EMAIL), Order.objects.all())

    assert [row for _number, row in file["lines"]] == lines[2:]
    kept = [row for _number, row in TrackingFile.objects.get().lines]
    assert kept == lines[:2] + [[*row[:3], ""] for row in lines[2:]]


def test_an_open_order_is_not_erased_and_said(store, tophatter):
    _raw, still_open = come(store, tophatter)
    waiting = closed_order(9, customer_email=EMAIL)
    Order.objects.filter(pk=still_open.pk).update(customer_email=EMAIL.upper())
    Shipment.objects.create(
        order=waiting, carrier="USPS", tracking_number="1", shipped_at=clock.now()
    )

    done = erase_buyer(Buyer(EMAIL), Order.objects.all())

    assert done.count == 0
    assert {order.pk for order in done.open} == {still_open.pk, waiting.pk}
    assert Order.objects.get(pk=still_open.pk).customer_name == NAME


@pytest.mark.parametrize(
    ("name", "code", "is_found"),
    [("zoe  canary", "canary9", True), (NAME, "1", False), ("Canary", CODE, False)],
)
def test_a_buyer_is_found_by_name_and_postal_code(
    store, tophatter, name, code, is_found
):
    come(store, tophatter)

    assert (
        bool(Buyer(name=name, postal_code=code).orders(Order.objects.all())) is is_found
    )


def test_carriers_files_keep_what_ships_and_lose_the_buyer(store, tophatter):
    _raw, order = everywhere(store, tophatter)

    erase_buyer(Buyer(EMAIL), Order.objects.all())

    assert TrackingFile.objects.get().lines == [[2, [str(order), "USPS", "9400", ""]]]


def test_a_store_keeps_closed_orders_as_long_as_it_says(store):
    store.erase_after_days = 30
    store.save()
    old, young = closed_order(31), closed_order(29)
    cancelled = closed_order(31, marketplace_state="cancelled")
    still_open = closed_order(400, marketplace_state="awaiting_shipment")
    kept = closed_order(400, StoreFactory())

    assert due_now() is False

    gone = set(
        Order.objects.filter(erased_at__isnull=False).values_list("pk", flat=True)
    )
    assert gone == {old.pk, cancelled.pk}
    assert {young.pk, still_open.pk, kept.pk}.isdisjoint(gone)
    entry = AuditEntry.objects.filter(kind="erased").first()
    assert (entry.about, entry.store_key) == (store.name, store.pk)
    assert entry.text.endswith("closed for 30 days.")


def test_what_came_after_an_erasure_is_erased_in_its_turn(store):
    Store.objects.update(erase_after_days=30)
    order = closed_order(31)
    due_now()
    Order.objects.update(customer_email=EMAIL)
    due_now()
    untouched = Order.objects.get().customer_email
    later = Order.objects.get().erased_at + timedelta(days=1)
    Order.objects.update(changed_at=later)

    is_more = erase_due(later + timedelta(days=31), clock.now() + SOON)

    assert is_more is False
    assert untouched == EMAIL
    assert Order.objects.get(pk=order.pk).customer_email == ""


def test_the_daily_erasure_stops_when_its_time_is_over(store):
    Store.objects.update(erase_after_days=30)
    closed_order(31)
    now = clock.now()

    assert erase_due(now, now - SOON) is True
    assert not Order.objects.filter(erased_at__isnull=False).exists()


def test_the_daily_pruning_hands_the_erasure_to_a_task_that_goes_on(
    store, django_capture_on_commit_callbacks
):
    Store.objects.update(erase_after_days=30)
    order = closed_order(31)
    purge()
    with django_capture_on_commit_callbacks(execute=True):
        tasks.prune()
        tasks.erase_due_buyers(time=-SOON)
    handed_on = [one["func"] for one in waiting()]

    with django_capture_on_commit_callbacks(execute=True):
        tasks.erase_due_buyers()

    assert handed_on == ["orders.tasks.erase_due_buyers"] * 2
    assert Order.objects.get(pk=order.pk).erased_at
    assert len(waiting()) == 2


def test_files_and_problems_are_kept_no_longer_than_the_shortest_store_says(store):
    Store.objects.update(erase_after_days=5)
    now = clock.now()
    TrackingFile.objects.create(name="labels.csv")
    TrackingFile.objects.update(uploaded_at=now - timedelta(days=6))
    ImportProblem.objects.create(
        store=store,
        marketplace_order_id="1",
        kind="no_address",
        payload={"customer_name": NAME},
        first_seen_at=now,
        last_seen_at=now - timedelta(days=6),
    )

    pruning.prune(now)
    due_now()

    assert not TrackingFile.objects.exists()
    assert ImportProblem.objects.get().payload is None


def test_what_is_due_is_found_by_an_index(store):
    Store.objects.update(erase_after_days=30)
    rows = [
        OrderFactory.build(
            store=store,
            marketplace_order_id=str(number),
            marketplace_state="shipped",
            changed_at=clock.now(),
            erased_at=clock.now() if number % 2 else None,
        )
        for number in range(2000)
    ]
    Order.objects.bulk_create(rows)
    before = clock.now() - timedelta(days=30)
    orders = store.orders.filter(
        erasing.TO_ERASE, marketplace_state="shipped", changed_at__lt=before
    )
    count_rows()

    plan = erasing.closed(orders).order_by("changed_at")[:200].explain()

    assert "orders_order_to_erase" in plan


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL vacuums")
def test_no_page_of_the_sqlite_file_holds_the_buyer_any_more(store, tophatter):
    everywhere(store, tophatter)
    path = Path(connection.settings_dict["NAME"])
    before = path.read_bytes() + path.with_name(f"{path.name}-wal").read_bytes()

    erase_buyer(Buyer(EMAIL), Order.objects.all())

    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert b"Canary Street" in before
    assert b"canary" not in path.read_bytes().lower()
