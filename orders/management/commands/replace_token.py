"""Replace what opens a store and have the lost time read."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables

from backoffice.kit import zones
from backoffice.kit.commands import OperatorCommand, in_one_line
from backoffice.kit.errors import NotAllowed
from orders import importing
from orders.models import ImportRun
from stores.commands import add_account_arguments, find_store, read_account
from stores.connecting import reconnect
from stores.models import Store


class Command(OperatorCommand):
    help = gettext_lazy(
        "Replace what opens a store: its access token, or its address and credentials, "
        "of which those that are not given stay. It is read from standard input or "
        "from a file and tested with a real call; the worker then imports what the "
        "store has missed. "
        "Example: manage.py replace_token 'Main store' --token-file token.txt"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("store", metavar="STORE", help=_("the store's name here"))
        add_account_arguments(parser)

    @sensitive_variables("typed", "address")
    def handle(self, **options: Any) -> None:
        store = find_store(options["store"])
        typed, address = read_account(store.marketplace, options)
        try:
            reconnect(store, typed, address)
        except ValidationError as error:
            raise CommandError(in_one_line(error)) from None
        done = str(store.account_words.replaced) % {"store": store}
        self.stdout.write(f"{done} {self._read_lost_time(store)}")

    def _read_lost_time(self, store: Store) -> str:
        """Plan the import and return in words what it brings."""
        try:
            run = importing.read_lost_time(store, ImportRun.Trigger.COMMAND)
        except NotAllowed as error:
            return str(error)
        day = zones.local(run.window[0])
        message = _("Import %(number)d brings in its orders since %(day)s.")
        shown = date_format(day, "SHORT_DATE_FORMAT")
        return message % {"number": run.pk, "day": shown}
