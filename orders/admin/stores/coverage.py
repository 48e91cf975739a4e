"""The bar of what was read of a store, and the button that closes a gap in it."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import URLPattern
from django.utils import timezone as clock
from django.utils.timesince import timesince
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from backoffice.kit.admin import StaffRequest, find_row, routes, row_url
from orders.auditing.coverage import Coverage, Interval, ask_for, coverage
from orders.auditing.listings import lists_changes
from orders.labels import in_zone
from orders.models import ImportRun
from stores.access import stores_seen_by
from stores.models import Store

SHOWN = timedelta(days=30)
WIDTH = 1000
# A gap of minutes must still be seen.
NARROWEST = 6


def describe(store: Store, now: datetime) -> dict[str, Any]:
    """Return what the store's page shows of its coverage, nothing before a refresh."""
    found = coverage(store, now)
    if found is None:
        return {}
    start = max(found.span.start, now - SHOWN)
    if found.gaps:
        # An old gap is not left out of the picture.
        start = min(start, found.gaps[0].start)
    return {
        "coverage": found,
        "lists_changes": lists_changes(store),
        "bar": _pieces(found, start, now),
        "midnights": _midnights(store, start, now),
        "bar_start": in_zone(start, store.zone),
        "bar_end": in_zone(now, store.zone),
        "covered_since": in_zone(found.span.start, store.zone),
        "covered_until": in_zone(found.span.end, store.zone),
        "gaps": [
            {
                "gap": gap,
                "start": in_zone(gap.start, store.zone),
                "end": in_zone(gap.end, store.zone),
                "length": timesince(gap.start, gap.end),
            }
            for gap in found.gaps
        ],
    }


def urls(model_admin: admin.ModelAdmin) -> list[URLPattern]:
    return routes(model_admin, ("<int:store_id>/gap/", gap_view, "gap"))


@require_POST
@permission_required("stores.import_now", raise_exception=True)
def gap_view(
    request: StaffRequest, model_admin: admin.ModelAdmin, store_id: int
) -> HttpResponse:
    """Import the orders of one gap."""
    store = find_row(stores_seen_by(request.user), store_id)
    found = coverage(store, clock.now())
    wanted = request.POST.get("start")
    known = found.gaps if found else []
    gaps = [gap for gap in known if gap.start.isoformat() == wanted]
    if not gaps:
        message = _("This stretch of time is no gap any more; it was read meanwhile.")
        model_admin.message_user(request, message, messages.INFO)
        return HttpResponseRedirect(row_url(store))
    run = ask_for(store, gaps[0], ImportRun.Trigger.MANUAL)
    return HttpResponseRedirect(row_url(run))


def _pieces(found: Coverage, start: datetime, end: datetime) -> list[Any]:
    """Return the bar from left to right, gaps drawn over what was read.

    Each piece is in thousandths of its width.
    """
    length = (end - start) / WIDTH

    def at(moment: datetime) -> float:
        return round((min(max(moment, start), end) - start) / length, 2)

    def piece(stretch: Interval, kind: str, gap: Interval | None = None) -> Any:
        x, width = at(stretch.start), at(stretch.end) - at(stretch.start)
        if gap and width < NARROWEST:
            x, width = min(x, WIDTH - NARROWEST), NARROWEST
        return {"x": x, "width": round(width, 2), "kind": kind, "gap": gap}

    return [
        piece(found.span, "read"),
        piece(Interval(found.span.end, end), "ahead"),
        *(piece(gap, "gap", gap) for gap in found.gaps),
    ]


def _midnights(store: Store, start: datetime, end: datetime) -> list[float]:
    """Return where the store's days begin."""
    day = start.astimezone(store.zone).date() + timedelta(days=1)
    places = []
    while (moment := store.start_of(day)) < end:
        places.append(round((moment - start) / (end - start) * WIDTH, 2))
        day += timedelta(days=1)
    return places
