"""Write rows as CSV or XLSX, piece by piece, so that no cell becomes a formula.

A piece is so many rows, written; pieces put together are a file. So a file can be sent
while its rows are still read, and one that is long in the making be kept in parts.
"""

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import islice, product
from string import ascii_uppercase
from typing import Any, NamedTuple
from xml.sax.saxutils import escape  # nosec B406 # it only writes

from django.utils.translation import gettext as _

Value = str | int | Decimal | None
Row = Sequence[Value]

CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# The rows of a sheet that spreadsheet programs open, the header among them.
MOST_SHEET_ROWS = 1_048_576
MOST_SHEET_TEXT = 32_767
MOST_SHEET_TITLE = 31
# What starts a formula; the wide ones are read as the narrow ones in some countries.
FORMULA = frozenset("=+-@\t\r\n＝＋－＠")
# XML has no way to write these.
UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
BOM = "\ufeff"
EMPTY = (None, "")
# Rows between two pieces: large enough to be quick, small enough to be nothing.
ROWS_A_PIECE = 500
# How a text that starts a formula is marked: a text, also for somebody who edits it.
QUOTED = ' s="1"'
LETTERS = [*ascii_uppercase, *map("".join, product(ascii_uppercase, repeat=2))]
# What a cell shows that went wrong; as a text it would be taken for that.
ERRORS = {"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A"}


class TooManyRows(Exception):
    """More rows than a sheet holds, said in one sentence."""


def defuse(row: Row) -> Row:
    """Return the row with texts that no spreadsheet program takes for a formula."""
    return [
        f"'{value}" if isinstance(value, str) and value[:1] in FORMULA else value
        for value in row
    ]


def as_csv(rows: Iterable[Row]) -> Iterator[bytes]:
    """Yield the rows as CSV in UTF-8, with the mark that Excel knows it by."""
    return CSV.file(CSV.pieces(rows), "")


class Format(NamedTuple):
    """How a file is written: rows from one number on as a piece, pieces as a file."""

    content_type: str
    piece: Callable[[Iterable[Row], int], bytes]
    file: Callable[[Iterable[bytes], str], Iterator[bytes]]

    def pieces(self, rows: Iterable[Row]) -> Iterator[bytes]:
        rows, first = iter(rows), 1
        while some := list(islice(rows, ROWS_A_PIECE)):
            yield self.piece(some, first)
            first += len(some)


def refuse_too_many(rows: int) -> None:
    """Raise `TooManyRows` unless so many, the header among them, fit in a sheet."""
    if rows > MOST_SHEET_ROWS:
        message = _("An XLSX file holds %(most)d rows; export as CSV instead.")
        raise TooManyRows(message % {"most": MOST_SHEET_ROWS - 1})


def _csv_piece(rows: Iterable[Row], first: int) -> bytes:
    piece = io.StringIO(newline="")
    csv.writer(piece).writerows(map(defuse, rows))
    return piece.getvalue().encode(errors="replace")


def _csv_file(pieces: Iterable[bytes], _title: str) -> Iterator[bytes]:
    yield BOM.encode()
    yield from pieces


def _xlsx_piece(rows: Iterable[Row], first: int) -> bytes:
    """Return the rows as they stand in a sheet's XML, or raise `TooManyRows`."""
    piece = []
    for number, row in enumerate(rows, first):
        refuse_too_many(number)
        piece.append(f'<row r="{number}">')
        for letter, value in zip(LETTERS, row, strict=False):
            # Without text no cell at all, which is quicker than an empty one.
            if value not in EMPTY:
                piece.append(_cell(f"{letter}{number}", value))
        piece.append("</row>")
    return "".join(piece).encode()


def _cell(place: str, value: Value) -> str:
    if not isinstance(value, str):
        return f'<c r="{place}"><v>{value}</v></c>'
    text = escape(UNWRITABLE.sub("\N{REPLACEMENT CHARACTER}", value)[:MOST_SHEET_TEXT])
    style = QUOTED if value[0] in FORMULA or value in ERRORS else ""
    return (
        f'<c r="{place}"{style} t="inlineStr"><is>'
        f'<t xml:space="preserve">{text}</t></is></c>'
    )


def _xlsx_file(pieces: Iterable[bytes], title: str) -> Iterator[bytes]:
    """Yield a workbook whose one sheet has these rows.

    openpyxl makes all of it but the rows, for which it needs six times as long and
    which it cannot write in parts.
    """
    sent = _Sent()
    with zipfile.ZipFile(sent, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, part in _workbook(title[:MOST_SHEET_TITLE]):
            before, tag, row_and_after = part.partition(b"<sheetData>")
            with archive.open(name, "w") as file:
                file.write(before + tag)
                if tag:
                    for piece in pieces:
                        file.write(piece)
                        yield sent.take()
                    file.write(row_and_after[row_and_after.index(b"</sheetData>") :])
    yield sent.take()


def _workbook(title: str) -> list[tuple[str, bytes]]:
    """Return the parts of a workbook whose one cell has the style of quoted texts."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet(title)
    sheet.freeze_panes = "A2"
    cell = WriteOnlyCell(sheet, "")
    cell.quotePrefix = True
    sheet.append([cell])
    file = io.BytesIO()
    workbook.save(file)
    with zipfile.ZipFile(file) as archive:
        return [(name, archive.read(name)) for name in archive.namelist()]


class _Sent(io.RawIOBase):
    """What an archive has written since it was last taken away."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, data: Any) -> int:
        self._pieces.append(bytes(data))
        return len(data)

    def take(self) -> bytes:
        piece = b"".join(self._pieces)
        self._pieces.clear()
        return piece


CSV = Format(CSV_TYPE, _csv_piece, _csv_file)
XLSX = Format(XLSX_TYPE, _xlsx_piece, _xlsx_file)
FORMATS = {"csv": CSV, "xlsx": XLSX}
