"""The page of the last look, which fills, sends and fills again."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, reverse
from django.utils import timezone as clock
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from unfold.widgets import UnfoldAdminTextInputWidget

from backoffice.health import worker_is_alive
from backoffice.kit.admin import StaffRequest, find_row, keys, routes, row_url
from backoffice.kit.editing import last_edit
from orders.admin.forms import shipments_seen_by
from orders.admin.job_page import HERE
from orders.admin.orders.dialogs import send_by_hand
from orders.advice import waits_for
from orders.labels import label, notice_label
from orders.models import Sending, SendingLine
from orders.notifying import sendings
from orders.shipping import NotAllowed

LOOK_COLOURS: dict[str, str] = {
    SendingLine.Look.WAITING: "default",
    SendingLine.Look.GREEN: "success",
    SendingLine.Look.AMBER: "warning",
    SendingLine.Look.RED: "danger",
}
REASON = "reason-"


def urls(model_admin: admin.ModelAdmin) -> list[URLPattern]:
    return routes(
        model_admin,
        ("ask/", ask_view, "ask"),
        ("<int:sending_id>/progress/", progress_view, "progress"),
        ("<int:sending_id>/confirm/", confirm_view, "confirm"),
        ("<int:sending_id>/look-again/", look_again_view, "look_again"),
        ("<int:sending_id>/look-here/", look_here_view, "look_here"),
    )


@require_POST
@permission_required("orders.send_tracking", raise_exception=True)
def ask_view(request: StaffRequest, model_admin: admin.ModelAdmin) -> HttpResponse:
    """Begin a sending of the shipments that a page names."""
    named = request.POST.getlist("shipment")[: sendings.MOST_LINES + 1]
    chosen = shipments_seen_by(request.user).filter(pk__in=keys(named))
    back = reverse("admin:orders_shipment_changelist")
    return send_by_hand(request, chosen, back)


def progress_view(
    request: StaffRequest, model_admin: admin.ModelAdmin, sending_id: int
) -> HttpResponse:
    """Return the part of the page that fills while the work goes on."""
    context = describe(request, _find(request, sending_id))
    return render(request, "orders/sending_progress.html", context)


@require_POST
def confirm_view(
    request: StaffRequest, model_admin: admin.ModelAdmin, sending_id: int
) -> HttpResponse:
    """Send what goes, and what is in doubt with the reasons typed."""
    sending = _find(request, sending_id)
    reasons = _reasons(request)
    if reasons and not request.user.has_perm("orders.override_amber"):
        raise PermissionDenied
    try:
        is_done = sendings.confirm(sending, request.user, reasons)
    except NotAllowed as error:
        sendings.keep_reasons(sending, reasons)
        model_admin.message_user(request, str(error), messages.ERROR)
    else:
        if is_done:
            model_admin.log_change(request, sending, "Confirmed.")
        else:
            _say_who_was_first(request, sending, bool(reasons))
    return HttpResponseRedirect(row_url(sending))


def _say_who_was_first(
    request: StaffRequest, sending: Sending, has_typed: bool
) -> None:
    """Say who confirmed it before; nothing of the second of two clicks."""
    who, time = last_edit(sending)
    if not time or who == str(request.user):
        return
    text = _("%(who)s has confirmed this sending already (%(time)s).")
    said = text % {"who": who, "time": time}
    if has_typed:
        more = _("The reasons that you typed are not used.")
        said = f"{said} {more}"
    messages.warning(request, said)


@require_POST
def look_again_view(
    request: StaffRequest, model_admin: admin.ModelAdmin, sending_id: int
) -> HttpResponse:
    """Look once more at what does not go."""
    sending = _find(request, sending_id)
    try:
        sending = sendings.look_again(sending, request.user, _reasons(request))
    except sendings.AlreadyLooking as error:
        model_admin.message_user(request, str(error), messages.WARNING)
        sending = error.sending
    except NotAllowed as error:
        model_admin.message_user(request, str(error), messages.WARNING)
    return HttpResponseRedirect(row_url(sending))


@require_POST
def look_here_view(
    request: StaffRequest, model_admin: admin.ModelAdmin, sending_id: int
) -> HttpResponse:
    """Do a few seconds of the work that waits for a worker."""
    sending = _find(request, sending_id)
    until = clock.now() + HERE
    if not sending.looked_at:
        sendings.look_over(sending, until)
    elif sending.confirmed_at:
        sendings.send_here(sending, until)
    return HttpResponseRedirect(row_url(sending))


def _find(request: StaffRequest, sending_id: int) -> Sending:
    if not request.user.has_perm("orders.send_tracking"):
        raise PermissionDenied
    return find_row(Sending.objects.seen_by(request.user), sending_id)


def describe(request: StaffRequest, sending: Sending) -> dict[str, Any]:
    """Return what the page of a sending says of it, as far as it has come."""
    now = clock.now()
    summary = sendings.summary(sending)
    is_working = not sending.looked_at or (
        sending.confirmed_at and not summary.is_settled
    )
    is_left = not sending.looked_at and sending.asked_at < (
        now - sendings.LOOKED_AT_BY_ITSELF
    )
    may_override = request.user.has_perm("orders.override_amber")
    rows = []
    if sending.looked_at:
        lines = sending.lines.select_related("shipment__order__store").defer(
            "shipment__order__payload", "shipment__receipt"
        )
        rows = [_row(line, may_override) for line in lines]
    return {
        "sending": sending,
        "summary": summary,
        "percent": 100 * summary.looked_at // (summary.total or 1),
        "groups": _groups(sending, rows),
        "is_working": is_working,
        "is_left": is_left,
        "is_stuck": is_working and not worker_is_alive(now),
        "may_override": may_override,
        **{
            f"{name}_url": reverse(f"admin:orders_sending_{name}", args=[sending.pk])
            for name in ("progress", "confirm", "look_again", "look_here")
        },
    }


def _groups(sending: Sending, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows by what becomes of them, leaving out what is empty."""
    look = SendingLine.Look
    titles = {look.GREEN: _("Goes"), look.AMBER: _("Needs a reason")}
    titles[look.RED] = _("Does not go")
    if sending.confirmed_at:
        sent = [row for row in rows if row["line"].is_sent]
        # What needs somebody comes first.
        sent.sort(key=lambda row: row["shipment"].notified_at is not None)
        left = [row for row in rows if not row["line"].is_sent]
        groups = [(_("Sent"), "info", sent), (_("Not sent"), "default", left)]
    else:
        groups = [
            (title, LOOK_COLOURS[colour], [r for r in rows if r["line"].look == colour])
            for colour, title in titles.items()
        ]
    return [
        {"title": title, "colour": colour, "rows": found}
        for title, colour, found in groups
        if found
    ]


def _row(line: SendingLine, may_override: bool) -> dict[str, Any]:
    order = line.shipment.order
    row = {
        "line": line,
        "order": order,
        "shipment": line.shipment,
        "sentences": line.words.splitlines(),
        "look": label(line.get_look_display(), LOOK_COLOURS[line.look]),
        "notice": notice_label(line.shipment),
        "waits": waits_for(line.shipment, clock.now()) if line.is_sent else "",
    }
    if line.look == SendingLine.Look.AMBER and may_override:
        attributes = {
            "aria-label": _("Reason, order %(order)s") % {"order": order},
            "placeholder": _("Reason"),
            "maxlength": SendingLine._meta.get_field("reason").max_length,
            "data-reason": "",
            # Sending cannot be undone, so Enter in a field does not do it.
            "x-on:keydown.enter.prevent": "",
        }
        row["reason_field"] = UnfoldAdminTextInputWidget().render(
            f"{REASON}{line.pk}", line.reason, attributes
        )
    return row


def _reasons(request: StaffRequest) -> dict[int, str]:
    """Return the reasons that were typed, by line."""
    return {
        int(name.removeprefix(REASON)): str(text)
        for name, text in request.POST.items()
        if name.startswith(REASON)
        and name.removeprefix(REASON).isdecimal()
        and str(text).strip()
    }
