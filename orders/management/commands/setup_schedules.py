"""Create the schedules that make the back office work by itself."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.kit.commands import OperatorCommand
from backoffice.schedules import SCHEDULES, create


class Command(OperatorCommand):
    help = gettext_lazy(
        "Create the named schedules once; those that exist keep the cadence an "
        "operator gave them. Example: manage.py setup_schedules"
    )

    def handle(self, *args: Any, **options: Any) -> None:
        for name in SCHEDULES:
            message = _("“%(name)s” is there already.")
            if create(name):
                message = _("“%(name)s” is scheduled.")
            self.stdout.write(message % {"name": name})
