"""Orders: what to ship next, and the buttons that ship, hold and release."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.enums import ActionVariant

from backoffice.kit.admin import RecordAdmin, ask_again, find_row, leave_dialog
from backoffice.kit.queue import enqueue
from orders import shipping
from orders.admin import work
from orders.admin.exports import ExportsList
from orders.admin.finding import find_view
from orders.admin.forms import HoldForm, ShipForm
from orders.admin.imports import accounting
from orders.admin.orders import page
from orders.admin.orders.address import address_view
from orders.admin.orders.dialogs import (
    HOLD,
    IMPORT_AGAIN,
    RELEASE,
    SEND,
    SHIP,
    are_too_many,
    send_by_hand,
    steps,
)
from orders.admin.orders.documents import PrintsDocuments
from orders.admin.orders.grid import MOST_ROWS, ship_grid
from orders.admin.orders.list import OrderList
from orders.admin.orders.many import ManyOrders
from orders.importing import windows
from orders.models import ImportRun, Order, Shipment
from orders.shipping.doubts import ship_unless_in_doubt


@admin.register(Order)
class OrderAdmin(PrintsDocuments, ExportsList, OrderList, ManyOrders, RecordAdmin):
    actions = [
        "ship_chosen",
        "print_chosen",
        "send_chosen",
        "hold_chosen",
        "release_chosen",
        "assign_chosen",
    ]
    actions_detail = ["ship", "hold_order", "release", "send", "import_again"]
    change_form_template = "orders/order.html"
    fields = []

    def get_urls(self) -> list[URLPattern]:
        return [
            path(
                "ship/",
                self.admin_site.admin_view(self.ship_view),
                name="orders_order_ship_grid",
            ),
            path(
                "find/",
                self.admin_site.admin_view(find_view),
                {"model_admin": self},
                name="orders_order_find",
            ),
            path(
                "<int:order_id>/address/",
                self.admin_site.admin_view(self.address_view),
                name="orders_order_address",
            ),
            *accounting.urls(self),
            *work.urls(self),
            *page.urls(self),
            *super().get_urls(),
        ]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        order = self.get_object(request, unquote(object_id))
        context = dict(extra_context or {})
        if order:
            context |= page.describe(request, order)
        return super().change_view(request, object_id, form_url, context)

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

    def ship_view(self, request: HttpRequest) -> HttpResponse:
        return ship_grid(self, request)

    def address_view(self, request: HttpRequest, order_id: int) -> HttpResponse:
        return address_view(self, request, order_id)

    @admin.action(description=_("Mark as shipped"), permissions=["ship"])
    def ship_chosen(
        self, request: HttpRequest, queryset: QuerySet[Order]
    ) -> HttpResponse | None:
        if are_too_many(self, request, queryset.count(), MOST_ROWS):
            return None
        ids = ",".join(str(pk) for pk in queryset.values_list("pk", flat=True))
        url = reverse("admin:orders_order_ship_grid")
        return HttpResponseRedirect(f"{url}?orders={ids}")

    @admin.action(description=_("Send tracking"), permissions=["send"])
    def send_chosen(
        self, request: HttpRequest, queryset: QuerySet[Order]
    ) -> HttpResponse:
        shipments = Shipment.objects.filter(order__in=queryset)
        return send_by_hand(self, request, shipments, request.get_full_path())

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
            shipment, doubts = ship_unless_in_doubt(
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
        names = {"order": order, "shipment": shipment, "doubts": " ".join(doubts)}
        level = messages.SUCCESS
        if doubts:
            level = messages.WARNING
            message = _(
                "Order %(order)s is shipped: %(shipment)s. Its notice waits for a last "
                "look: %(doubts)s"
            )
        self.message_user(request, message % names, level)
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
            shipping.hold(order, reason, until, by=request.user)
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
        shipping.release(order, by=request.user)
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
        return send_by_hand(self, request, order.shipments.all(), self._page(order))

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
        run = windows.plan_orders(order.store, ids, ImportRun.Trigger.MANUAL)
        run.save()
        enqueue("run_import", run.pk)
        url = reverse("admin:orders_importrun_change", args=[run.pk])
        return leave_dialog(request, url)

    def _find(self, object_id: str) -> Order:
        return find_row(Order.objects.select_related("store"), object_id)

    def _page(self, order: Order) -> str:
        return reverse("admin:orders_order_change", args=[order.pk])
