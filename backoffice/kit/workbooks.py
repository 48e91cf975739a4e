"""The rows of a workbook, its cells as a person sees them."""

import io
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from typing import Any
from xml.etree.ElementTree import ParseError  # nosec B405 # the error alone

from defusedxml.common import DefusedXmlException
from django.utils.translation import gettext as _
from openpyxl import load_workbook

from backoffice.kit.errors import UnreadableFile
from backoffice.kit.spreadsheet_numbers import EXACT_DIGITS

ZIP = b"PK\x03\x04"
# A small XLSX may unpack to anything; this is what five megabytes of work look like.
MOST_UNPACKED = 40 * 1024 * 1024
MOST_PARTS = 500
# Reading costs some microseconds a tag, and twenty times as much in the parts that
# say how cells look. So many are five thousand lines of a hundred cells, or, where
# they are made to hurt, a dozen seconds.
MOST_TAGS = 2_000_000
MOST_OTHER_TAGS = 20_000
# The forms of numbers are searched for brackets, again and again.
STYLES = "xl/styles.xml"
LONGEST_STYLE = 1000
# Marks of byte order, the zeros of UTF-16, blanks.
BEFORE_XML = b"\xef\xbb\xbf\xfe\xff\0 \t\r\n"
BULKY = ("xl/worksheets/", "xl/sharedStrings.xml")
# Of all sheets that are looked at, empty ones between and whole rows included.
MOST_CELLS = 2_000_000
# Archives that are no XLSX, by a part that no XLSX has.
OTHER_FORMATS = {"content.xml": "OpenDocument", "xl/workbook.bin": "XLSB"}

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


def rows_of(
    data: bytes, width: int, weigh: Callable[[Iterator[list[str]]], tuple[int, int]]
) -> Iterator[list[str]]:
    """Yield the rows of the first sheet of the greatest weight, cut at this width."""
    try:
        _refuse_other_archives(data)
        _refuse_heavy_parts(data)
        workbook = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        try:
            sheets = [
                one for one in workbook.worksheets if one.sheet_state == "visible"
            ]
            if not sheets:
                raise UnreadableFile(_("The workbook has no sheet."))
            for sheet in sheets:
                # What a sheet says of its size may be wrong, and cut lines off.
                sheet.reset_dimensions()
            spent = Counter[str]()
            table = max(sheets, key=lambda one: weigh(_rows(one, width, spent)))
            yield from _rows(table, width, spent)
        finally:
            workbook.close()
    except UNREADABLE:
        raise UnreadableFile(
            _("The file is not a workbook that can be read; save it as CSV instead.")
        ) from None


def _rows(sheet: Any, width: int, spent: Counter[str]) -> Iterator[list[str]]:
    for row in sheet.iter_rows():
        spent["cells"] += len(row) + 1
        if spent["cells"] > MOST_CELLS:
            raise _too_large()
        yield [_as_text(cell) for cell in row[:width]]


def _refuse_other_archives(data: bytes) -> None:
    """Refuse what is no XLSX, or unpacks to more than one of this size does.

    The sizes are the archive's own claim, and what is read later stops at them.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = archive.infolist()
    if len(parts) > MOST_PARTS or sum(one.file_size for one in parts) > MOST_UNPACKED:
        raise _too_large()
    names = {one.filename for one in parts}
    for part, name in OTHER_FORMATS.items():
        if part in names:
            message = _("The file is in the format %(name)s; save it as XLSX or CSV.")
            raise UnreadableFile(message % {"name": name})
    if not any(name.startswith("xl/") for name in names):
        raise UnreadableFile(
            _("The file is neither CSV nor XLSX; save it as one of them.")
        )


def _refuse_heavy_parts(data: bytes) -> None:
    """Refuse what would take longer to read than anybody waits."""
    tags, others = 0, 0
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for one in archive.infolist():
            part = archive.read(one)
            if not part[:100].lstrip(BEFORE_XML).startswith(b"<"):
                continue
            if one.filename.startswith(BULKY):
                tags += part.count(b"<")
                continue
            others += part.count(b"<")
            is_styles = one.filename == STYLES
            if is_styles and max(map(len, part.split(b"<"))) > LONGEST_STYLE:
                raise _too_large()
    if tags > MOST_TAGS or others > MOST_OTHER_TAGS:
        raise _too_large()


def _too_large() -> UnreadableFile:
    return UnreadableFile(
        _("The workbook is too large once unpacked; save the sheet as CSV.")
    )


def _as_text(cell: Any) -> str:
    """Return a cell as a person sees it; a number that lost digits as rounded."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, int | float):
        if len(f"{abs(value):.0f}") > EXACT_DIGITS:
            return f"{value:.5E}"
        whole = value == int(value)
        return _padded(value, cell.number_format) if whole else repr(value)
    if isinstance(value, datetime):
        whole_day = value.time() == time.min
        return value.date().isoformat() if whole_day else value.isoformat(sep=" ")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)


def _padded(number: float, form: str) -> str:
    """Return a whole number in a form as 0000000 or 000-000-000, which only pads it."""
    digits = f"{number:.0f}"
    form = form.split(";")[0]
    for literal in ("-", " "):
        form = form.replace(f"\\{literal}", literal).replace(f'"{literal}"', literal)
    places = form.count("0")
    if number < 0 or not places or form.strip("0 -"):
        return digits
    digits = digits.zfill(places)
    first = len(digits) - places
    shown = iter(digits[first:])
    return digits[:first] + "".join(next(shown) if one == "0" else one for one in form)
