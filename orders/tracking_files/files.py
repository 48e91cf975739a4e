"""Tracking numbers that come in a carrier's file: read it, take its good lines.

Lines are taken one by one and each says what became of it, so one bad line never stops
the others. A second taking, or one after a crash, finds its shipments here already.
"""

from collections.abc import Iterator
from datetime import datetime

from django.contrib.auth.models import User
from django.utils import timezone as clock
from django.utils.translation import gettext as _

from backoffice.kit.queue import enqueue, room
from backoffice.kit.sheets import as_csv
from backoffice.kit.uploads import read_table
from orders.models import Shipment, TrackingFile
from orders.shipping import NotAllowed, correct_shipment
from orders.shipping.doubts import ship_unless_in_doubt
from orders.tracking_files.columns import MEANINGS, REQUIRED, Mapping, guess, remember
from orders.tracking_files.lines import TO_TAKE, Line, Result, has_it, judge, read_line


def read_file(
    name: str, data: bytes, carrier: str = "", by: User | None = None
) -> TrackingFile:
    """Return the file with its lines and columns, unsaved, or `UnreadableFile`."""
    table = read_table(data)
    mapping, last_carrier = remember(table.header) or ({}, "")
    return TrackingFile(
        name=name[-TrackingFile._meta.get_field("name").max_length :],
        header=table.header,
        lines=table.lines,
        mapping=mapping or guess(table.header, table.lines),
        carrier=carrier or last_carrier,
        uploaded_by=by,
    )


def missing(mapping: Mapping) -> str:
    """Return which column has to be chosen still, in a sentence; empty when none."""
    for meaning in REQUIRED:
        if meaning not in mapping:
            message = _("Choose the column that holds: %(meaning)s.")
            return message % {"meaning": MEANINGS[meaning]}
    return ""


def lines_of(file: TrackingFile, now: datetime) -> list[Line]:
    """Return what became of the file's lines, or what would while it is not taken."""
    if not file.taken_at:
        return judge(file.lines, file.mapping, file.carrier, now)
    lines = [read_line(*line, file.mapping, file.carrier) for line in file.lines]
    for line, (result, sentence) in zip(lines, file.results, strict=True):
        line.result, line.sentence = Result(result), sentence
    return lines


def take(file: TrackingFile, by: User | None = None) -> list[Line]:
    """Ship and correct what the file's lines say, once, and keep each result."""
    file.refresh_from_db()
    lines = lines_of(file, clock.now())
    if file.taken_at:
        return lines
    for line in lines:
        if line.result in TO_TAKE:
            take_line(line, by)
    # Of two who take it at the same time, the first to finish tells the results.
    TrackingFile.objects.filter(pk=file.pk, taken_at=None).update(
        results=[[line.result.value, line.sentence] for line in lines],
        taken_at=clock.now(),
    )
    file.refresh_from_db()
    waiting = [line.shipment.pk for line in lines if _is_to_send(line)]
    for pk in waiting[: room()]:
        enqueue("send_notice", pk)
    return lines_of(file, clock.now())


def refused_csv(file: TrackingFile, lines: list[Line]) -> Iterator[bytes]:
    """Yield the lines that cannot be taken as a CSV file, each with the reason."""
    width = max(len(file.header), *(len(row) for _number, row in file.lines))
    rows = [[*_wide(file.header, width), _("Why")]]
    for line, (_number, row) in zip(lines, file.lines, strict=True):
        if line.result == Result.REFUSED:
            rows.append([*_wide(row, width), line.sentence])
    return as_csv(rows)


def _wide(row: list[str], width: int) -> list[str]:
    return row + [""] * (width - len(row))


def take_line(line: Line, by: User | None) -> None:
    """Ship or correct the line's order, which may have changed since it was judged."""
    names = {"carrier": line.carrier, "number": line.tracking_number}
    try:
        if line.shipment:
            correct_shipment(line.shipment, line.carrier, line.tracking_number, by)
            line.result = Result.CORRECTED
            line.sentence = _("Corrected: %(carrier)s %(number)s.") % names
        else:
            line.shipment, found = ship_unless_in_doubt(
                line.order,
                carrier=line.carrier,
                tracking_number=line.tracking_number,
                shipped_at=line.shipped_at,
                shipped_by=by,
            )
            line.result = Result.SHIPPED
            names["doubts"] = " ".join(found)
            message = _("Shipped with %(carrier)s %(number)s.")
            if found:
                message = _(
                    "Shipped with %(carrier)s %(number)s; the notice waits for a last "
                    "look: %(doubts)s"
                )
            line.sentence = message % names
    except NotAllowed as error:
        line.result, line.sentence = Result.REFUSED, str(error)
        if line.order.shipments.filter(tracking_number=line.tracking_number).exists():
            line.result, line.sentence = Result.DONE, has_it(line.order)


def _is_to_send(line: Line) -> bool:
    return (
        line.result in {Result.SHIPPED, Result.CORRECTED}
        and line.shipment.notification == Shipment.Notification.PENDING
    )
