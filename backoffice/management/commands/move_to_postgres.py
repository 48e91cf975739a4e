"""Move the whole installation from SQLite to PostgreSQL."""

import sys
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import CommandError, CommandParser
from django.db import connection, connections
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from tqdm import tqdm

from backoffice import settings
from backoffice.kit.commands import OperatorCommand, wrong_usage
from backoffice.kit.troubles import TROUBLES, present_cause
from backoffice.storage import moving


class Command(OperatorCommand):
    help = gettext_lazy(
        "Move all rows from the SQLite database to an empty PostgreSQL database and "
        "compare both, table by table. Stop the web server and the worker first. "
        "Interrupted, it goes on where it was. Leave the password out of the address: "
        "PGPASSWORD or ~/.pgpass give it. "
        "Example: manage.py move_to_postgres postgres://backoffice@127.0.0.1/backoffice"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "url", metavar="URL", help=_("address of the PostgreSQL database")
        )

    def handle(self, *, url: str, **options: Any) -> None:
        if connection.vendor != "sqlite":
            raise wrong_usage(
                _("DATABASE_URL is no SQLite database; there is nothing to move.")
            )
        self._reach(url)
        if cause := present_cause():
            raise CommandError(str(TROUBLES.get(cause, cause)))
        try:
            with moving.held_source() as source:
                goes_on = moving.goes_on(source)
                call_command("migrate", database=moving.TARGET, verbosity=0)
                if not goes_on:
                    moving.begin(source)
                self._move(goes_on)
                aside = moving.finish(source)
        except moving.MoveRefused as refusal:
            raise CommandError(str(refusal)) from None
        finally:
            connections[moving.TARGET].close()
        self.stdout.write(
            _(
                "All is in PostgreSQL. Set DATABASE_URL in .env to its address, then "
                "start the web server and the worker. The SQLite file is kept as "
                "%(path)s; no program writes there any more."
            )
            % {"path": aside}
        )

    def _reach(self, url: str) -> None:
        try:
            facts = settings.database(url)
        except (ImproperlyConfigured, ValueError, KeyError):
            facts = {"ENGINE": ""}
        if not facts["ENGINE"].endswith("postgresql"):
            raise wrong_usage(_("Give an address such as postgres://user@host/name."))
        named = {"default": connections.settings["default"], moving.TARGET: facts}
        connections.settings = connections.configure_settings(named)

    def _move(self, goes_on: bool) -> None:
        found = self._copy_and_compare()
        if goes_on and not all(one.is_same for one in found):
            self.stderr.write(
                _("The SQLite database has changed since the interruption; anew.")
            )
            moving.start_anew()
            found = self._copy_and_compare()
        for one in found:
            self._report(one)
        if different := [one.table for one in found if not one.is_same]:
            moving.start_anew()
            raise CommandError(
                _(
                    "These tables differ: %(tables)s. Nothing was moved; keep on using "
                    "the SQLite database."
                )
                % {"tables": ", ".join(different)}
            )

    def _copy_and_compare(self) -> list[moving.Comparison]:
        tables = moving.tables()
        silent = not sys.stderr.isatty()
        with tqdm(desc=_("Copying"), unit=_(" rows"), disable=silent) as bar:
            for table in tables:
                moving.copy(table, bar.update)
        moving.set_sequences()
        with tqdm(desc=_("Comparing"), unit=_(" rows"), disable=silent) as bar:
            return [moving.compare(table, bar.update) for table in tables]

    def _report(self, one: moving.Comparison) -> None:
        (rows, here), (moved, there) = one.source, one.target
        verdict = _("same") if one.is_same else _("DIFFERENT")
        self.stdout.write(
            f"{one.table:32} {rows:>10} {moved:>10}  "
            f"{here[:12]}  {there[:12]}  {verdict}"
        )
