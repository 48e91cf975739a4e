"""Read a table out of a CSV or XLSX file that somebody gives us, whatever is in it."""

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from django.utils.translation import gettext as _
from openpyxl import load_workbook

from backoffice.kit.encodings import decode
from backoffice.kit.spreadsheet_numbers import EXACT_DIGITS

MOST_BYTES = 5 * 1024 * 1024
MOST_LINES = 5000
MOST_COLUMNS = 50
LONGEST_CELL = 200
# A small XLSX may unpack to anything; this is what five megabytes of work look like.
MOST_UNPACKED = 40 * 1024 * 1024
MOST_PARTS = 500
# A sheet may claim a cell far below, with nothing in between.
MOST_SHEET_ROWS = 50_000

# Where the names of the columns are looked for.
FIRST_ROWS = 20
TOP = 100_000

DELIMITERS = (",", ";", "\t", "|")
ZIP = b"PK\x03\x04"
OLD_EXCEL = b"\xd0\xcf\x11\xe0"
CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]+")
# As carriers and Excel's users write a text that looks like a number.
TEXT_FORMULA = re.compile(r'="(.*)"')

# What openpyxl raises for a broken file is not documented: anything, as it seems.
UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    DefusedXmlException,
    ParseError,
    ArithmeticError,
    AttributeError,
    EOFError,
    IndexError,
    KeyError,
    NotImplementedError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
)


Rank = Callable[[list[str]], int]


class UnreadableFile(Exception):
    """A file that holds no table we take, said in one sentence."""


@dataclass(frozen=True)
class Table:
    """The columns' names, and each line with its number in the file."""

    header: list[str]
    lines: list[list[Any]]


def read_table(data: bytes, rank: Rank = lambda row: 0) -> Table:
    """Return the table of a CSV or XLSX file, or raise `UnreadableFile`.

    `rank` says how many columns it knows that a row names, if it is the names' row.
    """
    if len(data) > MOST_BYTES:
        message = _("The file is larger than %(most)d MB.")
        raise UnreadableFile(message % {"most": MOST_BYTES // 1024 // 1024})
    if data.startswith(OLD_EXCEL):
        raise UnreadableFile(
            _("The file is in Excel’s old or a locked format; save it as XLSX or CSV.")
        )
    rows = _xlsx_rows(data) if data.startswith(ZIP) else _csv_rows(data, rank)
    return _table(rows)


def _table(rows: Iterator[list[str]]) -> Table:
    header: list[str] = []
    lines: list[list[Any]] = []
    for number, cells in enumerate(rows, 1):
        row = _without_empty_end([_tidy(cell) for cell in cells])
        if not row:
            continue
        if len(row) > MOST_COLUMNS:
            message = _("The file has more than %(most)d columns.")
            raise UnreadableFile(message % {"most": MOST_COLUMNS})
        if not header:
            header = row
            continue
        if len(lines) == MOST_LINES:
            message = _("The file has more than %(most)d lines; split it.")
            raise UnreadableFile(message % {"most": MOST_LINES})
        lines.append([number, row])
    if not lines:
        raise UnreadableFile(
            _("The file has no lines; the first one names the columns.")
        )
    return Table(header, lines)


def _tidy(cell: str) -> str:
    """Return a cell as one line of text that any database stores."""
    text = CONTROL.sub(" ", cell).strip()[:LONGEST_CELL]
    if quoted := TEXT_FORMULA.fullmatch(text):
        return quoted[1].strip()
    # What exports put before a text that might be a formula.
    return text.removeprefix("'")


def _without_empty_end(row: list[str]) -> list[str]:
    while row and not row[-1]:
        row = row[:-1]
    return row


def _csv_rows(data: bytes, rank: Rank) -> Iterator[list[str]]:
    text = decode(data, lambda text: max(_ranks(text, rank).values()))
    if text is None:
        raise UnreadableFile(_("The file is neither CSV nor XLSX."))
    delimiter = None
    if text[:4].lower() == "sep=":
        first, _newline, text = text.partition("\n")
        delimiter = first[4:].strip("\r") or None
        delimiter = delimiter if delimiter in DELIMITERS else None
    # Strict, because a quotation mark left open would swallow the lines after it.
    reader = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=delimiter or _delimiter(text),
        strict=True,
    )
    try:
        yield from reader
    except csv.Error:
        message = _(
            "Line %(line)d of the file cannot be read; a quotation mark may be missing."
        )
        raise UnreadableFile(message % {"line": reader.line_num}) from None


def _ranks(text: str, rank: Rank) -> dict[str, int]:
    """Return for each delimiter how many columns the best of the first rows names."""
    return {
        delimiter: max(map(rank, _first_rows(text, delimiter)), default=0)
        for delimiter in DELIMITERS
    }


def _first_rows(text: str, delimiter: str) -> Iterator[list[str]]:
    lines = list(filter(str.strip, text[:TOP].splitlines()))[:FIRST_ROWS]
    return csv.reader(lines, delimiter=delimiter)


def _delimiter(text: str) -> str:
    """Return what parts the columns of the first line into the most."""
    first = next(filter(str.strip, text[:100_000].splitlines()), "")
    return max(
        DELIMITERS, key=lambda one: len(next(csv.reader([first], delimiter=one)))
    )


def _xlsx_rows(data: bytes) -> Iterator[list[str]]:
    try:
        _refuse_bomb(data)
        workbook = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        try:
            sheet = workbook.active
            if sheet is None or not hasattr(sheet, "iter_rows"):
                raise UnreadableFile(_("The workbook has no sheet."))
            # What the sheet says of its size may be wrong, and cut lines off.
            sheet.reset_dimensions()
            yield from _sheet_rows(
                sheet.iter_rows(max_col=MOST_COLUMNS + 1, values_only=True)
            )
        finally:
            workbook.close()
    except UNREADABLE:
        raise UnreadableFile(
            _("The file is not a workbook that can be read; save it as CSV instead.")
        ) from None


def _sheet_rows(rows: Iterable[tuple[Any, ...]]) -> Iterator[list[str]]:
    for number, row in enumerate(rows):
        if number == MOST_SHEET_ROWS:
            message = _("The file has more than %(most)d lines; split it.")
            raise UnreadableFile(message % {"most": MOST_LINES})
        yield [_as_text(value) for value in row]


def _refuse_bomb(data: bytes) -> None:
    """Refuse an archive that unpacks to more than a workbook of this size does.

    The sizes are the archive's own claim, and what is read later stops at them.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = archive.infolist()
    if len(parts) > MOST_PARTS or sum(one.file_size for one in parts) > MOST_UNPACKED:
        raise UnreadableFile(
            _("The workbook is too large once unpacked; save the sheet as CSV.")
        )


def _as_text(value: Any) -> str:
    """Return a cell as a person sees it; a number that lost digits as rounded."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, int | float):
        if len(f"{abs(value):.0f}") > EXACT_DIGITS:
            return f"{value:.5E}"
        return f"{value:.0f}" if value == int(value) else repr(value)
    if isinstance(value, datetime):
        whole_day = value.time() == time.min
        return value.date().isoformat() if whole_day else value.isoformat(sep=" ")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)
