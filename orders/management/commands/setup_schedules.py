"""Create the schedules that make the back office work by itself."""

from datetime import timedelta
from typing import Any

from django.utils import timezone as clock
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_q.models import Schedule

from backoffice.kit.commands import OperatorCommand

# name → what runs, how often
SCHEDULES = {
    "heartbeat": ("backoffice.health.beat", Schedule.MINUTES, 1),
    "refresh due stores": ("orders.tasks.refresh_due_stores", Schedule.MINUTES, 1),
    "send due notices": ("orders.tasks.send_due_notices", Schedule.MINUTES, 1),
    "release due holds": ("orders.tasks.release_due_holds", Schedule.MINUTES, 15),
    "send alerts": ("orders.tasks.send_alerts", Schedule.MINUTES, 5),
    "fill gaps": ("orders.tasks.fill_gaps", Schedule.MINUTES, 60),
    "examine zones": ("orders.tasks.examine_zones", Schedule.MINUTES, 15),
    "mail customers": ("orders.tasks.mail_customers", Schedule.MINUTES, 5),
    "prune": ("orders.tasks.prune", Schedule.DAILY, None),
    "reconcile": ("orders.tasks.reconcile_due_stores", Schedule.MINUTES, 60),
    "re-check open orders": ("orders.tasks.recheck_open_orders", Schedule.DAILY, None),
}


class Command(OperatorCommand):
    help = gettext_lazy(
        "Create the named schedules once; those that exist keep the cadence an "
        "operator gave them. Example: manage.py setup_schedules"
    )

    def handle(self, *args: Any, **options: Any) -> None:
        for name, (function, kind, minutes) in SCHEDULES.items():
            # The name is not unique in the database, so the oldest of that name counts.
            if Schedule.objects.filter(name=name).exists():
                self.stdout.write(_("“%(name)s” is there already.") % {"name": name})
                continue
            Schedule.objects.create(
                name=name,
                func=function,
                schedule_type=kind,
                minutes=minutes,
                next_run=clock.now() + timedelta(seconds=1),
            )
            self.stdout.write(_("“%(name)s” is scheduled.") % {"name": name})
