"""Each trouble of the database, made for real, is told by its own name."""

import os
import shutil
import sqlite3
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import closing, contextmanager, suppress

import pytest
from django.db import connection, transaction

from backoffice.kit.troubles import TROUBLES
from tests.support.programs import (
    MANAGE,
    clear_away,
    database_url,
    free_port,
    start,
    wait_until,
)

is_sqlite = connection.vendor == "sqlite"
on_sqlite = pytest.mark.skipif(not is_sqlite, reason="troubles of SQLite")
on_postgres = pytest.mark.skipif(is_sqlite, reason="troubles of PostgreSQL")


def said_by(*command: str, url: str) -> str:
    process = start(*command, DATABASE_URL=url, LANGUAGE_CODE="en")
    text, _ = process.communicate(timeout=120)
    assert process.returncode == 1, text
    assert "Traceback" not in text, text
    return " ".join(text.split())


def told(cause: str, url: str, *command: str) -> None:
    text = said_by(*(command or ("setup_schedules",)), url=url)

    assert str(TROUBLES[cause]) in text


@contextmanager
def web(url: str):
    """The web server on a database of its own."""
    port = free_port()
    server = ["-m", "gunicorn", "backoffice.wsgi", "--bind", f"127.0.0.1:{port}"]
    process = subprocess.Popen(
        [sys.executable, *server],
        # Without DEBUG the pages need collected static files.
        env=os.environ
        | {
            "DATABASE_URL": url,
            "DEBUG": "True",
            "DJANGO_SETTINGS_MODULE": "backoffice.settings",
        },
        cwd=MANAGE.parent,
        start_new_session=True,
    )
    address = f"http://127.0.0.1:{port}"

    def answers():
        with suppress(OSError):
            return get(f"{address}/favicon.ico")

    try:
        wait_until(answers, 60, "an answer of the web server")
        yield address
    finally:
        clear_away(process)


def get(address: str, language: str = "en") -> tuple[int, str]:
    # Who was logged in is looked up in the database.
    headers = {"Accept-Language": language, "Cookie": f"sessionid={'a' * 32}"}
    request = urllib.request.Request(address, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def ask(sql: str, name: str = "postgres") -> None:
    server = database_url().rpartition("/")[0]
    command = ["psql", "-q", f"{server}/{name}", "-v", "ON_ERROR_STOP=1", "-c", sql]
    subprocess.run(command, check=True, capture_output=True)


@pytest.fixture
def copy(transactional_db, tmp_path):
    """A migrated SQLite database in a folder of its own."""
    target = tmp_path / "copy.sqlite3"
    with (
        closing(sqlite3.connect(connection.settings_dict["NAME"])) as source,
        closing(sqlite3.connect(target)) as database,
    ):
        source.backup(database)
        database.execute("PRAGMA journal_mode=WAL")
    return target


@on_sqlite
def test_a_full_disk_is_told(copy, tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    size = copy.stat().st_size // 1024 + 64
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}k", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("only root mounts a small disk")
    try:
        shutil.copy(copy, disk)
        with suppress(OSError), open(disk / "filler", "wb", buffering=0) as filler:
            while filler.write(b"x" * 4096):
                pass
        text = said_by("setup_schedules", url=f"sqlite:///{disk / copy.name}")
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)

    # SQLite may meet the end of the disk as it makes its shared memory.
    assert any(str(TROUBLES[one]) in text for one in ("disk_full", "disk_fails"))


@on_sqlite
def test_a_database_that_cannot_be_written_is_told(copy, tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("only root mounts a disk")
    try:
        with closing(sqlite3.connect(copy)) as database:
            database.execute("PRAGMA journal_mode=DELETE")
        shutil.copy(copy, disk)
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        told("read_only", f"sqlite:///{disk / copy.name}")
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


@pytest.mark.sweep
@on_sqlite
def test_a_database_that_another_program_holds_is_told(copy):
    with closing(sqlite3.connect(copy, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        told("locked", f"sqlite:///{copy}")


@on_sqlite
def test_a_file_that_is_no_database_is_told(tmp_path):
    path = tmp_path / "letter.sqlite3"
    path.write_text("Dear reader, " * 1000)

    told("no_database", f"sqlite:///{path}")


@on_sqlite
def test_a_damaged_database_is_told(copy):
    with closing(sqlite3.connect(copy)) as database:
        database.execute("PRAGMA journal_mode=DELETE")
        size = database.execute("PRAGMA page_size").fetchone()[0]
    with open(copy, "r+b") as file:
        file.seek(size)
        file.write(b"\xff" * (copy.stat().st_size - size))

    told("damaged", f"sqlite:///{copy}")


@on_sqlite
def test_a_folder_that_is_missing_is_told(tmp_path):
    told("cannot_open", f"sqlite:///{tmp_path / 'away' / 'db.sqlite3'}")


@on_sqlite
def test_a_database_without_tables_is_told(tmp_path):
    told("not_migrated", f"sqlite:///{tmp_path / 'empty.sqlite3'}")


@on_sqlite
def test_a_column_that_a_migration_adds_is_told(copy):
    with closing(sqlite3.connect(copy)) as database:
        database.execute("ALTER TABLE stores_store RENAME COLUMN timezone TO zone")
        database.commit()

    told("not_migrated", f"sqlite:///{copy}", "check_sync")


@on_sqlite
def test_pages_and_monitors_tell_the_trouble_in_the_readers_language(tmp_path):
    with web(f"sqlite:///{tmp_path / 'empty.sqlite3'}") as address:
        status, english = get(f"{address}/")
        _, french = get(f"{address}/", language="fr")
        pulse = get(f"{address}/healthz")
        sync_status, sync = get(f"{address}/healthz/sync")

    assert status == 503
    assert "The database lacks tables or columns of this version." in english
    assert "Il manque à la base de données" in french
    assert str(tmp_path) not in english
    assert pulse == (503, '{"status": "error", "cause": "not_migrated"}')
    assert (sync_status, sync) == (503, '{"status": "error"}')


def test_a_server_that_is_down_is_told_everywhere():
    url = f"postgres://user:secret@127.0.0.1:{free_port()}/name"

    told("down", url, "setup_schedules")
    told("down", url, "migrate")
    with web(url) as address:
        status, page = get(f"{address}/")
        pulse = get(f"{address}/healthz")

    assert (status, "The database server does not answer." in page) == (503, True)
    assert "secret" not in page
    assert "127.0.0.1" not in page
    assert pulse == (503, '{"status": "error", "cause": "down"}')


@pytest.fixture
def role(transactional_db):
    """A user of the test's own database without special rights."""
    name = f"clerk_{connection.settings_dict['NAME']}"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP ROLE IF EXISTS {name}")
        cursor.execute(f"CREATE ROLE {name} LOGIN")
        cursor.execute(f"GRANT pg_read_all_data, pg_write_all_data TO {name}")
    yield name
    with connection.cursor() as cursor:
        cursor.execute(f"DROP ROLE {name}")


def as_user(name: str) -> str:
    facts = connection.settings_dict
    host = f"{facts['HOST']}:{facts['PORT'] or 5432}"
    return f"postgres://{name}:wrong@{host}/{facts['NAME']}"


@on_postgres
def test_a_server_without_a_connection_left_is_told(role):
    ask(f"ALTER ROLE {role} CONNECTION LIMIT 0")

    told("no_connections", as_user(role))


@on_postgres
def test_a_user_whom_the_server_does_not_know_is_told(transactional_db):
    told("login", as_user("nobody_of_this_name"))


@on_postgres
def test_a_database_that_does_not_exist_is_told(transactional_db):
    told("unknown_database", database_url() + "_away")


@on_postgres
def test_a_server_that_only_reads_is_told(role):
    ask(f"ALTER ROLE {role} SET default_transaction_read_only = on")

    told("read_only", as_user(role))
    with web(as_user(role)) as address:
        assert get(f"{address}/healthz") == (
            503,
            '{"status": "error", "cause": "read_only"}',
        )


@on_postgres
def test_a_table_that_somebody_holds_is_told(transactional_db):
    url = database_url() + "?options=-c%20lock_timeout%3D300ms"

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE django_q_schedule")
        told("locked", url)


@on_postgres
def test_a_statement_that_takes_too_long_is_told(transactional_db):
    url = database_url() + "?options=-c%20statement_timeout%3D300ms"

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE django_q_schedule")
        told("timeout", url)


@on_postgres
def test_a_postgres_database_without_tables_is_told(transactional_db):
    name = connection.settings_dict["NAME"] + "_empty"
    ask(f"CREATE DATABASE {name}")
    try:
        told("not_migrated", database_url() + "_empty")
    finally:
        ask(f"DROP DATABASE {name} WITH (FORCE)")
