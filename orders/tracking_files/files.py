"""Tracking numbers that come in a carrier's file: read it, take its good lines.

Lines are taken one by one and each says what became of it, so one bad line never stops
the others. A second taking, or one after a crash, finds its shipments here already.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone as clock
from django.utils.translation import gettext as _

from backoffice.kit.fields import most_characters
from backoffice.kit.queue import enqueue
from backoffice.kit.sheets import as_csv
from backoffice.kit.uploads import read_table
from orders.advice import waits_for
from orders.models import Job, Shipment, TrackingFile
from orders.shipping import NotAllowed
from orders.shipping.doubts import correct_unless_in_doubt, ship_unless_in_doubt
from orders.tracking_files.columns import (
    MEANINGS,
    REQUIRED,
    Mapping,
    find_order_column,
    find_status,
    guess,
    rank,
    remember,
)
from orders.tracking_files.lines import (
    TO_TAKE,
    JudgedLine,
    Result,
    as_seen,
    has_it,
    judge,
)
from orders.tracking_files.reading import read_line
from stores.access import Limit, limit_of

PENDING = Shipment.Notification.PENDING
# More lines are taken by a job, in batches of their own transactions.
MOST_AT_ONCE = 1000

# What became of a line, as its file keeps it: a result and a sentence.
KeptResult = tuple[str, str]


def read_file(
    name: str,
    data: bytes,
    carrier: str = "",
    by: User | None = None,
    *,
    is_carrier_for_all: bool = False,
) -> TrackingFile:
    """Return the file with its lines and columns, unsaved, or `UnreadableFile`."""
    table = read_table(data, rank)
    mapping, last_carrier = remember(table.header, by) or ({}, "")
    if not mapping:
        order = find_order_column(table.header, table.lines, limit_of(by))
        mapping = guess(table.header, table.lines, order)
    # The last file may have had none, and a dead label must not ship.
    mapping = find_status(table.header, table.lines, mapping) | mapping
    return TrackingFile(
        name=name[-most_characters(TrackingFile, "name") :],
        header=table.header,
        lines=table.lines,
        mapping=mapping,
        carrier=carrier or last_carrier,
        is_carrier_for_all=is_carrier_for_all,
        uploaded_by=by,
    )


def missing(mapping: Mapping) -> str:
    """Return which column has to be chosen still, in a sentence; empty when none."""
    for meaning in REQUIRED:
        if meaning not in mapping:
            message = _("Choose the column that holds: %(meaning)s.")
            return message % {"meaning": MEANINGS[meaning]}
    return ""


def lines_of(
    file: TrackingFile, now: datetime, limit: Limit = None
) -> list[JudgedLine]:
    """Return what became of the file's lines, or what would while it is not taken.

    An order of a store beyond the limit is as unknown as one that is not here.
    """
    if not file.taken_at:
        return judge(
            file.lines,
            file.columns,
            file.carrier,
            now,
            header=file.header,
            left_out=set(file.left_out),
            limit=limit,
        )
    lines = [
        read_line(number, row, file.columns, file.carrier, states={})
        for number, row in file.lines
    ]
    taken = [
        JudgedLine(**vars(line), result=Result(result), sentence=sentence)
        for line, (result, sentence) in zip(lines, file.results, strict=True)
    ]
    return taken if limit is None else as_seen(taken, limit)


def taking_of(file: TrackingFile) -> Job | None:
    """Return the job that takes the file and has not ended, at work or stopped.

    One that failed lets go of it: a line may have to be left out first.
    """
    is_at_it = Q(finished_at=None) | Q(done__lt=F("total"), error="")
    jobs = Job.objects.filter(
        is_at_it, kind=Job.Kind.TRACKING_FILE, facts__file=file.pk
    )
    return jobs.select_related("asked_by").defer("keys").first()


@contextmanager
def _locked(file: TrackingFile) -> Iterator[TrackingFile]:
    """Hold the file's row, so that nobody begins to take it meanwhile, and return it.

    Raises `NotAllowed` when somebody takes it already.
    """
    with transaction.atomic():
        row = TrackingFile.objects.select_for_update().get(pk=file.pk)
        if job := taking_of(file):
            raise NotAllowed(being_taken(job))
        yield row


def being_taken(job: Job) -> str:
    """Say whose job takes a file, as the reason why nobody else changes it."""
    return _("%(who)s is taking this file.") % {"who": job.asked_by or _("Somebody")}


def choose_columns(
    file: TrackingFile, mapping: Mapping, carrier: str, *, is_carrier_for_all: bool
) -> None:
    """Have the file's lines read by other columns, or raise `NotAllowed`."""
    with _locked(file):
        file.mapping, file.carrier = mapping, carrier
        file.is_carrier_for_all = is_carrier_for_all
        file.save(update_fields=["mapping", "carrier", "is_carrier_for_all"])


def leave_out(file: TrackingFile, ticked: set[int], unticked: set[int]) -> None:
    """Leave out the lines newly ticked and no longer those unticked.

    The other lines stay as they are now, because two people may have a page open.
    Raises `NotAllowed` while somebody takes the file.
    """
    with _locked(file) as row:
        left_out = set(row.left_out)
        lines = {number for number, _row in file.lines}
        file.left_out = sorted(left_out - unticked | ticked & lines)
        file.save(update_fields=["left_out"])


def take_file(file: TrackingFile, by: User | None = None) -> list[JudgedLine]:
    """Ship and correct what the file's lines say, once, and keep each result."""
    file.refresh_from_db()
    limit = limit_of(by)
    lines = lines_of(file, clock.now(), limit)
    if file.taken_at:
        return lines
    keep_results(file, take_lines(lines, by))
    return lines_of(file, clock.now(), limit)


def has_many_lines(file: TrackingFile) -> bool:
    """Whether the file has so many lines that a job takes them."""
    return len(file.lines) > MOST_AT_ONCE


def begin_taking(file: TrackingFile, by: User | None) -> Job:
    """Return a new job that takes the file's lines, or raise `NotAllowed`."""
    with _locked(file):
        facts = {"file": file.pk, "name": file.name}
        places = list(range(len(file.lines)))
        return Job.objects.ask(Job.Kind.TRACKING_FILE, facts, places, by)


def take_lines(lines: list[JudgedLine], by: User | None) -> list[KeptResult]:
    """Ship and correct what lines say, and return what became of each."""
    taken = [take_line(line, by) if line.result in TO_TAKE else line for line in lines]
    done = {Result.SHIPPED, Result.CORRECTED}
    parcels = [one.shipment for one in taken if one.shipment and one.result in done]
    waiting = [one for one in parcels if one.notification == PENDING]
    for pk in {shipment.order.store_id for shipment in waiting}:
        enqueue("send_notices", pk)
    return [(line.result.value, line.sentence) for line in taken]


def keep_results(file: TrackingFile, results: list[KeptResult]) -> None:
    """Note that the file is taken, and what became of each line."""
    # Of two who take it at the same time, the first to finish tells the results.
    TrackingFile.objects.filter(pk=file.pk, taken_at=None).update(
        results=results, taken_at=clock.now()
    )
    file.refresh_from_db()


def refused_csv(file: TrackingFile, lines: list[JudgedLine]) -> Iterator[bytes]:
    """Yield the lines that cannot be taken as a CSV file, each with the reason."""
    width = max(len(file.header), *(len(row) for _number, row in file.lines))
    rows = [[*_wide(file.header, width), _("Why")]]
    for line, (_number, row) in zip(lines, file.lines, strict=True):
        if line.result == Result.REFUSED:
            rows.append([*_wide(row, width), line.sentence])
    return as_csv(rows)


def _wide(row: list[str], width: int) -> list[str]:
    return row + [""] * (width - len(row))


def take_line(line: JudgedLine, by: User | None) -> JudgedLine:
    """Ship or correct the line's order, which may have changed since it was judged."""
    order, shipment = line.order, line.shipment
    if order is None:
        return line
    carrier, number = line.carrier, line.tracking_number
    try:
        if shipment:
            correct_unless_in_doubt(shipment, carrier, number, by)
            result, done = Result.CORRECTED, _("Corrected: %(carrier)s %(number)s.")
        else:
            shipment, _doubts = ship_unless_in_doubt(
                order,
                carrier=carrier,
                tracking_number=number,
                shipped_at=line.shipped_at,
                shipped_by=by,
            )
            result, done = Result.SHIPPED, _("Shipped with %(carrier)s %(number)s.")
    except NotAllowed as error:
        if order.shipments.filter(tracking_number=number).exists():
            return replace(line, result=Result.DONE, sentence=has_it(order))
        return replace(line, result=Result.REFUSED, sentence=str(error))
    # Beside what was done, what the notice waits for, if it does.
    facts = [waits_for(shipment, clock.now()), shipment.notification_error]
    said = [done % {"carrier": carrier, "number": number}, *facts]
    sentence = " ".join(filter(None, said))
    return replace(line, result=result, sentence=sentence, shipment=shipment)
