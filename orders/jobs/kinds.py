"""What the kinds of jobs do with a batch of their keys."""

import zlib
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from backoffice.kit.sheets import FORMATS
from orders.exporting import EXPORTS, KEYS_A_TIME, Export
from orders.models import Job, Order, Shipment

LISTS = {model._meta.model_name: model for model in (Order, Shipment)}


class Work(NamedTuple):
    """How a kind of job is done.

    `begin` returns what does a batch and gives back what it adds to the job's file.
    What `writes` does so in one transaction with the note of how far the job is.
    """

    begin: Callable[[Job], Callable[[list[Any]], bytes]]
    keys_a_time: int
    writes: bool


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


WORK = {Job.Kind.EXPORT: Work(_begin_export, KEYS_A_TIME, writes=False)}


def file_of(job: Job) -> Iterator[bytes]:
    """Yield the file that a complete job has made."""
    parts = job.parts.values_list("content", flat=True).iterator(chunk_size=10)
    pieces = (zlib.decompress(content) for content in parts)
    return FORMATS[job.facts["format"]].file(pieces, job.facts["name"])
