"""What the worker does by itself and how often; an operator may choose how often."""

from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.utils import timezone as clock
from django.utils.translation import gettext as _
from django_q.models import Schedule

DAY = 24 * 60


class Named(NamedTuple):
    """A schedule: what runs, every how many minutes at first, and at the rarest."""

    function: str
    minutes: int
    rarest: int


# Rarer than that the worker seems dead, stores late, and tracking lies unsent.
SCHEDULES = {
    "heartbeat": Named("backoffice.health.beat", 1, 2),
    "refresh due stores": Named("orders.tasks.refresh_due_stores", 1, 15),
    "send due notices": Named("orders.tasks.send_due_notices", 1, 30),
    "count anew": Named("orders.tasks.keep_figures", 1, 30),
    "release due holds": Named("orders.tasks.release_due_holds", 15, 60),
    "send alerts": Named("orders.tasks.send_alerts", 5, 60),
    "fill gaps": Named("orders.tasks.fill_gaps", 60, DAY),
    "examine zones": Named("orders.tasks.examine_zones", 15, DAY),
    "mail customers": Named("orders.tasks.mail_customers", 5, DAY),
    "prune": Named("orders.tasks.prune", DAY, DAY),
    "reconcile": Named("orders.tasks.reconcile_due_stores", 60, DAY),
    "re-check open orders": Named("orders.tasks.recheck_open_orders", DAY, DAY),
}


def create(name: str) -> bool:
    """Create a schedule, unless it is there; return whether it was not."""
    # The name is not unique in the database, so the oldest of that name counts.
    if Schedule.objects.filter(name=name).exists():
        return False
    named = SCHEDULES[name]
    is_daily = named.minutes == DAY
    Schedule.objects.create(
        name=name,
        func=named.function,
        schedule_type=Schedule.DAILY if is_daily else Schedule.MINUTES,
        minutes=None if is_daily else named.minutes,
        next_run=clock.now() + timedelta(seconds=1),
    )
    return True


def check_cadence(name: str, minutes: int | None, daily_at: time | None) -> None:
    """Raise `ValidationError` for a cadence that would do harm, or for none."""
    if (minutes is None) == (daily_at is None):
        raise ValidationError(_("Give either minutes or a time of day."))
    rarest = SCHEDULES[name].rarest
    if (minutes or DAY) > rarest:
        message = _("“%(name)s” has to run every %(minutes)d minutes or more often.")
        raise ValidationError(message % {"name": name, "minutes": rarest})
    if daily_at and _is_skipped(daily_at):
        message = _("On some day the clocks skip %(time)s; choose another time.")
        raise ValidationError(message % {"time": f"{daily_at:%H:%M}"})


def set_cadence(schedule: Schedule, minutes: int | None, daily_at: time | None) -> None:
    """Run it so often from now on; nothing else of it changes."""
    now = clock.now()
    schedule.schedule_type, schedule.minutes = Schedule.MINUTES, minutes
    schedule.next_run = now + timedelta(minutes=minutes or 0)
    if daily_at:
        schedule.schedule_type = Schedule.DAILY
        schedule.next_run = _next(daily_at, now)
    # Not saved as a whole: the worker may just have written the row.
    Schedule.objects.filter(pk=schedule.pk).update(
        schedule_type=schedule.schedule_type,
        minutes=schedule.minutes,
        next_run=schedule.next_run,
    )


def time_of_day(schedule: Schedule) -> time | None:
    """Return when it runs each day, by the server's clock; None when it is otherwise.

    django-q2 keeps no time of day but in the next run.
    """
    if schedule.schedule_type != Schedule.DAILY:
        return None
    return schedule.next_run.astimezone(clock.get_default_timezone()).time()


def _next(daily_at: time, now: datetime) -> datetime:
    zone = clock.get_default_timezone()
    today = now.astimezone(zone).date()
    runs = (
        datetime.combine(today + timedelta(days=days), daily_at, zone).astimezone(UTC)
        for days in range(3)
    )
    return next(run for run in runs if run > now)


def _is_skipped(daily_at: time) -> bool:
    """Return whether a day of the year has no such time, after which it would move."""
    zone = clock.get_default_timezone()
    first = clock.now().astimezone(zone).date()
    days = (first + timedelta(days=days) for days in range(366))
    runs = (datetime.combine(day, daily_at, zone) for day in days)
    return any(run.astimezone(UTC).astimezone(zone).time() != daily_at for run in runs)
