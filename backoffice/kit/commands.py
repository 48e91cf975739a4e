"""What the management commands for operators have in common."""

import json
import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error
from django.utils.translation import gettext as _

from backoffice.kit.errors import NotAllowed
from backoffice.kit.troubles import recognise

WRONG_USAGE = 2
OURS_ALONE = 0o600


class QuietCommand(BaseCommand):
    """A command that takes no option for another, and repeats no unknown value."""

    def create_parser(
        self, prog_name: str, subcommand: str, **options: Any
    ) -> CommandParser:
        # Translated here, because the parser wants no lazy text.
        self.help = str(self.help)
        # Abbreviated, an option that is none would be taken for one that takes a file.
        options = {"allow_abbrev": False} | options
        parser = super().create_parser(prog_name, subcommand, **options)
        parser.parse_args = partial(parse_quietly, parser)  # type: ignore[method-assign]
        return parser


class OperatorCommand(QuietCommand):
    """A command that says in a sentence what keeps it from working."""

    requires_migrations_checks = False

    def execute(self, *args: Any, **options: Any) -> str | None:
        try:
            return super().execute(*args, **options)
        except Error as error:
            unknown = _(
                "The database does not answer as expected (%(name)s); check "
                "DATABASE_URL and run “manage.py migrate”."
            ) % {"name": type(error).__name__}
            raise CommandError(str(recognise(error) or unknown)) from None
        except (ImproperlyConfigured, NotAllowed) as error:
            raise CommandError(str(error)) from None

    def print_json(self, facts: dict[str, Any]) -> None:
        self.stdout.write(json.dumps(facts, ensure_ascii=False, default=str))


def parse_quietly(
    parser: CommandParser,
    args: Sequence[str] | None = None,
    namespace: Any = None,
) -> Any:
    """Parse as argparse does, but repeat no unknown value: it may be a secret."""
    options, unknown = parser.parse_known_args(args, namespace)
    if unknown:
        names = [
            one.partition("=")[0] if one.startswith("--") else "…" for one in unknown
        ]
        message = _("unrecognized arguments: %(names)s")
        parser.error(message % {"names": " ".join(names)})
    return options


def add_flag(parser: CommandParser, name: str, help_text: str) -> None:
    """Take an option without a value."""
    parser.add_argument(name, action="store_true", help=help_text)


def open_new(path: Path) -> int:
    """Open a new file that nobody else may read, and return its handle."""
    try:
        return os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, OURS_ALONE)
    except OSError as error:
        message = _("“%(path)s” was not written: %(reason)s.")
        raise CommandError(
            message % {"path": path, "reason": str(error).rstrip(".")}
        ) from None


def wrong_usage(message: str) -> CommandError:
    """Return what to raise for options that make no sense."""
    return CommandError(message, returncode=WRONG_USAGE)


def in_one_line(error: ValidationError) -> str:
    return " ".join(error.messages)
