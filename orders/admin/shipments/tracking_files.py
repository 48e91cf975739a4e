"""Tracking numbers from a carrier's file: upload, look at every line, take."""

from collections import Counter
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone as clock
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST
from unfold.decorators import action, display
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminSelectWidget

from backoffice.kit.admin import RecordAdmin
from backoffice.kit.sheets import CSV_TYPE
from backoffice.kit.uploads import MOST_BYTES, UnreadableFile
from orders.labels import label
from orders.models import TrackingFile
from orders.tracking_files.columns import MEANINGS, REQUIRED, cell
from orders.tracking_files.files import lines_of, missing, read_file, refused_csv, take
from orders.tracking_files.lines import TO_TAKE, Result, with_doubts, with_orders
from stores.models import Store

LINES_A_PAGE = 100
COLOURS = {
    Result.READY: "success",
    Result.CHANGE: "warning",
    Result.DONE: "default",
    Result.REFUSED: "danger",
    Result.SHIPPED: "success",
    Result.CORRECTED: "warning",
}


def carriers() -> list[tuple[str, Any]]:
    """Return every carrier that one of the stores accepts."""
    labels = {one for store in Store.objects.all() for one in store.carrier_labels}
    return [
        ("", _("As the file says")),
        *((one, one) for one in sorted(labels, key=str.casefold)),
    ]


class CarrierField(forms.ChoiceField):
    """The carrier of the lines that name none."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            label=_("Carrier of lines without one"),
            choices=carriers,
            required=False,
            widget=UnfoldAdminSelectWidget,
            **options,
        )


class UploadForm(forms.Form):
    file = forms.FileField(
        label=_("File"),
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".csv,.txt,.tsv,.xlsx"}),
        help_text=_("CSV or XLSX; the first line names the columns."),
    )
    carrier = CarrierField()

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        # Read no more than is taken; the rest is said by whoever reads it.
        self.data_read = file.read(MOST_BYTES + 1)
        return file

    def read(self, request: HttpRequest) -> TrackingFile | None:
        """Return the file, unsaved, or None with the reason beside its field."""
        data = self.cleaned_data
        try:
            return read_file(
                data["file"].name, self.data_read, data["carrier"], request.user
            )
        except UnreadableFile as error:
            self.add_error("file", str(error))
            return None


class ColumnsForm(forms.Form):
    """Which column holds what."""

    def __init__(self, file: TrackingFile, data: Any = None) -> None:
        super().__init__(data, initial=file.mapping | {"default_carrier": file.carrier})
        first = file.lines[0][1]
        columns = [
            (column, f"{name} · {example[:30]}" if example else name)
            for column, name in enumerate(file.header)
            for example in [cell(first, column)]
        ]
        for meaning, title in MEANINGS.items():
            self.fields[meaning] = forms.TypedChoiceField(
                label=title,
                choices=[("", "—"), *columns],
                coerce=int,
                empty_value=None,
                required=meaning in REQUIRED,
                widget=UnfoldAdminSelectWidget,
            )
        self.fields["default_carrier"] = CarrierField()

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        chosen = list(self.mapping.values())
        if len(set(chosen)) < len(chosen):
            raise ValidationError(_("A column holds one thing only."))
        return data

    @property
    def mapping(self) -> dict[str, int]:
        found = {name: self.cleaned_data.get(name) for name in MEANINGS}
        return {name: column for name, column in found.items() if column is not None}


@admin.register(TrackingFile)
class TrackingFileAdmin(RecordAdmin):
    list_display = ["name", "uploaded_at", "uploaded_by", "state", "counts"]
    list_select_related = ["uploaded_by"]
    list_per_page = 20
    search_fields = ["name"]
    actions_list = ["upload"]

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        name = "orders_trackingfile"
        columns = wrap(require_POST(self.columns_view))
        taking = wrap(require_POST(self.take_view))
        refused = wrap(self.refused_view)
        return [
            path("<int:file_id>/columns/", columns, name=f"{name}_columns"),
            path("<int:file_id>/take/", taking, name=f"{name}_take"),
            path("<int:file_id>/refused/", refused, name=f"{name}_refused"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[TrackingFile]:
        return super().get_queryset(request).defer("lines", "header")

    def has_ship_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("orders.ship_order")

    has_view_permission = has_module_permission = has_ship_permission

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

    @action(
        description=_("Upload"),
        icon="upload_file",
        permissions=["ship"],
        variant=ActionVariant.PRIMARY,
    )
    def upload(self, request: HttpRequest) -> HttpResponse:
        """Take a file in and lead to its lines."""
        form = UploadForm(request.POST or None, request.FILES or None)
        file = form.read(request) if form.is_valid() else None
        if file:
            file.save()
            return HttpResponseRedirect(self._page(file))
        context = self._context(request, _("Upload tracking numbers"), form=form)
        return TemplateResponse(request, "orders/tracking_upload.html", context)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        file = self._find(request, int(object_id) if object_id.isdecimal() else 0)
        return self._show(request, file, ColumnsForm(file))

    def columns_view(self, request: HttpRequest, file_id: int) -> HttpResponse:
        """Read the file's lines by other columns."""
        file = self._find(request, file_id)
        form = ColumnsForm(file, request.POST)
        if file.taken_at:
            return HttpResponseRedirect(self._page(file))
        if not form.is_valid():
            return self._show(request, file, form)
        file.mapping = form.mapping
        file.carrier = form.cleaned_data["default_carrier"]
        file.save(update_fields=["mapping", "carrier"])
        return HttpResponseRedirect(self._page(file))

    def take_view(self, request: HttpRequest, file_id: int) -> HttpResponse:
        """Ship and correct what the lines say."""
        file = self._find(request, file_id)
        if file.taken_at or missing(file.mapping):
            return HttpResponseRedirect(self._page(file))
        found = Counter(line.result for line in take(file, request.user))
        self.log_change(request, file, "Taken.")
        count = found[Result.SHIPPED] + found[Result.CORRECTED]
        message = ngettext("%d line is taken.", "%d lines are taken.", count)
        level = messages.WARNING if found[Result.REFUSED] else messages.SUCCESS
        self.message_user(request, message % count, level)
        return HttpResponseRedirect(self._page(file))

    def refused_view(self, request: HttpRequest, file_id: int) -> HttpResponse:
        """Give back the lines that cannot be taken, each with the reason."""
        file = self._find(request, file_id)
        if missing(file.mapping):
            return HttpResponseRedirect(self._page(file))
        name = f"refused-lines-{file.pk}.csv"
        return StreamingHttpResponse(
            refused_csv(file, lines_of(file, clock.now())),
            content_type=CSV_TYPE,
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    def _show(
        self, request: HttpRequest, file: TrackingFile, form: ColumnsForm
    ) -> HttpResponse:
        choose = missing(file.mapping)
        lines = [] if choose else lines_of(file, clock.now())
        found = Counter(line.result for line in lines)
        shown = request.GET.get("show", "")
        if shown in Result.values:
            chosen = [line for line in lines if line.result == shown]
        else:
            shown, chosen = "", lines
        page = Paginator(chosen, LINES_A_PAGE).get_page(request.GET.get("page"))
        # Of these lines alone, because each one is a search for its number.
        on_page = with_orders(page) if file.taken_at else map(with_doubts, page)
        context = self._context(
            request,
            file.name,
            file=file,
            form=form,
            choose=choose,
            counts=[
                (result, COLOURS[result], found[result])
                for result in Result
                if found[result]
            ],
            total=len(lines),
            shown=shown,
            page=page,
            rows=[(line, COLOURS[line.result]) for line in on_page],
            to_take=sum(found[result] for result in TO_TAKE),
            refused=found[Result.REFUSED],
        )
        return TemplateResponse(request, "orders/tracking_file.html", context)

    def _context(self, request: HttpRequest, title: Any, **more: Any) -> dict[str, Any]:
        context = self.admin_site.each_context(request)
        return {**context, "title": title, "opts": self.model._meta, **more}

    def _find(self, request: HttpRequest, file_id: int) -> TrackingFile:
        if not self.has_ship_permission(request):
            raise PermissionDenied
        return get_object_or_404(TrackingFile, pk=file_id)

    def _page(self, file: TrackingFile) -> str:
        return reverse("admin:orders_trackingfile_change", args=[file.pk])
