"""Clocks that were ahead: what they left in the future is no fact and stops nothing."""

from datetime import datetime, timedelta

from django.db import connection
from django.db.models.functions import Now
from django_q.models import Schedule

from backoffice.models import Heartbeat

# Two hosts may disagree by so much.
SKEW = timedelta(minutes=1)


def is_recent(moment: datetime, now: datetime, span: timedelta) -> bool:
    """Return whether it lies within the last `span`, and not in the future."""
    return -SKEW < now - moment < span


def database_now() -> datetime:
    """Return the time of the one clock that all hosts share."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT CURRENT_TIMESTAMP")
        (now,) = cursor.fetchone()
    if isinstance(now, str):
        return datetime.fromisoformat(f"{now}+00:00")
    return now


def set_right() -> int:
    """Pull back what lies further ahead than its own cadence; return how much did.

    A schedule may wait for one period. A beat is of the past.
    """
    now = database_now()
    wrong = [
        schedule.pk
        for schedule in Schedule.objects.exclude(schedule_type=Schedule.ONCE)
        if schedule.next_run > schedule.calculate_next_run(now) + SKEW
    ]
    pulled = Schedule.objects.filter(pk__in=wrong).update(next_run=now)
    future = Heartbeat.objects.filter(beat_at__gt=Now() + SKEW)
    return pulled + future.delete()[0]
