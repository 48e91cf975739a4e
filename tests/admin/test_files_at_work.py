"""A tracking file that a job takes: everybody sees who does, and nobody changes it."""

from contextlib import suppress
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.utils import timezone as clock

from backoffice.kit.admin import row_url
from orders import jobs
from orders.jobs.kinds import WORK
from orders.models import Job, Shipment, TrackingFile
from orders.tracking_files import files
from tests.factories import OrderFactory
from tests.support.order_pages import page, staff, step, words
from tests.support.tracking_files import stored

KIND = Job.Kind.TRACKING_FILE
FEDEX = {"order": "0", "tracking_number": "1", "default_carrier": "FedEx"}

pytestmark = pytest.mark.django_db


@pytest.fixture
def file(monkeypatch) -> TrackingFile:
    """A file that a job takes, line by line."""
    monkeypatch.setattr(files, "MOST_AT_ONCE", 1)
    monkeypatch.setitem(WORK, KIND, WORK[KIND]._replace(keys_a_time=1))
    orders = OrderFactory.create_batch(3)
    header = ["Order", "Tracking"]
    rows = [[str(one), f"9400111899{one.pk:012}"] for one in orders]
    return stored(*rows, header=header, carrier="USPS")


@pytest.fixture
def taker(client, file):
    """Whose job has taken a line and waits for its next turn."""
    taker = staff(client, "ship_order")
    client.post(step(file, "take"))
    work(Job.objects.get(), lines=1)
    return taker


class Enough(Exception):
    """The process that works on the job ends."""


def work(job: Job, lines: int = 0) -> None:
    def end(job: Job) -> None:
        if job.done == lines:
            raise Enough

    later = clock.now() + timedelta(minutes=5)
    with suppress(Enough):
        jobs.work_on(job, later, on_batch=end)


def colleague() -> Client:
    client = Client()
    staff(client, "ship_order")
    return client


def test_the_page_says_who_takes_the_file_and_how_far_it_is(client, file, taker):
    theirs = colleague().get(page(file)).content.decode()
    own = client.get(page(file)).content.decode()

    assert f"{taker} is taking this file: 1 of 3 done." in words(theirs)
    assert "Nothing has shipped yet" not in theirs
    for gone in ("Take 2 lines", "Look at the lines again", 'name="left_out"'):
        assert gone not in theirs
    assert row_url(Job.objects.get()) in own
    assert row_url(Job.objects.get()) not in theirs


@pytest.mark.parametrize(
    ("name", "fields"),
    [("take", {}), ("columns", FEDEX), ("leave_out", {"left_out": ["3"]})],
)
@pytest.mark.parametrize("is_stopped", [False, True])
def test_nobody_else_changes_or_takes_it(client, file, taker, name, fields, is_stopped):
    if is_stopped:
        client.post(step(Job.objects.get(), "stop"))
    logged = LogEntry.objects.count()

    answer = colleague().post(step(file, name), fields, follow=True)

    assert answer.redirect_chain[0][0].split("?")[0] == page(file)
    assert f"{taker} is taking this file." in words(answer.content.decode())
    assert LogEntry.objects.count() == logged
    jobs.go_on(Job.objects.get())
    work(Job.objects.get())
    assert TrackingFile.objects.get().taken_at
    assert list(Shipment.objects.values_list("carrier", flat=True)) == ["USPS"] * 3


def test_a_stopped_one_says_who_goes_on_with_it(client, file, taker):
    client.post(step(Job.objects.get(), "stop"))

    text = words(colleague().get(page(file)).content.decode())

    assert f"{taker} began to take this file and stopped: 1 of 3 done." in text


def test_whoever_takes_it_is_led_to_the_job_and_noted_once(client, file, taker):
    answer = client.post(step(file, "take"))

    assert answer.url == row_url(Job.objects.get())
    assert LogEntry.objects.filter(change_message="Taken.").count() == 1


def test_one_that_failed_can_be_changed_and_taken_anew(client, file, taker):
    Job.objects.update(finished_at=clock.now(), error="It failed 5 times.")

    left_out = colleague().post(step(file, "leave_out"), {"left_out": ["3"]})
    colleague().post(step(file, "take"))
    work(Job.objects.first())

    assert left_out.status_code == 302
    assert [result for result, _ in TrackingFile.objects.get().results] == [
        "done",
        "left_out",
        "shipped",
    ]


def test_lines_are_narrowed_without_a_word_meanwhile(file, taker):
    answer = colleague().post(step(file, "leave_out") + "?show=done", follow=True)

    assert "is taking this file." not in words(answer.content.decode())
    assert answer.redirect_chain[0][0].endswith("?show=done")
