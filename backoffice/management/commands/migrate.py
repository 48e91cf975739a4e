"""Django's own migrate, without the time-outs that keep a page from waiting."""

from typing import Any

from django.core.management.commands import migrate
from django.db import connections

TIMEOUTS = ("statement_timeout", "idle_in_transaction_session_timeout")


class Command(migrate.Command):
    """A change to a big table may take hours; only a lock is not waited for."""

    def handle(self, *args: Any, **options: Any) -> None:
        connection = connections[options["database"]]
        if connection.vendor != "postgresql":
            super().handle(*args, **options)
            return
        with connection.cursor() as cursor:
            for name in TIMEOUTS:
                cursor.execute(f"SET {name} = 0")
        try:
            super().handle(*args, **options)
        finally:
            with connection.cursor() as cursor:
                for name in TIMEOUTS:
                    cursor.execute(f"RESET {name}")
