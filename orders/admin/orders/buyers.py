"""The page that says what is kept of a buyer, hands it out, and erases it."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse, HttpResponseBadRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern
from django.utils import timezone as clock
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from unfold.widgets import (
    UnfoldAdminEmailInputWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from backoffice.kit.admin import StaffRequest, page, routes
from backoffice.kit.password_again import password_again
from orders.admin.downloads import hand_over
from orders.labels import STATUS_COLOURS, in_zone, label
from orders.models import Order
from orders.models.orders import OrderQuerySet
from orders.privacy.buyers import Buyer, as_file, erase_buyer, split
from stores.access import limit_of, seen_by


class BuyerForm(forms.Form):
    email = forms.EmailField(
        label=_("E-mail address"), required=False, widget=UnfoldAdminEmailInputWidget
    )
    name = forms.CharField(
        label=_("Name"),
        required=False,
        max_length=200,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("The whole name, as on the parcel."),
    )
    postal_code = forms.CharField(
        label=_("Postal code"),
        required=False,
        max_length=20,
        widget=UnfoldAdminTextInputWidget,
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        is_named = data.get("name") and data.get("postal_code")
        if not self.errors and bool(data.get("email")) == bool(is_named):
            message = _("Give either the e-mail address, or name and postal code.")
            raise forms.ValidationError(message)
        return data


class EraseForm(forms.Form):
    """That so many orders are to be erased, as the page has said."""

    count = forms.IntegerField(widget=forms.HiddenInput)
    is_sure = forms.BooleanField(
        label=_("I have looked at these orders; what is erased cannot be had back."),
        widget=UnfoldBooleanSwitchWidget,
    )


def urls(model_admin: admin.ModelAdmin) -> list[URLPattern]:
    return routes(model_admin, ("buyers/", buyers_view, "buyers"))


@never_cache
@password_again
@permission_required("orders.erase_buyer", raise_exception=True)
def buyers_view(
    request: StaffRequest, model_admin: admin.ModelAdmin
) -> HttpResponseBase:
    """Look a buyer up by POST alone: no address of a page names anybody."""
    step = request.POST.get("step", "find")
    if step not in {"find", "file", "erase"}:
        return HttpResponseBadRequest()
    form = BuyerForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _show(request, model_admin, form)
    buyer = Buyer(**form.cleaned_data)
    orders = buyer.orders(_seen_by(request))
    if step == "file":
        return _file(request, buyer, orders)
    over, _still_open = split(orders)
    confirmation = EraseForm(
        request.POST if step == "erase" else None, initial={"count": len(over)}
    )
    if not confirmation.is_valid():
        return _show(request, model_admin, form, orders, confirmation)
    if confirmation.cleaned_data["count"] != len(over):
        message = _("Other orders of this buyer are here by now; look at them first.")
        messages.warning(request, message)
        fresh = EraseForm(initial={"count": len(over)})
        return _show(request, model_admin, form, orders, fresh)
    done = erase_buyer(buyer, _seen_by(request), request, limit_of(request.user))
    said = ngettext(
        "The buyer’s data of %(count)d order is erased.",
        "The buyer’s data of %(count)d orders is erased.",
        done.count,
    )
    messages.success(request, said % {"count": done.count})
    return _show(request, model_admin, BuyerForm())


def _seen_by(request: StaffRequest) -> OrderQuerySet:
    """Return the orders that this person may see."""
    return seen_by(Order.objects.all(), request.user)


def _file(request: StaffRequest, buyer: Buyer, orders: list[Order]) -> HttpResponseBase:
    name = f"buyer-{clock.localdate().isoformat()}.json"
    text = as_file(buyer, orders, limit_of(request.user))
    return hand_over(request, name, text, len(orders))


def _show(
    request: StaffRequest,
    model_admin: admin.ModelAdmin,
    form: BuyerForm,
    orders: list[Order] | None = None,
    confirmation: EraseForm | None = None,
) -> HttpResponse:
    over = {order.pk for order in split(orders or [])[0]}
    rows = [
        {
            "order": order,
            "ordered_at": in_zone(order.ordered_at, order.store.zone),
            "label": label(order.get_status_display(), STATUS_COLOURS[order.status]),
            "is_open": order.pk not in over,
        }
        for order in orders or ()
    ]
    return page(
        request,
        model_admin,
        "orders/buyers.html",
        _("What is kept of a buyer"),
        form=form,
        is_found=orders is not None,
        rows=rows,
        confirmation=confirmation,
        count=len(over),
        open_count=len(rows) - len(over),
        may_view_orders=request.user.has_perm("orders.view_order"),
    )
