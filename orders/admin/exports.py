"""The filtered list as a file: the button of a list, and the page it leads to."""

import logging
from typing import cast

from django import forms
from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ALL_VAR, PAGE_VAR, SEARCH_VAR
from django.db.models import Model
from django.http import HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone as clock
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.widgets import UnfoldAdminSelectWidget

from backoffice.kit.admin import StaffRequest, page, row_url
from backoffice.kit.password_again import password_again
from backoffice.kit.sheets import FORMATS, TooManyRows
from orders import jobs
from orders.admin.downloads import hand_over
from orders.admin.permissions import may_see
from orders.exporting import EXPORTS, Export, note_export

logger = logging.getLogger(__name__)


# More are written by the queue, and downloaded once they are.
MOST_AT_ONCE = 10_000
TITLES: dict[str, Promise] = {
    "csv": _("CSV, for programs"),
    "xlsx": _("XLSX, for spreadsheet programs"),
}


class ExportForm(forms.Form):
    what = forms.ChoiceField(label=_("What"), widget=UnfoldAdminSelectWidget)
    format = forms.ChoiceField(
        label=_("Format"),
        choices=list(TITLES.items()),
        widget=UnfoldAdminSelectWidget,
        help_text=_(
            "Choose XLSX for Excel, which spoils long tracking numbers of a CSV file."
        ),
    )


@password_again
@action(
    description=_("Export"),
    icon="download",
    permissions=["orders.export_orders", "view"],
)
def export(model_admin: admin.ModelAdmin, request: StaffRequest) -> HttpResponseBase:
    """Ask what to export of a list, as filtered and on all its pages; hand it over."""
    model = model_admin.model
    options = model._meta
    list_url = reverse(f"admin:{options.app_label}_{options.model_name}_changelist")
    try:
        listed = model_admin.get_changelist_instance(request).queryset
    except IncorrectLookupParameters:
        return HttpResponseRedirect(list_url)
    exports = _exports(request, model)
    form = ExportForm(request.POST or None)
    counts = {name: one.count(listed, MOST_AT_ONCE) for name, one in exports.items()}
    cast("forms.ChoiceField", form.fields["what"]).choices = [
        (name, _counted(exports[name], count)) for name, count in counts.items()
    ]
    if form.is_valid():
        what, kind = form.cleaned_data["what"], form.cleaned_data["format"]
        logger.info("%s exports %s.", request.user, what)
        name = f"{what}-{clock.localdate().isoformat()}"
        if counts[what] <= MOST_AT_ONCE:
            pieces = FORMATS[kind].pieces(exports[what].rows(listed))
            file, count = FORMATS[kind].file(pieces, name), counts[what]
            return hand_over(request, f"{name}.{kind}", file, count, _filters(request))
        try:
            job = jobs.ask_for_export(listed, what, kind, name, request.user)
            note_export(f"{name}.{kind}", job.total, _filters(request), request)
        except TooManyRows as error:
            form.add_error("format", str(error))
        else:
            return HttpResponseRedirect(row_url(job))
    return page(
        request,
        model_admin,
        "orders/export.html",
        _("Export"),
        form=form,
        back_url=f"{list_url}?{request.GET.urlencode()}",
    )


def keep_filters(request: StaffRequest, answer: HttpResponse) -> HttpResponse:
    """Let the export button of a list lead on with what the list is filtered by."""
    query = request.GET.copy()
    for name in (PAGE_VAR, ALL_VAR):
        query.pop(name, None)
    if query and isinstance(answer, TemplateResponse):
        for button in (answer.context_data or {}).get("actions_list", []):
            if button["path"].endswith("/export/"):
                button["path"] += f"?{query.urlencode()}"
    return answer


def _filters(request: StaffRequest) -> str:
    """Return what the list is filtered by, but for the words of a search.

    Those may name a buyer, and what the audit says is never erased.
    """
    asked = {name: value for name, value in request.GET.items() if value}
    if asked.get(SEARCH_VAR):
        asked[SEARCH_VAR] = "…"
    return ", ".join(f"{name}={value}" for name, value in asked.items())


def _counted(export: Export, count: int) -> str:
    names = {"what": export.title, "count": min(count, MOST_AT_ONCE)}
    if count > MOST_AT_ONCE:
        return _("%(what)s: more than %(count)d") % names
    return _("%(what)s: %(count)d") % names


def _exports(request: StaffRequest, model: type[Model]) -> dict[str, Export]:
    """Return what this person may see anyway."""
    return {
        name: one for name, one in EXPORTS[model].items() if may_see(request, one.model)
    }
