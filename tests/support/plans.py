"""What the database reads to answer a query."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.test.utils import CaptureQueriesContext

# Their rows grow with a seller's history.
LONG = {"orders_order", "orders_shipment", "orders_lineitem", "orders_importrun"}
# An index with a condition that is read whole has no other rows.
PARTIAL = "orders_(?:order_(?:held|recheck|left|address)|shipment_(?:open|unaccepted))"
READ_WHOLE = {
    "sqlite": re.compile(rf"SCAN (\w+)\b(?! USING (?:COVERING )?INDEX {PARTIAL}\b)"),
    "postgresql": re.compile(r"Seq Scan on (\w+)"),
}


@contextmanager
def reading_no_table_whole() -> Iterator[CaptureQueriesContext]:
    """Fail when a query of the block reads all rows of a table that grows."""
    with CaptureQueriesContext(connection) as asked:
        yield asked
    for one in asked.captured_queries:
        if one["sql"].lstrip().startswith(("SELECT", "UPDATE", "DELETE")):
            whole = tables_read_whole(one["sql"]) & LONG
            assert not whole, f"{whole} is read whole by {one['sql']}"


def tables_read_whole(sql: str) -> set[str]:
    reads = map(READ_WHOLE[connection.vendor].search, explained(sql))
    return {read[1] for read in reads if read}


def explained(sql: str) -> list[str]:
    explain = "EXPLAIN"
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            explain = "EXPLAIN QUERY PLAN"
        else:
            # A few rows are read whole all the same where they may be.
            cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"{explain} {sql}")
        return [str(row[-1]) for row in cursor.fetchall()]


def plans_naming(asked: CaptureQueriesContext, column: str) -> list[str]:
    """Return the plans of the queries that look for values of this column."""
    plans = []
    for one in asked.captured_queries:
        is_read = one["sql"].lstrip().startswith("SELECT")
        if is_read and re.search(rf'"{column}"\)? (IN|= ANY)', one["sql"]):
            plans.append("\n".join(explained(one["sql"])))
    return plans


def count_rows() -> None:
    """Have the database note how many rows there are, as our migration has it."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            # Of this connection: with all rows counted SQLite chooses other plans.
            cursor.execute("PRAGMA analysis_limit = 1000")
        cursor.execute("ANALYZE")
