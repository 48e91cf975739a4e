"""What the management commands for operators have in common."""

import json
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error
from django.utils.translation import gettext as _

from backoffice.kit.troubles import recognise
from stores.models import Store

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


def find_stores(names: Iterable[str]) -> list[Store]:
    """Return the stores of these names, in their order; wrong usage when unknown."""
    return [find_store(name) for name in names]


def find_store(name: str) -> Store:
    try:
        return Store.objects.get(name=name)
    except Store.DoesNotExist:
        known = ", ".join(Store.objects.values_list("name", flat=True))
        message = (
            _("There is no store “%(name)s”; the stores are: %(known)s.")
            if known
            else _("There is no store “%(name)s”; connect one with connect_store.")
        )
        raise CommandError(
            message % {"name": name, "known": known}, returncode=WRONG_USAGE
        ) from None


def in_one_line(error: ValidationError) -> str:
    return " ".join(error.messages)
