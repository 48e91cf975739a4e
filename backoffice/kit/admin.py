"""The one place where the admin's face is put on."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from django.contrib import admin
from django.contrib.admin.checks import ModelAdminChecks
from django.contrib.admin.utils import unquote
from django.contrib.auth.models import User
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.db.models.expressions import OrderBy
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from unfold.admin import ModelAdmin
from unfold.dataclasses import ActionDialog
from unfold.forms import BaseDialogForm
from unfold.views import ChangeList
from unfold.widgets import UnfoldAdminTextInputWidget

from backoffice.kit.paging import LongPaginator

Row = TypeVar("Row", bound=Model)


class StaffRequest(HttpRequest):
    """What a view of the admin gets: somebody has signed in."""

    user: User


class SortedList(ChangeList):
    """Sorts by the columns it offers alone, and shows its arrow on the first one.

    Django looks at `ordering` for that, though `get_ordering` has the last word.
    """

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.page_num: int = self.paginator.validate_number(self.page_num)
        if self.paginator.is_more:
            # Nothing above the list gives a number that nobody has counted to.
            self.full_result_count = self.result_count

    def get_ordering_field(self, field_name: Any) -> Any:
        # Django takes any column that an address names.
        is_offered = self.sortable_by is None or field_name in self.sortable_by
        return super().get_ordering_field(field_name) if is_offered else None

    def get_ordering(
        self, request: HttpRequest, queryset: QuerySet[Any]
    ) -> Sequence[Any]:
        self.first_ordering: Sequence[Any] = self.model_admin.get_ordering(request)
        # Without the order that its rows came in, which would stand behind the chosen.
        ordering: Sequence[Any] = super().get_ordering(request, queryset.order_by())
        return ordering

    def _get_default_ordering(self) -> Sequence[Any]:
        return self.first_ordering or self.lookup_opts.ordering

    def _get_deterministic_ordering(self, ordering: Sequence[Any]) -> Sequence[Any]:
        """End with the key, in the column's direction: one index serves both ways."""
        if not ordering:
            ordering = self._get_default_ordering()
        if not ordering:
            return ["-pk"]
        if {"pk", "-pk", "id", "-id"} & {one for one in ordering if type(one) is str}:
            return ordering
        last = ordering[-1]
        is_descending = (
            last.descending if isinstance(last, OrderBy) else last.startswith("-")
        )
        return [*ordering, "-pk" if is_descending else "pk"]


class BaseAdmin(ModelAdmin):
    # The theme's own looks for permissions in a database that may not exist yet.
    checks_class = ModelAdminChecks
    compressed_fields = True
    warn_unsaved_form = True
    list_filter_submit = True
    list_fullwidth = True
    list_per_page = 50
    paginator: "type[Paginator[Any]]" = LongPaginator
    show_full_result_count = False
    # A static method of request and row: what the row's page shows beside its fields.
    describe: Callable[[StaffRequest, Any], dict[str, Any]] | None = None
    # A static method of a row: which of its buttons fit its state.
    fitting_steps: Callable[[Any], set[str]] | None = None

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return SortedList

    def get_actions_detail(self, request: StaffRequest, object_id: Any) -> list[Any]:
        found: list[Any] = super().get_actions_detail(request, object_id)
        if self.fitting_steps is None:
            return found
        row = self.get_object(request, unquote(str(object_id)))
        fitting = self.fitting_steps(row) if row else set()
        return [one for one in found if one.method.__name__ in fitting]

    def change_view(
        self,
        request: StaffRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        context = dict(extra_context or {})
        if self.describe:
            row = self.get_object(request, unquote(object_id))
            if row and self.has_view_permission(request, row):
                context |= self.describe(request, row)
        answer: HttpResponse = super().change_view(
            request, object_id, form_url, context
        )
        return answer


class RecordAdmin(BaseAdmin):
    """Rows written by the machine: staff look at them."""

    def has_add_permission(self, request: StaffRequest, obj: Any = None) -> bool:
        return False

    has_change_permission = has_delete_permission = has_add_permission


def page(
    request: StaffRequest,
    model_admin: ModelAdmin,
    template: str,
    title: Promise | str,
    **more: Any,
) -> TemplateResponse:
    """Return a page of our own in the admin's frame."""
    context = {
        **model_admin.admin_site.each_context(request),
        "title": title,
        "opts": model_admin.model._meta,
    }
    return TemplateResponse(request, template, context | more)


def own_page(
    request: HttpRequest, template: str, title: Promise | str, **more: Any
) -> HttpResponse:
    """Return a page that is about no model in the same frame."""
    context = admin.site.each_context(request) | {"title": title}
    return render(request, template, context | more)


def routes(
    model_admin: ModelAdmin, *pages: tuple[str, Callable[..., HttpResponseBase], str]
) -> list[URLPattern]:
    """Return where views are: for each its route, the view, and the end of its name.

    They are called with the request, `model_admin` and what is in the address.
    """
    options = model_admin.model._meta
    return [
        path(
            route,
            model_admin.admin_site.admin_view(view),
            {"model_admin": model_admin},
            name=f"{options.app_label}_{options.model_name}_{name}",
        )
        for route, view, name in pages
    ]


# The browser's own calendar, which also works in a dialog.
DAY_INPUT = UnfoldAdminTextInputWidget({"type": "date"})


def keys(named: Iterable[str]) -> list[int]:
    """Return the keys among what an address or a form names; others are no rows."""
    # Longer ones no database knows, and SQLite cannot even be asked for.
    return [int(one) for one in named if one.isdecimal() and len(one) < 19]


def find_row(rows: QuerySet[Row], key: int | str) -> Row:
    """Return the row that an address names, or raise `Http404`, whatever it says."""
    return get_object_or_404(rows, pk__in=keys([str(key)]))


def row_url(row: Model) -> str:
    """Return the address of a row's page."""
    options = row._meta
    name = f"admin:{options.app_label}_{options.model_name}_change"
    return reverse(name, args=[row.pk])


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
    request: StaffRequest, form: BaseDialogForm, shown: ActionDialog
) -> HttpResponse:
    """Show a dialog once more, with what is wrong beside its fields."""
    context = {
        "dialog": shown,
        "form": form,
        "form_submit_text": shown["form_submit_text"],
    }
    return render(request, "unfold/helpers/dialog.html", context)


def leave_dialog(request: StaffRequest, url: str) -> HttpResponse:
    """Go on to a page once a dialog has done its work."""
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Redirect": url})
    return HttpResponseRedirect(url)
