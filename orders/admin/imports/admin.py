"""Imports, which fill while they work, and the problems they met."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone as clock
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.decorators import display

from backoffice.health import worker_is_alive
from backoffice.kit.admin import RecordAdmin
from backoffice.kit.queue import enqueue
from orders import importing
from orders.admin.filters import ProblemFilter
from orders.importing import windows
from orders.labels import label, show_json
from orders.models import ImportProblem, ImportRun

STATUS_COLOURS = {
    ImportRun.Status.COMPLETE: "success",
    ImportRun.Status.PARTIAL: "warning",
    ImportRun.Status.FAILED: "danger",
    ImportRun.Status.RUNNING: "info",
}


@admin.register(ImportRun)
class ImportRunAdmin(RecordAdmin):
    list_display = [
        "asked_at",
        "store",
        "kind",
        "trigger",
        "state",
        *ImportRun.COUNTS,
    ]
    list_select_related = ["store"]
    list_filter = [
        ("store", RelatedDropdownFilter),
        ("status", ChoicesDropdownFilter),
        ("kind", ChoicesDropdownFilter),
    ]
    change_form_before_template = "orders/run_progress.html"
    change_form_outer_after_template = "orders/run_here.html"
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("store", "kind", "trigger"),
                    ("window_start", "window_end", "numbers"),
                    ("asked_at", "started_at", "finished_at"),
                ]
            },
        )
    ]
    readonly_fields = ["numbers"]

    def get_urls(self) -> list[URLPattern]:
        progress = self.admin_site.admin_view(self.progress_view)
        here = self.admin_site.admin_view(require_POST(self.run_here_view))
        name = "orders_importrun"
        return [
            path("<int:run_id>/progress/", progress, name=f"{name}_progress"),
            path("<int:run_id>/run-here/", here, name=f"{name}_run_here"),
            *super().get_urls(),
        ]

    def progress_view(self, request: HttpRequest, run_id: int) -> HttpResponse:
        """Return the part of the page that fills while the import works."""
        run = get_object_or_404(ImportRun.objects.select_related("store"), pk=run_id)
        if not self.has_view_permission(request, run):
            return HttpResponse(status=403)
        return render(request, "orders/run_progress.html", self._describe(request, run))

    def run_here_view(self, request: HttpRequest, run_id: int) -> HttpResponse:
        """Carry out an import that waits for a worker which is not running."""
        if not request.user.has_perm("stores.import_now"):
            raise PermissionDenied
        run = get_object_or_404(ImportRun.objects.select_related("store"), pk=run_id)
        try:
            if not run.started_at:
                importing.execute(run)
        except importing.AlreadyRunning as error:
            self.message_user(request, str(error), messages.WARNING)
        url = reverse("admin:orders_importrun_change", args=[run.pk])
        return HttpResponseRedirect(url)

    def _describe(self, request: HttpRequest, run: ImportRun) -> dict[str, Any]:
        may_import = request.user.has_perm("stores.import_now")
        return {**describe(run), "may_import": may_import}

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        run = self.get_object(request, object_id)
        context = dict(extra_context or {})
        if run:
            context |= self._describe(request, run)
        return super().change_view(request, object_id, form_url, context)

    @display(description=_("status"), ordering="status")
    def state(self, run: ImportRun) -> str:
        return label(run.get_status_display(), STATUS_COLOURS[run.status])

    @display(description=_("order numbers"))
    def numbers(self, run: ImportRun) -> str:
        return ", ".join(run.order_ids)


def describe(run: ImportRun) -> dict[str, Any]:
    """Return what the page of an import says of it, as far as it has come."""
    counts = [
        (run._meta.get_field(name).verbose_name, getattr(run, name))
        for name in ImportRun.COUNTS
    ]
    return {
        "run": run,
        "counts": counts,
        "colour": STATUS_COLOURS[run.status],
        "is_stuck": not run.started_at and not worker_is_alive(clock.now()),
        "progress_url": reverse("admin:orders_importrun_progress", args=[run.pk]),
        "run_here_url": reverse("admin:orders_importrun_run_here", args=[run.pk]),
    }


class OpenFilter(admin.SimpleListFilter):
    """Problems that still stand, unless asked for otherwise."""

    title = _("open or resolved")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("open", _("Open")), ("resolved", _("Resolved")), ("all", _("All"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == "all":
            return queryset
        return queryset.filter(resolved_at__isnull=self.value() != "resolved")

    def choices(self, changelist: Any) -> Any:
        for value, title in self.lookup_choices:
            yield {
                "selected": (self.value() or "open") == value,
                "query_string": changelist.get_query_string(
                    {self.parameter_name: value}
                ),
                "display": title,
            }


@admin.register(ImportProblem)
class ImportProblemAdmin(RecordAdmin):
    list_display = [
        "marketplace_order_id",
        "store",
        "kind",
        "message",
        "first_seen_at",
        "last_seen_at",
    ]
    list_select_related = ["store"]
    list_filter = [
        OpenFilter,
        ProblemFilter,
        ("store", RelatedDropdownFilter),
        ("kind", ChoicesDropdownFilter),
    ]
    search_fields = ["marketplace_order_id"]
    actions = ["import_again"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("store", "marketplace_order_id"),
                    "kind",
                    "message",
                    ("first_seen_at", "last_seen_at"),
                    "resolved_at",
                    "as_received",
                ]
            },
        )
    ]
    readonly_fields = ["as_received"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ImportProblem]:
        return super().get_queryset(request).defer("payload")

    def has_import_now_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("stores.import_now")

    @display(description=_("as received"))
    def as_received(self, problem: ImportProblem) -> str:
        return show_json(problem.payload)

    @admin.action(description=_("Import again"), permissions=["import_now"])
    def import_again(
        self, request: HttpRequest, queryset: QuerySet[ImportProblem]
    ) -> None:
        wanted: dict[Any, list[str]] = {}
        for problem in queryset.select_related("store"):
            wanted.setdefault(problem.store, []).append(problem.marketplace_order_id)
        count = 0
        for store, ids in wanted.items():
            ids = list(dict.fromkeys(ids))
            count += len(ids)
            run = windows.plan_orders(store, ids, ImportRun.Trigger.MANUAL)
            run.save()
            enqueue("run_import", run.pk)
        message = ngettext(
            "%d order is asked for again.", "%d orders are asked for again.", count
        )
        self.message_user(request, message % count, messages.SUCCESS)
