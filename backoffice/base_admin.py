"""The one place where the admin's face is put on."""

from typing import Any

from django.http import HttpRequest
from unfold.admin import ModelAdmin


class BaseAdmin(ModelAdmin):
    compressed_fields = True
    warn_unsaved_form = True
    list_filter_submit = True
    list_fullwidth = True
    list_per_page = 50
    show_full_result_count = False


class RecordAdmin(BaseAdmin):
    """Rows written by the machine: staff look at them."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
