"""What the management commands for operators have in common."""

import json
from typing import Any

from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error
from django.utils.translation import gettext as _

from backoffice.kit.troubles import recognise

WRONG_USAGE = 2


class OperatorCommand(BaseCommand):
    """A command that says in a sentence what keeps it from working."""

    requires_migrations_checks = False

    def create_parser(
        self, prog_name: str, subcommand: str, **options: Any
    ) -> CommandParser:
        # Translated here, because the parser wants no lazy text.
        self.help = str(self.help)
        return super().create_parser(prog_name, subcommand, **options)

    def execute(self, *args: Any, **options: Any) -> str | None:
        try:
            return super().execute(*args, **options)
        except Error as error:
            unknown = _(
                "The database does not answer as expected (%(name)s); check "
                "DATABASE_URL and run “manage.py migrate”."
            ) % {"name": type(error).__name__}
            raise CommandError(str(recognise(error) or unknown)) from None
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from None

    def print_json(self, facts: dict[str, Any]) -> None:
        self.stdout.write(json.dumps(facts, ensure_ascii=False, default=str))


def in_one_line(error: ValidationError) -> str:
    return " ".join(error.messages)
