"""What staff fill in: to ship, to hold, to correct, to import."""

import re
from collections.abc import Mapping
from datetime import datetime, time
from typing import Any, cast

from django import forms
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max, QuerySet
from django.http import HttpRequest, QueryDict
from django.utils import timezone as clock
from django.utils.translation import gettext_lazy as _
from unfold.forms import ActionForm, BaseDialogForm
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from backoffice.kit.admin import DAY_INPUT, find_row, keys
from backoffice.kit.editing import ShownValues
from backoffice.kit.fields import most_characters
from backoffice.kit.zones import last_day
from orders.advice import reason_not_alone
from orders.finding.called import MeansSeveral, keys_called
from orders.history import last_event
from orders.importing import windows
from orders.models import ImportRun, Order, OrderEvent, SendingLine, Shipment
from orders.shipping import NotAllowed, ReasonNeeded
from stores.access import seen_by, stores_seen_by
from stores.marketplaces.abilities import Window
from stores.models import Store, stores_by_zone

NOON = time(12)
OVERRIDE = "orders.override_amber"


def orders_seen_by(user: Any) -> QuerySet[Order]:
    """Return the orders of the stores that this person may see, with their store."""
    return seen_by(Order.objects.select_related("store"), user)


def shipments_seen_by(user: Any) -> QuerySet[Shipment]:
    """Return the shipments of those orders, with their order and its store."""
    rows = Shipment.objects.select_related("order__store")
    return seen_by(rows, user, "order__store")


class Suggesting(UnfoldAdminTextInputWidget):
    """A line to type, with suggestions; the browser shows those that begin so."""

    template_name = "orders/suggesting.html"

    def __init__(self, suggestions: list[str], attrs: dict[str, Any] | None = None):
        super().__init__(attrs)
        self.suggestions = suggestions

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        listed = f"{context['widget']['attrs'].get('id', name)}-list"
        context["widget"]["attrs"]["list"] = listed
        return context | {"suggestions": self.suggestions, "listed": listed}


def offer_carriers(form: forms.Form, store: Store) -> None:
    """Have a form's carrier chosen, or typed where the marketplace takes any."""
    labels = sorted(store.carrier_labels, key=str.casefold)
    field = cast("forms.ChoiceField", form.fields["carrier"])
    if store.abilities.has_closed_carriers:
        choices = [("", _("Choose the carrier")), *((one, one) for one in labels)]
        field.choices = choices
        return
    form.fields["carrier"] = forms.CharField(
        label=field.label,
        required=field.required,
        initial=field.initial,
        max_length=Shipment._meta.get_field("carrier").max_length,
        widget=Suggesting(labels, field.widget.attrs),
        help_text=field.help_text,
    )


# Of a tracking number: no spell-checker, no capitals put in.
AS_TYPED = {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "off"}


class ParcelForm(forms.Form):
    """Carrier and tracking number of one parcel."""

    carrier = forms.ChoiceField(label=_("Carrier"), widget=UnfoldAdminSelectWidget)
    tracking_number = forms.CharField(
        label=_("Tracking number"),
        max_length=Shipment._meta.get_field("tracking_number").max_length,
        widget=UnfoldAdminTextInputWidget(AS_TYPED),
    )
    # Asked for once the number was refused.
    despite = forms.CharField(
        label=_("Reason to use this number all the same"),
        required=False,
        max_length=most_characters(SendingLine, "reason"),
        widget=forms.HiddenInput,
        help_text=_("The order’s history keeps it."),
    )

    def reason(self, by: User) -> str:
        """Return why the number goes all the same, from somebody who may say so."""
        return self.cleaned_data["despite"] if by.has_perm(OVERRIDE) else ""

    def refuse(self, error: NotAllowed, by: User) -> None:
        """Say why the parcel does not ship, and ask for a reason if one would do."""
        self.add_error("tracking_number", str(error))
        if not isinstance(error, ReasonNeeded):
            return
        if by.has_perm(OVERRIDE):
            field = self.fields["despite"]
            field.widget = UnfoldAdminTextInputWidget(attrs=field.widget.attrs)
        else:
            message = _("A manager may send it all the same, with a reason.")
            self.add_error("tracking_number", message)


class ShippedOn(forms.DateField):
    """The day a parcel left, today at the latest."""

    def clean(self, value: Any) -> datetime:
        day = super().clean(value)
        if day > clock.localdate():
            raise ValidationError(_("That day has not come yet."))
        if day == clock.localdate():
            return clock.now()
        return clock.make_aware(datetime.combine(day, NOON))


class DepartureForm(forms.Form):
    """When parcels left, and whether the marketplace is told."""

    shipped_at = ShippedOn(
        label=_("Shipped on"), widget=DAY_INPUT, initial=clock.localdate
    )
    is_kept_here = forms.BooleanField(
        label=_("Do not tell the marketplace"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text=_("It is told once somebody sends the tracking."),
    )

    @property
    def departure(self) -> dict[str, Any]:
        """What was filled in, as a shipment takes it."""
        is_kept_here = self.cleaned_data["is_kept_here"]
        return {
            "shipped_at": self.cleaned_data["shipped_at"],
            "send": False if is_kept_here else None,
        }


class ShipForm(DepartureForm, ParcelForm, BaseDialogForm):
    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        order = find_row(orders_seen_by(self.request.user), self.object_id)
        offer_carriers(self, order.store)
        last = Shipment.objects.filter(order__store=order.store).first()
        self.fields["carrier"].initial = last.carrier if last else ""


def seen_event(request: HttpRequest) -> int | None:
    """Return the last line of history that the page showed, None if it does not say."""
    return next(iter(keys([request.POST.get("seen_event", "")])), None)


class StepForm(BaseDialogForm):
    """A step on an order, which says how much of its history the page showed."""

    data: Mapping[str, Any]

    seen_event = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, request: HttpRequest, *args: Any, **options: Any) -> None:
        super().__init__(request, *args, **options)
        self.fields["seen_event"].initial = seen_event(request)
        if self.object_id:
            self.fields["seen_event"].initial = self._last_event()

    def as_of_now(self) -> "StepForm":
        """Return the form for another try, as one who has seen what happened."""
        data = cast("QueryDict", self.data).copy()
        data["seen_event"] = str(self._last_event())
        self.data = data
        return self

    def _last_event(self) -> int:
        return last_event(self._order())

    def _order(self) -> Order:
        return find_row(orders_seen_by(self.request.user), self.object_id)


class CorrectForm(ShownValues, ParcelForm, StepForm):
    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.shipment = shipment = self._shipment()
        offer_carriers(self, shipment.order.store)
        self.fields["carrier"].initial = shipment.carrier
        self.fields["tracking_number"].initial = shipment.tracking_number

    def clean(self) -> dict[str, Any]:
        super().clean()
        # Shows theirs field by field; what comes after it `correct_shipment` refuses.
        with transaction.atomic():
            self.refuse_newer(self.shipment)
        if self.errors:
            self.as_of_now()
        return self.cleaned_data

    def _order(self) -> Order:
        return self._shipment().order

    def _shipment(self) -> Shipment:
        return find_row(shipments_seen_by(self.request.user), self.object_id)


class ListForm(ActionForm):
    """What to do with the chosen rows of the list of orders, as the list was shown."""

    seen_event = forms.IntegerField(
        label="",
        required=False,
        widget=forms.HiddenInput,
        initial=lambda: OrderEvent.objects.aggregate(last=Max("pk"))["last"] or 0,
    )


class HoldForm(StepForm):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=Order._meta.get_field("hold_reason").max_length,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("For example: the buyer asked for another colour."),
    )
    until = forms.DateField(
        label=_("Until"),
        required=False,
        widget=DAY_INPUT,
        help_text=_("Left empty, the hold lasts until somebody releases it."),
    )

    def clean_until(self) -> Any:
        until = self.cleaned_data["until"]
        # Of many orders none may be released at once.
        among = {self._order().store.zone} if self.object_id else set(stores_by_zone())
        if until and until <= last_day(clock.now(), among):
            raise ValidationError(_("A hold ends on a day to come."))
        return until


class ImportForm(BaseDialogForm):
    """Which orders to import: the last days', those of some days, or some by number."""

    start = forms.DateField(label=_("From"), required=False, widget=DAY_INPUT)
    end = forms.DateField(label=_("To (inclusive)"), required=False, widget=DAY_INPUT)
    order_ids = forms.CharField(
        label=_("Order numbers"),
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
        help_text=_("Separated by blanks, commas or new lines."),
    )

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        store = find_row(stores_seen_by(self.request.user), self.object_id)
        if reason := reason_not_alone(store):
            self.fields["order_ids"].help_text = reason
        if store.abilities.window == Window.MODIFIED:
            message = _("This shop lists orders by the day on which they last changed.")
            self.fields["start"].help_text = message

    def clean_order_ids(self) -> list[str]:
        parts = re.split(r"[\s,;]+", self.cleaned_data["order_ids"])
        ids = list(dict.fromkeys(filter(None, parts)))
        longest = most_characters(Order, "marketplace_order_id")
        for order_id in ids:
            if len(order_id) > longest or not order_id.isprintable():
                raise ValidationError(
                    _("“%(number)s” is not an order number."),
                    params={"number": order_id[:longest]},
                )
        if len(ids) > windows.MOST_NUMBERS:
            raise ValidationError(
                _("At most %(most)d order numbers at a time."),
                params={"most": windows.MOST_NUMBERS},
            )
        return ids

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        store = find_row(stores_seen_by(self.request.user), self.object_id)
        start, end = data.get("start"), data.get("end")
        if data.get("order_ids") and (start or end):
            self.add_error("order_ids", _("Give either days or order numbers."))
        elif numbers := data.get("order_ids"):
            try:
                data["order_ids"] = keys_called(store, numbers)
            except MeansSeveral as error:
                self.add_error("order_ids", str(error))
            if reason := reason_not_alone(store):
                self.add_error("order_ids", reason)
        if end and not start:
            self.add_error("start", _("Give the first day too."))
        if start and end and end < start:
            self.add_error("end", _("The last day lies before the first."))
        if start and start > last_day(clock.now(), [store.zone]):
            self.add_error("start", _("That day has not come yet."))
        return data

    def plan(self, store: Store) -> ImportRun:
        """Return the import that was asked for, unsaved."""
        data, trigger = self.cleaned_data, ImportRun.Trigger.MANUAL
        if data["order_ids"]:
            return windows.plan_orders(store, data["order_ids"], trigger)
        if data["start"]:
            return windows.plan_days(store, data["start"], data["end"], trigger)
        return windows.plan_refresh(store, trigger)
