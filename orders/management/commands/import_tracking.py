"""Take tracking numbers from a carrier's file."""

import re
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone as clock
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.kit.commands import OperatorCommand, add_flag, wrong_usage
from backoffice.kit.errors import UnreadableFile
from backoffice.kit.uploads import MOST_BYTES
from orders.models import TrackingFile
from orders.tracking_files.files import (
    lines_of,
    missing,
    read_file,
    refused_csv,
    take_file,
)
from orders.tracking_files.lines import JudgedLine, Result, with_doubts

# The words of --columns for what a column holds.
WORDS = {
    "order": "order",
    "tracking": "tracking_number",
    "carrier": "carrier",
    "date": "shipped_at",
    "status": "status",
}
NEXT_COLUMN = re.compile(rf",(?=(?:{'|'.join(WORDS)})=)")


class Command(OperatorCommand):
    help = gettext_lazy(
        "Ship the orders of a carrier’s CSV or XLSX file with its tracking numbers, "
        "line by line, and say of each line what became of it. "
        "Example: manage.py import_tracking parcels.csv --carrier USPS "
        "--columns order=Reference,tracking=Parcel --refused refused.csv"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "file", metavar="FILE", type=Path, help=_("the file, CSV or XLSX")
        )
        parser.add_argument(
            "--carrier",
            metavar="LABEL",
            default="",
            help=_("the carrier of all lines, whatever the file says, as USPS"),
        )
        parser.add_argument(
            "--columns",
            metavar="MEANING=NAME,…",
            default="",
            help=_(
                "which columns hold order, tracking, carrier, date and the status of "
                "labels (by their names, or as in the last file like this one); "
                "carrier= leaves the carrier’s column out"
            ),
        )
        add_flag(
            parser,
            "--dry-run",
            _("say what would become of each line and write nothing"),
        )
        add_flag(parser, "--json", _("print one JSON object a line"))
        parser.add_argument(
            "--refused",
            metavar="FILE",
            type=Path,
            help=_("write the refused lines to this CSV file, each with the reason"),
        )

    def handle(self, *args: Any, **options: Any) -> None:
        file = self._read(options)
        if options["dry_run"]:
            lines = [with_doubts(line) for line in lines_of(file, clock.now())]
        else:
            file.save()
            lines = take_file(file)
        for line in lines:
            self._report(line, options["json"])
        if options["refused"]:
            self._write(options["refused"], b"".join(refused_csv(file, lines)))
        found = Counter(line.result for line in lines)
        if not options["json"]:
            counts = (f"{result.label}: {found[result]}" for result in Result)
            shown = zip(Result, counts, strict=True)
            self.stdout.write(", ".join(text for one, text in shown if found[one]))
        if found[Result.REFUSED]:
            raise SystemExit(1)

    def _read(self, options: dict[str, Any]) -> TrackingFile:
        path = options["file"]
        try:
            with path.open("rb") as opened:
                data = opened.read(MOST_BYTES + 1)
        except OSError as error:
            message = _("%(file)s cannot be read (%(why)s).")
            names = {"file": path, "why": error.strerror}
            raise wrong_usage(message % names) from None
        try:
            carrier = options["carrier"]
            file = read_file(path.name, data, carrier, is_carrier_for_all=bool(carrier))
        except UnreadableFile as error:
            raise CommandError(f"{path}: {error}") from None
        chosen = columns(options["columns"], file.header)
        both = file.mapping | chosen
        file.mapping = {
            key: column for key, column in both.items() if column is not None
        }
        if missing(file.mapping):
            message = _(
                "It is not clear which columns hold order and tracking number; say so "
                "with --columns. The columns are: %(columns)s."
            )
            raise wrong_usage(message % {"columns": ", ".join(file.header)})
        return file

    def _write(self, path: Path, data: bytes) -> None:
        try:
            path.write_bytes(data)
        except OSError as error:
            message = _("%(file)s cannot be written (%(why)s).")
            raise CommandError(
                message % {"file": path, "why": error.strerror}
            ) from None

    def _report(self, line: JudgedLine, as_json: bool) -> None:
        if as_json:
            self.print_json(
                {
                    "line": line.number,
                    "order": line.order_id,
                    "carrier": line.carrier,
                    "tracking_number": line.tracking_number,
                    "result": line.result.value,
                    "message": line.sentence,
                }
            )
            return
        text = f"{line.number} {line.order_id}: {line.sentence}"
        stream = self.stderr if line.result == Result.REFUSED else self.stdout
        stream.write(text)


def columns(text: str, header: list[str]) -> dict[str, int | None]:
    """Return the columns that --columns names, None for one it leaves out.

    Other names are wrong usage.
    """
    found: dict[str, int | None] = {}
    names = [name.casefold() for name in header]
    for part in filter(None, NEXT_COLUMN.split(text)):
        word, _equals, name = part.partition("=")
        if word not in WORDS:
            message = _("“%(part)s” is not understood; an example is order=Reference.")
            raise wrong_usage(message % {"part": part})
        if not name:
            found[WORDS[word]] = None
            continue
        if name.casefold() not in names:
            message = _("There is no column “%(name)s”; the columns are: %(columns)s.")
            raise wrong_usage(message % {"name": name, "columns": ", ".join(header)})
        found[WORDS[word]] = names.index(name.casefold())
    return found
