"""Read a table out of a CSV or XLSX file that somebody gives us, whatever is in it."""

import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from operator import itemgetter
from typing import Any

from django.utils.translation import gettext as _

from backoffice.kit.encodings import decode
from backoffice.kit.errors import UnreadableFile
from backoffice.kit.workbooks import ZIP, rows_of

MOST_BYTES = 5 * 1024 * 1024
MOST_LINES = 5000
MOST_COLUMNS = 500
LONGEST_CELL = 200
# What is tidied of a cell, which may be as long as the file.
LONGEST_READ = 10 * LONGEST_CELL
# A sheet may claim a cell far below, with nothing in between.
MOST_ROWS = 50_000
# Where the names of the columns are looked for.
FIRST_ROWS = 30
TOP_ROWS = 200
TOP = 100_000

DELIMITERS = (",", ";", "\t", "|")
# How files begin that are called a table and are none.
FOREIGN = ("%PDF", "%!PS", "<", "{", "[", "MIME-Version:")
IMAGES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF")
OLD_EXCEL = b"\xd0\xcf\x11\xe0"
# Control characters, and every blank but the plain one.
CONTROL = re.compile(r"(?:[\x00-\x1f\x7f-\x9f\ud800-\udfff]|[^\S ])+")
# Soft hyphens, zero-width characters, letters that show nothing, and marks of
# direction, byte order and the look of the character before.
INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0"
    "\U000e0000-\U000e0fff]"
)
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
        weigh = partial(_weight, rank=rank)
        return _table(rows_of(data, MOST_COLUMNS + 1, weigh), rank)
    return _table(_csv_rows(data, rank), rank)


def _table(rows: Iterator[list[str]], rank: Rank) -> Table:
    filled = _filled(rows)
    first = list(islice(filled, FIRST_ROWS))
    start = _header_at([row for _number, row in first], rank)
    header = first[start][1] if first else []
    rest: Iterator[tuple[int, list[str]]] = chain(first[start + 1 :], filled)
    if _rank(header, rank):
        # Files put together, and reports with pages, say the names again.
        rest = (line for line in rest if line[1] != header)
    lines: list[list[Any]] = [[number, row] for number, row in islice(rest, MOST_LINES)]
    if next(rest, None):
        raise _too_many_lines()
    if not lines:
        raise UnreadableFile(
            _("The file has no lines; the first one names the columns.")
        )
    width = max(len(header), *(len(row) for _number, row in lines))
    if width > MOST_COLUMNS:
        message = _("The file has more than %(most)d columns.")
        raise UnreadableFile(message % {"most": MOST_COLUMNS})
    return Table(_told_apart(header + [""] * (width - len(header))), lines)


def _header_at(rows: list[list[str]], rank: Rank) -> int:
    """Return which row names the columns: titles and blanks may stand above it.

    It is the one that names the most known columns, or else the first that is not much
    shorter than the longest.
    """
    ranks = [_rank(row, rank) for row in rows]
    if any(ranks):
        return ranks.index(max(ranks))
    cells = [sum(map(bool, row)) for row in rows]
    return next((at for at, count in enumerate(cells) if count * 2 > max(cells)), 0)


def _rank(row: list[str], rank: Rank) -> int:
    """Return the rank of a row, none for a title, which is one cell alone."""
    return rank(row) if sum(map(bool, row)) > 1 else 0


def _weight(rows: Iterator[list[str]], rank: Rank) -> tuple[int, int]:
    """Return how likely the table is on a sheet with these rows."""
    first = [
        row for _number, row in islice(_filled(islice(rows, TOP_ROWS)), FIRST_ROWS)
    ]
    cells = max((sum(map(bool, row)) for row in first), default=0)
    return max((_rank(row, rank) for row in first), default=0), min(cells, 2)


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
        row = [_tidy(cell) if cell else "" for cell in _cut(cells)]
        if end := next((at for at in range(len(row), 0, -1) if row[at - 1]), 0):
            yield number, row[:end]


def _cut(cells: list[str]) -> list[str]:
    """Return no more than one cell above the most, which stands for all beyond.

    A line may have a million, and most of those are empty.
    """
    if len(cells) <= MOST_COLUMNS:
        return cells
    beyond = next(filter(str.strip, cells[MOST_COLUMNS:]), "")
    return [*cells[:MOST_COLUMNS], beyond]


def _too_many_lines() -> UnreadableFile:
    message = _("The file has more than %(most)d lines; split it.")
    return UnreadableFile(message % {"most": MOST_LINES})


def _tidy(cell: str) -> str:
    """Return a cell as one line of text that any database stores."""
    cell = INVISIBLE.sub("", cell[:LONGEST_READ])
    text = CONTROL.sub(" ", cell).strip()[:LONGEST_CELL]
    if quoted := TEXT_FORMULA.fullmatch(text):
        return quoted[1].strip()
    # What exports put before a text that might be a formula.
    return text.removeprefix("'")


def _csv_rows(data: bytes, rank: Rank) -> Iterator[list[str]]:
    text = decode(data, lambda text: _part(text, rank)[0][0])
    if text is None or _is_foreign(text) or data.startswith(IMAGES):
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
        delimiter=delimiter or _part(text, rank)[1],
        strict=True,
    )
    try:
        yield from reader
    except csv.Error:
        message = _(
            "Line %(line)d of the file cannot be read; a quotation mark may be missing."
        )
        raise UnreadableFile(message % {"line": reader.line_num}) from None


def _is_foreign(text: str) -> bool:
    return INVISIBLE.sub("", text[:TOP]).lstrip().startswith(FOREIGN)


def _part(text: str, rank: Rank) -> tuple[tuple[int, int], str]:
    """Return what parts the columns, after how much speaks for it.

    That is how many known columns a row names then, or else into how many it parts the
    first row that it parts at all.
    """
    lines = list(filter(str.strip, text[:TOP].splitlines()))[:FIRST_ROWS]
    found = []
    for delimiter in DELIMITERS:
        rows = list(csv.reader(lines, delimiter=delimiter))
        columns = next((len(row) for row in rows if len(row) > 1), 0)
        best = max((_rank(row, rank) for row in rows), default=0)
        found.append(((best, columns), delimiter))
    return max(found, key=itemgetter(0))
