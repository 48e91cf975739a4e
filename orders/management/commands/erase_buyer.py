"""Say what is kept of a buyer, hand it out, and erase it."""

import os
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from backoffice.kit.commands import OperatorCommand, add_flag, open_new, wrong_usage
from orders.exporting import note_export
from orders.models import Order
from orders.privacy.buyers import Buyer, as_file, erase_buyer, split


class Command(OperatorCommand):
    help = gettext_lazy(
        "Say which orders are of a buyer, write everything that is kept of him to a "
        "file, or erase him from the orders that are closed. "
        "Example: manage.py erase_buyer --name 'Jane Example' --postal-code 94022"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--email", default="", help=_("the address that mails went to")
        )
        parser.add_argument(
            "--name", default="", help=_("the whole name, as on the parcel")
        )
        parser.add_argument(
            "--postal-code", default="", help=_("the postal code, beside the name")
        )
        parser.add_argument(
            "--file",
            type=Path,
            metavar="FILE",
            help=_("write all that is kept to this new JSON file, and erase nothing"),
        )
        add_flag(parser, "--yes", _("erase without asking again"))

    def handle(self, **options: Any) -> None:
        email, name, code = (
            options[key].strip() for key in ("email", "name", "postal_code")
        )
        if bool(email) == bool(name and code):
            message = _("Give either the e-mail address, or name and postal code.")
            raise wrong_usage(message)
        buyer = Buyer(email, name, code)
        orders = buyer.orders(Order.objects.all())
        over, still_open = split(orders)
        for order in orders:
            facts = {"order": order, "status": order.get_status_display()}
            self.stdout.write(_("Order %(order)s: %(status)s.") % facts)
        for order in still_open:
            message = _("Order %(order)s is open and needs its address; it stays.")
            self.stderr.write(message % {"order": order})
        if options["file"]:
            self._write(options["file"], buyer, orders)
        elif not over:
            self.stdout.write(_("There is nothing to erase."))
        elif options["yes"] or self._is_sure(len(over)):
            done = erase_buyer(buyer, Order.objects.all())
            message = ngettext(
                "The buyer’s data of %(count)d order is erased.",
                "The buyer’s data of %(count)d orders is erased.",
                done.count,
            )
            self.stdout.write(message % {"count": done.count})
        if still_open and not options["file"]:
            raise SystemExit(1)

    def _write(self, path: Path, buyer: Buyer, orders: list[Order]) -> None:
        text = as_file(buyer, orders)
        with os.fdopen(open_new(path), "wb") as file:
            file.write(text.encode())
        note_export(path.name, len(orders))
        self.stdout.write(_("“%(path)s” is written.") % {"path": path})

    def _is_sure(self, count: int) -> bool:
        """Ask who sits there; without anybody, nothing is erased."""
        if not sys.stdin.isatty():
            message = _("Nothing is erased; add --yes to erase.")
            raise CommandError(message)
        message = ngettext(
            "Erase the buyer from %(count)d order for good? Type yes: ",
            "Erase the buyer from %(count)d orders for good? Type yes: ",
            count,
        )
        return input(message % {"count": count}).strip().lower() in {"yes", _("yes")}
