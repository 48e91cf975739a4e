"""The page that says whether the worker runs and how it is started."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone as clock
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from backoffice import health, roster
from backoffice.kit.admin import own_page

# Each as docs/deploying.md and the Makefile have it.
WAYS = [
    (_("A trial on one machine, everything at once"), ["make run"]),
    (
        _("systemd"),
        ["systemctl restart backoffice-worker", "systemctl status backoffice-worker"],
    ),
    (
        _("Containers"),
        ["docker compose up --detach worker", "docker compose logs worker"],
    ),
    (
        _("By hand, in the folder of the back office"),
        [
            ".venv/bin/python manage.py setup_schedules",
            ".venv/bin/python manage.py qcluster",
        ],
    ),
]


@require_safe
def worker_page(request: HttpRequest) -> HttpResponse:
    now, seen = clock.now(), health.worker_last_seen()
    return own_page(
        request,
        "backoffice/worker.html",
        _("The worker"),
        is_alive=health.has_pulse(seen, now),
        seen_at=seen,
        clusters=[(one, roster.is_silent(one, now)) for one in roster.expected(now)],
        ways=WAYS,
    )
