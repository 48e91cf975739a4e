"""Hold what another program needs, as a session that is stuck would."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

from django.db import connection, connections


def start(work: Callable[..., Any], *arguments: Any, **options: Any) -> Thread:
    """Do it beside the test, on a connection of its own."""

    def run() -> None:
        try:
            work(*arguments, **options)
        finally:
            connection.close()

    thread = Thread(target=run)
    thread.start()
    return thread


@contextmanager
def another_session_holds(table: str) -> Iterator[None]:
    """Hold the table's rows from another session (on SQLite, the whole database)."""
    is_sqlite = connection.vendor == "sqlite"
    held, done = Event(), Event()

    def hold() -> None:
        with connections["default"].cursor() as cursor:
            cursor.execute("BEGIN IMMEDIATE" if is_sqlite else "BEGIN")
            if not is_sqlite:
                cursor.execute(f"SELECT id FROM {table} FOR UPDATE")
            held.set()
            done.wait(60)
            cursor.execute("COMMIT")

    holder = start(hold)
    assert held.wait(30)
    try:
        yield
    finally:
        done.set()
        holder.join()
