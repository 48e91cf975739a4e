"""The daily listing: what the marketplace has, to hold against what is here."""

from datetime import timedelta

import pytest
from django.db.models.signals import post_save
from django.utils import timezone as clock

from orders import importing, tasks
from orders.auditing import listings
from orders.models import ImportRun, ListedOrder, Order, Reconciliation
from stores import leases
from stores.models import Store
from tests.factories import StoreFactory
from tests.support import queues
from tests.support.counting import days_ago
from tests.support.coverage import was_read

pytestmark = pytest.mark.django_db


@pytest.fixture
def store(store) -> Store:
    """A store that was read for weeks."""
    was_read(store, 40, 1)
    return store


def listed() -> set[str]:
    return set(ListedOrder.objects.values_list("marketplace_order_id", flat=True))


def test_a_listing_holds_the_last_30_days_and_imports_nothing(store, tophatter):
    new = tophatter.add_order(created_at=days_ago(29))
    tophatter.add_order(created_at=days_ago(40))

    listing = listings.reconcile(store)

    assert (listing.status, listing.seen) == ("complete", 1)
    assert listed() == {str(new["order_id"])}
    assert not Order.objects.exists()
    assert ImportRun.objects.count() == 1


def test_what_was_placed_before_the_first_refresh_looked_back_is_not_listed(
    store, tophatter
):
    ImportRun.objects.all().delete()
    tophatter.add_order(created_at=days_ago(20))
    importing.refresh_store(store)
    new = tophatter.add_order(created_at=days_ago(1))

    listing = listings.reconcile(store)

    assert listing.seen == 1
    assert str(new["order_id"]) in listed()
    first = ImportRun.objects.get().window_start
    assert timedelta(0) <= listing.window_start - first < timedelta(days=1)


def test_a_store_is_not_listed_before_its_first_complete_import(store):
    assert not listings.stores_to_list(clock.now()).exists()


def test_a_listing_reads_every_page(store, tophatter):
    for hours in range(1050):
        tophatter.add_order(created_at=days_ago(hours / 48))

    listing = listings.reconcile(store)

    assert listing.seen == 1050


def test_a_listing_keeps_what_it_compares(store, tophatter):
    tophatter.add_order(
        status="shipped",
        carrier="usps",
        tracking_number="TH-1",
        created_at=days_ago(2),
    )

    listings.reconcile(store)

    row = ListedOrder.objects.get()
    assert row.marketplace_state == "shipped"
    assert row.tracking_number == "TH-1"


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/Los_Angeles"])
def test_days_are_cut_in_the_stores_zone(store, tophatter, zone):
    Store.objects.update(timezone=zone)
    store.refresh_from_db()
    tophatter.add_order(created_at=days_ago(5))

    listing = listings.reconcile(store)

    row = ListedOrder.objects.get()
    assert row.day == row.ordered_at.astimezone(store.zone).date()
    assert listing.window_start.astimezone(store.zone).hour == 0


def test_orders_that_cannot_be_read_are_listed_too(store, tophatter):
    odd = tophatter.add_order(created_at=days_ago(2), status=7)
    dateless = tophatter.add_order(created_at="soon", paid_at="later")
    tophatter.fault("junk", on="orders")

    listing = listings.reconcile(store)

    assert listing.status == "complete"
    states = dict(
        ListedOrder.objects.values_list("marketplace_order_id", "marketplace_state")
    )
    assert states[str(dateless["order_id"])] == ""
    assert str(odd["order_id"]) in states
    assert ListedOrder.objects.filter(
        marketplace_order_id=dateless["order_id"], day=None
    ).exists()
    assert any(number.startswith("no-id-") for number in states)


@pytest.mark.parametrize("fault", ["500", "html", "truncated", "object", "reset_body"])
def test_a_listing_that_fails_leaves_the_last_complete_one(store, tophatter, fault):
    tophatter.add_order(created_at=days_ago(2))
    whole = listings.reconcile(store)
    tophatter.fault(fault, times=None, on="orders")

    failed = listings.reconcile(store)

    assert failed.status == "failed"
    assert failed.error
    assert listings.last_listing(store) == whole
    assert listings.last_attempt(store) == failed
    assert whole.orders.count() == 1
    assert not failed.orders.exists()


def test_of_a_listing_that_fails_on_its_second_page_nothing_is_kept(store, tophatter):
    for hours in range(1050):
        tophatter.add_order(created_at=days_ago(hours / 48))

    def fail_on_the_second(request):
        if request.body.get("page") == "2":
            tophatter.fault("500", times=None)

    tophatter.on_request = fail_on_the_second

    listing = listings.reconcile(store)

    assert listing.status == "failed"
    assert not ListedOrder.objects.exists()


def test_the_next_complete_listing_replaces_the_last(store, tophatter):
    tophatter.add_order(created_at=days_ago(2))
    listings.reconcile(store)
    tophatter.fault("500", times=None, on="orders")
    listings.reconcile(store)
    listings.reconcile(store)
    tophatter.clear_faults()

    last = listings.reconcile(store)

    assert list(Reconciliation.objects.all()) == [last]


def test_a_refused_token_is_the_stores_state(store, tophatter):
    tophatter.fault("401", times=None)

    listings.reconcile(store)

    store.refresh_from_db()
    assert store.connection == "refused"
    assert not listings.stores_to_list(clock.now()).exists()


def test_a_store_that_is_being_imported_is_not_listed(store, tophatter):
    leases.acquire(store)

    with pytest.raises(importing.AlreadyRunning):
        listings.reconcile(store)
    tasks.reconcile_store(store.pk)

    attempt = listings.last_attempt(store)
    assert attempt.status == "failed"
    assert "is already running for" in attempt.error


def test_a_listing_whose_process_died_is_closed(store, tophatter):
    now = clock.now()
    dead = Reconciliation.objects.create(store=store, window_start=now, started_at=now)
    ListedOrder.objects.create(reconciliation=dead, marketplace_order_id="1")

    tasks.refresh_due_stores()

    dead.refresh_from_db()
    assert dead.status == "failed"
    assert not dead.orders.exists()


def test_a_listing_that_was_closed_as_dead_does_not_come_back(store, tophatter):
    tophatter.add_order(created_at=days_ago(2))
    listings.reconcile(store)
    complete = listings.last_listing(store)

    def pause(**_facts):
        """A process that stood still for longer than its lease."""
        Store.objects.update(lease_until=days_ago(1))
        listings.close_dead()

    post_save.connect(pause, sender=Reconciliation)
    try:
        listing = listings.reconcile(store)
    finally:
        post_save.disconnect(pause, sender=Reconciliation)

    assert listing.status == "failed"
    assert listings.last_listing(store) == complete
    assert complete.orders.count() == 1
    assert not listing.orders.exists()


def test_a_store_whose_imports_were_pruned_is_listed_for_30_days(store, tophatter):
    ImportRun.objects.all().delete()
    store.last_import_at = days_ago(95)

    listing = listings.reconcile(store)

    assert listing.window_start < days_ago(29)


def test_a_listing_at_work_is_left_alone(store):
    now = clock.now()
    working = Reconciliation.objects.create(
        store=store, window_start=now, started_at=now
    )
    leases.acquire(store)

    tasks.refresh_due_stores()

    working.refresh_from_db()
    assert working.status == "running"


def test_each_store_is_listed_once_a_day(store, tophatter):
    now = clock.now()
    Store.objects.update(last_import_at=now)
    StoreFactory(is_active=False)
    StoreFactory(connection="refused")

    assert list(listings.stores_to_list(now)) == [store]

    listings.reconcile(store)

    assert not listings.stores_to_list(clock.now()).exists()
    tomorrow = clock.now() + timedelta(hours=21)
    assert list(listings.stores_to_list(tomorrow)) == [store]


def test_a_failed_listing_is_tried_again_after_hours(store, tophatter):
    tophatter.fault("500", times=None)
    listings.reconcile(store)

    Store.objects.update(last_import_at=clock.now())
    assert not listings.stores_to_list(clock.now()).exists()
    assert listings.stores_to_list(clock.now() + timedelta(minutes=241)).exists()


def test_the_schedule_lists_what_is_due_once(
    store, tophatter, django_capture_on_commit_callbacks
):
    Store.objects.update(last_import_at=clock.now())
    tophatter.add_order(created_at=days_ago(2))
    queues.purge()
    with django_capture_on_commit_callbacks(execute=True):
        tasks.reconcile_due_stores()
    (task,) = queues.waiting()

    tasks.reconcile_due_store(*task["args"])
    tasks.reconcile_due_store(*task["args"])

    pages = [request.body["page"] for request in tophatter.requests]
    assert pages == ["1", "2"]
    assert Reconciliation.objects.get().seen == 1
