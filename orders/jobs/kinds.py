"""What the kinds of jobs do with a batch of their keys."""

import json
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain
from typing import Any, NamedTuple

from django.utils import timezone as clock

from backoffice.kit.sheets import FORMATS
from orders.auditing import zone_doctor
from orders.documents import slips
from orders.documents.drawing import draw_slips
from orders.documents.paper import put_together
from orders.exporting import EXPORTS, KEYS_A_TIME, Export
from orders.importing import replays
from orders.importing.replays import ORDERS_A_TIME
from orders.models import Job, Order, Replay, TrackingFile
from orders.tracking_files.files import keep_results, lines_of, take_lines

LINES_A_TIME = 50
# A quarter of a second, in which SQLite lets nobody else write.
SLIPS_A_TIME = 25
LISTS = {model._meta.model_name: model for model in EXPORTS}


class Work(NamedTuple):
    """How a kind of job is done.

    `begin` returns what does a batch and gives back what it adds to the job's parts.
    What `writes` does so in one transaction with the note of how far the job is.
    `end` is called once all is done, or when the job stops before.
    """

    begin: Callable[[Job], Callable[[list[Any]], bytes | None]]
    keys_a_time: int
    writes: bool
    end: Callable[[Job], None] = lambda job: None


def export_of(job: Job) -> Export:
    return EXPORTS[LISTS[job.facts["list"]]][job.facts["what"]]


def _begin_export(job: Job) -> Callable[[list[int]], bytes]:
    export, written = export_of(job), FORMATS[job.facts["format"]]

    def write(keys: list[int]) -> bytes:
        header = [] if job.done else [export.header]
        rows = [*header, *export.rows_of(keys)]
        piece = written.piece(rows, job.facts["rows"] + 1)
        job.facts["rows"] += len(rows)
        return piece

    return write


def _begin_replay(job: Job) -> Callable[[list[int]], bytes]:
    replay = _replay_of(job)
    return lambda keys: json.dumps(replays.read_on(replay, keys)).encode()


def _end_replay(job: Job) -> None:
    """Keep what the way back needs on the replay, in one place."""
    replays.keep_readings(_replay_of(job), map(json.loads, _parts_of(job)))
    job.parts.all().delete()


def _begin_undo(job: Job) -> Callable[[list[replays.Step]], None]:
    return partial(replays.undo_on, _replay_of(job))


def _end_undo(job: Job) -> None:
    if job.done == job.total:
        replay = replays.end_undo(_replay_of(job), job.asked_by)
        # What was wrong with the earlier zone is wrong with it again.
        zone_doctor.record_suspicion(replay.store)


def _begin_taking(job: Job) -> Callable[[list[int]], bytes]:
    lines = lines_of(_file_of(job), clock.now(), job.limit)

    def take(places: list[int]) -> bytes:
        found = take_lines([lines[place] for place in places], job.asked_by)
        return json.dumps(found).encode()

    return take


def _end_taking(job: Job) -> None:
    """Keep the results in one place once there is one of each line."""
    if job.done == job.total:
        parts = map(json.loads, _parts_of(job))
        keep_results(_file_of(job), list(chain.from_iterable(parts)))
        job.parts.all().delete()


def _draw(job: Job, keys: list[int]) -> bytes | None:
    orders = list(filter(slips.is_printable, Order.objects.in_order_of(keys)))
    if not orders:
        return None
    drawn = slips.slips_of(orders, clock.now(), job.facts["slips"] + 1)
    slips.mark_printed(orders, job.asked_by)
    job.facts["slips"] += len(drawn)
    return draw_slips(drawn, job.facts["paper"])


def _end_slips(job: Job) -> None:
    """Keep the pile as one document, of what was drawn when it was stopped too."""
    if whole := put_together(_parts_of(job)):
        job.parts.all().delete()
        job.parts.create(start=0, content=zlib.compress(whole, 1))


def _file_of(job: Job) -> TrackingFile:
    return TrackingFile.objects.get(pk=job.facts["file"])


def _replay_of(job: Job) -> Replay:
    return Replay.objects.select_related("store").get(pk=job.facts["replay"])


WORK = {
    Job.Kind.EXPORT: Work(_begin_export, KEYS_A_TIME, writes=False),
    Job.Kind.REPLAY: Work(_begin_replay, ORDERS_A_TIME, writes=True, end=_end_replay),
    Job.Kind.UNDO: Work(_begin_undo, ORDERS_A_TIME, writes=True, end=_end_undo),
    Job.Kind.TRACKING_FILE: Work(_begin_taking, LINES_A_TIME, True, _end_taking),
    Job.Kind.SLIPS: Work(
        lambda job: partial(_draw, job), SLIPS_A_TIME, writes=True, end=_end_slips
    ),
}


def _parts_of(job: Job) -> Iterator[bytes]:
    parts = job.parts.values_list("content", flat=True).iterator(chunk_size=10)
    return (zlib.decompress(content) for content in parts)


def file_of(job: Job) -> Iterator[bytes]:
    """Yield the file that a complete job has made."""
    if job.kind == Job.Kind.SLIPS:
        return _parts_of(job)
    return FORMATS[job.facts["format"]].file(_parts_of(job), job.facts["name"])
