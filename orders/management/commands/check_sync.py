"""Say what keeps orders or tracking from going through."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone as clock
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.kit.commands import OperatorCommand, add_flag
from orders.work import alarms, alerts


class Command(OperatorCommand):
    help = gettext_lazy(
        "Check the worker, the stores, gaps in what was read, the outbox, the "
        "rejected orders and those that are not accounted for. Prints a line for each "
        "thing that is wrong; the exit status is 1 when there is one. "
        "Example: manage.py check_sync --alert"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_flag(parser, "--json", _("print one JSON object a finding"))
        add_flag(
            parser,
            "--alert",
            _(
                "mail to ALERT_EMAILS what is new, also that the worker is not "
                "running; for cron"
            ),
        )

    def handle(self, **options: Any) -> None:
        now = clock.now()
        raised = alarms.raised(now)
        if options["alert"]:
            alerts.announce(now)
        for alarm in raised:
            if options["json"]:
                self.print_json(
                    {
                        "cause": alarm.cause,
                        "store": alarm.store.name if alarm.store else None,
                        "message": alarm.message,
                    }
                )
            else:
                self.stdout.write(alarm.message)
        if raised:
            raise SystemExit(1)
        if not options["json"]:
            self.stdout.write(_("All is well."))
