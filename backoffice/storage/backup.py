"""A copy of the SQLite database that is whole, taken while others write."""

import os
import shlex
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

OURS_ALONE = 0o600


class BackupFailed(Exception):
    """Why there is no backup, and what to do."""


def back_up(source: str, target: Path) -> None:
    """Copy the database with all that is committed; a half copy has another name."""
    if target.exists():
        raise BackupFailed(
            _("There is a file “%(path)s” already; give another name.")
            % {"path": target}
        )
    half = target.with_name(f"{target.name}.half")
    try:
        os.close(os.open(half, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, OURS_ALONE))
        half.chmod(OURS_ALONE)
        _copy(source, half)
        _keep(half)
        half.rename(target)
        _keep(target.parent)
    except (OSError, sqlite3.Error) as error:
        raise BackupFailed(
            _("“%(path)s” was not written: %(reason)s.")
            % {"path": target, "reason": str(error).rstrip(".")}
        ) from None
    finally:
        half.unlink(missing_ok=True)


def _copy(source: str, half: Path) -> None:
    address = f"{Path(source).resolve().as_uri()}?mode=ro"
    with (
        closing(sqlite3.connect(address, uri=True, timeout=20)) as database,
        closing(sqlite3.connect(half)) as copy,
    ):
        # In one step: a copy in parts begins anew with each write of others.
        database.backup(copy)
        # One file, which may be moved without a -wal beside it.
        copy.execute("PRAGMA journal_mode=DELETE")
        verdict = copy.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if verdict != "ok":
        raise BackupFailed(
            _("The database is damaged (%(reason)s); restore an earlier backup.")
            % {"reason": verdict}
        )


def _keep(path: Path) -> None:
    """Wait until the disk has it."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def pg_dump_line(facts: dict[str, Any], target: Path) -> str:
    """Return the command that backs up this PostgreSQL database, without password."""
    where = {"host": facts["HOST"], "port": facts["PORT"], "username": facts["USER"]}
    options = [f"--{name}={value}" for name, value in where.items() if value]
    parts = ["pg_dump", "--format=custom", "--no-owner", f"--file={target}"]
    return shlex.join([*parts, *options, facts["NAME"]])
