"""The one place where the admin's face is put on."""

from collections.abc import Iterable
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils.functional import Promise
from unfold.admin import ModelAdmin
from unfold.dataclasses import ActionDialog
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminTextInputWidget

Row = TypeVar("Row", bound=Model)


class RowPermissions:
    """The permissions of rows written by the machine: staff look at them."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class BaseAdmin(ModelAdmin):
    compressed_fields = True
    warn_unsaved_form = True
    list_filter_submit = True
    list_fullwidth = True
    list_per_page = 50
    show_full_result_count = False


class RecordAdmin(RowPermissions, BaseAdmin):
    pass


class DayInput(UnfoldAdminTextInputWidget):
    """The browser's own calendar, which also works in a dialog."""

    input_type = "date"


def keys(named: Iterable[str]) -> list[int]:
    """Return the keys among what an address or a form names; others are no rows."""
    # Longer ones no database knows, and SQLite cannot even be asked for.
    return [int(one) for one in named if one.isdecimal() and len(one) < 19]


def find(rows: QuerySet[Row], key: int | str) -> Row:
    """Return the row that an address names, or raise `Http404`, whatever it says."""
    return get_object_or_404(rows, pk__in=keys([str(key)]))


def dialog(
    title: Promise,
    submit: Promise,
    description: Promise | str = "",
    form: type[BaseDialogForm] = BaseDialogForm,
) -> ActionDialog:
    """Describe the dialog of a button that changes something, so by POST alone."""
    return ActionDialog(
        title=title, description=description, form_class=form, form_submit_text=submit
    )


def ask_again(
    request: HttpRequest, form: BaseDialogForm, shown: ActionDialog
) -> HttpResponse:
    """Show a dialog once more, with what is wrong beside its fields."""
    context = {
        "dialog": shown,
        "form": form,
        "form_submit_text": shown["form_submit_text"],
    }
    return render(request, "unfold/helpers/dialog.html", context)


def leave_dialog(request: HttpRequest, url: str) -> HttpResponse:
    """Go on to a page once a dialog has done its work."""
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Redirect": url})
    return HttpResponseRedirect(url)
