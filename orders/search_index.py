"""The index of all search texts by three letters each, which the database keeps.

PostgreSQL has it by its extension pg_trgm. SQLite has a full-text table beside the
orders, and triggers that no writer can forget. A migration that makes the table of
orders anew loses them, so every migrate ends with `build`. Where a database can have
neither, searches go without, more slowly.
"""

from collections.abc import Callable
from typing import Any

from django.db import DatabaseError, connections, transaction
from django.utils.translation import gettext as _

# Shorter words are in no index.
LETTERS = 3
TABLE = "orders_order"
NAME = "orders_search"
# Says up to which key orders are in the index of SQLite: while it is filled, and all.
FILLED = "orders_search_filled"
ALL = 2**63 - 1
# Orders a transaction, for which other writers wait.
A_TIME = 5000
TOLD_EACH = 100_000

_FULL_TEXT = (
    f"USING fts5(search_text, content='{TABLE}', content_rowid='id', columnsize=0, "
    "detail=none, tokenize='trigram case_sensitive 1')"
)
_ADD = f"INSERT INTO {NAME} (rowid, search_text) VALUES (new.id, new.search_text);"  # nosec B608 # constants of ours
_TAKE = (
    f"INSERT INTO {NAME} ({NAME}, rowid, search_text) "  # nosec B608 # constants of ours
    "VALUES ('delete', old.id, old.search_text);"
)
_IS_IN = f"id <= (SELECT last FROM {FILLED})"  # nosec B608 # constants of ours
TRIGGERS = {
    "orders_search_insert": f"AFTER INSERT ON {TABLE} WHEN new.{_IS_IN} BEGIN {_ADD}",
    "orders_search_delete": f"AFTER DELETE ON {TABLE} WHEN old.{_IS_IN} BEGIN {_TAKE}",
    "orders_search_update": (
        f"AFTER UPDATE OF search_text ON {TABLE} WHEN old.{_IS_IN} "
        f"AND old.search_text <> new.search_text BEGIN {_TAKE} {_ADD}"
    ),
}

Tell = Callable[[str], Any]


def build(alias: str, tell: Tell) -> None:
    """Make the index whole, in pieces others can write between, or say why not."""
    connection = connections[alias]
    with connection.cursor() as cursor:
        has_texts = _has_texts(connection, cursor)
        try:
            if connection.vendor == "sqlite":
                _build_full_text(alias, cursor, has_texts, tell)
            elif has_texts and not is_whole(alias):
                _build_trigrams(alias, cursor, tell)
        except DatabaseError as error:
            reason = str(error).strip().splitlines()[0].rstrip(".")
            message = _(
                "Searches have no index and are slow with many orders (%(reason)s). "
                "%(hint)s"
            )
            tell(message % {"reason": reason, "hint": hint(alias)})


def let_go(alias: str) -> None:
    """Take the triggers away: SQLite drops no column that one of them names."""
    connection = connections[alias]
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            _drop_triggers(alias, cursor)


def hint(alias: str) -> str:
    """Return what to do for a database that has no index."""
    if connections[alias].vendor == "sqlite":
        return _("Run migrate with SQLite 3.34 or later, which has FTS5.")
    return _(
        "Let a superuser run CREATE EXTENSION pg_trgm in this database, then run "
        "migrate."
    )


def is_whole(alias: str = "default") -> bool:
    """Return whether all orders are in the index."""
    connection = connections[alias]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            return _count_triggers(cursor) == len(TRIGGERS) and _filled(cursor) == ALL
        cursor.execute(
            "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(%s)", [NAME]
        )
        return cursor.fetchone() == (True,)


def _has_texts(connection: Any, cursor: Any) -> bool:
    if TABLE not in connection.introspection.table_names(cursor):
        return False
    columns = connection.introspection.get_table_description(cursor, TABLE)
    return "search_text" in {column.name for column in columns}


def _build_trigrams(alias: str, cursor: Any, tell: Tell) -> None:
    is_alone = not connections[alias].in_atomic_block
    with transaction.atomic(alias):
        cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    tell(_("The index for searches is being built."))
    # One that was interrupted stays behind, and is of no use.
    cursor.execute(f"DROP INDEX IF EXISTS {NAME}")
    if is_alone:
        # Waits for whoever is writing, who do not wait for it.
        cursor.execute("SET lock_timeout = 0")
    try:
        cursor.execute(
            f"CREATE INDEX {'CONCURRENTLY' if is_alone else ''} {NAME} "
            f"ON {TABLE} USING gin (search_text gin_trgm_ops)"
        )
    finally:
        if is_alone:
            cursor.execute("RESET lock_timeout")


def _build_full_text(alias: str, cursor: Any, has_texts: bool, tell: Tell) -> None:
    try:
        with transaction.atomic(alias):
            cursor.execute(f"CREATE VIRTUAL TABLE temp.{NAME}_trial {_FULL_TEXT}")
            cursor.execute(f"DROP TABLE temp.{NAME}_trial")
    except DatabaseError:
        # An older SQLite than the one that made them could write no order.
        _drop_triggers(alias, cursor)
        raise
    if not has_texts or _count_triggers(cursor) != len(TRIGGERS):
        with transaction.atomic(alias):
            # Without triggers nobody knows what was written meanwhile.
            _drop_triggers(alias, cursor)
            for table in (NAME, FILLED):
                cursor.execute(f"DROP TABLE IF EXISTS {table}")
            if has_texts:
                _create_full_text(cursor)
    if has_texts:
        _fill(alias, cursor, tell)


def _create_full_text(cursor: Any) -> None:
    cursor.execute(f"CREATE VIRTUAL TABLE {NAME} {_FULL_TEXT}")
    cursor.execute(f"CREATE TABLE {FILLED} (last integer NOT NULL)")
    cursor.execute(f"INSERT INTO {FILLED} VALUES (0)")  # nosec B608 # constants of ours
    for name, what in TRIGGERS.items():
        cursor.execute(f"CREATE TRIGGER {name} {what} END")


def _drop_triggers(alias: str, cursor: Any) -> None:
    with transaction.atomic(alias):
        for name in TRIGGERS:
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}")


def _fill(alias: str, cursor: Any, tell: Tell) -> None:
    cursor.execute(f"SELECT count(*) FROM {TABLE}")  # nosec B608 # constants of ours
    (total,) = cursor.fetchone()
    done, last = 0, _filled(cursor)
    while last != ALL:
        with transaction.atomic(alias):
            cursor.execute(
                f"SELECT max(id), count(*) FROM (SELECT id FROM {TABLE} WHERE id > %s "  # nosec B608 # constants of ours
                f"ORDER BY id LIMIT {A_TIME})",
                [last],
            )
            end, count = cursor.fetchone()
            if count:
                cursor.execute(
                    f"INSERT INTO {NAME} (rowid, search_text) SELECT id, search_text "  # nosec B608 # constants of ours
                    f"FROM {TABLE} WHERE id > %s AND id <= %s",
                    [last, end],
                )
            last = end or ALL
            cursor.execute(f"UPDATE {FILLED} SET last = %s", [last])  # nosec B608 # constants of ours
        done += count
        if count and done % TOLD_EACH < A_TIME:
            message = _("The index for searches has %(done)d of %(total)d orders.")
            tell(message % {"done": done, "total": total})


def _count_triggers(cursor: Any) -> int:
    cursor.execute(
        "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s "  # nosec B608 # constants of ours
        f"AND name IN ({', '.join(['%s'] * len(TRIGGERS))})",
        [TABLE, *TRIGGERS],
    )
    (count,) = cursor.fetchone()
    return count


def _filled(cursor: Any) -> int:
    cursor.execute(f"SELECT last FROM {FILLED}")  # nosec B608 # constants of ours
    (last,) = cursor.fetchone()
    return last
