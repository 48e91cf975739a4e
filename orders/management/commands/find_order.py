"""Say where an order is."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone as clock
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.kit.commands import OperatorCommand, add_flag, wrong_usage
from orders.advice import Advice
from orders.finding.here import NotANumber, find_order


class Command(OperatorCommand):
    help = gettext_lazy(
        "Say in one sentence where an order is: here, among the import problems, or "
        "live at the connected stores. The exit status is 0 when it is here, else 1. "
        "Example: manage.py find_order 59010920"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "order_id",
            metavar="ID",
            help=_("the order's number, or its tracking number"),
        )
        add_flag(parser, "--no-live", _("look here only and ask no marketplace"))
        add_flag(parser, "--json", _("print one JSON object a finding"))

    def handle(self, **options: Any) -> None:
        try:
            found = find_order(
                options["order_id"], clock.now(), live=not options["no_live"]
            )
        except NotANumber as error:
            raise wrong_usage(str(error)) from None
        for finding in found:
            if options["json"]:
                self.print_json(as_facts(finding))
            else:
                self.stdout.write(finding.sentence)
        if not any(finding.order for finding in found):
            raise SystemExit(1)


def as_facts(finding: Advice) -> dict[str, Any]:
    """Return the finding as outside scripts read it."""
    return {
        "order": finding.order_id,
        "order_number": finding.order.number if finding.order else finding.order_id,
        "store": finding.store.name if finding.store else None,
        "is_here": finding.order is not None,
        "status": finding.order.status if finding.order else None,
        "sentence": finding.sentence,
        "step": finding.step.value,
    }
