"""The filtered list as a file: the button of a list, and the page it leads to."""

import logging
from collections.abc import Callable, Iterator
from typing import Any

from django import forms
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ALL_VAR, PAGE_VAR
from django.db.models import QuerySet
from django.http import (
    FileResponse,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone as clock
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.widgets import UnfoldAdminSelectWidget

from backoffice.kit.sheets import (
    CSV_TYPE,
    XLSX_TYPE,
    Row,
    TooManyRows,
    as_csv,
    as_xlsx,
    refuse_too_many,
)
from orders.exporting import EXPORTS, Export

logger = logging.getLogger(__name__)


def _csv(rows: Iterator[Row], name: str) -> HttpResponse:
    return StreamingHttpResponse(
        as_csv(rows),
        content_type=CSV_TYPE,
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )


def _xlsx(rows: Iterator[Row], name: str) -> HttpResponse:
    return FileResponse(
        as_xlsx(rows, name[:31]),
        as_attachment=True,
        filename=f"{name}.xlsx",
        content_type=XLSX_TYPE,
    )


FORMATS: dict[str, tuple[str, Callable[[Iterator[Row], str], HttpResponse]]] = {
    "csv": (_("CSV, for programs"), _csv),
    "xlsx": (_("XLSX, for spreadsheet programs"), _xlsx),
}


class ExportForm(forms.Form):
    what = forms.ChoiceField(label=_("What"), widget=UnfoldAdminSelectWidget)
    format = forms.ChoiceField(
        label=_("Format"),
        choices=[(name, title) for name, (title, _answer) in FORMATS.items()],
        widget=UnfoldAdminSelectWidget,
        help_text=_(
            "Choose XLSX for Excel, which spoils long tracking numbers of a CSV file."
        ),
    )


class ExportsList:
    """A list with a button that exports its rows, as filtered, on all its pages."""

    actions_list = ["export"]

    def has_export_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm(
            "orders.export_orders"
        ) and self.has_view_permission(request)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        answer = super().changelist_view(request, extra_context)
        query = request.GET.urlencode()
        if query and isinstance(answer, TemplateResponse):
            export = reverse(self._url_of("export"))
            for button in answer.context_data.get("actions_list", []):
                if button.get("path") == export:
                    button["path"] = f"{export}?{query}"
        return answer

    @action(description=_("Export"), icon="download", permissions=["export"])
    def export(self, request: HttpRequest) -> HttpResponse:
        """Ask what to export and how, then hand it over."""
        list_url = reverse(self._url_of("changelist"))
        try:
            listed = self._listed(request)
        except IncorrectLookupParameters:
            return HttpResponseRedirect(list_url)
        exports = self._exports(request)
        form = ExportForm(request.POST or None)
        counts = {name: export.count(listed) for name, export in exports.items()}
        form.fields["what"].choices = [
            (name, _("%(what)s: %(count)d") % {"what": exports[name].title, "count": n})
            for name, n in counts.items()
        ]
        if form.is_valid():
            what = form.cleaned_data["what"]
            name = form.cleaned_data["format"]
            _title, answer = FORMATS[name]
            try:
                if name == "xlsx":
                    refuse_too_many(counts[what] + 1)
                file = answer(exports[what].rows(listed), _file_name(what))
            except TooManyRows as error:
                form.add_error("format", str(error))
            else:
                logger.info("%s exports %s.", request.user, what)
                return file
        context = {
            **self.admin_site.each_context(request),
            "title": _("Export"),
            "opts": self.model._meta,
            "form": form,
            "back_url": f"{list_url}?{request.GET.urlencode()}",
        }
        return TemplateResponse(request, "orders/export.html", context)

    def _listed(self, request: HttpRequest) -> QuerySet:
        """Return what the list shows on all its pages, by the list's own rules."""
        query = request.GET.copy()
        for name in (PAGE_VAR, ALL_VAR):
            query.pop(name, None)
        request.GET = query
        return self.get_changelist_instance(request).queryset

    def _exports(self, request: HttpRequest) -> dict[str, Export]:
        """Return what this person may see anyway."""
        return {
            name: export
            for name, export in EXPORTS[self.model].items()
            if request.user.has_perm(f"orders.view_{export.model._meta.model_name}")
        }

    def _url_of(self, name: str) -> str:
        return f"admin:orders_{self.model._meta.model_name}_{name}"


def _file_name(what: str) -> str:
    return f"{what}-{clock.localdate().isoformat()}"
