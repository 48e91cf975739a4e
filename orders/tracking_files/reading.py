"""What the lines of a carrier's file say, before anybody asks what becomes of them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TypeVar

from backoffice.kit.spreadsheet_numbers import without_fraction
from orders.tracking_files.columns import Mapping, cell, order_number
from orders.tracking_files.dead_labels import dead_word
from orders.tracking_numbers import is_same, spellings

Key = TypeVar("Key")


@dataclass(frozen=True)
class Line:
    """What a line of the file says."""

    number: int
    order_id: str
    tracking_number: str
    carrier: str
    day: str
    # What the file says of the label when it is dead.
    dead: str = ""


def read_line(
    number: int,
    row: list[str],
    mapping: Mapping,
    carrier: str,
    states: dict[int, str],
) -> Line:
    """Return what a row says; `states` names the columns that tell of dead labels."""
    tracking_number = cell(row, mapping.get("tracking_number"))
    said = (dead_word(name, cell(row, column)) for column, name in states.items())
    return Line(
        number=number,
        order_id=order_number(cell(row, mapping.get("order"))),
        tracking_number=without_fraction(tracking_number),
        carrier=cell(row, mapping.get("carrier")) or carrier,
        day=cell(row, mapping.get("shipped_at")),
        dead=next(filter(None, said), ""),
    )


def with_dead_numbers(lines: list[Line]) -> list[Line]:
    """Return the lines, dead also where another line says so of their number.

    Reports tell of a label twice: when it was bought and when it was voided. So does a
    line that is left out.
    """
    dead = {
        spelling: line.dead
        for line in lines
        if line.dead and line.tracking_number
        for spelling in spellings(line.tracking_number)
    }
    told = []
    for line in lines:
        said = (dead.get(spelling) for spelling in spellings(line.tracking_number))
        told.append(replace(line, dead=line.dead or next(filter(None, said), "")))
    return told


def contradicted(parcels: Iterable[tuple[Key, str]]) -> set[Key]:
    """Return the orders that the file has several tracking numbers for."""
    first: dict[Key, str] = {}
    found = set()
    for order, number in parcels:
        if number and not is_same(first.setdefault(order, number), number):
            found.add(order)
    return found
