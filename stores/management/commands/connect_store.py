"""Connect a store by what its marketplace asks for."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables

from backoffice.kit.commands import (
    OperatorCommand,
    add_flag,
    in_one_line,
    wrong_usage,
)
from stores.accounts import default_marketplace, marketplace_names
from stores.commands import add_account_arguments, read_account
from stores.connecting import connect
from stores.marketplaces.abilities import Window
from stores.models import validate_timezone

AFTER_ORDERS = gettext_lazy(
    "%(store)s is connected to %(marketplace)s; its orders of the last three "
    "days come in with the next import."
)
AFTER_CHANGES = gettext_lazy(
    "%(store)s is connected to %(marketplace)s; what was ordered or changed there in "
    "the last 30 days comes in with the next import."
)


class Command(OperatorCommand):
    help = gettext_lazy(
        "Connect a store. What opens it is read from standard input or from a file, "
        "tested with a real call, and stored encrypted. "
        "Example: manage.py connect_store 'Main store' --token-file token.txt "
        "--timezone America/Los_Angeles"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", metavar="NAME", help=_("the store's name here"))
        keys = [key for key, _label in marketplace_names()]
        parser.add_argument(
            "--marketplace",
            choices=keys,
            default=default_marketplace(),
            help=_("where the store sells (%(default)s)"),
        )
        parser.add_argument(
            "--timezone",
            metavar="ZONE",
            default="UTC",
            help=_("zone of times without an offset, as America/Los_Angeles (UTC)"),
        )
        add_flag(
            parser,
            "--variation-as-option",
            _("import the variation ID as an option of each item"),
        )
        add_account_arguments(parser)

    @sensitive_variables("typed", "address")
    def handle(self, *, name: str, timezone: str, **options: Any) -> None:
        try:
            validate_timezone(timezone)
        except ValidationError as error:
            raise wrong_usage(in_one_line(error)) from None
        marketplace = options["marketplace"]
        typed, address = read_account(marketplace, options)
        try:
            store = connect(
                name=name,
                marketplace=marketplace,
                timezone=timezone,
                import_variation_as_option=options["variation_as_option"],
                address=address,
                **typed,
            )
        except ValidationError as error:
            raise CommandError(in_one_line(error)) from None
        by_change = store.abilities.window == Window.MODIFIED
        message = AFTER_CHANGES if by_change else AFTER_ORDERS
        facts = {"store": store, "marketplace": store.get_marketplace_display()}
        self.stdout.write(str(message) % facts)
