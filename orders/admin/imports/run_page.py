"""The page of an import, which fills while it works."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, reverse
from django.utils import timezone as clock
from django.views.decorators.http import require_POST

from backoffice.health import worker_is_alive
from backoffice.kit.admin import StaffRequest, find_row, routes, row_url
from backoffice.kit.fields import title_of
from orders import importing
from orders.models import ImportRun
from stores.access import seen_by

STATUS_COLOURS: dict[str, str] = {
    ImportRun.Status.COMPLETE: "success",
    ImportRun.Status.PARTIAL: "warning",
    ImportRun.Status.FAILED: "danger",
    ImportRun.Status.RUNNING: "info",
}


def urls(model_admin: admin.ModelAdmin) -> list[URLPattern]:
    return routes(
        model_admin,
        ("<int:run_id>/progress/", progress_view, "progress"),
        ("<int:run_id>/run-here/", run_here_view, "run_here"),
    )


def progress_view(
    request: StaffRequest, model_admin: admin.ModelAdmin, run_id: int
) -> HttpResponse:
    """Return the part of the page that fills while the import works."""
    run = _find(request, run_id)
    if not model_admin.has_view_permission(request, run):
        return HttpResponse(status=403)
    return render(request, "orders/run_progress.html", describe(request, run))


@require_POST
@permission_required("stores.import_now", raise_exception=True)
def run_here_view(
    request: StaffRequest, model_admin: admin.ModelAdmin, run_id: int
) -> HttpResponse:
    """Carry out an import that waits for a worker which is not running."""
    run = _find(request, run_id)
    try:
        if not run.started_at:
            importing.execute(run)
    except importing.AlreadyRunning as error:
        model_admin.message_user(request, str(error), messages.WARNING)
    return HttpResponseRedirect(row_url(run))


def _find(request: StaffRequest, run_id: int) -> ImportRun:
    runs = seen_by(ImportRun.objects.select_related("store"), request.user)
    return find_row(runs, run_id)


def describe(request: StaffRequest, run: ImportRun) -> dict[str, Any]:
    """Return what the page of an import says of it, as far as it has come."""
    counts = [
        (title_of(ImportRun, name), getattr(run, name)) for name in ImportRun.COUNTS
    ]
    return {
        "run": run,
        "counts": counts,
        "colour": STATUS_COLOURS[run.status],
        "is_stuck": not run.started_at and not worker_is_alive(clock.now()),
        "progress_url": reverse("admin:orders_importrun_progress", args=[run.pk]),
        "may_import": request.user.has_perm("stores.import_now"),
        "run_here_url": reverse("admin:orders_importrun_run_here", args=[run.pk]),
    }
