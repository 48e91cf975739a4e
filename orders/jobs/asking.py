"""Jobs begin, are stopped and go on because somebody asks for it."""

from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone as clock

from backoffice.kit.queue import enqueue
from backoffice.kit.sheets import refuse_too_many
from orders.exporting import keys_of
from orders.jobs.working import work_on
from orders.models import Job, Order

# What facts say of how far a job has come.
_COUNTED = {"rows": 0, "slips": 0}


def ask_for_export(
    listed: QuerySet, what: str, kind: str, name: str, by: User | None
) -> Job:
    """Have what a list shows now written to a file, or raise `TooManyRows`."""
    keys = keys_of(listed)
    if kind == "xlsx":
        refuse_too_many(len(keys) + 1)
    facts = {
        "list": listed.model._meta.model_name,
        "what": what,
        "format": kind,
        "name": name,
        "rows": 0,
    }
    return _ask_once(Job.Kind.EXPORT, facts, keys, by)


def ask_for_slips(orders: list[Order], paper: str, by: User | None) -> Job:
    """Have the slips of these orders drawn, in this order, and marked as printed."""
    name = f"packing-slips-{clock.localdate().isoformat()}"
    facts = {"paper": paper, "format": "pdf", "name": name, "slips": 0}
    keys = [order.pk for order in orders]
    return _ask_once(Job.Kind.SLIPS, facts, keys, by)


def _ask_once(
    kind: Job.Kind, facts: dict[str, Any], keys: list[int], by: User | None
) -> Job:
    """Begin a job, unless the same person's same job is not done: a second click."""
    if by is None:
        return Job.objects.ask(kind, facts, keys, by)
    with transaction.atomic():
        # Of two at the same moment the second waits, and finds the first's.
        User.objects.select_for_update().get(pk=by.pk)
        alike = Job.objects.unfinished().filter(
            kind=kind, asked_by=by, total=len(keys), stop_asked_at=None
        )
        for job in alike:
            # But for what the job counts there itself.
            same = {name: job.facts[name] for name in facts} | _COUNTED
            if same == facts | _COUNTED and job.keys == keys:
                return job
        return Job.objects.ask(kind, facts, keys, by)


def ask_to_stop(job: Job) -> None:
    """Have a job end after the batch that is being done."""
    now = clock.now()
    Job.objects.unfinished().filter(pk=job.pk).update(stop_asked_at=now)
    # Nobody is there to stop where nobody works on it.
    work_on(job, now)


def go_on(job: Job) -> None:
    """Have a job that was stopped, or failed, go on where it was."""
    ended = Job.objects.filter(
        pk=job.pk, finished_at__isnull=False, done__lt=F("total")
    )
    with transaction.atomic():
        if ended.update(stop_asked_at=None, finished_at=None, error="", attempts=0):
            enqueue("work_on_job", job.pk)
