"""What somebody gives on the command line: names of stores, and a token."""

import sys
from collections.abc import Iterable
from getpass import getpass
from pathlib import Path

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from backoffice.kit.commands import WRONG_USAGE
from backoffice.kit.logs import keep_secret
from stores.models import Store


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


def add_token_argument(parser: CommandParser) -> None:
    parser.add_argument(
        "--token-file",
        metavar="FILE",
        type=Path,
        help=_("file with the access token (standard input)"),
    )


@sensitive_variables()
def read_token(path: Path | None) -> str:
    """Return the token in a file, or from standard input; never from an argument."""
    token = _read(path)
    keep_secret(token.strip())
    return token


def _read(path: Path | None) -> str:
    if path is None:
        return getpass(_("Access token: ")) if sys.stdin.isatty() else sys.stdin.read()
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        message = _("The token file %(path)s cannot be read (%(name)s).")
        # What does not look like a file may be the token itself.
        is_file = path.exists() or (len(path.parts) > 1 and path.parent.is_dir())
        shown = path if is_file else "…"
        raise CommandError(
            message % {"path": shown, "name": type(error).__name__},
            returncode=WRONG_USAGE,
        ) from None
