"""The page that says where an order is, with the one button that helps on."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, reverse
from django.utils import timezone as clock
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from backoffice.kit.admin import StaffRequest, page, routes, row_url
from orders.advice import Advice, Step, reason_not_alone
from orders.finding import here, live
from stores.access import limit_of


@dataclass(frozen=True)
class Button:
    """A step's button: a link, or a form that posts `data`."""

    title: Any
    url: str
    data: dict[str, str] = field(default_factory=dict)


def urls(model_admin: admin.ModelAdmin) -> list[URLPattern]:
    return routes(model_admin, ("find/", find_view, "find"))


@never_cache
@require_GET
def find_view(request: StaffRequest, model_admin: admin.ModelAdmin) -> HttpResponse:
    """Say what is known here at once; what the stores say is loaded by the page."""
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    typed, limit = request.GET.get("q", ""), limit_of(request.user)
    context: dict[str, Any] = {"typed": typed}
    try:
        number = here.clean_number(typed) if typed else ""
    except here.NotANumber as error:
        number, context["error"] = "", str(error)
    if "live" in request.GET and live.may_be_known(number):
        lines = _lines(request, live.find_live(number, limit=limit))
        return render(request, "orders/found.html", {"lines": lines})
    if number:
        found = here.find_here(number, clock.now(), limit)
        if here.is_worth_asking(number, found):
            address = reverse("admin:orders_order_find")
            context["live_url"] = f"{address}?{urlencode({'q': number, 'live': 1})}"
        elif not found:
            found, context["is_unknown"] = [here.unknown_here(number)], True
        context["lines"] = _lines(request, found)
    title = _("Find an order")
    return page(request, model_admin, "orders/find.html", title, **context)


def _lines(
    request: StaffRequest, found: list[Advice]
) -> list[tuple[Advice, Button | None]]:
    return [(one, button(request, one)) for one in found]


def button(request: StaffRequest, found: Advice) -> Button | None:
    """Return the step's button if the person may take it, else the way to the order."""
    step = found.step
    if step != Step.NONE and not request.user.has_perm(step.permission):
        step = Step.OPEN if found.order else Step.NONE
    if step == Step.IMPORT and found.store and reason_not_alone(found.store):
        # Its days are imported instead.
        step = Step.OPEN if found.order else Step.NONE
    title = step.label
    order, store = ([row.pk] if row else [] for row in (found.order, found.store))
    submitted = {"_form_submitted": "True"}
    match step:
        case Step.OPEN if found.order:
            return Button(title, row_url(found.order))
        case Step.RELEASE | Step.SEND:
            url = reverse(f"admin:orders_order_{step.value}", args=order)
            return Button(title, url, submitted)
        case Step.IMPORT:
            url = reverse("admin:stores_store_import_orders", args=store)
            return Button(title, url, submitted | {"order_ids": found.order_id})
        case Step.OPEN_PROBLEM if found.problem:
            return Button(title, row_url(found.problem))
        case Step.REPLACE_TOKEN if found.store:
            return Button(str(found.store.account_words.button), row_url(found.store))
        case Step.SEE_EVIDENCE if found.store:
            return Button(title, row_url(found.store))
        case Step.DECIDE | Step.COMPLETE:
            return Button(title, reverse("admin:orders_order_address", args=order))
        case Step.OPEN_SHIPMENT if found.shipment:
            return Button(title, row_url(found.shipment))
        case Step.IMPORT_GAP if found.gap_start:
            url = reverse("admin:stores_store_gap", args=store)
            return Button(title, url, {"start": found.gap_start.isoformat()})
    return None
