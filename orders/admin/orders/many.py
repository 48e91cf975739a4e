"""Steps on many orders at once: each ends with its own result, never all or nothing."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from backoffice.kit.admin import StaffRequest, page
from orders import shipping
from orders.admin.forms import HoldForm, seen_event
from orders.admin.orders.dialogs import are_too_many, send_orders
from orders.admin.orders.grid import MOST_ROWS
from orders.labels import label
from orders.models import Order
from orders.shipping import notes

MOST_ORDERS = 500

# Returns what became of the order in a sentence, or raises `NotAllowed`.
Step = Callable[[Order], Any]


@admin.action(description=_("Mark as shipped"), permissions=["ship"])
def ship_chosen(
    model_admin: admin.ModelAdmin, request: StaffRequest, queryset: QuerySet[Order]
) -> HttpResponse | None:
    if are_too_many(request, queryset.count(), MOST_ROWS):
        return None
    ids = ",".join(str(pk) for pk in queryset.values_list("pk", flat=True))
    url = reverse("admin:orders_order_ship_grid")
    return HttpResponseRedirect(f"{url}?orders={ids}")


@admin.action(description=_("Send tracking"), permissions=["send"])
def send_chosen(
    model_admin: admin.ModelAdmin, request: StaffRequest, queryset: QuerySet[Order]
) -> HttpResponse:
    return send_orders(request, queryset, request.get_full_path())


@admin.action(description=_("Hold"), permissions=["ship"])
def hold_chosen(
    model_admin: admin.ModelAdmin, request: StaffRequest, queryset: QuerySet[Order]
) -> HttpResponse | None:
    orders = _taken(request, queryset)
    data = request.POST if "give_reason" in request.POST else None
    form = HoldForm(request, None, data)
    if not orders:
        return None
    if data is None or not form.is_valid():
        return page(
            request,
            model_admin,
            "orders/hold.html",
            _("Hold"),
            orders=orders,
            form=form,
            action_url=request.get_full_path(),
        )

    def hold(order: Order) -> Any:
        reason, until = form.cleaned_data["reason"], form.cleaned_data["until"]
        shipping.hold(order, reason, until, request.user, seen_event(request))
        return _("Held.")

    return _take(model_admin, request, orders, hold, _("Hold"))


@admin.action(description=_("Release holds"), permissions=["ship"])
def release_chosen(
    model_admin: admin.ModelAdmin, request: StaffRequest, queryset: QuerySet[Order]
) -> HttpResponse | None:
    def release(order: Order) -> Any:
        if not order.held_at:
            raise shipping.NotAllowed(str(_("It was not on hold.")))
        shipping.release(order, request.user, seen_event(request))
        return _("Released.")

    orders = _taken(request, queryset)
    return _take(model_admin, request, orders, release, _("Release holds"))


@admin.action(description=_("Assign to me"), permissions=["ship"])
def assign_chosen(
    model_admin: admin.ModelAdmin, request: StaffRequest, queryset: QuerySet[Order]
) -> HttpResponse | None:
    def assign(order: Order) -> Any:
        notes.assign(order, request.user, request.user, seen_event(request))
        return _("Assigned to you.")

    orders = _taken(request, queryset)
    return _take(model_admin, request, orders, assign, _("Assign to me"))


def _taken(request: StaffRequest, queryset: QuerySet[Order]) -> list[Order]:
    """Return the chosen orders; none, and a message, when there are too many."""
    if are_too_many(request, queryset.count(), MOST_ORDERS):
        return []
    return list(queryset.select_related("store"))


def _take(
    model_admin: admin.ModelAdmin,
    request: StaffRequest,
    orders: list[Order],
    step: Step,
    title: Any,
) -> HttpResponse | None:
    """Take the step with each order and show what became of it, row by row."""
    if not orders:
        return None
    rows = []
    done = 0
    for order in orders:
        try:
            sentence, word, colour = step(order), _("Done"), "success"
            done += 1
        except shipping.NotAllowed as error:
            sentence, word, colour = str(error), _("Not done"), "danger"
        shown = label(word, colour)
        rows.append({"order": order, "sentence": sentence, "label": shown})
    message = ngettext(
        "%(done)d of %(all)d order is done.",
        "%(done)d of %(all)d orders are done.",
        len(orders),
    )
    return page(
        request,
        model_admin,
        "orders/results.html",
        title,
        sentence=message % {"done": done, "all": len(orders)},
        rows=rows,
        back_url=request.get_full_path(),
    )
