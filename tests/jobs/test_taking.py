"""A big tracking file is taken by a job: each line once, each with its result."""

from datetime import timedelta

import pytest
from django.db import close_old_connections
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone as clock

from backoffice.kit.admin import row_url
from orders import jobs, tasks
from orders.jobs.kinds import LINES_A_TIME
from orders.models import Job, Shipment, TrackingFile
from orders.tracking_files import files
from tests.factories import OrderFactory, StoreFactory
from tests.support import queues
from tests.support.programs import clear_away, wait_until

COUNT = 2 * LINES_A_TIME + 5

pytestmark = pytest.mark.django_db


@pytest.fixture
def file(db) -> TrackingFile:
    """A file with lines for three batches, one of which names no order."""
    orders = OrderFactory.create_batch(COUNT - 1, store=StoreFactory())
    lines = [f"{order},USPS,9400111899{order.pk:012}" for order in orders]
    lines.insert(3, "999,USPS,9400111899000000000999")
    text = "\n".join(["Order,Carrier,Tracking number", *lines])
    file = files.read_file("big.csv", text.encode())
    file.save()
    return file


def work(job: Job, **options) -> None:
    jobs.work_on(job, clock.now() + timedelta(minutes=5), **options)


def results(file: TrackingFile) -> list[str]:
    file.refresh_from_db()
    return [result for result, _sentence in file.results]


WHOLE = ["shipped"] * 3 + ["refused"] + ["shipped"] * (COUNT - 4)


@pytest.mark.slow
def test_each_line_is_taken_once_and_has_its_result(file):
    job = files.begin_taking(file, None)

    work(job)

    assert results(file) == WHOLE
    assert file.taken_at
    assert Shipment.objects.count() == COUNT - 1
    assert not job.parts.exists()


@pytest.mark.slow
def test_stopped_it_has_taken_whole_batches_and_goes_on(file):
    job = files.begin_taking(file, None)

    work(job, on_batch=jobs.ask_to_stop)
    stopped = Shipment.objects.count()
    taken_at = TrackingFile.objects.get().taken_at
    jobs.go_on(job)
    work(job)

    assert (stopped, taken_at) == (LINES_A_TIME - 1, None)
    assert results(file) == WHOLE
    assert Shipment.objects.count() == COUNT - 1


@pytest.mark.slow
def test_a_second_click_leads_to_the_same_job(admin_client, file, monkeypatch):
    monkeypatch.setattr(files, "MOST_AT_ONCE", 10)
    take = reverse("admin:orders_trackingfile_take", args=[file.pk])

    first, second = admin_client.post(take), admin_client.post(take)
    job = Job.objects.get()
    work(job)
    page = admin_client.get(row_url(job)).content.decode()

    assert first.url == second.url == row_url(job)
    assert reverse("admin:orders_trackingfile_change", args=[file.pk]) in page
    assert "Take the lines of big.csv" in page
    assert results(file) == WHOLE


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_queue_that_closes_the_connection_ends_no_job(file):
    """As its broker does between the batches, where it is in the database."""
    job = files.begin_taking(file, None)

    work(job, on_batch=lambda _job: close_old_connections())

    assert results(file) == WHOLE


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_while_it_takes_lines_takes_none_twice(file, manage):
    files.begin_taking(file, None)
    cluster = manage("qcluster")
    wait_until(lambda: Job.objects.get().done, 60, "the first batch")

    clear_away(cluster)
    killed = Job.objects.get()
    shipped = Shipment.objects.count()
    Job.objects.update(claimed_until=Now() - timedelta(seconds=1))
    queues.purge()
    tasks.refresh_due_stores()
    manage("qcluster")
    wait_until(lambda: Job.objects.get().finished_at, 60, "the end of the job")

    assert shipped == max(0, killed.done - 1)
    assert results(file) == WHOLE
    assert Shipment.objects.count() == COUNT - 1
