"""Rows by the thousand, found and written past the ORM's compiler.

The compiler takes ten times as long for each value as the database itself.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.db.models import (
    CharField,
    DateTimeField,
    DecimalField,
    Field,
    Lookup,
    Model,
)

from backoffice.kit.fields import field_of

Row = tuple[Any, ...]


@CharField.register_lookup
class Among(Lookup):
    """As `__in`, for any number of texts: all of them are one value."""

    lookup_name = "among"

    def get_prep_lookup(self) -> str:
        return json.dumps(list(self.rhs))

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        column, more = self.process_lhs(compiler, connection)
        return f"{column} IN (SELECT value FROM json_each(%s))", [*more, self.rhs]  # nosec B608 # names come from the models

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        column, more = self.process_lhs(compiler, connection)
        texts = "ARRAY(SELECT jsonb_array_elements_text(%s::jsonb))"
        return f"{column} = ANY({texts})", [*more, self.rhs]


def insert(model: type[Model], names: Sequence[str], rows: Iterable[Row]) -> None:
    """Insert rows; `names` says which fields the tuples hold, as in `upsert`."""
    _write(model, names, rows, "")


def upsert(
    model: type[Model],
    names: Sequence[str],
    rows: Iterable[Row],
    *,
    unique: Sequence[str],
    kept: Sequence[str] = (),
) -> None:
    """Insert rows, and change those that are there by their `unique` columns.

    `names` says which fields the tuples hold: keys of other rows as they are, JSON as
    its text. Of a row that is there, the other fields and the `kept` ones stay; a new
    one has their defaults.
    """
    columns = {name: _column(field_of(model, name)) for name in names}
    changed = [columns[name] for name in names if name not in {*unique, *kept}]
    news = ", ".join(f"{column} = excluded.{column}" for column in changed)
    found_by = ", ".join(columns[name] for name in unique)
    conflict = f" ON CONFLICT ({found_by}) DO UPDATE SET {news}"  # nosec B608 # names come from the models
    _write(model, names, rows, conflict)


def _write(
    model: type[Model], names: Sequence[str], rows: Iterable[Row], conflict: str
) -> None:
    given = [field_of(model, name) for name in names]
    adapters = [_adapter(field) for field in given]
    adapted = [
        tuple(
            value if adapt is None or value is None else adapt(value)
            for adapt, value in zip(adapters, row, strict=True)
        )
        for row in rows
    ]
    if not adapted:
        return
    columns = [_column(field) for field in given]
    defaults = _defaults(model, given)
    table = connection.ops.quote_name(model._meta.db_table)
    into = ", ".join([*columns, *defaults])
    statement = f"INSERT INTO {table} ({into}) %s{conflict}"  # nosec B608 # names come from the models
    write = WRITERS[connection.vendor]
    write(statement, table, columns, adapted, list(defaults.values()))


def _into_sqlite(
    statement: str, table: str, columns: list[str], rows: list[Row], defaults: list[Any]
) -> None:
    values = ", ".join(["%s"] * (len(columns) + len(defaults)))
    with connection.cursor() as cursor:
        cursor.executemany(
            statement % f"VALUES ({values})", [(*row, *defaults) for row in rows]
        )


def _into_postgresql(
    statement: str, table: str, columns: list[str], rows: list[Row], defaults: list[Any]
) -> None:
    names = ", ".join(columns)
    constants = "".join([", %s"] * len(defaults))
    with (
        transaction.atomic(savepoint=False),
        connection.wrap_database_errors,
        connection.cursor() as cursor,
    ):
        cursor.execute(
            f"CREATE TEMPORARY TABLE arrivals ON COMMIT DROP AS "  # nosec B608 # names come from the models
            f"SELECT {names} FROM {table} LIMIT 0"
        )
        with cursor.copy(f"COPY arrivals ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute(statement % f"SELECT {names}{constants} FROM arrivals", defaults)  # nosec B608 # names come from the models
        cursor.execute("DROP TABLE arrivals")


WRITERS = {"sqlite": _into_sqlite, "postgresql": _into_postgresql}


def _column(field: "Field[Any, Any]") -> str:
    return connection.ops.quote_name(str(field.column))


def _adapter(field: "Field[Any, Any]") -> Callable[[Any], Any] | None:
    """Return what makes the database's value of a field's; most need nothing."""
    if isinstance(field, DateTimeField):
        return connection.ops.adapt_datetimefield_value
    if isinstance(field, DecimalField):
        return partial(
            connection.ops.adapt_decimalfield_value,
            max_digits=field.max_digits,
            decimal_places=field.decimal_places,
        )
    return None


def _defaults(model: type[Model], given: Iterable["Field[Any, Any]"]) -> dict[str, Any]:
    """Return the defaults of the columns that no tuple holds, where there are any."""
    held = set(given)
    values = {
        _column(field): field.get_db_prep_save(field.get_default(), connection)
        for field in model._meta.concrete_fields
        if field not in held and not field.primary_key and not field.generated
    }
    return {column: value for column, value in values.items() if value is not None}
