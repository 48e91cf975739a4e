"""Files that hold tokens, addresses or keys are for their owner's eyes alone."""

import logging
import os
import stat
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings

logger = logging.getLogger(__name__)

OTHERS = stat.S_IRWXO
# The page with which SQLite begins each file, before there is a table.
BARE = 4096


def database_files(name: object) -> list[Path]:
    """Return the files of an SQLite database that are there."""
    paths = (Path(f"{name}{ending}") for ending in ("", "-wal", "-shm"))
    return [path for path in paths if path.is_file()]


def holds_tables(name: object) -> bool:
    """Return whether there is more in an SQLite database than its beginning."""
    paths = (path for path in database_files(name) if not path.name.endswith("-shm"))
    return any(path.stat().st_size > BARE for path in paths)


def open_to_others(paths: Iterable[Path]) -> list[Path]:
    """Return those of the files that everybody on this computer may read or write."""
    return [path for path in paths if path.is_file() and path.stat().st_mode & OTHERS]


def close_to_others(paths: Iterable[Path]) -> None:
    for path in paths:
        path.chmod(stat.S_IRUSR | stat.S_IWUSR)


def close_own_database() -> None:
    """Close an SQLite database that is open to others, if it is ours; say so."""
    database = settings.DATABASES["default"]
    if not database["ENGINE"].endswith("sqlite3"):
        return
    for path in open_to_others(database_files(database["NAME"])):
        found = path.stat()
        if found.st_uid != os.geteuid():
            continue
        # A group that writes is meant to: web and worker may be two users of one.
        is_shared = found.st_mode & stat.S_IWGRP
        group = stat.S_IRGRP | stat.S_IWGRP if is_shared else 0
        path.chmod(stat.S_IRUSR | stat.S_IWUSR | group)
        logger.warning("%s could be read by everybody here; it is closed now.", path)
