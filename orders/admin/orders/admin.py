"""Orders: what to ship next, and the buttons that ship, hold and release."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import F, Prefetch, QuerySet
from django.http import HttpResponse
from django.urls import URLPattern
from django.utils import timezone as clock
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action
from unfold.enums import ActionVariant

from backoffice.kit.admin import (
    RecordAdmin,
    StaffRequest,
    ask_again,
    find_row,
    leave_dialog,
    row_url,
)
from backoffice.kit.queue import enqueue
from orders import shipping
from orders.admin import exports, finding, work
from orders.admin.filters import (
    AssignedFilter,
    CarrierFilter,
    CountryFilter,
    ListFilter,
    ProblemFilter,
    SkuFilter,
    StoreDaysFilter,
    StoreFilter,
    asks_for_days,
    shown_list,
)
from orders.admin.forms import HoldForm, ListForm, ShipForm, StepForm, orders_seen_by
from orders.admin.imports import accounting, by_hand
from orders.admin.marketplaces import MarketplaceFilter
from orders.admin.orders import address, buyers, documents, grid, many, page
from orders.admin.orders.dialogs import (
    HOLD,
    IMPORT_AGAIN,
    RELEASE,
    SEND,
    SHIP,
    send_orders,
    steps,
    what_follows,
)
from orders.admin.orders.list import columns, deadline, list_links, ordered
from orders.admin.permissions import StepPermissions
from orders.admin.searching import SearchedByWords
from orders.advice import reason_not_alone
from orders.documents import slips
from orders.importing import windows
from orders.models import ImportRun, Order, Shipment
from orders.shipping.doubts import ship_unless_in_doubt
from stores.admin import LimitedAdmin


@admin.register(Order)
class OrderAdmin(SearchedByWords, StepPermissions, LimitedAdmin, RecordAdmin):
    list_filter = [
        ListFilter,
        ("status", ChoicesDropdownFilter),
        ("store", StoreFilter),
        MarketplaceFilter,
        ("ordered_at", StoreDaysFilter),
        ("paid_at", StoreDaysFilter),
        CountryFilter,
        CarrierFilter,
        SkuFilter,
        ProblemFilter,
        AssignedFilter,
    ]
    list_filter_sheet = True
    list_before_template = "orders/lists.html"
    search_fields = ["search_text"]
    search_help_text = _("Order number, buyer, city, tracking number, SKU or item")
    action_form = ListForm
    actions = [
        many.ship_chosen,
        documents.print_chosen,
        many.send_chosen,
        many.hold_chosen,
        many.release_chosen,
        many.assign_chosen,
    ]
    actions_list = ["import_now", "export"]
    import_now = by_hand.import_now
    export = exports.export
    actions_detail = ["ship", "hold_order", "release", "send", "import_again"]
    change_form_template = "orders/order.html"
    fields: list[str] = []
    fitting_steps = staticmethod(steps)
    describe = staticmethod(page.describe)

    def get_urls(self) -> list[URLPattern]:
        return [
            *documents.urls(self),
            *grid.urls(self),
            *buyers.urls(self),
            *finding.urls(self),
            *address.urls(self),
            *accounting.urls(self),
            *work.urls(self),
            *page.urls(self),
            *super().get_urls(),
        ]

    def get_list_display(self, request: StaffRequest) -> list[Any]:
        return columns(request)

    def get_sortable_by(self, request: StaffRequest) -> list[Any]:
        """Sort by what an index does; the rest is searched for, or filtered by."""
        return [deadline if shown_list(request).by_deadline else ordered]

    def get_queryset(self, request: StaffRequest) -> QuerySet[Order]:
        return (
            super()
            .get_queryset(request)
            .select_related("store", "correction", "assigned_to")
            .defer("payload", "search_text")
        )

    def get_ordering(self, request: StaffRequest) -> list[Any]:
        if shown_list(request).by_deadline:
            return [F("ship_by").asc(nulls_last=True), "pk"]
        if asks_for_days(request, "paid_at"):
            return ["-paid_at", "-pk"]
        return ["-ordered_at", "-pk"]

    def get_changelist_instance(self, request: StaffRequest) -> Any:
        changelist = super().get_changelist_instance(request)
        changelist.when_empty = shown_list(request).when_empty
        changelist.result_list = changelist.result_list.prefetch_related(
            "line_items",
            Prefetch("shipments", Shipment.objects.defer("answer", "receipt")),
        )
        void = slips.void_slip_ids(changelist.result_list)
        for order in changelist.result_list:
            order.has_void_slip = order.pk in void
        return changelist

    def changelist_view(
        self, request: StaffRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        links = {"lists": list_links(request, clock.now())}
        answer = super().changelist_view(request, links | (extra_context or {}))
        return exports.keep_filters(request, answer)

    @action(
        description=_("Ship"),
        icon="local_shipping",
        permissions=["orders.ship_order"],
        variant=ActionVariant.PRIMARY,
        dialog=SHIP,
    )
    def ship(
        self, request: StaffRequest, form: ShipForm, object_id: str
    ) -> HttpResponse:
        order = self._find(request, object_id)
        data = form.cleaned_data
        try:
            shipment, doubts = ship_unless_in_doubt(
                order,
                carrier=data["carrier"],
                tracking_number=data["tracking_number"],
                shipped_by=request.user,
                despite=form.reason(request.user),
                **form.departure,
            )
        except shipping.NotAllowed as error:
            form.refuse(error, request.user)
            return ask_again(request, form, SHIP)
        self.log_change(request, order, f"Shipped: {shipment}.")
        if shipment.notification == Shipment.Notification.PENDING:
            enqueue("send_notices", order.store_id)
        message = _("Order %(order)s is shipped: %(shipment)s.")
        shipped = message % {"order": order, "shipment": shipment}
        said = " ".join([shipped, what_follows(shipment), *doubts])
        level = messages.WARNING if doubts else messages.SUCCESS
        self.message_user(request, said, level)
        return leave_dialog(request, row_url(order))

    @action(
        description=_("Hold"),
        url_path="hold",
        icon="pan_tool",
        permissions=["orders.ship_order"],
        dialog=HOLD,
    )
    def hold_order(
        self, request: StaffRequest, form: HoldForm, object_id: str
    ) -> HttpResponse:
        order = self._find(request, object_id)
        reason, until = form.cleaned_data["reason"], form.cleaned_data["until"]
        seen = form.cleaned_data["seen_event"]
        try:
            shipping.hold(order, reason, until, by=request.user, seen=seen)
        except shipping.NotAllowed as error:
            form.add_error("reason", str(error))
            return ask_again(request, form.as_of_now(), HOLD)
        self.log_change(request, order, "Held.")
        messages.success(request, _("Order %(order)s is on hold.") % {"order": order})
        return leave_dialog(request, row_url(order))

    @action(
        description=_("Release"),
        icon="play_arrow",
        permissions=["orders.ship_order"],
        dialog=RELEASE,
    )
    def release(
        self, request: StaffRequest, form: StepForm, object_id: str
    ) -> HttpResponse:
        order = self._find(request, object_id)
        seen = form.cleaned_data["seen_event"]
        try:
            shipping.release(order, by=request.user, seen=seen)
        except shipping.NotAllowed as error:
            self.message_user(request, str(error), messages.ERROR)
            return leave_dialog(request, row_url(order))
        self.log_change(request, order, "Released.")
        messages.success(request, _("Order %(order)s is released.") % {"order": order})
        return leave_dialog(request, row_url(order))

    @action(
        description=_("Send tracking"),
        icon="send",
        permissions=["orders.send_tracking"],
        dialog=SEND,
    )
    def send(
        self, request: StaffRequest, form: forms.Form, object_id: str
    ) -> HttpResponse:
        order = self._find(request, object_id)
        return send_orders(request, Order.objects.filter(pk=order.pk), row_url(order))

    @action(
        description=_("Import again"),
        icon="refresh",
        url_path="import-again",
        permissions=["stores.import_now"],
        dialog=IMPORT_AGAIN,
    )
    def import_again(
        self, request: StaffRequest, form: forms.Form, object_id: str
    ) -> HttpResponse:
        order = self._find(request, object_id)
        if reason := reason_not_alone(order.store):
            self.message_user(request, reason, messages.ERROR)
            return leave_dialog(request, row_url(order))
        ids = [order.marketplace_order_id]
        planned = windows.plan_orders(order.store, ids, ImportRun.Trigger.MANUAL)
        run, _is_new = by_hand.ask_for_import(request, planned)
        return leave_dialog(request, row_url(run))

    def _find(self, request: StaffRequest, object_id: str) -> Order:
        return find_row(orders_seen_by(request.user), object_id)
