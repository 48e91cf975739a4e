"""The page of a job: it fills, stops the work, and hands over the file."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import URLPattern, reverse
from django.utils import timezone as clock
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from backoffice.health import worker_is_alive
from backoffice.kit.admin import StaffRequest, find_row, routes, row_url
from backoffice.kit.password_again import password_again
from orders import jobs
from orders.admin.downloads import hand_over
from orders.admin.permissions import may_see
from orders.importing import rereading
from orders.jobs.kinds import export_of, file_of
from orders.models import Job, Replay

# How long a page may work itself while no worker does.
HERE = timedelta(seconds=5)
# What one may have done with a job, by the ends of addresses.
STEPS: dict[str, Callable[[Job], object]] = {
    "stop": jobs.ask_to_stop,
    "go_on": jobs.go_on,
    # A few seconds of the work that waits for a worker.
    "here": lambda job: jobs.work_on(job, clock.now() + HERE),
}
# What the pages need that begin jobs; going on and the file need it too, by then.
NEEDED = {
    Job.Kind.EXPORT: "orders.export_orders",
    Job.Kind.REPLAY: "stores.change_store",
    Job.Kind.UNDO: "stores.change_store",
    Job.Kind.TRACKING_FILE: "orders.ship_order",
    Job.Kind.SLIPS: "orders.ship_order",
}
# The kinds of jobs that make a file.
MAKE_A_FILE = {Job.Kind.EXPORT, Job.Kind.SLIPS}


def jobs_for(request: StaffRequest) -> QuerySet[Job]:
    """Return the jobs this person may see, without what they have to do."""
    rows = Job.objects.seen_by(request.user)
    return rows.select_related("asked_by").defer("keys")


def urls(model_admin: admin.ModelAdmin) -> list[URLPattern]:
    return routes(
        model_admin,
        ("<int:job_id>/progress/", progress_view, "progress"),
        ("<int:job_id>/file/", file_view, "file"),
        *(
            (f"<int:job_id>/{name.replace('_', '-')}/", _as_view(name), name)
            for name in STEPS
        ),
    )


def progress_view(
    request: StaffRequest, model_admin: admin.ModelAdmin, job_id: int
) -> HttpResponse:
    """Return the part of the page that fills while the work goes on."""
    context = describe(request, find_row(jobs_for(request), job_id))
    return render(request, "orders/job_progress.html", context)


def _as_view(name: str) -> Callable[..., HttpResponse]:
    """Make a view of a step, which leads back to the page."""

    @require_POST
    def view(
        request: StaffRequest, model_admin: admin.ModelAdmin, job_id: int
    ) -> HttpResponse:
        job = find_row(jobs_for(request), job_id)
        # To stop one's own work needs no right.
        if name != "stop" and not may_begin(request, job):
            raise PermissionDenied
        STEPS[name](job)
        return HttpResponseRedirect(row_url(job))

    return view


@password_again
def file_view(
    request: StaffRequest, model_admin: admin.ModelAdmin, job_id: int
) -> HttpResponseBase:
    """Hand over the file that the job has made."""
    job = find_row(jobs_for(request), job_id)
    if not has_file(request, job):
        return HttpResponseRedirect(row_url(job))
    name = f"{job.facts['name']}.{job.facts['format']}"
    # Of an export the first row names the columns.
    rows = job.facts.get("rows", job.done + 1) - 1
    return hand_over(request, name, file_of(job), rows)


def may_begin(request: StaffRequest, job: Job) -> bool:
    """Whether this person might begin such a job now, who may have lost the right."""
    if not request.user.has_perm(NEEDED[Job.Kind(job.kind)]):
        return False
    return job.kind != Job.Kind.EXPORT or may_see(request, export_of(job).model)


def has_file(request: StaffRequest, job: Job) -> bool:
    """Whether there is a file, and this person may still see what is in it."""
    if job.kind not in MAKE_A_FILE or not may_begin(request, job):
        return False
    # What was printed before a stop counts as printed.
    is_made = job.finished_at if job.kind == Job.Kind.SLIPS else job.is_complete
    return bool(is_made) and job.parts.exists()


def words_for(job: Job) -> str:
    """Return in words what the job does."""
    if job.kind == Job.Kind.EXPORT:
        return _("Export: %(what)s (%(format)s)") % {
            "what": export_of(job).title,
            "format": job.facts["format"].upper(),
        }
    if job.kind == Job.Kind.SLIPS:
        message = ngettext(
            "Packing slips of %(count)d order",
            "Packing slips of %(count)d orders",
            job.total,
        )
        return message % {"count": job.total}
    if job.kind == Job.Kind.TRACKING_FILE:
        return _("Take the lines of %(file)s") % {"file": job.facts["name"]}
    name = {"store": job.facts["name"]}
    if job.kind == Job.Kind.REPLAY:
        return _("Read the orders of %(store)s in another way") % name
    return _("Read the orders of %(store)s as before") % name


def read_in_words(replay: Replay) -> str:
    """Return how many orders say something else after a replay, and how many stay."""
    message = ngettext(
        "The settings are saved; %(count)d stored order says something else now.",
        "The settings are saved; %(count)d stored orders say something else now.",
        replay.changed,
    )
    done = message % {"count": replay.changed}
    if count := rereading.read_otherwise(replay.store).count():
        message = ngettext(
            "%(count)d order cannot be read again and stays as it is.",
            "%(count)d orders cannot be read again and stay as they are.",
            count,
        )
        done += " " + message % {"count": count}
    return done


def _result(job: Job) -> str:
    """Return in a sentence what a complete job has done, if it made no file."""
    if job.kind == Job.Kind.REPLAY and job.is_complete:
        replays = Replay.objects.select_related("store")
        if replay := replays.filter(pk=job.facts["replay"]).first():
            return read_in_words(replay)
    return ""


def _about_url(job: Job) -> str:
    """Return where one sees what the job does, if not on its own page."""
    if job.kind == Job.Kind.TRACKING_FILE:
        return reverse("admin:orders_trackingfile_change", args=[job.facts["file"]])
    if job.kind in {Job.Kind.REPLAY, Job.Kind.UNDO}:
        return reverse("admin:stores_store_change", args=[job.facts["store"]])
    return ""


def state_of(job: Job) -> tuple[Promise | str, str]:
    """Return in a word how the job stands, and its colour."""
    if job.is_complete:
        return _("Finished"), "success"
    if job.error:
        return _("Failed"), "danger"
    if job.finished_at:
        return _("Stopped"), "warning"
    if job.stop_asked_at:
        return _("Stopping"), "warning"
    return (_("Working"), "info") if job.claimed_by else (_("Waiting"), "default")


def describe(request: StaffRequest, job: Job) -> dict[str, Any]:
    """Return what the page of a job says of it, as far as it has come."""
    state, colour = state_of(job)
    return {
        "job": job,
        "title": words_for(job),
        "result": _result(job),
        "about_url": _about_url(job),
        "state": state,
        "colour": colour,
        "percent": 100 * job.done // (job.total or 1),
        "is_stuck": not job.finished_at and not worker_is_alive(clock.now()),
        "may_go_on": may_begin(request, job),
        "has_file": has_file(request, job),
        **{
            f"{name}_url": reverse(f"admin:orders_job_{name}", args=[job.pk])
            for name in ("progress", *STEPS, "file")
        },
    }
