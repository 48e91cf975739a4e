"""What somebody gives on the command line: names of stores, and what opens one."""

import json
import sys
from collections.abc import Collection, Iterable, Mapping
from getpass import getpass
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from backoffice.kit.commands import wrong_usage
from backoffice.kit.logs import keep_secret
from stores.accounts import has_own_address, marketplace_names
from stores.marketplaces import MARKETPLACES
from stores.marketplaces.secrets import may_open
from stores.models import Store
from stores.wording import is_opened_by_token

ADDRESS = "address"


def find_stores(names: Iterable[str]) -> list[Store]:
    """Return the stores of these names, in their order; wrong usage when unknown."""
    return [find_store(name) for name in names]


def find_stores_or_active(names: Iterable[str]) -> list[Store]:
    """Return the stores of these names, without names all that are on."""
    return find_stores(names) or list(Store.objects.filter(is_active=True))


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
        raise wrong_usage(message % {"name": name, "known": known}) from None


def add_stores_argument(parser: CommandParser) -> None:
    parser.add_argument(
        "stores", metavar="STORE", nargs="*", help=_("store names (all active ones)")
    )


def add_orders_argument(parser: CommandParser, help_text: str) -> None:
    parser.add_argument(
        "--order",
        dest="order_ids",
        metavar="ID",
        nargs="+",
        action="extend",
        default=[],
        help=help_text,
    )


def add_account_arguments(parser: CommandParser) -> None:
    """Take what opens a store: never a secret itself, which other users would see."""
    parser.add_argument(
        "--token-file",
        metavar="FILE",
        type=Path,
        help=_("file with the access token (standard input)"),
    )
    parser.add_argument(
        "--address",
        metavar="URL",
        default="",
        help=_(
            "the shop’s address, where each shop has its own; one with a key in it "
            "goes into the file"
        ),
    )
    parser.add_argument(
        "--credentials-file",
        metavar="FILE",
        type=Path,
        help=_(
            "file with what the marketplace asks for, a line FIELD=VALUE each, or as "
            "JSON; - is standard input. Fields: %(fields)s"
        )
        % {"fields": _fields_in_words()},
    )


def _fields_in_words() -> str:
    """Name the fields of each marketplace."""
    return "; ".join(
        f"{key}: {', '.join(_fields_of(key))}" for key, _label in marketplace_names()
    )


def _fields_of(marketplace: str) -> list[str]:
    fields = [one.name for one in MARKETPLACES[marketplace].fields]
    return [*fields, ADDRESS] if has_own_address(marketplace) else fields


@sensitive_variables()
def read_account(
    marketplace: str, options: Mapping[str, Any]
) -> tuple[dict[str, str], str]:
    """Return the fields that were given for an account, and the shop's address."""
    address, path = options["address"], options["credentials_file"]
    if address and not has_own_address(marketplace):
        message = _("%(marketplace)s has one address for all; leave --address out.")
        label = MARKETPLACES[marketplace].label
        raise wrong_usage(message % {"marketplace": label})
    if may_open(address.partition("?")[2]):
        message = _(
            "What follows the question mark may be a secret, and a command is seen by "
            "all users of this computer: put the address into the credentials file, as "
            "a line address=URL."
        )
        raise wrong_usage(message)
    if path and options["token_file"]:
        raise wrong_usage(_("Name --token-file or --credentials-file, not both."))
    if path:
        typed = read_credentials(path, _fields_of(marketplace))
        in_file = typed.pop(ADDRESS, "")
        return typed, address or in_file
    if is_opened_by_token(marketplace):
        [field] = MARKETPLACES[marketplace].fields
        return {field.name: read_token(options["token_file"])}, ""
    message = _("Name a file with --credentials-file; its lines are for: %(fields)s.")
    fields = ", ".join(_fields_of(marketplace))
    raise wrong_usage(message % {"fields": fields})


@sensitive_variables()
def read_credentials(path: Path, names: Collection[str]) -> dict[str, str]:
    """Return the fields in a file, or from standard input where it is called -.

    What is wrong is said by the line's number: the line may be a secret.
    """
    text = sys.stdin.read() if str(path) == "-" else _read_file(path)
    if text.lstrip().startswith("{"):
        typed = _from_json(text, names)
    else:
        typed = {}
        for number, line in enumerate(text.splitlines(), 1):
            name, is_field, value = (part.strip() for part in line.partition("="))
            if not name or name.startswith("#"):
                continue
            if not is_field or name not in names:
                message = _("Line %(number)d of the file is no field; %(known)s.")
                raise wrong_usage(message % {"number": number, "known": _known(names)})
            typed[name] = value
    return typed


@sensitive_variables()
def _from_json(text: str, names: Collection[str]) -> dict[str, str]:
    try:
        given = json.loads(text)
    except ValueError:
        raise wrong_usage(_("The file is no JSON that can be read.")) from None
    if not {*given} <= {*names} or not all(type(one) is str for one in given.values()):
        message = _("The file holds something that is no field; %(known)s.")
        raise wrong_usage(message % {"known": _known(names)})
    return dict(given)


def _known(names: Collection[str]) -> str:
    return _("known are: %(names)s") % {"names": ", ".join(names)}


@sensitive_variables()
def read_token(path: Path | None) -> str:
    """Return the token in a file, or from standard input; never from an argument."""
    if path is not None and str(path) != "-":
        token = _read_file(path)
    elif sys.stdin.isatty():
        token = getpass(_("Access token: "))
    else:
        token = sys.stdin.read()
    keep_secret(token.strip())
    return token


def _read_file(path: Path) -> str:
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        message = _("The file %(path)s cannot be read (%(name)s).")
        # What does not look like a file may be the secret itself.
        is_file = path.exists() or (len(path.parts) > 1 and path.parent.is_dir())
        shown = path if is_file else "…"
        raise wrong_usage(
            message % {"path": shown, "name": type(error).__name__}
        ) from None
