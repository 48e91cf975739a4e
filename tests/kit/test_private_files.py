"""What holds tokens and addresses is nobody's to read but the owner's."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.checks import run_checks
from django.db import connection

from backoffice.kit.private_files import close_own_database
from tests.factories import StoreFactory
from tests.support.programs import MANAGE, ROOT


@pytest.mark.skipif(connection.vendor != "sqlite", reason="the file of SQLite")
def test_a_database_that_migrate_makes_is_its_owners_alone(transactional_db):
    StoreFactory()
    name = connection.settings_dict["NAME"]

    modes = {
        path.name.partition("-")[2]: stat.S_IMODE(path.stat().st_mode)
        for path in Path(name).parent.glob(f"{Path(name).name}*")
    }

    assert modes == {"": 0o600, "wal": 0o600, "shm": 0o600}


@pytest.mark.sweep
@pytest.mark.slow
@pytest.mark.parametrize(
    "program", [[MANAGE, "migrate"], ["-c", "import backoffice.wsgi"]]
)
def test_a_database_that_was_open_to_others_is_closed_at_the_start(tmp_path, program):
    database = tmp_path / "db"
    variables = os.environ | {
        "DATABASE_URL": f"sqlite:///{database}",
        "DJANGO_SETTINGS_MODULE": "backoffice.settings",
    }
    command = [sys.executable, *program]
    first = [sys.executable, MANAGE, "migrate", "auth", "--verbosity", "0"]
    subprocess.run(first, env=variables, check=True, capture_output=True)
    database.chmod(0o644)

    done = subprocess.run(
        command, env=variables, cwd=ROOT, check=True, capture_output=True, text=True
    )

    assert stat.S_IMODE(database.stat().st_mode) == 0o600
    said = f"{database} could be read by everybody here; it is closed now."
    assert said in done.stderr
    assert "W004" not in done.stderr


def test_a_group_that_writes_to_the_database_goes_on_and_others_files_are_left(
    settings, monkeypatch, tmp_path
):
    file = tmp_path / "db"
    file.touch()
    file.chmod(0o664)
    database = {"ENGINE": "django.db.backends.sqlite3", "NAME": file}
    monkeypatch.setitem(settings.DATABASES, "default", database)

    close_own_database()
    ours = stat.S_IMODE(file.stat().st_mode)
    file.chmod(0o664)
    monkeypatch.setattr(os, "geteuid", lambda: file.stat().st_uid + 1)
    close_own_database()

    assert ours == 0o660
    assert stat.S_IMODE(file.stat().st_mode) == 0o664


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
