"""Long work goes on in batches, whoever does it, and is whole or well begun."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext
from django.utils import timezone as clock

from orders import jobs, pruning, tasks
from orders.exporting import KEYS_A_TIME
from orders.jobs.kinds import file_of
from orders.jobs.working import MOST_ATTEMPTS
from orders.models import Job, JobPart, Order
from tests.factories import OrderFactory, StoreFactory, UserFactory
from tests.support import queues
from tests.support.programs import clear_away, wait_until

BATCHES = 3
COUNT = BATCHES * KEYS_A_TIME - 1

pytestmark = pytest.mark.django_db


def fill(count: int = COUNT) -> None:
    store = StoreFactory()
    Order.objects.bulk_create(OrderFactory.build_batch(count, store=store))


def ask(kind: str = "csv", by=None) -> Job:
    return jobs.ask_for_export(Order.objects.all(), "orders", kind, "all", by)


def finish(job: Job) -> Job:
    assert not jobs.work_on(job, clock.now() + timedelta(minutes=5))
    return Job.objects.get(pk=job.pk)


def numbers(job: Job) -> list[str]:
    """Return the order numbers of the file a job has made."""
    lines = b"".join(file_of(job)).decode("utf-8-sig").splitlines()
    column = lines[0].split(",").index("marketplace_order_id")
    return [line.split(",")[column] for line in lines[1:]]


def listed() -> list[str]:
    return list(Order.objects.values_list("marketplace_order_id", flat=True))


def batch_by_batch(job: Job, count: int) -> Job:
    """Do so many batches, each as a task whose time is over after it."""
    for _ in range(count):
        seen = []
        # The time is over once the first batch is done.
        jobs.work_on(job, Later(seen), on_batch=seen.append)
    return Job.objects.get(pk=job.pk)


class Later:
    """A moment that comes once something is seen."""

    def __init__(self, seen: list) -> None:
        self.seen = seen

    def __le__(self, _now) -> bool:
        return bool(self.seen)


def test_a_file_is_made_by_one_task_after_another():
    fill()
    job = ask()

    begun = batch_by_batch(job, 2)
    ended = finish(job)

    assert (begun.done, begun.finished_at) == (2 * KEYS_A_TIME, None)
    assert (ended.done, ended.is_complete) == (COUNT, True)
    assert ended.parts.count() == BATCHES
    assert numbers(ended) == listed()


@pytest.mark.django_db(transaction=True)
def test_a_task_whose_time_is_over_hands_on_to_another():
    fill(2)
    job = ask()
    queues.purge()

    tasks.work_on_job(job.pk, timedelta(0))

    (waiting,) = queues.waiting()
    assert (waiting["func"], waiting["args"]) == ("orders.tasks.work_on_job", (job.pk,))


def test_what_the_list_showed_leaves_in_its_order_whatever_changes_meanwhile():
    fill()
    before = listed()
    job = batch_by_batch(ask(), 1)
    OrderFactory(ordered_at=clock.now())
    Order.objects.filter(pk=job.keys[0]).update(ordered_at=clock.now())

    job = finish(job)

    assert numbers(job) == before


def test_stopping_leaves_whole_batches_and_going_on_ends_the_file():
    fill()
    job = ask()

    jobs.work_on(job, clock.now() + timedelta(minutes=5), on_batch=jobs.ask_to_stop)
    stopped = Job.objects.get(pk=job.pk)
    tasks.work_on_job(job.pk)
    after = Job.objects.get(pk=job.pk)
    jobs.go_on(stopped)
    job = finish(job)

    assert (stopped.done, bool(stopped.finished_at)) == (KEYS_A_TIME, True)
    assert not stopped.is_complete
    assert after.done == KEYS_A_TIME
    assert numbers(job) == listed()


def test_a_job_that_nobody_works_on_stops_at_once():
    fill(2)
    job = ask()

    jobs.ask_to_stop(job)

    assert Job.objects.get().finished_at


def test_two_never_work_on_one_job():
    fill(2)
    job = ask()
    Job.objects.update(claimed_by="other", claimed_until=Now() + timedelta(seconds=30))

    finish(job)
    Job.objects.update(claimed_until=Now() - timedelta(seconds=1))
    taken_over = finish(job)

    assert JobPart.objects.count() == 1
    assert taken_over.is_complete


def test_who_lost_the_job_to_another_adds_nothing():
    fill()
    job = ask()

    def lose(job: Job) -> None:
        Job.objects.update(claimed_by="other")

    jobs.work_on(job, clock.now() + timedelta(minutes=5), on_batch=lose)

    job = Job.objects.get()
    assert (job.done, job.claimed_by, job.finished_at) == (KEYS_A_TIME, "other", None)


def test_what_kills_its_worker_every_time_ends_with_a_reason():
    fill(2)
    job = ask()
    Job.objects.update(attempts=MOST_ATTEMPTS)

    job = finish(job)

    assert not job.is_complete
    assert job.error == "It failed 5 times at the same place."
    jobs.go_on(job)
    assert finish(job).is_complete


@pytest.mark.django_db(transaction=True)
def test_a_batch_that_fails_is_tried_again_by_the_next_sweep():
    fill(2)
    job = ask()
    good = job.facts
    Job.objects.update(facts={})

    with pytest.raises(KeyError):
        finish(job)
    queues.purge()
    tasks.refresh_due_stores()

    assert Job.objects.get().attempts == 1
    assert ("orders.tasks.work_on_job", (job.pk,)) in [
        (task["func"], task["args"]) for task in queues.waiting()
    ]
    Job.objects.update(facts=good)
    assert finish(job).is_complete


def test_files_are_deleted_after_some_days(settings):
    fill(2)
    job = finish(ask())
    days = timedelta(days=settings.QUEUE_RETENTION_DAYS)

    kept = pruning.prune(job.finished_at + days)
    deleted = pruning.prune(job.finished_at + days + timedelta(seconds=1))

    assert (kept["jobs"], deleted["jobs"]) == (0, 2)
    assert not JobPart.objects.exists()


def test_a_batch_costs_the_same_queries_whatever_its_length():
    costs = []
    for count in (2, KEYS_A_TIME - 2):
        fill(count)
        job = ask()
        with CaptureQueriesContext(connection) as queries:
            finish(job)
        costs.append(len(queries))

    assert costs[0] == costs[1]


@pytest.mark.django_db(transaction=True)
def test_a_job_whose_worker_is_killed_goes_on_with_another(manage):
    fill(6 * KEYS_A_TIME)
    job = ask()
    cluster = manage("qcluster")
    wait_until(lambda: Job.objects.get().done >= KEYS_A_TIME, 60, "the first batch")

    clear_away(cluster)
    killed = Job.objects.get()
    Job.objects.update(claimed_until=Now() - timedelta(seconds=1))
    queues.purge()
    tasks.refresh_due_stores()
    manage("qcluster")
    wait_until(lambda: Job.objects.get().finished_at, 60, "the end of the job")

    job = Job.objects.get()
    assert (killed.finished_at, killed.done % KEYS_A_TIME) == (None, 0)
    assert 0 < killed.done < killed.total
    assert numbers(job) == listed()


def test_a_job_belongs_to_whoever_asked():
    fill(2)
    user = UserFactory()

    assert ask(by=user).asked_by == user
