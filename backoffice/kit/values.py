"""Which values a column has, read from its index: a step for each of them."""

from django.db import connection
from django.db.models import Model


def values_in_use(model: type[Model], column: str) -> list[str]:
    """Return the values of an indexed column, in order.

    `column` is SQL: the first column of an index, or its expression. Neither database
    skips by itself from one value to the next; `DISTINCT` reads them all.
    """
    table = connection.ops.quote_name(model._meta.db_table)
    statement = f"""
        WITH RECURSIVE found(value) AS (
            SELECT min({column}) FROM {table}
            UNION ALL
            SELECT (SELECT min({column}) FROM {table} WHERE {column} > found.value)
            FROM found WHERE found.value IS NOT NULL
        )
        SELECT value FROM found WHERE value IS NOT NULL
    """  # noqa: S608  # nosec B608 # no word of it comes from outside
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return [value for (value,) in cursor]
