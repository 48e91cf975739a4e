"""Tracking numbers from a carrier's file: the files that were uploaded."""

from collections import Counter
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import URLPattern
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from backoffice.kit.admin import RecordAdmin, StaffRequest
from orders.admin.shipments import tracking_file_page
from orders.labels import label
from orders.models import TrackingFile
from orders.tracking_files.lines import Result


@admin.register(TrackingFile)
class TrackingFileAdmin(RecordAdmin):
    list_display = ["name", "uploaded_at", "uploaded_by", "state", "counts"]
    list_select_related = ["uploaded_by"]
    ordering = ["-uploaded_at", "-id"]
    list_per_page = 20
    search_fields = ["name"]
    actions_list = ["upload"]
    upload = tracking_file_page.upload

    def get_urls(self) -> list[URLPattern]:
        return [*tracking_file_page.urls(self), *super().get_urls()]

    def get_queryset(self, request: StaffRequest) -> QuerySet[TrackingFile]:
        files = super().get_queryset(request).seen_by(request.user)
        return files.defer("lines", "header")

    def has_view_permission(self, request: StaffRequest, obj: Any = None) -> bool:
        return request.user.has_perm("orders.ship_order")

    has_module_permission = has_view_permission

    @display(description=_("state"))
    def state(self, file: TrackingFile) -> str:
        if file.taken_at:
            return label(_("Taken"), "success")
        return label(_("Not taken yet"), "info")

    @display(description=_("lines"))
    def counts(self, file: TrackingFile) -> str:
        found = Counter(result for result, _sentence in file.results)
        return ", ".join(
            f"{result.label}: {found[result.value]}"
            for result in Result
            if found[result.value]
        )

    def change_view(
        self, request: StaffRequest, object_id: str, *args: Any, **more: Any
    ) -> HttpResponse:
        return tracking_file_page.file_view(request, self, object_id)
