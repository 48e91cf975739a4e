"""How many pieces were paid back, so that nobody ships them.

Source: REST API documentation, "List all refunds": each line of a refund has a
quantity below zero, and names the line it is about in its `_refunded_item_id`.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from stores.marketplaces.values import MOST_PIECES, objects_in

# Of an order with one of these nothing is shipped any more.
CLOSED = {"completed", "cancelled", "refunded", "failed", "trash"}
REFUNDED_LINE = "_refunded_item_id"


def has_refunds(raw: dict[str, Any]) -> bool:
    """Return whether the order may still be shipped, without what was paid back."""
    return bool(raw.get("refunds")) and str(raw.get("status")) not in CLOSED


def refunded_pieces(refunds: Iterable[Any]) -> dict[str, str]:
    """Return the pieces that were paid back, by the number of their line."""
    found: dict[str, Decimal] = {}
    lines = (
        line
        for refund in refunds
        if isinstance(refund, dict)
        for line in objects_in(refund, "line_items")
    )
    for line in lines:
        line_id = _line_of(line)
        given = line.get("quantity")
        if not line_id or not isinstance(given, int | Decimal):
            continue
        amount = abs(Decimal(given))
        if amount <= MOST_PIECES:
            found[line_id] = found.get(line_id, Decimal(0)) + amount
    return {line_id: f"{amount:f}" for line_id, amount in found.items() if amount}


def _line_of(line: dict[str, Any]) -> str:
    for meta in objects_in(line, "meta_data"):
        if meta.get("key") == REFUNDED_LINE:
            return str(meta.get("value", ""))[:50]
    return ""
