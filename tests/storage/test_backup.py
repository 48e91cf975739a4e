"""backup: a whole copy while others write, that is restored and works."""

import sqlite3
import stat
from contextlib import closing
from datetime import UTC, datetime, timedelta
from threading import Event, Thread

import pytest
from django.db import connection, connections

from stores import tokens
from tests.factories import OrderFactory, StoreFactory

is_sqlite = connection.vendor == "sqlite"
on_sqlite = pytest.mark.skipif(not is_sqlite, reason="the file of SQLite")


def said(process) -> str:
    text, _ = process.communicate(timeout=120)
    return text


def ask(path, sql: str):
    with closing(sqlite3.connect(path)) as database:
        return database.execute(sql).fetchone()[0]


@on_sqlite
def test_a_backup_taken_while_others_write_is_whole_and_restores(
    manage, tophatter, tmp_path
):
    store = StoreFactory(access_token=tophatter.token, name="Main store")
    is_done, written = Event(), []

    def write() -> None:
        while not is_done.is_set():
            written.append(OrderFactory(store=store, marketplace_order_id=_number()).pk)
        connections["default"].close()

    numbers = iter(range(900_000, 990_000))

    def _number() -> str:
        return str(next(numbers))

    writer = Thread(target=write)
    writer.start()
    copy = tmp_path / "monday.sqlite3"
    backup = manage("backup", str(copy))
    text = said(backup)
    is_done.set()
    writer.join()
    placed_at = datetime.now(UTC) - timedelta(hours=1)
    tophatter.add_order(created_at=placed_at, paid_at=placed_at)
    kept = ask(copy, "SELECT count(*) FROM orders_order")
    restored = tmp_path / "restored.sqlite3"
    restored.write_bytes(copy.read_bytes())
    run = manage("import_orders", "Main store", DATABASE_URL=f"sqlite:///{restored}")

    assert backup.returncode == 0, text
    assert [path.name for path in tmp_path.glob("monday*")] == ["monday.sqlite3"]
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert ask(copy, "PRAGMA integrity_check") == "ok"
    assert 0 < kept <= len(written)
    assert "1 created" in said(run)
    assert ask(restored, "SELECT count(*) FROM orders_order") == kept + 1
    ciphertext = ask(restored, "SELECT token_ciphertext FROM stores_store")
    assert tokens.decrypt(ciphertext).reveal() == tophatter.token


@on_sqlite
def test_a_backup_overwrites_nothing(manage, tmp_path):
    path = tmp_path / "monday.sqlite3"
    path.write_text("precious")

    backup = manage("backup", str(path))

    assert "already" in said(backup)
    assert backup.returncode == 1
    assert path.read_text() == "precious"


@on_sqlite
def test_a_backup_that_fails_leaves_nothing_behind(manage, tmp_path):
    backup = manage("backup", str(tmp_path / "away" / "monday.sqlite3"))
    text = said(backup)

    assert "was not written" in text
    assert "Traceback" not in text
    assert backup.returncode == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(is_sqlite, reason="the line of PostgreSQL")
def test_on_postgres_the_line_of_pg_dump_works_and_shows_no_password(manage, tmp_path):
    import shlex
    import subprocess

    path = tmp_path / "monday.dump"
    facts = connection.settings_dict
    host = f"{facts['HOST']}:{facts['PORT'] or 5432}"
    url = f"postgres://{facts['USER']}:secret@{host}/{facts['NAME']}"

    backup = manage("backup", str(path), DATABASE_URL=url)
    text = said(backup)
    line = next(one for one in text.splitlines() if one.startswith("pg_dump"))
    subprocess.run(shlex.split(line), check=True)
    listed = subprocess.run(
        ["pg_restore", "--list", str(path)], check=True, capture_output=True, text=True
    )

    assert backup.returncode == 1
    assert "secret" not in text
    assert "orders_shipment" in listed.stdout
