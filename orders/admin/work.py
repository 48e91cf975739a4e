"""The one list of all that needs a person."""

from datetime import timedelta
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.http import (
    HttpResponse,
    HttpResponseBadRequest,
    HttpResponseRedirect,
)
from django.urls import URLPattern, reverse
from django.utils import timezone as clock
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from backoffice.kit.admin import StaffRequest, page, routes
from orders.admin.finding import button
from orders.models import WorkMark
from orders.work import to_do
from orders.work.causes import CAUSES
from orders.work.to_do import Item, advise
from stores.access import limit_of

ITEMS_A_PAGE = 100
# Days an item can sleep.
SNOOZES = (1, 3, 7)
# What the list is narrowed to.
OPEN, MINE, SNOOZED = "", "mine", "snoozed"


def urls(model_admin: admin.ModelAdmin) -> list[URLPattern]:
    return routes(
        model_admin,
        ("work/", work_view, "work"),
        ("work/mark/", mark_view, "work_mark"),
    )


@require_GET
@permission_required("orders.view_order", raise_exception=True)
def work_view(request: StaffRequest, model_admin: admin.ModelAdmin) -> HttpResponse:
    """Show what there is to do, the most urgent first."""
    now = clock.now()
    shown = request.GET.get("show", OPEN)
    marks, limit = WorkMark.objects.values_list("kind", "cause"), limit_of(request.user)
    asleep = marks.filter(snoozed_until__gt=now)
    lists = {
        OPEN: to_do.listed(now, is_awake=True, limit=limit),
        MINE: to_do.listed(now, marks.filter(owner=request.user), limit=limit),
        SNOOZED: to_do.listed(now, asleep, limit=limit),
    }
    chosen = lists.get(shown, lists[OPEN])
    part = Paginator(chosen, ITEMS_A_PAGE).get_page(request.GET.get("page"))
    titles = {OPEN: _("Open"), MINE: _("Mine"), SNOOZED: _("Snoozed")}
    url = reverse("admin:orders_order_work")
    return page(
        request,
        model_admin,
        "orders/work.html",
        _("To do"),
        lists=[
            {
                "url": f"{url}?show={name}" if name else url,
                "title": title,
                "count": len(lists[name]),
                "is_shown": name == (shown if shown in lists else OPEN),
            }
            for name, title in titles.items()
        ],
        groups=_groups(request, list(part)),
        page=part,
        query=f"show={shown}",
        may_mark=request.user.has_perm("orders.ship_order"),
        snoozes=SNOOZES,
    )


@require_POST
@permission_required("orders.ship_order", raise_exception=True)
def mark_view(request: StaffRequest, model_admin: admin.ModelAdmin) -> HttpResponse:
    """Take an item, give it up, let it sleep, or wake it."""
    kind, cause = request.POST.get("kind", ""), request.POST.get("cause", "")
    now = clock.now()
    if not to_do.listed(now, [(kind, cause)], limit=limit_of(request.user)):
        messages.info(request, _("This is done already: its cause is gone."))
        return _back(request)
    match request.POST.get("step"):
        case "take":
            if not to_do.take_item(kind, cause, request.user):
                owner = WorkMark.objects.get(kind=kind, cause=cause).owner
                message = _("%(person)s has taken this already.") % {"person": owner}
                model_admin.message_user(request, message, messages.WARNING)
        case "give_up":
            to_do.give_up(kind, cause, request.user)
        case "snooze" if request.POST.get("days", "") in map(str, SNOOZES):
            days = timedelta(days=int(request.POST["days"]))
            if not to_do.snooze(kind, cause, now + days):
                message = _("This is snoozed already; wake it to choose other days.")
                model_admin.message_user(request, message, messages.WARNING)
        case "wake":
            to_do.wake(kind, cause)
        case _other:
            return HttpResponseBadRequest()
    return _back(request)


def _back(request: StaffRequest) -> HttpResponse:
    url = reverse("admin:orders_order_work")
    shown = request.POST.get("show", "")
    return HttpResponseRedirect(
        f"{url}?show={shown}" if shown in {MINE, SNOOZED} else url
    )


def _groups(request: StaffRequest, found: list[Item]) -> list[dict[str, Any]]:
    """Return the items by their kinds, with what the kind means."""
    now = clock.now()
    groups: dict[str, dict[str, Any]] = {}
    for item in found:
        finding = advise(item)
        cause = CAUSES[item.kind]
        group = groups.setdefault(
            item.kind, {"title": cause.title, "meaning": cause.meaning, "rows": []}
        )
        group["rows"].append(
            {
                "item": item,
                "sentence": finding.sentence,
                "button": button(request, finding),
                "age": timesince(item.since, now),
                "is_mine": item.owner == request.user,
            }
        )
    return list(groups.values())
