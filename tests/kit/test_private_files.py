"""What holds tokens and addresses is nobody's to read but the owner's."""

import stat
from pathlib import Path

import pytest
from django.core.checks import run_checks
from django.db import connection

from tests.factories import StoreFactory


@pytest.mark.skipif(connection.vendor != "sqlite", reason="the file of SQLite")
def test_a_database_that_migrate_makes_is_its_owners_alone(transactional_db):
    StoreFactory()
    name = connection.settings_dict["NAME"]

    modes = {
        path.name.partition("-")[2]: stat.S_IMODE(path.stat().st_mode)
        for path in Path(name).parent.glob(f"{Path(name).name}*")
    }

    assert modes == {"": 0o600, "wal": 0o600, "shm": 0o600}


@pytest.mark.parametrize("name", [".env", "demo-login.txt", "db", "db-wal", "db-shm"])
def test_a_file_that_others_may_read_is_found_with_the_remedy(
    settings, monkeypatch, tmp_path, name
):
    settings.ENV_FILE, settings.BASE_DIR = tmp_path / ".env", tmp_path
    database = {**settings.DATABASES["default"], "NAME": tmp_path / "db"}
    database["ENGINE"] = "django.db.backends.sqlite3"
    monkeypatch.setitem(settings.DATABASES, "default", database)
    (tmp_path / "db").touch(mode=0o600)
    file = tmp_path / name
    file.touch()
    file.chmod(0o604)
    bare = findings() if name.startswith("db") else []
    (tmp_path / "db").write_bytes(bytes(8192))
    file.chmod(0o600)
    closed = findings()
    file.chmod(0o604)

    (finding,) = findings()

    assert bare == closed == []
    assert finding.msg == f"{file} can be read by everybody on this computer."
    assert finding.hint == f"Close it: chmod 600 {file}"


def findings() -> list:
    return [one for one in run_checks() if one.id == "backoffice.W004"]
