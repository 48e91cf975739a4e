"""Write rows as CSV or XLSX, piece by piece, so that no cell becomes a formula."""

import csv
import io
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import IO

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.cell.cell import ERROR_CODES
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

Value = str | int | Decimal
Row = Sequence[Value]

CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# The rows of a sheet that spreadsheet programs open, the header among them.
MOST_SHEET_ROWS = 1_048_576
MOST_SHEET_TEXT = 32_767
# What starts a formula; the wide ones are read as the narrow ones in some countries.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# XML has no way to write these.
UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
BOM = "\ufeff"
# Rows between two pieces: large enough to be quick, small enough to be nothing.
ROWS_A_PIECE = 500


class TooManyRows(Exception):
    """More rows than a sheet holds, said in one sentence."""


def defuse(value: Value) -> Value:
    """Return a text that no spreadsheet program takes for a formula."""
    if isinstance(value, str) and value.startswith(FORMULA):
        return f"'{value}"
    return value


def as_csv(rows: Iterable[Row]) -> Iterator[bytes]:
    """Yield the rows as CSV in UTF-8, with the mark that Excel knows it by."""
    piece = io.StringIO(newline="")
    piece.write(BOM)
    writer = csv.writer(piece)
    for number, row in enumerate(rows, 1):
        writer.writerow([defuse(value) for value in row])
        if number % ROWS_A_PIECE == 0:
            yield _empty(piece)
    yield _empty(piece)


def as_xlsx(rows: Iterable[Row], title: str, most: int = MOST_SHEET_ROWS) -> IO[bytes]:
    """Return the rows as a workbook in a temporary file, read from its beginning.

    Raises `TooManyRows` rather than to leave some out.
    """
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet(title)
    sheet.freeze_panes = "A2"
    for number, row in enumerate(rows, 1):
        if number > most:
            sheet.close()
        refuse_too_many(number, most)
        sheet.append([_cell(sheet, value) for value in row])
    file = tempfile.TemporaryFile()  # noqa: SIM115 (closed by who reads it)
    workbook.save(file)
    file.seek(0)
    return file


def refuse_too_many(rows: int, most: int = MOST_SHEET_ROWS) -> None:
    """Raise `TooManyRows` unless so many, the header among them, fit in a sheet."""
    if rows > most:
        message = _("An XLSX file holds %(most)d rows; export as CSV instead.")
        raise TooManyRows(message % {"most": most - 1})


def _cell(sheet: WriteOnlyWorksheet, value: Value) -> Value | Cell | None:
    if not isinstance(value, str):
        return value
    if not value:
        # No cell at all, which is quicker than an empty one.
        return None
    text = UNWRITABLE.sub("\N{REPLACEMENT CHARACTER}", value)[:MOST_SHEET_TEXT]
    if not text.startswith(FORMULA) and text not in ERROR_CODES:
        return text
    cell = WriteOnlyCell(sheet, text)
    # A text, also for somebody who edits the cell.
    cell.data_type = "s"
    cell.quotePrefix = True
    return cell


def _empty(piece: io.StringIO) -> bytes:
    text = piece.getvalue()
    piece.seek(0)
    piece.truncate()
    return text.encode(errors="replace")
