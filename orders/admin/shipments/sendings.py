"""Sendings by hand: who asked for one, and how far it has come."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.urls import URLPattern
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from backoffice.kit.admin import RecordAdmin, StaffRequest
from orders.admin.filters import DaysFilter
from orders.admin.shipments import sending_page
from orders.labels import label
from orders.models import Sending, Shipment


@admin.register(Sending)
class SendingAdmin(RecordAdmin):
    list_display = ["asked_at", "asked_by", "state", "shipments", "sent", "accepted"]
    list_select_related = ["asked_by"]
    ordering = ["-asked_at", "-id"]
    list_filter = [("asked_at", DaysFilter)]
    change_form_outer_before_template = "orders/sending_progress.html"
    fields = [("asked_by", "asked_at")]
    describe = staticmethod(sending_page.describe)

    def get_urls(self) -> list[URLPattern]:
        return [*sending_page.urls(self), *super().get_urls()]

    def has_view_permission(self, request: StaffRequest, obj: Any = None) -> bool:
        return request.user.has_perm("orders.send_tracking")

    has_module_permission = has_view_permission

    def get_queryset(self, request: StaffRequest) -> QuerySet[Sending]:
        is_accepted = Q(
            lines__is_sent=True,
            lines__shipment__notification=Shipment.Notification.ACCEPTED,
        )
        return (
            super()
            .get_queryset(request)
            .seen_by(request.user)
            .annotate(
                line_count=Count("lines"),
                sent_count=Count("lines", filter=Q(lines__is_sent=True)),
                accepted_count=Count("lines", filter=is_accepted),
            )
        )

    @display(description=_("state"))
    def state(self, sending: Sending) -> str:
        if sending.confirmed_at:
            return label(_("Confirmed"), "success")
        if sending.looked_at:
            return label(_("Waits for a person"), "warning")
        return label(_("Being looked at"), "info")

    @display(description=_("shipments"))
    def shipments(self, sending: Any) -> int:
        return int(sending.line_count)

    @display(description=_("sent"))
    def sent(self, sending: Any) -> int:
        return int(sending.sent_count)

    @display(description=_("accepted"))
    def accepted(self, sending: Any) -> int:
        return int(sending.accepted_count)
