"""Steps on many orders at once: each ends with its own result, never all or nothing."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from orders import shipping
from orders.admin.forms import HoldForm
from orders.admin.orders.dialogs import are_too_many
from orders.labels import label
from orders.models import Order
from orders.shipping import notes

MOST_ORDERS = 500

# Returns what became of the order in a sentence, or raises `NotAllowed`.
Step = Callable[[Order], Any]


class ManyOrders:
    """The list's actions that hold, release and assign."""

    @admin.action(description=_("Hold"), permissions=["ship"])
    def hold_chosen(
        self, request: HttpRequest, queryset: QuerySet[Order]
    ) -> HttpResponse | None:
        orders = self._taken(request, queryset)
        data = request.POST if "give_reason" in request.POST else None
        form = HoldForm(request, None, data)
        if not orders:
            return None
        if data is None or not form.is_valid():
            return self._ask_why(request, orders, form)

        def hold(order: Order) -> Any:
            reason, until = form.cleaned_data["reason"], form.cleaned_data["until"]
            shipping.hold(order, reason, until, by=request.user)
            return _("Held.")

        return self._take(request, orders, hold, _("Hold"))

    @admin.action(description=_("Release holds"), permissions=["ship"])
    def release_chosen(
        self, request: HttpRequest, queryset: QuerySet[Order]
    ) -> HttpResponse | None:
        def release(order: Order) -> Any:
            if not order.held_at:
                raise shipping.NotAllowed(str(_("It was not on hold.")))
            shipping.release(order, by=request.user)
            return _("Released.")

        orders = self._taken(request, queryset)
        return self._take(request, orders, release, _("Release holds"))

    @admin.action(description=_("Assign to me"), permissions=["ship"])
    def assign_chosen(
        self, request: HttpRequest, queryset: QuerySet[Order]
    ) -> HttpResponse | None:
        def assign(order: Order) -> Any:
            notes.assign(order, request.user, by=request.user)
            return _("Assigned to you.")

        orders = self._taken(request, queryset)
        return self._take(request, orders, assign, _("Assign to me"))

    def _taken(self, request: HttpRequest, queryset: QuerySet[Order]) -> list[Order]:
        """Return the chosen orders; none, and a message, when there are too many."""
        if are_too_many(self, request, queryset.count(), MOST_ORDERS):
            return []
        return list(queryset.select_related("store"))

    def _ask_why(
        self, request: HttpRequest, orders: list[Order], form: HoldForm
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": _("Hold"),
            "opts": self.model._meta,
            "orders": orders,
            "form": form,
            "action_url": request.get_full_path(),
        }
        return TemplateResponse(request, "orders/hold.html", context)

    def _take(
        self, request: HttpRequest, orders: list[Order], step: Step, title: Any
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
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.model._meta,
            "sentence": message % {"done": done, "all": len(orders)},
            "rows": rows,
            "back_url": request.get_full_path(),
        }
        return TemplateResponse(request, "orders/results.html", context)
