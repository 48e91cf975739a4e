"""Copy the database into a file, while the back office runs."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.kit.commands import OperatorCommand
from backoffice.storage.backup import BackupFailed, back_up, pg_dump_line


class Command(OperatorCommand):
    help = gettext_lazy(
        "Copy the SQLite database into a new file, whole and checked, while the back "
        "office runs. On PostgreSQL it writes nothing: it prints the pg_dump line and "
        "exits with 1. Example: manage.py backup /backups/monday.sqlite3"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "file", metavar="FILE", type=Path, help=_("the new file; never overwritten")
        )

    def handle(self, *, file: Path, **options: Any) -> None:
        facts = connection.settings_dict
        if connection.vendor != "sqlite":
            self.stdout.write(pg_dump_line(facts, file))
            raise CommandError(
                _(
                    "Nothing is backed up yet: run this line; it takes the password "
                    "from PGPASSWORD or ~/.pgpass."
                )
            )
        try:
            back_up(str(facts["NAME"]), file)
        except BackupFailed as failure:
            raise CommandError(str(failure)) from None
        self.stdout.write(
            _(
                "“%(path)s” is a whole copy of the database. Keep .env with it: "
                "without TOKEN_ENCRYPTION_KEYS its tokens cannot be read."
            )
            % {"path": file}
        )
