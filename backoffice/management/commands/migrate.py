"""Django's own migrate, without the time-outs of pages, and with the search index."""

from typing import Any

from django.core.management.commands import migrate
from django.db import connections

from backoffice.kit.private_files import (
    close_own_database,
    close_to_others,
    database_files,
)
from orders import search_index

TIMEOUTS = ("statement_timeout", "idle_in_transaction_session_timeout")


class Command(migrate.Command):
    """A change to a big table may take hours; only a lock is not waited for."""

    def execute(self, *args: Any, **options: Any) -> Any:
        connection = connections[options["database"]]
        if connection.vendor == "sqlite" and not connection.introspection.table_names():
            # While it holds nothing, and before the checks look at it.
            close_to_others(database_files(connection.settings_dict["NAME"]))
        # One of an older version, before the checks complain of it.
        close_own_database()
        return super().execute(*args, **options)

    def handle(self, *args: Any, **options: Any) -> None:
        connection = connections[options["database"]]
        if connection.vendor != "postgresql":
            self._migrate(*args, **options)
            return
        with connection.cursor() as cursor:
            for name in TIMEOUTS:
                cursor.execute(f"SET {name} = 0")
        try:
            self._migrate(*args, **options)
        finally:
            with connection.cursor() as cursor:
                for name in TIMEOUTS:
                    cursor.execute(f"RESET {name}")

    def _migrate(self, *args: Any, **options: Any) -> None:
        is_change = not (options["plan"] or options["check_unapplied"])
        # A named migration may lie before the one that added the texts.
        if is_change and options["migration_name"]:
            search_index.let_go(options["database"])
        super().handle(*args, **options)
        if not is_change:
            return
        tell = self.stdout.write if options["verbosity"] else lambda text: None
        search_index.build(options["database"], tell)
