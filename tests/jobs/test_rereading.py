"""Stored orders are read again by a job: left, stopped, killed, gone on with."""

import threading
from datetime import timedelta

import pytest
from django.db import connections
from django.db.models.functions import Now
from django.utils import timezone as clock

from orders import importing, jobs, tasks
from orders.importing import replays
from orders.importing.replays import ORDERS_A_TIME
from orders.importing.rereading import Settings, read_otherwise
from orders.models import Job, Order, OrderEvent, Replay
from orders.shipping import NotAllowed
from stores.models import Store
from tests.factories import StoreFactory
from tests.support import queues
from tests.support.programs import clear_away, wait_until
from tests.support.replaying import bring, everything, naive

LOS_ANGELES = Settings("America/Los_Angeles", False)
COUNT = 2 * ORDERS_A_TIME + 3

pytestmark = pytest.mark.django_db


@pytest.fixture
def store(db) -> Store:
    """A store with orders for three batches."""
    store = StoreFactory(name="Main store")
    bring(store, *(naive(number) for number in range(1, COUNT + 1)))
    return store


def work(job: Job, **options) -> Job:
    jobs.work_on(job, clock.now() + timedelta(minutes=5), **options)
    return Job.objects.get(pk=job.pk)


@pytest.mark.slow
def test_a_job_reads_what_a_change_at_once_would_read(store):
    other = StoreFactory()
    bring(other, *(naive(number) for number in range(1, COUNT + 1)))
    at_once = replays.apply(other, LOS_ANGELES, None)

    job = work(replays.begin_replay(store, LOS_ANGELES, None))

    replay = store.replays.get()
    assert (job.is_complete, job.parts.count()) == (True, 0)
    assert (replay.changed, at_once.changed) == (COUNT, COUNT)
    assert {name: len(pks) for name, pks in replay.readings.items()} == {
        name: len(pks) for name, pks in at_once.readings.items()
    }
    assert set(store.orders.values_list("marketplace_order_id", "ordered_at")) == set(
        other.orders.values_list("marketplace_order_id", "ordered_at")
    )
    assert OrderEvent.objects.filter(order__store=store).count() == COUNT


@pytest.mark.slow
def test_a_job_undoes_every_row(store):
    before = everything(store)
    work(replays.begin_replay(store, LOS_ANGELES, None))
    changed = everything(store) != before

    job = work(replays.begin_undo(replays.last_replay(store), None))

    assert changed
    assert job.is_complete
    assert everything(store) == before
    assert Settings.of(Store.objects.get()) == Settings("UTC", False)
    assert Replay.objects.get().undone_at


@pytest.mark.slow
def test_stopped_in_between_whole_batches_are_read_and_can_be_undone(store):
    before = everything(store)

    job = work(
        replays.begin_replay(store, LOS_ANGELES, None), on_batch=jobs.ask_to_stop
    )

    store.refresh_from_db()
    assert (job.done, job.is_complete) == (ORDERS_A_TIME, False)
    assert read_otherwise(store).count() == COUNT - ORDERS_A_TIME
    work(replays.begin_undo(replays.last_replay(store), None))
    assert everything(store) == before
    jobs.go_on(job)
    job = work(job)
    assert "has other settings by now" in job.error
    assert everything(store) == before


def test_stopped_it_goes_on_where_it_was(store):
    job = work(
        replays.begin_replay(store, LOS_ANGELES, None), on_batch=jobs.ask_to_stop
    )

    jobs.go_on(job)
    job = work(job)

    replay = Replay.objects.get()
    assert (job.is_complete, replay.changed) == (True, COUNT)
    assert sorted(pk for pks in replay.readings.values() for pk in pks) == sorted(
        store.orders.values_list("pk", flat=True)
    )


@pytest.mark.slow
def test_what_comes_in_meanwhile_is_read_alike_and_undone_alike(store):
    last = store.orders.order_by("pk").last()

    def come_in(job: Job) -> None:
        if job.done == ORDERS_A_TIME:
            store.refresh_from_db()
            importing.import_page(
                store, [naive(COUNT, customer_name="Ada"), naive(9999)]
            )

    work(replays.begin_replay(store, LOS_ANGELES, None), on_batch=come_in)
    read = store.orders.get(pk=last.pk).ordered_at
    work(replays.begin_undo(replays.last_replay(store), None))

    assert read - last.ordered_at == timedelta(hours=7)
    assert set(store.orders.values_list("ordered_at", flat=True)) == {last.ordered_at}


def test_meanwhile_nobody_changes_how_the_store_is_read(store):
    replays.begin_replay(store, LOS_ANGELES, None)

    for step in (replays.apply, replays.begin_replay):
        with pytest.raises(NotAllowed, match="are being read again"):
            step(store, Settings("Asia/Tokyo", False), None)
    with pytest.raises(NotAllowed, match="are being read again"):
        replays.save(store, Settings("Asia/Tokyo", False), None)
    with pytest.raises(NotAllowed, match="are being read again"):
        replays.undo(Replay.objects.get(), None)

    assert Settings.of(Store.objects.get()) == LOS_ANGELES


@pytest.mark.django_db(transaction=True)
def test_another_writer_gets_in_between_two_batches(store):
    job = replays.begin_replay(store, LOS_ANGELES, None)
    done: list[int] = []
    begun = threading.Event()

    def write() -> None:
        begun.wait(60)
        for _ in range(2):
            Store.objects.filter(pk=store.pk).update(phone="+1 555 0100")
            done.append(Job.objects.get(pk=job.pk).done)
        connections.close_all()

    writer = threading.Thread(target=write)
    writer.start()
    work(job, on_batch=lambda job: begun.set())
    writer.join()

    assert len(done) == 2
    assert done[0] < COUNT
    assert Job.objects.get().is_complete


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_while_it_reads_leaves_whole_batches_and_another_goes_on(
    store, manage
):
    job = replays.begin_replay(store, LOS_ANGELES, None)
    cluster = manage("qcluster")
    wait_until(lambda: Job.objects.get().done, 60, "the first batch")

    clear_away(cluster)
    killed = Job.objects.get()
    store.refresh_from_db()
    left = read_otherwise(store).count()
    Job.objects.update(claimed_until=Now() - timedelta(seconds=1))
    queues.purge()
    tasks.refresh_due_stores()
    manage("qcluster")
    wait_until(lambda: Job.objects.get().finished_at, 60, "the end of the job")

    assert left == COUNT - killed.done
    replay = Replay.objects.get()
    assert (replay.changed, read_otherwise(store).count()) == (COUNT, 0)
    assert OrderEvent.objects.count() == COUNT
    read = [pk for pks in replay.readings.values() for pk in pks]
    assert sorted(read) == sorted(Order.objects.values_list("pk", flat=True))
    assert Job.objects.get(pk=job.pk).is_complete
