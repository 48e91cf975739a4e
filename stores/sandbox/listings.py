"""Lists of orders that are not newest first, though the default says so.

Each takes the call's parameters and the orders, newest first, and returns the page.
"""

import hashlib
from collections.abc import Callable
from typing import Any

from stores.sandbox.parameters import number, page_of

Given = dict[str, Any]
Rows = list[Any]


def ascending(given: Given, rows: Rows) -> Rows:
    return page_of(given, rows[::-1])


def random(given: Given, rows: Rows) -> Rows:
    """Without any order, but the same one for each page and each run."""
    return page_of(given, sorted(rows, key=_lot))


def stray(given: Given, rows: Rows) -> Rows:
    """The oldest order comes first, all others newest first."""
    return page_of(given, rows[-1:] + rows[:-1])


def older_half_first(given: Given, rows: Rows) -> Rows:
    """Each half is newest first, but the older one precedes."""
    half = len(rows) // 2
    return page_of(given, rows[half:] + rows[:half])


def page_twice(given: Given, rows: Rows) -> Rows:
    """Page 2 is page 1 again; the rest follows."""
    page = number(given, "page", 1)
    return page_of({**given, "page": max(page - 1, 1)}, rows)


def _lot(order: dict[str, Any]) -> bytes:
    return hashlib.sha256(str(order.get("order_id")).encode()).digest()


LISTINGS: dict[str, Callable[[Given, Rows], Rows]] = {
    "ascending": ascending,
    "random": random,
    "stray": stray,
    "older_half_first": older_half_first,
    "page_twice": page_twice,
}
