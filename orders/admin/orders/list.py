"""The columns of the list of orders, and the links to its presets above it."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone as clock
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import (
    ChoicesDropdownFilter,
    RelatedDropdownFilter,
)
from unfold.decorators import display

from orders.admin.filters import (
    AssignedFilter,
    CarrierFilter,
    CountryFilter,
    PresetFilter,
    ProblemFilter,
    SkuFilter,
    StoreDaysFilter,
    chosen_preset,
    shown_preset,
)
from orders.documents import slips
from orders.labels import deadline_label, in_zone, notice_label, status_labels
from orders.models import Order
from orders.shipping import deadlines
from orders.work.lists import LISTS


class OrderList:
    """The list half of the orders' admin: what to ship next, nearest deadline first."""

    list_filter = [
        PresetFilter,
        ("status", ChoicesDropdownFilter),
        ("store", RelatedDropdownFilter),
        ("ordered_at", StoreDaysFilter),
        ("paid_at", StoreDaysFilter),
        CountryFilter,
        CarrierFilter,
        SkuFilter,
        ProblemFilter,
        AssignedFilter,
    ]
    list_filter_sheet = True
    list_before_template = "orders/presets.html"
    search_fields = [
        "marketplace_order_id",
        "customer_name",
        "ship_to_name",
        "ship_to_city",
        "correction__ship_to_name",
        "correction__ship_to_city",
        "shipments__tracking_number",
        "line_items__sku",
    ]
    search_help_text = _("Order number, buyer, city, tracking number or SKU")

    def get_list_display(self, request: HttpRequest) -> list[str]:
        """Show deadlines while an order is open, and parcels once it is not."""
        columns = ["marketplace_order_id", "state"]
        if shown_preset(request).by_deadline:
            columns += ["deadline", "ordered", "customer_name", "items"]
            return [*columns, "destination", "store", "handler"]
        columns += ["ordered", "customer_name", "items", "destination"]
        return [*columns, "parcel", "store"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Order]:
        return (
            super()
            .get_queryset(request)
            .select_related("store", "correction", "assigned_to")
            .defer("payload")
        )

    def get_ordering(self, request: HttpRequest) -> list[Any]:
        if shown_preset(request).by_deadline:
            return [deadlines.SHIP_BY.asc(nulls_last=True), "pk"]
        return ["-ordered_at", "-pk"]

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        changelist = super().get_changelist_instance(request)
        changelist.when_empty = shown_preset(request).when_empty
        changelist.result_list = changelist.result_list.prefetch_related(
            "line_items", "shipments"
        )
        void = slips.void_slip_ids(changelist.result_list)
        for order in changelist.result_list:
            order.has_void_slip = order.pk in void
        return changelist

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        context = {"presets": _links(request, clock.now()), **(extra_context or {})}
        return super().changelist_view(request, context)

    @display(description=_("status"), ordering="status")
    def state(self, order: Order) -> str:
        return format_html_join(" ", "{}", ((one,) for one in status_labels(order)))

    @display(description=_("ship by"), ordering=deadlines.SHIP_BY)
    def deadline(self, order: Order) -> str:
        return deadline_label(order, clock.now())

    @display(description=_("ordered"), ordering="ordered_at")
    def ordered(self, order: Order) -> str:
        return in_zone(order.ordered_at, order.store.zone)

    @display(description=_("items"))
    def items(self, order: Order) -> str:
        return ", ".join(str(item) for item in order.line_items.all())

    @display(description=_("ship to"))
    def destination(self, order: Order) -> str:
        place = [order.ship_to.ship_to_city, order.ship_to.ship_to_country]
        return ", ".join(filter(None, place))

    @display(description=_("shipment"))
    def parcel(self, order: Order) -> str:
        for shipment in order.shipments.all():
            return format_html("{}<br>{}", shipment, notice_label(shipment))
        return ""

    @display(description=_("assigned to"), ordering="assigned_to__username")
    def handler(self, order: Order) -> str:
        return str(order.assigned_to or "")


def _links(request: HttpRequest, now: datetime) -> list[dict[str, Any]]:
    """Return each preset with the number of its rows and its address."""
    chosen = chosen_preset(request)
    return [
        {
            "title": preset.title,
            "url": f"?{PresetFilter.parameter_name}={name}",
            "count": preset.select(Order.objects.order_by(), now).count(),
            "is_shown": name == chosen,
        }
        for name, preset in LISTS.items()
    ]
