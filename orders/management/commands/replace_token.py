"""Replace a store's access token and have the lost time read."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.kit import zones
from backoffice.kit.commands import OperatorCommand, in_one_line
from backoffice.kit.errors import NotAllowed
from orders import importing
from orders.models import ImportRun
from stores.commands import add_token_argument, find_store, read_token
from stores.connecting import reconnect
from stores.models import Store


class Command(OperatorCommand):
    help = gettext_lazy(
        "Replace the access token of a store. The new one is read from standard input "
        "or from a file and tested with a real call; the worker then imports what the "
        "store has missed. "
        "Example: manage.py replace_token 'Main store' --token-file token.txt"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("store", metavar="STORE", help=_("the store's name here"))
        add_token_argument(parser)

    def handle(self, **options: Any) -> None:
        store = find_store(options["store"])
        try:
            reconnect(store, {"access_token": read_token(options["token_file"])})
        except ValidationError as error:
            raise CommandError(in_one_line(error)) from None
        message = _("%(store)s has a new access token, which the marketplace takes.")
        self.stdout.write(f"{message % {'store': store}} {self._read_lost_time(store)}")

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
