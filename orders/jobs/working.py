"""Do a job batch by batch, each kept before the next, as far as the time goes."""

import secrets
import time
import zlib
from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone as clock
from django.utils import translation

from backoffice.kit.database import in_passing
from backoffice.kit.errors import NotAllowed
from backoffice.kit.sentences import sentence
from backoffice.kit.sheets import TooManyRows
from orders.jobs.kinds import WORK
from orders.models import Job, JobPart
from orders.models.jobs import CLAIM_TIME

# Short, so that imports and notices get their turn at the only worker in between.
WORKING_TIME = timedelta(seconds=20)
# A batch that kills its worker every time must not do so for ever.
MOST_ATTEMPTS = 5
# SQLite's other writers look so often whether they may write, and would starve
# without it.
PAUSE = 0.15


class TakenOver(Exception):
    """Somebody else works on the job by now."""


def work_on(
    job: Job, until: datetime, on_batch: Callable[[Job], None] = lambda job: None
) -> bool:
    """Go on with a job and return whether more than the time allows is left.

    Does nothing while another process works on it.
    """
    owner = secrets.token_hex(16)
    free = Job.objects.unfinished().unclaimed().filter(pk=job.pk)
    claim = Now() + CLAIM_TIME
    # Counted before the work begins, because it may kill its process.
    if not free.update(
        claimed_by=owner, claimed_until=claim, attempts=F("attempts") + 1
    ):
        return False
    job.refresh_from_db()
    try:
        with translation.override(job.language or None), in_passing():
            return _work(job, until, on_batch)
    except (NotAllowed, TooManyRows) as error:
        _end(job, error.args[0])
    except TakenOver:
        pass
    finally:
        Job.objects.filter(pk=job.pk, claimed_by=owner).update(
            claimed_by="", claimed_until=None
        )
    return False


def _work(job: Job, until: datetime, on_batch: Callable[[Job], None]) -> bool:
    if job.attempts > MOST_ATTEMPTS:
        message = sentence("It failed %(count)d times at the same place.")
        raise NotAllowed(message % {"count": MOST_ATTEMPTS})
    work = WORK[Job.Kind(job.kind)]
    take = work.begin(job)
    while job.done < job.total and not job.stop_asked_at:
        if clock.now() >= until:
            return True
        batch = job.keys[job.done : job.done + work.keys_a_time]
        with transaction.atomic() if work.writes else nullcontext():
            _keep(job, take(batch), len(batch))
        on_batch(job)
        job.refresh_from_db(fields=["stop_asked_at"])
        if work.writes and connection.vendor == "sqlite":
            time.sleep(PAUSE)
    _end(job)
    return False


def _keep(job: Job, piece: bytes | None, count: int) -> None:
    """Note that a batch is done, and what it adds to the file, or raise `TakenOver`."""
    with transaction.atomic():
        mine = Job.objects.filter(
            pk=job.pk, claimed_by=job.claimed_by, done=job.done, finished_at=None
        )
        if not mine.update(
            done=job.done + count,
            facts=job.facts,
            claimed_until=Now() + CLAIM_TIME,
            attempts=0,
        ):
            raise TakenOver
        if piece:
            JobPart.objects.create(
                job=job, start=job.done, content=zlib.compress(piece, 1)
            )
    job.done += count


def _end(job: Job, error: str = "") -> None:
    mine = Job.objects.unfinished().filter(pk=job.pk, claimed_by=job.claimed_by)
    with transaction.atomic():
        if mine.update(finished_at=clock.now(), error=error):
            WORK[Job.Kind(job.kind)].end(job)
