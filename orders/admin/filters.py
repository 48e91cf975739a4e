"""What the list of orders can be narrowed to."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone as clock
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter, RangeDateFilter, TextFilter

from backoffice.kit import zones
from backoffice.kit.zones import Zone
from orders.models import Order, Shipment
from orders.work.causes import CAUSES, about
from orders.work.order_lists import LISTS, OrderList
from stores.models import stores_by_zone

FIRST = "to_ship"
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(9000, 1, 1)


class ListFilter(admin.SimpleListFilter):
    """The lists above the orders: to ship, unless something was asked for."""

    title = _("list")
    parameter_name = "view"
    # Shown above the list instead of among the other filters.
    template = "orders/no_filter.html"

    def __init__(self, request: HttpRequest, *args: Any) -> None:
        super().__init__(request, *args)
        self.chosen = chosen_list(request)

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(name, one.title) for name, one in LISTS.items()]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet:
        return LISTS[self.chosen].select(queryset, clock.now())

    def choices(self, changelist: Any) -> Iterator[Any]:
        return iter(())


def chosen_list(request: HttpRequest) -> str:
    """Return the list that is shown; a search or a status looks at all orders."""
    name = request.GET.get(ListFilter.parameter_name, "")
    if name in LISTS:
        return name
    looks_further = {"q", "status__exact"} & {k for k, v in request.GET.items() if v}
    return "all" if looks_further else FIRST


def shown_list(request: HttpRequest) -> OrderList:
    return LISTS[chosen_list(request)]


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


class DaysFilter(RangeDateFilter):
    """Whole days, the first and the last included, cut in the viewer's zone."""

    heading = _("%(date)s (days in %(zone)s)")

    def __init__(self, field: Any, *args: Any, **options: Any) -> None:
        super().__init__(field, *args, **options)
        self.title = self.heading % {"date": field.verbose_name, "zone": zones.here()}

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Narrow to the days; one that makes no sense is said beside its field."""
        form = self.form_class(self.parameter_name, data=self.used_parameters)
        form.is_valid()
        days = (
            form.cleaned_data.get(f"{self.parameter_name}_{end}")
            for end in ("from", "to")
        )
        # The first and the last day there are have no midnight in every zone.
        first, last = (
            min(max(day, FIRST_DAY), LAST_DAY) if day else None for day in days
        )
        if first is None and last is None:
            return queryset
        return queryset.filter(self.between(first, last))

    def between(self, first: date | None, last: date | None) -> Q:
        return self.cut(zones.here(), first, last)

    def cut(self, zone: Zone, first: date | None, last: date | None) -> Q:
        """Return the condition for these days as a zone cuts them."""
        wanted = Q()
        if first:
            wanted &= Q(**{f"{self.field_path}__gte": _midnight(first, zone)})
        if last:
            end = _midnight(last + timedelta(days=1), zone)
            wanted &= Q(**{f"{self.field_path}__lt": end})
        return wanted


def _midnight(day: date, zone: Zone) -> datetime:
    return datetime.combine(day, time.min, tzinfo=zone)


class StoreDaysFilter(DaysFilter):
    """Whole days, each row's cut in the zone of its store."""

    heading = _("%(date)s (days in the store’s zone)")
    store_path = "store"

    def between(self, first: date | None, last: date | None) -> Q:
        wanted = Q(pk__in=[])
        for zone, stores in stores_by_zone().items():
            is_theirs = Q(**{f"{self.store_path}__in": stores})
            wanted |= is_theirs & self.cut(zone, first, last)
        return wanted


class ShipmentDaysFilter(StoreDaysFilter):
    store_path = "order__store"


class SkuFilter(TextFilter):
    title = _("SKU")
    parameter_name = "sku"

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if not self.value():
            return queryset
        return queryset.filter(line_items__sku__icontains=self.value()).distinct()


class ProblemFilter(DropdownFilter):
    """Rows that need a person: for any reason, for none, or for one of them."""

    title = _("problem")
    parameter_name = "problem"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        kinds = about(model_admin.model, clock.now())
        some = [(kind, CAUSES[kind].title) for kind in kinds]
        return [("yes", _("Has a problem")), ("no", _("Has none")), *some]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        conditions = about(queryset.model, clock.now())
        has_one = reduce(or_, conditions.values())
        conditions |= {"yes": has_one, "no": ~has_one}
        return queryset.filter(conditions.get(self.value() or "", Q()))


class AssignedFilter(DropdownFilter):
    title = _("assigned to")
    parameter_name = "assigned"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("me", _("Me")), ("nobody", _("Nobody"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        people = {"me": request.user, "nobody": None}
        if self.value() not in people:
            return queryset
        return queryset.filter(assigned_to=people[self.value()])
