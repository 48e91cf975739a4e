"""What monitors may ask without a login: numbers alone, no names and no secrets."""

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


@require_safe
def healthz_sync(request: HttpRequest) -> JsonResponse:
    """Answer 200 when orders and tracking go through, 503 while an alarm stands."""
    now = clock.now()
    try:
        facts = {
            "worker": _worker(now),
            "stores": _stores(now),
            "outbox": _outbox(now),
            "alarms": sorted({alarm.cause for alarm in alarms.raised(now)}),
        }
    except Error as error:
        answer = {"status": "error", "alarms": ["database"], "cause": cause_of(error)}
        return JsonResponse(answer, status=503)
    is_well = not facts["alarms"]
    facts = {"status": "ok" if is_well else "error", **facts}
    return JsonResponse(facts, status=200 if is_well else 503)


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
    return {**counts, "longest_wait_seconds": max(0, round(waited))}
