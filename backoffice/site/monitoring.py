"""What monitors may ask: up or down for everybody, numbers for a superuser."""

import logging
from typing import Any

from django.db import Error
from django.db.models import Count, Min
from django.http import HttpRequest, JsonResponse
from django.utils import timezone as clock
from django.views.decorators.http import require_safe

from backoffice import roster
from backoffice.health import has_pulse, worker_last_seen
from backoffice.kit.troubles import cause_of
from orders.importing import due
from orders.models import Shipment
from orders.work import alarms
from stores.models import Store

logger = logging.getLogger(__name__)


@require_safe
def healthz_sync(request: HttpRequest) -> JsonResponse:
    """Answer 200 when orders and tracking go through, 503 while an alarm stands."""
    now = clock.now()
    try:
        causes = sorted({alarm.cause for alarm in alarms.raised(now)})
        # Of all stores, so for those alone who may see all of them.
        facts: dict[str, Any] = {}
        if request.user.is_superuser:
            facts = {"worker": _worker(now), "stores": _stores(now)}
            facts |= {"outbox": _outbox(now), "alarms": causes}
    except Error as error:
        logger.warning("Nothing is known of the imports: %s.", cause_of(error))
        return JsonResponse({"status": "error"}, status=503)
    answer = {"status": "error" if causes else "ok", **facts}
    return JsonResponse(answer, status=503 if causes else 200)


def _worker(now) -> dict:
    seen = worker_last_seen()
    is_silent = [roster.is_silent(one, now) for one in roster.expected(now)]
    return {
        "alive": has_pulse(seen, now),
        "last_seen_at": seen,
        "clusters": {"alive": is_silent.count(False), "silent": is_silent.count(True)},
    }


def _stores(now) -> dict[str, int]:
    counts = dict.fromkeys(due.Health.values, 0)
    for store in Store.objects.all():
        counts[due.health(store, now)] += 1
    return counts


def _outbox(now) -> dict[str, int]:
    wanted = [*Shipment.OPEN, Shipment.Notification.REFUSED]
    rows = Shipment.objects.order_by().filter(notification__in=wanted)
    counted = rows.values_list("notification").annotate(Count("pk"))
    counts = dict.fromkeys((one.value for one in wanted), 0) | dict(counted)
    oldest = Shipment.objects.unsent().aggregate(oldest=Min("queued_at"))["oldest"]
    waited = (now - oldest).total_seconds() if oldest else 0
    return {
        **counts,
        "in_doubt": Shipment.objects.kept_back(Shipment.NotSent.DOUBT).count(),
        "longest_wait_seconds": max(0, round(waited)),
    }
