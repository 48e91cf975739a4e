"""Read a table out of a CSV or XLSX file that somebody gives us, whatever is in it."""

import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.utils.translation import gettext as _

from backoffice.kit.encodings import decode
from backoffice.kit.errors import UnreadableFile
from backoffice.kit.workbooks import ZIP, rows_of

MOST_BYTES = 5 * 1024 * 1024
MOST_LINES = 5000
MOST_COLUMNS = 50
LONGEST_CELL = 200
# A sheet may claim a cell far below, with nothing in between.
MOST_ROWS = 50_000
# Where the names of the columns are looked for.
FIRST_ROWS = 20
TOP = 100_000

DELIMITERS = (",", ";", "\t", "|")
# How files begin that are called a table and are none.
FOREIGN = ("%PDF", "%!PS", "<", "{", "[", "MIME-Version:")
IMAGES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF")
OLD_EXCEL = b"\xd0\xcf\x11\xe0"
CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]+")
# As carriers and Excel's users write a text that looks like a number.
TEXT_FORMULA = re.compile(r'="(.*)"')

Rank = Callable[[list[str]], int]


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
    if data.startswith(ZIP):
        return _table(rows_of(data, MOST_COLUMNS + 1))
    return _table(_csv_rows(data, rank))


def _table(rows: Iterator[list[str]]) -> Table:
    filled = _filled(rows)
    _number, header = next(filled, (0, []))
    lines: list[list[Any]] = [
        [number, row] for number, row in islice(filled, MOST_LINES)
    ]
    if next(filled, None):
        raise _too_many_lines()
    if not lines:
        raise UnreadableFile(
            _("The file has no lines; the first one names the columns.")
        )
    width = max(len(row) for _number, row in lines)
    return Table(_told_apart(header + [""] * (width - len(header))), lines)


def _told_apart(header: list[str]) -> list[str]:
    """Return the names with a number after one that another column has already."""
    plain = [name.casefold() for name in header]
    counts = [plain[:column].count(name) + 1 for column, name in enumerate(plain)]
    return [
        f"{name} ({count})" if name and count > 1 else name
        for name, count in zip(header, counts, strict=True)
    ]


def _filled(rows: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that hold anything, each with its number."""
    for number, cells in enumerate(rows, 1):
        if number > MOST_ROWS:
            raise _too_many_lines()
        row = _without_empty_end([_tidy(cell) for cell in cells])
        if len(row) > MOST_COLUMNS:
            message = _("The file has more than %(most)d columns.")
            raise UnreadableFile(message % {"most": MOST_COLUMNS})
        if row:
            yield number, row


def _too_many_lines() -> UnreadableFile:
    message = _("The file has more than %(most)d lines; split it.")
    return UnreadableFile(message % {"most": MOST_LINES})


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
    if text is None or text.lstrip().startswith(FOREIGN) or data.startswith(IMAGES):
        raise UnreadableFile(
            _("The file is neither CSV nor XLSX; save it as one of them.")
        )
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
