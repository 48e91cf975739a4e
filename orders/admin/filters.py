"""What the list of orders can be narrowed to."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

import iso3166
from django.contrib import admin
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone as clock
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import (
    ChoicesDropdownFilter,
    DropdownFilter,
    RangeDateFilter,
    RelatedDropdownFilter,
    TextFilter,
)

from backoffice.kit import zones
from backoffice.kit.paging import count_rows
from backoffice.kit.values import values_in_use
from backoffice.kit.zones import Zone
from orders.models import LineItem, Order, Shipment
from orders.models.orders import COUNTRY
from orders.work.about import about, kinds_about
from orders.work.causes import CAUSES
from orders.work.order_lists import LISTS, OrderList
from stores.access import limit_of, stores_seen_by
from stores.marketplaces.base import OrderStatus
from stores.models import stores_by_zone

FIRST = "to_ship"
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(9000, 1, 1)
A_DAY = timedelta(days=1)
# So many rows cost less to sort than orders cost to be looked through for them.
FEW = 2000


class ListFilter(admin.SimpleListFilter):
    """The lists above the orders: to ship, unless something was asked for."""

    title = _("list")
    parameter_name = "view"
    # Shown above the list instead of among the other filters.
    template = "orders/no_filter.html"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(name, one.title) for name, one in LISTS.items()]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet:
        return shown_list(request).select(queryset, clock.now())

    def choices(self, changelist: Any) -> Iterator[Any]:
        return iter(())


def chosen_list(request: HttpRequest) -> str:
    """Return the list that is shown; a search or a status looks at all orders."""
    name = request.GET.get(ListFilter.parameter_name, "")
    asked = {k: v for k, v in request.GET.items() if v}
    if name not in LISTS:
        name = "all" if {"q", "status__exact"} & asked.keys() else FIRST
    if name == "all" and asked.get("status__exact") == OrderStatus.AWAITING_SHIPMENT:
        # The same rows, and this list has them in an order that an index has too.
        return FIRST
    return name


def shown_list(request: HttpRequest) -> OrderList:
    return LISTS[chosen_list(request)]


class CountryFilter(DropdownFilter):
    title = _("country")
    parameter_name = "country"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        if limit_of(request.user) is not None:
            # Which ones other stores' orders go to is not told.
            return [(one.alpha2, one.alpha2) for one in iso3166.countries]
        # As its index is written.
        country = "COALESCE(corrected_country, ship_to_country)"
        return [(code, code) for code in values_in_use(Order, country) if code]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if not self.value():
            return queryset
        return queryset.alias(goes_to=COUNTRY).filter(goes_to=self.value())


def carriers_seen_by(user: Any) -> list[str]:
    """Return every carrier that a store accepts which this person may see."""
    stores = stores_seen_by(user)
    labels = {one for store in stores for one in store.carrier_labels}
    return sorted(labels, key=str.casefold)


class CarrierFilter(DropdownFilter):
    title = _("carrier")
    parameter_name = "carrier"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        if limit_of(request.user) is not None:
            return [(one, one) for one in carriers_seen_by(request.user)]
        return [(one, one) for one in values_in_use(Shipment, "carrier")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if not self.value():
            return queryset
        return with_any(queryset, Shipment.objects.filter(carrier=self.value()))


def with_any(orders: QuerySet, rows: QuerySet) -> QuerySet:
    """Return the orders that have one of these line items or shipments.

    A few rows say which orders; where they are many, the first orders that are looked
    at have one. Neither database knows which is which before it has begun.
    """
    if count_rows(rows, FEW) > FEW:
        return orders.filter(Exists(rows.filter(order=OuterRef("pk"))))
    return orders.filter(pk__in=rows.values("order"))


class StoreFilter(RelatedDropdownFilter):
    """One of the stores that the person may see."""

    def field_choices(
        self, field: Any, request: HttpRequest, model_admin: Any
    ) -> list[tuple[Any, str]]:
        seen = stores_seen_by(request.user)
        return [(store.pk, store.name) for store in seen.order_by("name").only("name")]


class NoticeFilter(ChoicesDropdownFilter):
    """Finds what is not accepted among the few that are not, by their index."""

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        found = super().queryset(request, queryset)
        some = ("notification__exact", "notification__in")
        asked = [request.GET[name] for name in some if request.GET.get(name)]
        if request.GET.get("not_sent_because__exact"):
            found = found.filter(notification=Shipment.Notification.NOT_SENT)
            asked.append(Shipment.Notification.NOT_SENT)
        accepted = Shipment.Notification.ACCEPTED
        if asked and not any(accepted in one for one in asked):
            found = found.exclude(notification=accepted)
        return found


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
            end = _midnight(last + A_DAY, zone)
            wanted &= Q(**{f"{self.field_path}__lt": end})
        return wanted


def asks_for_days(request: HttpRequest, name: str) -> bool:
    """Return whether a list is narrowed to days of this time."""
    return any(request.GET.get(f"{name}_{end}") for end in ("from", "to"))


def _midnight(day: date, zone: Zone) -> datetime:
    return datetime.combine(day, time.min, tzinfo=zone)


class StoreDaysFilter(DaysFilter):
    """Whole days, each row's cut in the zone of its store."""

    heading = _("%(date)s (days in the store’s zone)")
    store_path = "store"

    def between(self, first: date | None, last: date | None) -> Q:
        of_zones = stores_by_zone()
        if len(of_zones) == 1:
            return self.cut(next(iter(of_zones)), first, last)
        wanted = Q(pk__in=[])
        for zone, stores in of_zones.items():
            is_theirs = Q(**{f"{self.store_path}__in": stores})
            wanted |= is_theirs & self.cut(zone, first, last)
        # No zone is a day away: where an index has to begin and to end.
        return wanted & self.cut(
            zones.Zone("UTC"), first and first - A_DAY, last and last + A_DAY
        )


class ShipmentDaysFilter(StoreDaysFilter):
    store_path = "order__store"


class SkuFilter(TextFilter):
    title = _("SKU")
    parameter_name = "sku"

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if not self.value():
            return queryset
        wanted = self.value().casefold()
        skus = [
            one for one in values_in_use(LineItem, "sku") if wanted in one.casefold()
        ]
        if len(skus) > FEW:
            named = LineItem.objects.filter(sku__icontains=self.value())
        else:
            named = LineItem.objects.filter(sku__in=skus)
        return with_any(queryset, named)


class ProblemFilter(DropdownFilter):
    """Rows that need a person: for any reason, for none, or for one of them."""

    title = _("problem")
    parameter_name = "problem"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        some = [(kind, CAUSES[kind].title) for kind in kinds_about(model_admin.model)]
        return [("yes", _("Has a problem")), ("no", _("Has none")), *some]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        kinds, chosen = kinds_about(queryset.model), self.value()
        if chosen in kinds:
            return queryset.filter(pk__in=about(queryset.model, [chosen], clock.now()))
        if chosen not in {"yes", "no"}:
            return queryset
        has_one = Q(pk__in=about(queryset.model, kinds, clock.now()))
        return queryset.filter(has_one if chosen == "yes" else ~has_one)


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
