"""The orders of a practice shop in a file, and back."""

import json
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from stores.sandbox.shops.orders import Line, Order

TIMES = ("created_at", "paid_at", "completed_at", "modified_at")
AMOUNTS = ("shipping_amount", "tax_amount", "refunded")
NUMBERS = ("quantity", "price", "weight", "shipped")


def write_orders(path: Path, orders: list[Order]) -> None:
    """Put the orders in the file, whole or not at all."""
    draft = path.with_suffix(".new")
    rows = [asdict(order) for order in orders]
    draft.write_text(json.dumps(rows, ensure_ascii=False, default=_plain))
    draft.replace(path)


def read_orders(path: Path) -> list[Order]:
    """Return the orders of the file; raise `ValueError` where it holds others."""
    try:
        return [_order(row) for row in json.loads(path.read_text())]
    except (TypeError, KeyError, AttributeError, ArithmeticError) as error:
        raise ValueError(path) from error


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _order(row: dict[str, Any]) -> Order:
    times = {name: row[name] and datetime.fromisoformat(row[name]) for name in TIMES}
    amounts = {name: Decimal(row[name]) for name in AMOUNTS}
    money = {
        name: {key: Decimal(amount) for key, amount in row[name].items()}
        for name in ("discounts", "fees")
    }
    lines = [
        Line(**{**one, **{name: Decimal(one[name]) for name in NUMBERS}})
        for one in row["lines"]
    ]
    return Order(**{**row, **times, **amounts, **money, "lines": lines})
