"""The page where staff correct an address, beside the marketplace's own."""

from datetime import datetime
from typing import Any

import iso3166
from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import URLPattern
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from backoffice.kit.admin import StaffRequest, find_row, page, routes, row_url
from backoffice.kit.editing import ShownValues
from backoffice.kit.fields import most_characters, title_of
from orders import shipping
from orders.history import ChangedMeanwhile, last_event
from orders.labels import in_zone
from orders.models import SHIP_TO, Correction, Order
from orders.shipping import addresses
from stores.access import seen_by

COUNTRIES = {
    country.alpha2: f"{country.apolitical_name} ({country.alpha2})"
    for country in sorted(iso3166.countries, key=lambda one: one.apolitical_name)
}


class SeenForm(forms.Form):
    """How much was on the page: the marketplace's last address, and our last step."""

    seen = forms.DateTimeField(required=False, widget=forms.HiddenInput)
    seen_event = forms.IntegerField(required=False, widget=forms.HiddenInput)

    @property
    def both(self) -> tuple[datetime | None, int | None]:
        seen = self.cleaned_data if self.is_valid() else {}
        return seen.get("seen"), seen.get("seen_event")


class AddressForm(ShownValues, SeenForm):
    """A ship-to address, filled in with the one that counts."""

    ship_to_country = forms.ChoiceField(
        choices=[("", _("Choose the country")), *COUNTRIES.items()],
        widget=UnfoldAdminSelectWidget,
    )

    def __init__(self, order: Order, **options: Any) -> None:
        changed_at = order.ship_to_changed_at
        initial = {name: getattr(order.ship_to, name) for name in SHIP_TO}
        initial["seen"] = changed_at.isoformat() if changed_at else ""
        initial["seen_event"] = last_event(order)
        super().__init__(initial=initial, **options)
        for name in SHIP_TO:
            if name != "ship_to_country":
                self.fields[name] = forms.CharField(
                    required=name in {"ship_to_name", "ship_to_address1"},
                    max_length=most_characters(Correction, name),
                    widget=UnfoldAdminTextInputWidget(
                        attrs={"dir": "auto", "autocomplete": "off"}
                    ),
                )
            self.fields[name].label = capfirst(title_of(Correction, name))
        self.bring_back()

    def beside(self, order: Order) -> "AddressForm":
        """Return the form with what was typed, beside the address as it is by now."""
        fresh = AddressForm(order)
        stored = {name: fresh[name].value() for name in fresh.fields}
        touched = {*self.changed_data} & {*SHIP_TO} if self.is_bound else set()
        typed = {name: self.cleaned_data[name] for name in touched}
        shown = {self.add_initial_prefix(name): stored[name] for name in stored}
        return AddressForm(order, data=stored | typed | shown)


def urls(model_admin: admin.ModelAdmin) -> list[URLPattern]:
    return routes(model_admin, ("<int:order_id>/address/", address_view, "address"))


def address_view(
    request: StaffRequest, model_admin: admin.ModelAdmin, order_id: int
) -> HttpResponse:
    """Show both addresses, and correct ours, keep it, or take the marketplace's."""
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    may_change = request.user.has_perm("orders.ship_order")
    if request.method == "POST" and not may_change:
        raise PermissionDenied
    order = _find(request, order_id)
    form, is_newer = AddressForm(order), False
    if request.method == "POST":
        step = STEPS.get(request.POST.get("step", ""), _save)
        form = AddressForm(order, data=request.POST) if step is _save else form
        try:
            done = step(order, form, request)
        except shipping.NotAllowed as error:
            model_admin.message_user(request, str(error), messages.ERROR)
            order = _find(request, order_id)
            form = form.beside(order)
            is_newer = isinstance(error, ChangedMeanwhile)
        else:
            if done:
                messages.success(request, done % {"order": order})
                return HttpResponseRedirect(row_url(order))
    shown = _describe(order, form, is_newer, may_change)
    title = _("Address of order %(order)s") % {"order": order}
    return page(request, model_admin, "orders/address.html", title, **shown)


def _describe(
    order: Order, form: AddressForm, is_newer: bool, may_change: bool
) -> dict[str, Any]:
    """Return what the page shows of both addresses."""
    correction = getattr(order, "correction", None)
    settled = addresses.reason_against_change(order)
    undecided = order.has_undecided_address and not settled
    return {
        "original": order,
        "order": order,
        "correction": correction,
        "made_at": in_zone(correction and correction.made_at, order.store.zone),
        "changed_at": in_zone(order.ship_to_changed_at, order.store.zone),
        "form": form,
        "lines": _lines(order, form, undecided, is_newer),
        "settled": settled,
        "is_undecided": undecided,
        "may_change": may_change and not settled,
    }


def _find(request: StaffRequest, order_id: int) -> Order:
    orders = seen_by(Order.objects.without_texts(), request.user)
    return find_row(orders.select_related("store", "correction__made_by"), order_id)


def _save(order: Order, form: AddressForm, request: StaffRequest) -> Promise | None:
    if not form.is_valid():
        return None
    address = form.cleaned_data
    addresses.correct_address(order, address, request.user, *form.both)
    return _("The address of order %(order)s is corrected.")


def _keep(order: Order, form: AddressForm, request: StaffRequest) -> Promise:
    addresses.keep_address(order, request.user, *SeenForm(data=request.POST).both)
    return _("Order %(order)s goes to the address that was corrected here.")


def _take(order: Order, form: AddressForm, request: StaffRequest) -> Promise:
    _seen, seen_event = SeenForm(data=request.POST).both
    addresses.revert_address(order, request.user, seen_event)
    return _("Order %(order)s goes to the marketplace’s address.")


STEPS = {"save": _save, "keep": _keep, "take": _take}


def _lines(
    order: Order, form: AddressForm, undecided: bool, is_newer: bool
) -> list[dict[str, Any]]:
    """Return each field of both addresses: what they say, and where ours is typed."""
    before = addresses.changed_since(order) if undecided else {}
    theirs = {name: getattr(order, name) for name in SHIP_TO}
    theirs["ship_to_country"] = order.country
    return [
        {
            "field": form[name],
            "theirs": _shown(name, theirs[name]),
            # What somebody else saved beside what was typed, if it is another text.
            "newer": _shown(name, getattr(order.ship_to, name))
            if is_newer and form[name].value() != getattr(order.ship_to, name)
            else None,
            # What theirs said when staff last decided, if it is another text by now.
            "before": _shown(name, before[name]) if name in before else None,
            "ours": _shown(name, getattr(order.ship_to, name)),
            "differs": getattr(order, name) != getattr(order.ship_to, name),
        }
        for name in SHIP_TO
    ]


def _shown(name: str, value: str) -> str:
    return COUNTRIES.get(value, value) if name == "ship_to_country" else value
