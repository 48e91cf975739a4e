"""Tell a supervisor whether tasks come through."""

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone as clock
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice import health, roster
from backoffice.kit.commands import OperatorCommand, add_flag


class Command(OperatorCommand):
    help = gettext_lazy(
        "Exit with 0 while tasks come through every worker, with 1 when none has for "
        "four minutes, or when one of the workers is silent. "
        "Example: manage.py check_worker --here"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_flag(
            parser,
            "--here",
            _("ask only for the workers of this host or container"),
        )

    def handle(self, *, here: bool, **options: Any) -> None:
        now = clock.now()
        silent = roster.silent(now)
        if here:
            silent = [one for one in silent if roster.is_here(one.name)]
            known = any(roster.is_here(one.name) for one in roster.expected(now))
            is_alive = known or bool(silent)
        else:
            is_alive = health.worker_is_alive(now)
        if not is_alive:
            raise CommandError(_("No task has come through for four minutes."))
        if silent:
            names = ", ".join(one.name for one in silent)
            raise CommandError(
                _("Nothing comes through the worker %(names)s.") % {"names": names}
            )
        self.stdout.write(_("The worker is alive."))
