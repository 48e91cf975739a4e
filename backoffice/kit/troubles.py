"""Each trouble of the database by its own name, with what to do about it."""

import re
from dataclasses import dataclass
from functools import cache

from django.db import Error, InterfaceError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Trouble:
    cause: str
    sentence: str | Promise
    next_step: str | Promise

    def __str__(self) -> str:
        return f"{self.sentence} {self.next_step}"


# By the cause: what is wrong, and what to do about it.
SENTENCES: dict[str, tuple[Promise, Promise]] = {
    "disk_full": (
        _("The disk of the database is full."),
        _("Make room on it; what was not stored is done again by the next run."),
    ),
    "read_only": (
        _("The database can be read but not written."),
        _(
            "SQLite: give the user of the back office the right to write the file "
            "and its folder, and mount the disk writable. PostgreSQL: let "
            "DATABASE_URL name the primary server, and switch "
            "default_transaction_read_only off."
        ),
    ),
    "locked": (
        _("The database is held by another program for too long."),
        _(
            "Try again in a minute; if it stays so, find the program that holds "
            "it (a backup, a shell, a long change) and end it."
        ),
    ),
    "timeout": (
        _("The database took too long and the statement was ended."),
        _(
            "Try again in a minute; if it stays so, look at the load of the "
            "database server and for sessions that hold rows (pg_stat_activity)."
        ),
    ),
    "down": (
        _("The database server does not answer."),
        _("Start it, and check the host and the port in DATABASE_URL."),
    ),
    "starting": (
        _("The database server is starting or stopping."),
        _("Wait a minute; if it stays so, read the server's own log."),
    ),
    "no_connections": (
        _("The database server has no connection left."),
        _(
            "End programs that are not needed, use fewer Q_WORKERS or web "
            "threads, or raise max_connections or the limit of the role."
        ),
    ),
    "login": (
        _("The database server refuses the user name or the password."),
        _("Correct them in DATABASE_URL, and restart."),
    ),
    "unknown_database": (
        _("The database server has no database of this name."),
        _(
            "Correct the name in DATABASE_URL, or create the database and run "
            "“manage.py migrate”."
        ),
    ),
    "no_rights": (
        _("The database user may not do this."),
        _("Make the user in DATABASE_URL the owner of the database."),
    ),
    "not_migrated": (
        _("The database lacks tables or columns of this version."),
        _("Run “manage.py migrate”, then restart the web server and the worker."),
    ),
    "cannot_open": (
        _("The file of the database cannot be opened."),
        _(
            "Check the path in DATABASE_URL, that its folder exists, and that the "
            "user of the back office may read and write there."
        ),
    ),
    "no_database": (
        _("The file that DATABASE_URL names is no SQLite database."),
        _("Correct the path, or restore the file from a backup."),
    ),
    "damaged": (
        _("The database is damaged."),
        _("Stop all programs, keep a copy of it, and restore the last backup."),
    ),
    "disk_fails": (
        _("The disk of the database fails to read or write."),
        _("Check the disk and its connection, then restart."),
    ),
}
TROUBLES = {cause: Trouble(cause, *words) for cause, words in SENTENCES.items()}

# PostgreSQL's codes, or their class of two letters.
SQLSTATES = {
    "08": "down",
    "25006": "read_only",
    "25P03": "timeout",
    "28": "login",
    "3D000": "unknown_database",
    "40P01": "locked",
    "42501": "no_rights",
    "42703": "not_migrated",
    "42P01": "not_migrated",
    "53100": "disk_full",
    "53300": "no_connections",
    "55P03": "locked",
    "57014": "timeout",
    "57P01": "starting",
    "57P02": "starting",
    "57P03": "starting",
    "58030": "disk_fails",
    "XX001": "damaged",
    "XX002": "damaged",
}

# SQLite's names; the longer ones (SQLITE_BUSY_SNAPSHOT) begin with them.
SQLITE_NAMES = {
    "SQLITE_AUTH": "no_rights",
    "SQLITE_BUSY": "locked",
    "SQLITE_CANTOPEN": "cannot_open",
    "SQLITE_CORRUPT": "damaged",
    "SQLITE_FULL": "disk_full",
    "SQLITE_IOERR": "disk_fails",
    "SQLITE_LOCKED": "locked",
    "SQLITE_NOTADB": "no_database",
    "SQLITE_PERM": "cannot_open",
    "SQLITE_PROTOCOL": "locked",
    "SQLITE_READONLY": "read_only",
}

# The words of those that come without a code: a refused connection of PostgreSQL has
# none, and SQLite has only SQLITE_ERROR for what is missing.
WORDS = [
    (r"no such (table|column)|has no column named", "not_migrated"),
    (r"too many connections|too many clients|connection slots", "no_connections"),
    (r"not currently accepting connections", "no_connections"),
    (r"starting up|shutting down|in recovery mode|terminating conn", "starting"),
    (r"authentication failed|no password supplied|role .* does not exist", "login"),
    (r"no pg_hba.conf entry", "login"),
    (r"database .* does not exist", "unknown_database"),
    (r"permission denied for database", "no_rights"),
    (r"connection (failed|refused|timeout|is lost|is closed|already)", "down"),
    (r"server closed the connection|consuming input failed", "down"),
]


def recognise(error: BaseException) -> Trouble | None:
    """Return which known trouble of the database this error is."""
    cause = error.__cause__ or error
    code = getattr(cause, "sqlstate", None) or ""
    name = "_".join((getattr(cause, "sqlite_errorname", None) or "").split("_")[:2])
    found = (
        SQLSTATES.get(code)
        or SQLSTATES.get(code[:2])
        or SQLITE_NAMES.get(name)
        or next((found for words, found in WORDS if _says(cause, words)), None)
    )
    if not found and isinstance(error, InterfaceError):
        found = "down"
    return TROUBLES[found] if found else None


def _says(error: BaseException, words: str) -> bool:
    return bool(re.search(words, str(error), re.IGNORECASE | re.DOTALL))


def present_cause() -> str:
    """Return what is wrong with the database now, or nothing when all is well."""
    try:
        applied = set(MigrationRecorder(connection).applied_migrations())
        if not _last_migrations() <= applied:
            return "not_migrated"
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SHOW transaction_read_only")
                return "read_only" if cursor.fetchone()[0] == "on" else ""
    except Error as error:
        return cause_of(error)
    return ""


def cause_of(error: Error) -> str:
    """Return the name of the trouble, for monitors."""
    trouble = recognise(error)
    return trouble.cause if trouble else "unknown"


@cache
def _last_migrations() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None).graph.leaf_nodes())
