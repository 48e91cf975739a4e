"""Which column of a carrier's file holds what: guessed from its names, remembered."""

import re
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta, timezone
from math import inf
from typing import Any

from django.contrib.auth.models import User
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext_lazy as _

from backoffice.kit.spreadsheet_numbers import without_fraction, without_thousands
from orders.models import Order, TrackingFile
from orders.models.told import by_number
from orders.shipping.number_formats import S10
from orders.tracking_files.dead_labels import (
    dead_word,
    is_state_of_labels,
    names_dead,
)
from orders.tracking_files.names import is_barcode, place
from orders.tracking_numbers import ZIP_CODE, tidied
from stores.access import Limit, within
from stores.models import Store

NOON = time(12)
# Where each day begins first.
FIRST_ZONE = timezone(timedelta(hours=14))
# A post's S10, UPS and USPS: nothing else in a file looks like these.
UNMISTAKABLE = re.compile(
    rf"{S10}|1Z[A-Z0-9]{{16}}|(?:{ZIP_CODE})?9\d(?:\d{{18}}|\d{{20}}|\d{{24}})",
    re.ASCII | re.IGNORECASE,
)
SAMPLE = 50
# Of an order, for its numbers to say by themselves what they are.
FEWEST_DIGITS = 4
NEARLY_ALL = 0.9
ORDERS_A_TIME = 500
MEANINGS = {
    "order": _("Order number"),
    "tracking_number": _("Tracking number"),
    "carrier": _("Carrier"),
    "shipped_at": _("Shipped on"),
    "status": _("Status of the label"),
}
NAMED = ("order", "tracking_number", "carrier", "shipped_at")
REQUIRED = ("order", "tracking_number")
Mapping = dict[str, int]
# The codes that shops print on what they sell; a parcel's has letters, or is longer.
PRODUCT_CODE = re.compile(r".{0,7}|\d{8}|\d{12,14}", re.ASCII)


def guess(
    header: list[str], lines: list[list[Any]], order: int | None = None
) -> Mapping:
    """Return the columns whose names tell what they hold; `order` is known already.

    A column of dates is left out when the dates could be read in two ways.
    """
    found: Mapping = {} if order is None else {"order": order}
    for meaning in NAMED:
        if meaning not in found and (columns := _named(meaning, header, found)):
            # Of two columns of a name, exports may leave one empty.
            filled = (column for column in columns if any(_cells(lines, column)))
            found[meaning] = next(filled, columns[0])
    if "tracking_number" not in found:
        found |= _find_barcodes(header, lines, found) or _find_numbers(
            header, lines, found
        )
    column = found.get("shipped_at")
    if column is not None and not all(map(read_day, _cells(lines, column))):
        del found["shipped_at"]
    return found | find_status(header, lines, found)


def _named(meaning: str, header: list[str], found: Mapping) -> list[int]:
    """Return the columns left whose names say this, the surest first."""
    sure = [
        (how_sure, column)
        for column, name in enumerate(header)
        if column not in found.values()
        if (how_sure := place(name, meaning))
    ]
    return [column for _how_sure, column in sorted(sure)]


def _find_barcodes(
    header: list[str], lines: list[list[Any]], found: Mapping
) -> Mapping:
    """Return the column of barcodes that are no products', but a post's own."""
    for column, name in enumerate(header):
        if is_barcode(name) and column not in found.values():
            cells = _cells(lines, column)
            if cells and not any(map(PRODUCT_CODE.fullmatch, cells)):
                return {"tracking_number": column}
    return {}


def _find_numbers(header: list[str], lines: list[list[Any]], found: Mapping) -> Mapping:
    """Return the only column that is full of numbers which can be nothing else.

    Where its name is one too, the file names no columns, and a person has to look.
    """
    sample = _sample(lines)
    columns = [
        column
        for column, name in enumerate(header)
        if column not in found.values()
        and not dead_word("", name)
        and not _is_number(name)
        and sum(map(_is_number, _cells(sample, column))) >= NEARLY_ALL * len(sample)
    ]
    return {"tracking_number": columns[0]} if len(columns) == 1 else {}


def _is_number(text: str) -> bool:
    return UNMISTAKABLE.fullmatch(tidied(text)) is not None


def find_status(header: list[str], lines: list[list[Any]], found: Mapping) -> Mapping:
    """Return the column to show as the status, one with a dead label if any."""
    columns = status_columns(header, lines, found)
    dead = (
        column
        for column, name in columns.items()
        if any(dead_word(name, text) for text in _cells(lines, column))
    )
    column = next(dead, next(iter(columns), None))
    return {} if column is None else {"status": column}


def status_columns(
    header: Sequence[str], lines: list[list[Any]], mapping: Mapping
) -> dict[int, str]:
    """Return the columns, with their names, that may say of a label that it is dead."""
    chosen = mapping.get("status")
    others = {column for meaning, column in mapping.items() if meaning != "status"}
    return {
        column: name
        for column, name in enumerate(header)
        if column == chosen
        or (column not in others and _tells_of_labels(name, _cells(lines, column)))
    }


def _tells_of_labels(name: str, cells: list[str]) -> bool:
    is_named = place(name, "status") is not None or names_dead(name)
    return is_named or is_state_of_labels(cells)


def find_order_column(
    header: list[str], lines: list[list[Any]], limit: Limit = None
) -> int | None:
    """Return the column that holds numbers of our orders in nearly every line."""
    sample = [row for _number, row in _sample(lines)]
    asked = sorted({order_number(text) for row in sample for text in row})
    ours: set[str] = set()
    for start in range(0, len(asked), ORDERS_A_TIME):
        numbers = asked[start : start + ORDERS_A_TIME]
        found = within(Order.objects.called(numbers), limit)
        ours |= set(by_number(found.only("marketplace_order_id", "order_number")))
    columns = []
    for column, name in enumerate(header):
        numbers = [order_number(cell(row, column)) for row in sample]
        are_ours = sum(one in ours for one in numbers) >= NEARLY_ALL * len(sample)
        # Quantities and the numbers of lines may be those of a new shop's orders.
        can_tell = place(name, "order") or max(map(len, numbers)) >= FEWEST_DIGITS
        if are_ours and can_tell:
            columns.append(column)
    unsure = (inf, False)
    return min(
        columns, key=lambda one: place(header[one], "order") or unsure, default=None
    )


def rank(row: list[str]) -> int:
    """Return how many of the columns that a table needs a row names."""
    return sum(any(place(name, one) for name in row) for one in REQUIRED)


def remember(header: list[str], by: User | None) -> tuple[Mapping, str] | None:
    """Return the columns and the carrier of the last file with this header."""
    files = TrackingFile.objects.seen_by(by)
    last = files.filter(header=header).exclude(mapping={})
    return last.values_list("mapping", "carrier").first()


def cell(row: Sequence[str], column: int | None) -> str:
    return row[column] if column is not None and column < len(row) else ""


def order_number(text: str) -> str:
    """Return an order's number as it is stored, whatever a spreadsheet made of it."""
    number = without_fraction(text.lstrip("#"))
    digits = without_thousands(without_fraction(tidied(number)).lstrip("#"))
    return digits if digits.isdecimal() else number


def _sample(lines: list[list[Any]]) -> list[list[Any]]:
    return lines[:: len(lines) // SAMPLE + 1]


def _cells(lines: list[list[Any]], column: int) -> list[str]:
    return [text for _number, row in lines if (text := cell(row, column))]


def read_day(text: str) -> date | datetime | None:
    """Return a day as 2026-11-24 or a moment, None when it is neither."""
    try:
        return parse_date(text) or parse_datetime(text)
    except ValueError:
        return None


def read_moment(day: date | datetime, store: Store, now: datetime) -> datetime | None:
    """Return when a parcel left, None when that has begun nowhere yet.

    A day is now for today and noon in the store's zone before. The store's zone is the
    marketplace's: who ships farther east has tomorrow's day and clock already.
    """
    if isinstance(day, datetime) and day.tzinfo:
        return day if day <= now else None
    if isinstance(day, datetime):
        begins = there = day
    else:
        begins, there = datetime.combine(day, time.min), datetime.combine(day, NOON)
        if day == now.astimezone(store.zone).date():
            return now
    if begins.replace(tzinfo=FIRST_ZONE) > now:
        return None
    return min(there.replace(tzinfo=store.zone), now)
