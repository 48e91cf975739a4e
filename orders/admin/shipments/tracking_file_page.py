"""The page of a tracking file: upload it, look at every line, take them."""

from collections import Counter
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import URLPattern
from django.utils import timezone as clock
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST
from unfold.decorators import action
from unfold.enums import ActionVariant

from backoffice.kit.admin import StaffRequest, find_row, page, routes, row_url
from backoffice.kit.editing import last_edit
from backoffice.kit.errors import NotAllowed
from orders.admin.downloads import hand_over
from orders.admin.job_page import jobs_for
from orders.admin.shipments.tracking_file_forms import ColumnsForm, UploadForm
from orders.models import Job, TrackingFile
from orders.tracking_files.files import (
    begin_taking,
    choose_columns,
    has_many_lines,
    leave_out,
    lines_of,
    missing,
    refused_csv,
    take_file,
    taking_of,
)
from orders.tracking_files.lines import TO_TAKE, Result, with_doubts, with_orders
from stores.access import limit_of

LINES_A_PAGE = 100
# Said by steps that a choice on the same page stops.
CHANGED = _("The columns or their carrier changed: look at the lines, then take them.")
COLOURS = {
    Result.READY: "success",
    Result.CHANGE: "warning",
    Result.DONE: "default",
    Result.REFUSED: "danger",
    Result.LEFT_OUT: "default",
    Result.SHIPPED: "success",
    Result.CORRECTED: "warning",
}


def urls(model_admin: admin.ModelAdmin) -> list[URLPattern]:
    return routes(
        model_admin,
        ("<int:file_id>/columns/", columns_view, "columns"),
        ("<int:file_id>/leave-out/", leave_out_view, "leave_out"),
        ("<int:file_id>/take/", take_view, "take"),
        ("<int:file_id>/refused/", refused_view, "refused"),
    )


@action(
    description=_("Upload"),
    icon="upload_file",
    permissions=["orders.ship_order"],
    variant=ActionVariant.PRIMARY,
)
def upload(model_admin: admin.ModelAdmin, request: StaffRequest) -> HttpResponse:
    """Take a file in and lead to its lines."""
    form = UploadForm(request.user, request.POST or None, request.FILES or None)
    file = form.read() if form.is_valid() else None
    if file:
        file.save()
        return HttpResponseRedirect(row_url(file))
    title = _("Upload tracking numbers")
    return page(request, model_admin, "orders/tracking_upload.html", title, form=form)


def file_view(
    request: StaffRequest, model_admin: admin.ModelAdmin, file_id: int | str
) -> HttpResponse:
    """Show the lines of a file, and which columns they are read by."""
    file = _find(request, file_id)
    return _show(request, model_admin, file, ColumnsForm(request.user, file))


@require_POST
def columns_view(
    request: StaffRequest, model_admin: admin.ModelAdmin, file_id: int
) -> HttpResponse:
    """Read the file's lines by other columns."""
    file = _find(request, file_id)
    if file.taken_at or _is_newer(request, file):
        return HttpResponseRedirect(row_url(file))
    form = ColumnsForm(request.user, file, request.POST)
    return _read_anew(request, model_admin, form, row_url(file))


@require_POST
def leave_out_view(
    request: StaffRequest, model_admin: admin.ModelAdmin, file_id: int
) -> HttpResponse:
    """Leave out the lines that are ticked, and show the lines asked for."""
    file = _find(request, file_id)
    url = f"{row_url(file)}?{request.GET.urlencode()}"
    if file.taken_at:
        return HttpResponseRedirect(url)
    if not _is_newer(request, file) and (form := _chosen(request, file)):
        return _read_anew(request, model_admin, form, url, str(CHANGED))
    try:
        _leave_out(request, file)
    except NotAllowed as error:
        messages.warning(request, str(error))
    return HttpResponseRedirect(url)


@require_POST
def take_view(
    request: StaffRequest, model_admin: admin.ModelAdmin, file_id: int
) -> HttpResponse:
    """Ship and correct what the lines say."""
    file = _find(request, file_id)
    if file.taken_at or missing(file.mapping) or _is_newer(request, file):
        return HttpResponseRedirect(row_url(file))
    if form := _chosen(request, file):
        return _read_anew(request, model_admin, form, row_url(file), str(CHANGED))
    try:
        _leave_out(request, file)
        if has_many_lines(file):
            job = begin_taking(file, request.user)
            model_admin.log_change(request, file, "Taken.")
            return HttpResponseRedirect(row_url(job))
    except NotAllowed as error:
        return _lead_to_taking(request, file, error)
    found = Counter(line.result for line in take_file(file, request.user))
    model_admin.log_change(request, file, "Taken.")
    level = messages.WARNING if found[Result.REFUSED] else messages.SUCCESS
    model_admin.message_user(request, _taken(found), level)
    return HttpResponseRedirect(row_url(file))


def refused_view(
    request: StaffRequest, model_admin: admin.ModelAdmin, file_id: int
) -> HttpResponseBase:
    """Give back the lines that cannot be taken, each with the reason."""
    file = _find(request, file_id)
    if missing(file.mapping):
        return HttpResponseRedirect(row_url(file))
    name = f"refused-lines-{file.pk}.csv"
    lines = lines_of(file, clock.now(), limit_of(request.user))
    refused = sum(line.result == Result.REFUSED for line in lines)
    return hand_over(request, name, refused_csv(file, lines), refused)


def _show(
    request: StaffRequest,
    model_admin: admin.ModelAdmin,
    file: TrackingFile,
    form: ColumnsForm,
) -> HttpResponse:
    choose = missing(file.mapping)
    limit = limit_of(request.user)
    lines = [] if choose else lines_of(file, clock.now(), limit)
    found = Counter(line.result for line in lines)
    shown = request.GET.get("show", "")
    if shown in Result.values:
        chosen = [line for line in lines if line.result == shown]
    else:
        shown, chosen = "", lines
    part = Paginator(chosen, LINES_A_PAGE).get_page(request.GET.get("page"))
    # Of these lines alone, because each one is a search for its number.
    on_page = with_orders(part, limit) if file.taken_at else map(with_doubts, part)
    return page(
        request,
        model_admin,
        "orders/tracking_file.html",
        file.name,
        file=file,
        form=form,
        **_taking(request, file),
        choose=choose,
        counts=[
            (result, COLOURS[result], found[result])
            for result in Result
            if found[result]
        ],
        total=len(lines),
        shown=shown,
        page=part,
        rows=[(line, COLOURS[line.result]) for line in on_page],
        to_take=sum(found[result] for result in TO_TAKE),
        refused=found[Result.REFUSED],
    )


def _lead_to_taking(
    request: StaffRequest, file: TrackingFile, error: NotAllowed
) -> HttpResponse:
    """Lead who may see it to the job that takes the file; tell others whose it is."""
    job = taking_of(file)
    if job and _may_see(request, job):
        return HttpResponseRedirect(row_url(job))
    messages.warning(request, str(error))
    return HttpResponseRedirect(row_url(file))


def _taking(request: StaffRequest, file: TrackingFile) -> dict[str, Any]:
    """Return who takes the file, if somebody does, and whether it can change still."""
    job = None if file.taken_at else taking_of(file)
    return {
        "taking": job,
        "taking_url": row_url(job) if job and _may_see(request, job) else "",
        "is_open": not (file.taken_at or job),
    }


def _may_see(request: StaffRequest, job: Job) -> bool:
    return jobs_for(request).filter(pk=job.pk).exists()


def _is_newer(request: StaffRequest, file: TrackingFile) -> bool:
    """Whether somebody has the file read otherwise than the page showed; say it."""
    if request.POST.get("reading", file.reading) == file.reading:
        return False
    who, time = last_edit(file)
    text = _("%(who)s changed how %(file)s is read (%(time)s): look at it again.")
    messages.warning(request, text % {"who": who, "file": file, "time": time})
    return True


def _leave_out(request: StaffRequest, file: TrackingFile) -> None:
    """Leave out what the person ticked, and no longer what he unticked."""
    before, now = (
        {int(number) for number in request.POST.getlist(name) if number.isdecimal()}
        for name in ("was_left_out", "left_out")
    )
    if now != before:
        leave_out(file, ticked=now - before, unticked=before - now)


def _chosen(request: StaffRequest, file: TrackingFile) -> ColumnsForm | None:
    """Return the form if it brings other columns, or another carrier, than the file."""
    if "default_carrier" not in request.POST:
        return None
    form = ColumnsForm(request.user, file, request.POST)
    return form if form.has_changed() else None


def _read_anew(
    request: StaffRequest,
    model_admin: admin.ModelAdmin,
    form: ColumnsForm,
    url: str,
    warning: str = "",
) -> HttpResponse:
    """Have the file read as the form says and lead to its lines, or show its errors."""
    file = form.file
    try:
        _leave_out(request, file)
        if not form.is_valid():
            return _show(request, model_admin, file, form)
        chosen = form.cleaned_data
        carrier, is_for_all = chosen["default_carrier"], chosen["is_carrier_for_all"]
        choose_columns(file, form.mapping, carrier, is_carrier_for_all=is_for_all)
    except NotAllowed as error:
        messages.warning(request, str(error))
    else:
        model_admin.log_change(request, file, "Columns chosen.")
        if warning:
            messages.warning(request, warning)
    return HttpResponseRedirect(url)


def _taken(found: Counter[Result]) -> str:
    count = found[Result.SHIPPED] + found[Result.CORRECTED]
    message = ngettext("%d line is taken.", "%d lines are taken.", count) % count
    if count := found[Result.LEFT_OUT]:
        left_out = ngettext("%d line is left out.", "%d lines are left out.", count)
        return f"{message} {left_out % count}"
    return message


def _find(request: StaffRequest, file_id: int | str) -> TrackingFile:
    if not request.user.has_perm("orders.ship_order"):
        raise PermissionDenied
    return find_row(TrackingFile.objects.seen_by(request.user), file_id)
