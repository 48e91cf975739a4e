"""Whether the back office is alive: the workers' heartbeats, and /healthz."""

from datetime import datetime, timedelta

from django.db.models.functions import Now
from django.http import HttpRequest, JsonResponse
from django.utils import timezone as clock
from django.views.decorators.http import require_safe

from backoffice.clocks import is_recent
from backoffice.kit.troubles import present_cause
from backoffice.models import Heartbeat

WORKER = "worker"
# A schedule of one minute fires up to 30 s late; three beats missed is no accident.
PULSE = timedelta(minutes=4)


def beat() -> None:
    """Note that a task came through; the queue calls it every minute.

    It travels the whole path because nothing less sees a wedged cluster, whose
    processes are all alive and do nothing.
    """
    record_beat(WORKER)


def record_beat(name: str, age: timedelta = timedelta()) -> None:
    """Note when something lived, by the one clock that all hosts share."""
    Heartbeat.objects.update_or_create(name=name, defaults={"beat_at": Now() - age})


def worker_last_seen() -> datetime | None:
    return (
        Heartbeat.objects.filter(name=WORKER).values_list("beat_at", flat=True).first()
    )


def worker_is_alive(now: datetime | None = None) -> bool:
    return has_pulse(worker_last_seen(), now or clock.now())


def has_pulse(seen: datetime | None, now: datetime) -> bool:
    """Return whether a worker that was last seen then still lives."""
    return seen is not None and is_recent(seen, now, PULSE)


@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """Answer 200 when this process and the database do their work, 503 otherwise."""
    if cause := present_cause():
        return JsonResponse({"status": "error", "cause": cause}, status=503)
    return JsonResponse({"status": "ok"})
