"""Tell a supervisor whether tasks come through."""

from typing import Any

from django.core.management.base import CommandError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.commands import OperatorCommand
from backoffice.health import worker_is_alive


class Command(OperatorCommand):
    help = gettext_lazy(
        "Exit with 0 while the worker's heartbeat is younger than four minutes, with 1 "
        "when the worker has to be restarted. Example: manage.py check_worker"
    )

    def handle(self, **options: Any) -> None:
        if not worker_is_alive():
            raise CommandError(_("No task has come through for four minutes."))
        self.stdout.write(_("The worker is alive."))
