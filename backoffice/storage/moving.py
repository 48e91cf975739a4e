"""Move a whole installation from SQLite to PostgreSQL, and prove that it is the same.

Rows travel as they are stored, past the models: a field that reads its text in the
present language, or sets its own time, would change them on the way.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Context, Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import (
    DataError,
    IntegrityError,
    OperationalError,
    connections,
    models,
    transaction,
)
from django.utils.translation import gettext as _

TARGET = "target"
BATCH = 500
# What migrate itself fills; the rows of the source replace it.
FILLED_BY_MIGRATE = {
    "auth_group",
    "auth_group_permissions",
    "auth_permission",
    "django_content_type",
    "django_migrations",
}
PROGRESS = "backoffice_move"
EXACT = Context(prec=2000)

OnRows = Callable[[int], Any]


class MoveRefused(Exception):
    """Why the installation cannot be moved, and what to do."""


@dataclass(frozen=True)
class MovedTable:
    model: type[models.Model]

    @property
    def name(self) -> str:
        return self.model._meta.db_table

    @property
    def key(self) -> str:
        return str(self.model._meta.pk.column)

    @cached_property
    def fields(self) -> list[models.Field]:
        """The stored columns, the primary key first; generated ones make themselves."""
        stored = [one for one in self.model._meta.concrete_fields if not one.generated]
        return sorted(stored, key=lambda field: not field.primary_key)

    @property
    def columns(self) -> str:
        return ", ".join(f'"{field.column}"' for field in self.fields)


@dataclass(frozen=True)
class Comparison:
    table: str
    source: tuple[int, str]
    target: tuple[int, str]

    @property
    def is_same(self) -> bool:
        return self.source == self.target


def tables() -> list[MovedTable]:
    """Return all tables, each after those its rows point to."""
    waiting = [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy
    ]
    placed: list[type[models.Model]] = []
    while waiting:
        model = next(one for one in waiting if _points_to(one) <= {*placed, one})
        waiting.remove(model)
        placed.append(model)
    return [MovedTable(model) for model in placed]


def _points_to(model: type[models.Model]) -> set[type[models.Model]]:
    return {
        field.remote_field.model
        for field in model._meta.concrete_fields
        if field.remote_field
    }


@contextmanager
def held_source() -> Iterator[Path]:
    """Keep every other program from the SQLite file, and give its place."""
    source = connections["default"]
    with source.cursor() as cursor:
        try:
            # Leaving WAL works only when no other program has the file open.
            cursor.execute("PRAGMA busy_timeout=3000")
            cursor.execute("PRAGMA journal_mode=DELETE")
            is_alone = cursor.fetchone()[0] == "delete"
        except OperationalError as error:
            if "locked" not in str(error):
                raise
            is_alone = False
    if not is_alone:
        raise MoveRefused(
            _(
                "Another program has the SQLite database open. Stop the web server, "
                "the worker and all commands, then start again."
            )
        )
    with transaction.atomic():
        yield Path(source.settings_dict["NAME"]).resolve()


def goes_on(source: Path) -> bool:
    """Return whether an earlier move is resumed; rows of others are refused."""
    target = connections[TARGET]
    with target.cursor() as cursor:
        names = target.introspection.table_names(cursor)
        if PROGRESS in names:
            cursor.execute(f"SELECT source FROM {PROGRESS} WHERE table_name = ''")  # nosec B608 # names come from the models
            if cursor.fetchone() == (str(source),):
                return True
            raise MoveRefused(
                _("Another installation is being moved there; give an empty database.")
            )
        for name in names:
            if name not in FILLED_BY_MIGRATE and _has_rows(cursor, name):
                raise MoveRefused(
                    _(
                        "The PostgreSQL database already holds rows (%(table)s); give "
                        "an empty one."
                    )
                    % {"table": name}
                )
    return False


def begin(source: Path) -> None:
    """Make the migrated target ours and empty."""
    with transaction.atomic(TARGET), connections[TARGET].cursor() as cursor:
        cursor.execute(
            f"CREATE TABLE {PROGRESS} (table_name text PRIMARY KEY, source text, "
            "last_key text)"
        )
        cursor.execute(f"INSERT INTO {PROGRESS} VALUES ('', %s, '')", [str(source)])  # nosec B608 # names come from the models
        _empty(cursor)


def start_anew() -> None:
    """Empty the target of what an earlier, interrupted move brought."""
    with transaction.atomic(TARGET), connections[TARGET].cursor() as cursor:
        _empty(cursor)
        cursor.execute(f"DELETE FROM {PROGRESS} WHERE table_name <> ''")  # nosec B608 # names come from the models


def _empty(cursor: Any) -> None:
    names = ", ".join(f'"{table.name}"' for table in tables())
    cursor.execute(f"TRUNCATE {names}")


def _has_rows(cursor: Any, name: str) -> bool:
    cursor.execute(f'SELECT EXISTS (SELECT 1 FROM "{name}")')  # nosec B608 # names come from the models
    return cursor.fetchone()[0]


def copy(table: MovedTable, on_rows: OnRows) -> None:
    """Copy what the target lacks of a table, a batch in its own transaction."""
    for rows in batches("default", table, _last_key(table)):
        with transaction.atomic(TARGET), connections[TARGET].cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            _insert(cursor, table, rows)
            cursor.execute(
                f"INSERT INTO {PROGRESS} VALUES (%s, '', %s) ON CONFLICT (table_name) "  # nosec B608 # names come from the models
                "DO UPDATE SET last_key = excluded.last_key",
                [table.name, json.dumps(rows[-1][0])],
            )
        on_rows(len(rows))


def _last_key(table: MovedTable) -> Any:
    with connections[TARGET].cursor() as cursor:
        cursor.execute(
            f"SELECT last_key FROM {PROGRESS} WHERE table_name = %s",  # nosec B608 # names come from the models
            [table.name],
        )
        found = cursor.fetchone()
    return json.loads(found[0]) if found else None


def _insert(cursor: Any, table: MovedTable, rows: list[tuple]) -> None:
    try:
        with transaction.atomic(TARGET):
            _insert_at_once(cursor, table, rows)
    except (DataError, IntegrityError, ValueError) as error:
        if len(rows) == 1:
            reason = str(error).splitlines()[0]
            raise MoveRefused(
                _(
                    "PostgreSQL does not take the row %(key)s of the table %(table)s: "
                    "%(reason)s. Correct it in the SQLite database, then start again."
                )
                % {"key": rows[0][0], "table": table.name, "reason": reason}
            ) from None
        for row in rows:
            _insert(cursor, table, [row])


def _insert_at_once(cursor: Any, table: MovedTable, rows: list[tuple]) -> None:
    places = ", ".join(
        "%s::jsonb" if isinstance(field, models.JSONField) else "%s"
        for field in table.fields
    )
    cursor.execute(
        f'INSERT INTO "{table.name}" ({table.columns}) VALUES '  # nosec B608 # names come from the models
        + ", ".join([f"({places})"] * len(rows)),
        [value for row in rows for value in row],
    )


def batches(alias: str, table: MovedTable, after: Any = None) -> Iterator[list[tuple]]:
    """Yield the rows as they are stored, in the order of their keys."""
    connection = connections[alias]
    is_target = connection.vendor == "postgresql"
    columns = ", ".join(
        f'"{field.column}"::text'
        if is_target and isinstance(field, models.JSONField)
        else f'"{field.column}"'
        for field in table.fields
    )
    readers = [_reader(connection, table, field) for field in table.fields]
    while True:
        where = "" if after is None else f'WHERE "{table.key}" > %s'
        with connection.cursor() as cursor:
            cursor.execute(
                f'SELECT {columns} FROM "{table.name}" {where} '  # nosec B608 # names come from the models
                f'ORDER BY "{table.key}" LIMIT {BATCH}',
                [] if after is None else [after],
            )
            found = cursor.fetchall()
        if not found:
            return
        yield [
            tuple(read(value) for read, value in zip(readers, row, strict=True))
            for row in found
        ]
        after = found[-1][0]


def _reader(
    connection: Any, table: MovedTable, field: models.Field
) -> Callable[[Any], Any]:
    """Return what makes a stored value the one that PostgreSQL takes."""
    expression = field.get_col(table.name)
    converters = connection.ops.get_db_converters(expression)

    def read(value: Any) -> Any:
        for convert in converters:
            value = convert(value, expression, connection)
        return value

    return read


def compare(table: MovedTable, on_rows: OnRows) -> Comparison:
    sides = (_digest(alias, table, on_rows) for alias in ("default", TARGET))
    return Comparison(table.name, *sides)


def _digest(alias: str, table: MovedTable, on_rows: OnRows) -> tuple[int, str]:
    """Return count and sum of the rows; a sum, for the two sort text differently."""
    count = total = 0
    is_json = [isinstance(field, models.JSONField) for field in table.fields]
    for rows in batches(alias, table):
        for row in rows:
            facts = [
                _plain(json.loads(value, parse_int=Decimal, parse_float=Decimal))
                if parse and value is not None
                else _plain(value)
                for parse, value in zip(is_json, row, strict=True)
            ]
            text = json.dumps(facts, sort_keys=True).encode()
            total += int.from_bytes(hashlib.sha256(text).digest()[:16])
            count += 1
        on_rows(len(rows))
    return count, f"{total % 2**128:032x}"


def _plain(value: Any) -> Any:
    """Return a value in the one form in which both databases' values are compared."""
    match value:
        case dict():
            return {name: _plain(one) for name, one in value.items()}
        case list():
            return [_plain(one) for one in value]
        case Decimal():
            return ["number", str(value.normalize(EXACT) if value else 0)]
        case datetime() if value.tzinfo:
            return value.astimezone(UTC).isoformat()
        case date():
            return value.isoformat()
        case bytes() | memoryview():
            return bytes(value).hex()
    return value


def set_sequences() -> None:
    """Let new rows get numbers that the source never gave."""
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT name, seq FROM sqlite_sequence")
        given = dict(cursor.fetchall())
    with connections[TARGET].cursor() as cursor:
        for table in tables():
            if isinstance(table.model._meta.pk, models.AutoField):
                last = given.get(table.name, 0)
                cursor.execute(
                    "SELECT setval(pg_get_serial_sequence(%s, %s), %s, %s)",
                    [f'"{table.name}"', table.key, max(last, 1), last > 0],
                )


def finish(source: Path) -> Path:
    """Put the SQLite file aside, so that no program writes on there by mistake."""
    with connections[TARGET].cursor() as cursor:
        cursor.execute(f"DROP TABLE {PROGRESS}")
    return source.rename(source.with_name(f"{source.name}.moved"))
