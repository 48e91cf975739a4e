"""What the list of orders can be narrowed to."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone as clock
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter, TextFilter

from orders.models import ImportProblem, Order, Shipment
from orders.presets import PRESETS, Preset
from stores.marketplaces.base import OrderStatus

FIRST = "to_ship"


class PresetFilter(admin.SimpleListFilter):
    """The lists above the orders: to ship, unless something was asked for."""

    title = _("list")
    parameter_name = "view"
    # Shown above the list instead of among the other filters.
    template = "orders/no_filter.html"

    def __init__(self, request: HttpRequest, *args: Any) -> None:
        super().__init__(request, *args)
        self.chosen = chosen_preset(request)

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(name, preset.title) for name, preset in PRESETS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return PRESETS[self.chosen].select(queryset, clock.now())

    def choices(self, changelist: Any) -> Iterator[dict[str, Any]]:
        return iter(())


def chosen_preset(request: HttpRequest) -> str:
    """Return the list that is shown; a search or a status looks at all orders."""
    name = request.GET.get(PresetFilter.parameter_name, "")
    if name in PRESETS:
        return name
    looks_further = {"q", "status__exact"} & {k for k, v in request.GET.items() if v}
    return "all" if looks_further else FIRST


def shown_preset(request: HttpRequest) -> Preset:
    return PRESETS[chosen_preset(request)]


class CountryFilter(DropdownFilter):
    title = _("country")
    parameter_name = "country"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        countries = Order.objects.order_by("ship_to_country").values_list(
            "ship_to_country", flat=True
        )
        return [(code, code) for code in countries.distinct() if code]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if not self.value():
            return queryset
        # Where the parcel goes: a corrected address counts.
        return queryset.filter(
            Q(correction=None, ship_to_country=self.value())
            | Q(correction__ship_to_country=self.value())
        )


class CarrierFilter(DropdownFilter):
    title = _("carrier")
    parameter_name = "carrier"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        carriers = Shipment.objects.order_by("carrier").values_list(
            "carrier", flat=True
        )
        return [(carrier, carrier) for carrier in carriers.distinct()]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if not self.value():
            return queryset
        return queryset.filter(
            pk__in=Shipment.objects.filter(carrier=self.value()).values("order")
        )


class SkuFilter(TextFilter):
    title = _("SKU")
    parameter_name = "sku"

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if not self.value():
            return queryset
        return queryset.filter(line_items__sku__icontains=self.value()).distinct()


class ProblemFilter(DropdownFilter):
    """Orders that need a person for some reason."""

    title = _("problem")
    parameter_name = "problem"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("Has a problem")), ("no", _("Has none"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() not in {"yes", "no"}:
            return queryset
        remarks = ImportProblem.objects.filter(
            store=OuterRef("store"),
            marketplace_order_id=OuterRef("marketplace_order_id"),
            resolved_at=None,
        )
        refused = Shipment.objects.filter(
            order=OuterRef("pk"), notification=Shipment.Notification.REFUSED
        )
        undecided = Order.objects.with_undecided_address().filter(pk=OuterRef("pk"))
        has_one = (
            Q(status=OrderStatus.NEEDS_REVIEW)
            | Exists(remarks)
            | Exists(refused)
            | Exists(undecided)
        )
        return queryset.filter(has_one if self.value() == "yes" else ~has_one)


class AssignedFilter(DropdownFilter):
    title = _("assigned to")
    parameter_name = "assigned"

    def __init__(self, request: HttpRequest, *args: Any) -> None:
        super().__init__(request, *args)
        self.user = request.user

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("me", _("Me")), ("nobody", _("Nobody"))]

    @cached_property
    def _conditions(self) -> dict[str, Q]:
        return {"me": Q(assigned_to=self.user), "nobody": Q(assigned_to=None)}

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(self._conditions.get(self.value() or "", Q()))
