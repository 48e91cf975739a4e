"""Connect a store by its access token."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.kit.commands import WRONG_USAGE, OperatorCommand, in_one_line
from stores.accounts import default_marketplace
from stores.commands import add_token_argument, read_token
from stores.connecting import connect
from stores.models import validate_timezone


class Command(OperatorCommand):
    help = gettext_lazy(
        "Connect a Tophatter store. The access token is read from standard input or "
        "from a file, tested with a real call, and stored encrypted. "
        "Example: manage.py connect_store 'Main store' --token-file token.txt "
        "--timezone America/Los_Angeles"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", metavar="NAME", help=_("the store's name here"))
        parser.add_argument(
            "--timezone",
            metavar="ZONE",
            default="UTC",
            help=_("zone of times without an offset, as America/Los_Angeles (UTC)"),
        )
        parser.add_argument(
            "--variation-as-option",
            action="store_true",
            help=_("import the variation ID as an option of each item"),
        )
        add_token_argument(parser)

    def handle(self, *, name: str, timezone: str, **options: Any) -> None:
        try:
            validate_timezone(timezone)
        except ValidationError as error:
            raise CommandError(in_one_line(error), returncode=WRONG_USAGE) from None
        try:
            store = connect(
                name=name,
                marketplace=default_marketplace(),
                access_token=read_token(options["token_file"]),
                timezone=timezone,
                import_variation_as_option=options["variation_as_option"],
            )
        except ValidationError as error:
            raise CommandError(in_one_line(error)) from None
        message = _(
            "%(store)s is connected to %(marketplace)s; its orders of the last three "
            "days come in with the next import."
        )
        self.stdout.write(
            message % {"store": store, "marketplace": store.get_marketplace_display()}
        )
