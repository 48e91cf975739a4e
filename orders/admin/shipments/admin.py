"""Shipments and what became of their notices."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import connection
from django.db.models import F, QuerySet
from django.http import HttpResponse
from django.utils import timezone as clock
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display

from backoffice.health import worker_is_alive
from backoffice.kit.admin import (
    RecordAdmin,
    StaffRequest,
    ask_again,
    dialog,
    find_row,
    leave_dialog,
    row_url,
)
from backoffice.kit.queue import enqueue
from backoffice.kit.times import in_zone
from orders import shipping
from orders.admin import exports
from orders.admin.filters import (
    NoticeFilter,
    ProblemFilter,
    ShipmentDaysFilter,
    StoreFilter,
)
from orders.admin.forms import CorrectForm, shipments_seen_by
from orders.admin.marketplaces import MarketplaceFilter, with_marketplaces
from orders.admin.orders.dialogs import SEND, send_by_hand, what_follows
from orders.admin.permissions import StepPermissions
from orders.admin.searching import SearchedByWords
from orders.advice import waits_for
from orders.finding.searching import COMMON, SAMPLE
from orders.labels import notice_label
from orders.models import Shipment
from orders.shipping.doubts import correct_unless_in_doubt
from stores.admin import LimitedAdmin
from stores.models import Store

CORRECT = dialog(
    _("Correct carrier and number"),
    _("Correct"),
    _("Possible until the marketplace may have them."),
    CorrectForm,
)


@admin.register(Shipment)
class ShipmentAdmin(SearchedByWords, StepPermissions, LimitedAdmin, RecordAdmin):
    store_path = "order__store"
    list_display = [
        "tracking_number",
        "carrier",
        "order",
        "notice",
        "shipped",
        "notified",
        "next_attempt",
        "notification_error",
    ]
    # What an index sorts.
    sortable_by = ["shipped"]
    list_filter = [
        ("notification", NoticeFilter),
        ("not_sent_because", ChoicesDropdownFilter),
        ProblemFilter,
        ("order__store", StoreFilter),
        MarketplaceFilter,
        ("shipped_at", ShipmentDaysFilter),
    ]
    search_fields = ["order__search_text"]
    search_help_text = _("Tracking number, order number, buyer, city, SKU or item")
    actions = ["send_chosen"]
    actions_list = ["export"]
    export = exports.export
    actions_detail = ["send", "correct"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("order", "carrier"),
                    "tracking_number",
                    ("shipped_at", "shipped_by"),
                ]
            },
        ),
        (
            _("Notice to the marketplace"),
            {
                "fields": [
                    ("notice", "notified_at"),
                    ("attempts", "what_next"),
                    "notification_error",
                ]
            },
        ),
    ]
    readonly_fields = ["notice", "what_next"]

    def get_queryset(self, request: StaffRequest) -> QuerySet[Shipment]:
        heavy = ["answer", "receipt", "order__payload", "order__search_text"]
        rows = super().get_queryset(request).select_related("order__store")
        return rows.defer(*heavy)

    def get_list_display(self, request: StaffRequest) -> list[Any]:
        return with_marketplaces(request, self.list_display)

    def limited(
        self, rows: QuerySet[Shipment], limit: frozenset[int]
    ) -> QuerySet[Shipment]:
        """Leave the shipments of some stores, in the order of the list's index.

        SQLite would begin with all orders of the stores and sort their shipments,
        which is right for a small part alone: as a sum it cannot.
        """
        newest = Shipment.objects.values_list("order__store", flat=True)[:SAMPLE]
        share = sum(key in limit for key in newest) / SAMPLE
        if connection.vendor == "postgresql" or share < COMMON:
            return super().limited(rows, limit)
        return rows.alias(of=F("order__store") + 0).filter(of__in=limit)

    def changelist_view(
        self, request: StaffRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        answer = super().changelist_view(request, extra_context)
        return exports.keep_filters(request, answer)

    @staticmethod
    def fitting_steps(shipment: Shipment) -> set[str]:
        fitting = {"correct"} if shipment.may_be_corrected else set()
        if shipment.notification != Shipment.Notification.ACCEPTED:
            fitting.add("send")
        return fitting

    @display(description=_("notice"))
    def notice(self, shipment: Shipment) -> str:
        return notice_label(shipment)

    @display(description=_("shipped"), ordering="shipped_at")
    def shipped(self, shipment: Shipment) -> str:
        return in_zone(shipment.shipped_at, shipment.order.store.zone)

    @display(description=_("accepted at"))
    def notified(self, shipment: Shipment) -> str:
        return in_zone(shipment.notified_at, shipment.order.store.zone)

    @display(description=_("next attempt"))
    def next_attempt(self, shipment: Shipment) -> str:
        store = shipment.order.store
        if not store.is_active or store.connection == Store.Connection.REFUSED:
            return ""
        return in_zone(shipment.next_attempt_at, store.zone)

    @display(description=_("what it waits for"))
    def what_next(self, shipment: Shipment) -> str:
        now = clock.now()
        return waits_for(shipment, now, worker_is_alive(now))

    @admin.action(description=_("Send tracking"), permissions=["send"])
    def send_chosen(
        self, request: StaffRequest, queryset: QuerySet[Shipment]
    ) -> HttpResponse:
        return send_by_hand(request, queryset, request.get_full_path())

    @action(
        description=_("Send tracking"),
        icon="send",
        permissions=["orders.send_tracking"],
        dialog=SEND,
    )
    def send(
        self, request: StaffRequest, form: forms.Form, object_id: str
    ) -> HttpResponse:
        shipment = self._find(request, object_id)
        chosen = Shipment.objects.filter(pk=shipment.pk)
        return send_by_hand(request, chosen, row_url(shipment))

    @action(
        description=_("Correct"),
        icon="edit",
        permissions=["orders.ship_order"],
        dialog=CORRECT,
    )
    def correct(
        self, request: StaffRequest, form: CorrectForm, object_id: str
    ) -> HttpResponse:
        shipment = self._find(request, object_id)
        before = str(shipment)
        try:
            doubts = correct_unless_in_doubt(
                shipment,
                form.cleaned_data["carrier"],
                form.cleaned_data["tracking_number"],
                by=request.user,
                despite=form.reason(request.user),
                seen=form.cleaned_data["seen_event"],
            )
        except shipping.NotAllowed as error:
            form.refuse(error, request.user)
            return ask_again(request, form.as_of_now(), CORRECT)
        if Shipment.objects.due(clock.now()).filter(pk=shipment.pk).exists():
            enqueue("send_notices", shipment.order.store_id)
        self.log_change(request, shipment, f"Corrected: {before} → {shipment}.")
        message = _("The shipment of order %(order)s is corrected: %(shipment)s.")
        corrected = message % {"order": shipment.order, "shipment": shipment}
        said = " ".join([corrected, what_follows(shipment), *doubts])
        level = messages.WARNING if doubts else messages.SUCCESS
        self.message_user(request, said, level)
        return leave_dialog(request, row_url(shipment))

    def _find(self, request: StaffRequest, object_id: str) -> Shipment:
        return find_row(shipments_seen_by(request.user), object_id)
