"""Orders: what to ship next, and the buttons that ship, hold and release."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.contrib.filters.admin import (
    ChoicesDropdownFilter,
    RangeDateFilter,
    RelatedDropdownFilter,
)
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from backoffice.base_admin import (
    RecordAdmin,
    RecordInline,
    ask_again,
    leave_dialog,
)
from orders import planning, shipping
from orders.admin.grid import ship_grid
from orders.admin.steps import (
    HOLD,
    IMPORT_AGAIN,
    RELEASE,
    SEND,
    SHIP,
    send_by_hand,
    steps,
)
from orders.forms import HoldForm, ShipForm
from orders.models import ImportRun, LineItem, Order, Shipment
from orders.queueing import enqueue
from orders.tables import STATUS_COLOURS, label, notice_label, show_json


class LineItemInline(RecordInline):
    model = LineItem
    fields = ["sku", "name", "choices", "quantity", "unit_price"]
    readonly_fields = ["choices"]

    @display(description=_("options"))
    def choices(self, item: LineItem) -> str:
        return ", ".join(f"{name}: {value}" for name, value in item.options.items())


class ShipmentInline(RecordInline):
    model = Shipment
    fields = [
        "carrier",
        "tracking_number",
        "shipped_at",
        "shipped_by",
        "notice",
        "notification_error",
    ]
    readonly_fields = ["notice"]
    show_change_link = True

    @display(description=_("notice"))
    def notice(self, shipment: Shipment) -> str:
        return notice_label(shipment)


@admin.register(Order)
class OrderAdmin(RecordAdmin):
    list_display = [
        "marketplace_order_id",
        "state",
        "ordered_at",
        "customer_name",
        "items",
        "destination",
        "parcel",
        "store",
    ]
    list_select_related = ["store"]
    list_filter = [
        ("status", ChoicesDropdownFilter),
        ("store", RelatedDropdownFilter),
        ("ordered_at", RangeDateFilter),
        ("paid_at", RangeDateFilter),
    ]
    search_fields = [
        "marketplace_order_id",
        "customer_name",
        "ship_to_name",
        "ship_to_city",
        "shipments__tracking_number",
        "line_items__sku",
    ]
    search_help_text = _("Order number, buyer, city, tracking number or SKU")
    actions = ["ship_chosen", "release_chosen", "send_chosen"]
    actions_detail = ["ship", "hold_order", "release", "send", "import_again"]
    inlines = [LineItemInline, ShipmentInline]
    readonly_fields = ["state", "hold", "address", "as_received"]

    def get_urls(self) -> list[URLPattern]:
        return [
            path(
                "ship/",
                self.admin_site.admin_view(self.ship_view),
                name="orders_order_ship_grid",
            ),
            *super().get_urls(),
        ]

    def get_fieldsets(self, request: HttpRequest, obj: Order | None = None) -> Any:
        facts = [
            ("state", "store"),
            ("customer_name", "marketplace_status"),
            ("ordered_at", "paid_at"),
            ("imported_at", "changed_at"),
        ]
        if obj and obj.held_at:
            facts.insert(1, "hold")
        if obj and obj.refund_amount:
            facts.append("refund_amount")
        return [
            (None, {"fields": facts}),
            (_("Ship to"), {"fields": ["address"]}),
            (_("As received"), {"fields": ["as_received"], "classes": ["collapse"]}),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Order]:
        return super().get_queryset(request).defer("payload")

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        changelist = super().get_changelist_instance(request)
        changelist.result_list = changelist.result_list.prefetch_related(
            "line_items", "shipments"
        )
        return changelist

    def has_ship_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("orders.ship_order")

    def has_send_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("orders.send_tracking")

    def has_import_now_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("stores.import_now")

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Offer the steps that the order's state allows."""
        order = self.get_object(request, unquote(str(object_id)))
        fitting = steps(order) if order else set()
        return [
            step
            for step in super().get_actions_detail(request, object_id)
            if step.action_name.removeprefix("orders_order_") in fitting
        ]

    @display(description=_("status"), ordering="status")
    def state(self, order: Order) -> str:
        return label(order.get_status_display(), STATUS_COLOURS[order.status])

    @display(description=_("items"))
    def items(self, order: Order) -> str:
        return ", ".join(str(item) for item in order.line_items.all())

    @display(description=_("ship to"))
    def destination(self, order: Order) -> str:
        return ", ".join(filter(None, [order.ship_to_city, order.ship_to_country]))

    @display(description=_("shipment"))
    def parcel(self, order: Order) -> str:
        for shipment in order.shipments.all():
            return format_html("{}<br>{}", shipment, notice_label(shipment))
        return ""

    @display(description=_("hold"))
    def hold(self, order: Order) -> str:
        if order.hold_until:
            return _("%(reason)s (until %(day)s)") % {
                "reason": order.hold_reason,
                "day": date_format(order.hold_until),
            }
        return order.hold_reason

    @display(description=_("address"))
    def address(self, order: Order) -> str:
        return order.address

    @display(description=_("as received"))
    def as_received(self, order: Order) -> str:
        return show_json(order.payload)

    def ship_view(self, request: HttpRequest) -> HttpResponse:
        return ship_grid(self, request)

    @admin.action(description=_("Mark as shipped"), permissions=["ship"])
    def ship_chosen(
        self, request: HttpRequest, queryset: QuerySet[Order]
    ) -> HttpResponse:
        ids = ",".join(str(pk) for pk in queryset.values_list("pk", flat=True))
        url = reverse("admin:orders_order_ship_grid")
        return HttpResponseRedirect(f"{url}?orders={ids}")

    @admin.action(description=_("Release holds"), permissions=["ship"])
    def release_chosen(self, request: HttpRequest, queryset: QuerySet[Order]) -> None:
        held = list(queryset.filter(held_at__isnull=False))
        for order in held:
            shipping.release(order)
            self.log_change(request, order, "Released.")
        message = ngettext(
            "%d order is released.", "%d orders are released.", len(held)
        )
        self.message_user(request, message % len(held), messages.SUCCESS)

    @admin.action(description=_("Send tracking"), permissions=["send"])
    def send_chosen(self, request: HttpRequest, queryset: QuerySet[Order]) -> None:
        shipments = Shipment.objects.filter(order__in=queryset)
        send_by_hand(self, request, shipments)

    @action(
        description=_("Ship"),
        icon="local_shipping",
        permissions=["ship"],
        variant=ActionVariant.PRIMARY,
        dialog=SHIP,
    )
    def ship(
        self, request: HttpRequest, form: ShipForm, object_id: str
    ) -> HttpResponse:
        order = self._find(object_id)
        data = form.cleaned_data
        try:
            shipment = shipping.ship_order(
                order,
                carrier=data["carrier"],
                tracking_number=data["tracking_number"],
                shipped_at=data["shipped_at"],
                shipped_by=request.user,
            )
        except shipping.NotAllowed as error:
            form.add_error("tracking_number", str(error))
            return ask_again(request, form, SHIP)
        self.log_change(request, order, f"Shipped: {shipment}.")
        message = _("Order %(order)s is shipped: %(shipment)s.")
        if shipment.notification == Shipment.Notification.PENDING:
            enqueue("send_notice", shipment.pk)
            message = _(
                "Order %(order)s is shipped: %(shipment)s. The marketplace is told now."
            )
        names = {"order": order, "shipment": shipment}
        self.message_user(request, message % names, messages.SUCCESS)
        return leave_dialog(request, self._page(order))

    @action(
        description=_("Hold"),
        url_path="hold",
        icon="pan_tool",
        permissions=["ship"],
        dialog=HOLD,
    )
    def hold_order(
        self, request: HttpRequest, form: HoldForm, object_id: str
    ) -> HttpResponse:
        order = self._find(object_id)
        reason, until = form.cleaned_data["reason"], form.cleaned_data["until"]
        try:
            shipping.hold(order, reason, until)
        except shipping.NotAllowed as error:
            form.add_error("reason", str(error))
            return ask_again(request, form, HOLD)
        self.log_change(request, order, f"Held: {reason}")
        message = _("Order %(order)s is on hold.") % {"order": order}
        self.message_user(request, message, messages.SUCCESS)
        return leave_dialog(request, self._page(order))

    @action(
        description=_("Release"),
        icon="play_arrow",
        permissions=["ship"],
        dialog=RELEASE,
    )
    def release(
        self, request: HttpRequest, form: forms.Form, object_id: str
    ) -> HttpResponse:
        order = self._find(object_id)
        shipping.release(order)
        self.log_change(request, order, "Released.")
        message = _("Order %(order)s is released.") % {"order": order}
        self.message_user(request, message, messages.SUCCESS)
        return leave_dialog(request, self._page(order))

    @action(
        description=_("Send tracking"), icon="send", permissions=["send"], dialog=SEND
    )
    def send(
        self, request: HttpRequest, form: forms.Form, object_id: str
    ) -> HttpResponse:
        order = self._find(object_id)
        send_by_hand(self, request, order.shipments.all())
        return leave_dialog(request, self._page(order))

    @action(
        description=_("Import again"),
        icon="refresh",
        url_path="import-again",
        permissions=["import_now"],
        dialog=IMPORT_AGAIN,
    )
    def import_again(
        self, request: HttpRequest, form: forms.Form, object_id: str
    ) -> HttpResponse:
        order = self._find(object_id)
        ids = [order.marketplace_order_id]
        run = planning.plan_orders(order.store, ids, ImportRun.Trigger.MANUAL)
        run.save()
        enqueue("run_import", run.pk)
        url = reverse("admin:orders_importrun_change", args=[run.pk])
        return leave_dialog(request, url)

    def _find(self, object_id: str) -> Order:
        return Order.objects.select_related("store").get(pk=unquote(object_id))

    def _page(self, order: Order) -> str:
        return reverse("admin:orders_order_change", args=[order.pk])
