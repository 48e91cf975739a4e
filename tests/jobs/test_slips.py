"""A long pile of slips is drawn in batches, each printed and recorded once."""

from datetime import timedelta

import pytest
from django.utils import timezone as clock

from orders import jobs
from orders.jobs.kinds import SLIPS_A_TIME, file_of
from orders.models import Job, Order, PackingSlip
from stores.marketplaces.base import OrderStatus
from tests.factories import OrderFactory, StoreFactory, UserFactory
from tests.support import papers

COUNT = 2 * SLIPS_A_TIME + 1

pytestmark = pytest.mark.django_db


@pytest.fixture
def job() -> Job:
    store = StoreFactory()
    Order.objects.bulk_create(OrderFactory.build_batch(COUNT, store=store))
    return jobs.ask_for_slips(list(Order.objects.all()), "a4", UserFactory())


def work(job: Job) -> Job:
    assert not jobs.work_on(job, clock.now() + timedelta(minutes=5))
    return Job.objects.get(pk=job.pk)


def texts(job: Job) -> list[str]:
    pdf = papers.read(b"".join(file_of(job)))
    return [page.extract_text() for page in pdf.pages]


@pytest.mark.slow
def test_a_long_pile_becomes_one_document_in_its_order(job):
    ended = work(job)

    pages = texts(ended)
    numbers = [Order.objects.get(pk=pk).marketplace_order_id for pk in job.keys]
    assert len(pages) == COUNT
    for place, (number, page) in enumerate(zip(numbers, pages, strict=True), start=1):
        assert number in page
        assert f"{place}" in page
    assert PackingSlip.objects.count() == COUNT
    assert set(PackingSlip.objects.values_list("printed_by", flat=True)) == {
        job.asked_by_id
    }


@pytest.mark.slow
def test_what_was_stopped_is_printed_as_far_as_it_came_and_goes_on(job):
    def stop(_job: Job) -> None:
        Job.objects.update(stop_asked_at=clock.now())

    jobs.work_on(job, clock.now() + timedelta(minutes=5), on_batch=stop)
    stopped = Job.objects.get()
    printed = (len(texts(stopped)), PackingSlip.objects.count())
    jobs.go_on(stopped)
    ended = work(stopped)

    assert printed == (SLIPS_A_TIME, SLIPS_A_TIME)
    assert ended.is_complete
    assert len(texts(ended)) == PackingSlip.objects.count() == COUNT
    assert not any("reprint" in page.lower() for page in texts(ended))


@pytest.mark.slow
def test_an_order_cancelled_meanwhile_gets_no_slip(job):
    gone = Order.objects.get(pk=job.keys[0])
    Order.objects.filter(pk=gone.pk).update(marketplace_state=OrderStatus.CANCELLED)

    pages = texts(work(job))

    assert len(pages) == PackingSlip.objects.count() == COUNT - 1
    assert not any(gone.marketplace_order_id in page for page in pages)
