"""Imports that a person asks for: of the stores chosen, or of all active ones."""

from collections.abc import Iterable
from datetime import timedelta

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone as clock
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import action

from backoffice.health import worker_is_alive
from backoffice.kit import zones
from backoffice.kit.admin import StaffRequest, dialog, leave_dialog, row_url
from orders import importing
from orders.importing import windows
from orders.models import ImportRun
from stores.access import stores_seen_by
from stores.models import Store

IMPORT_ALL = dialog(
    _("Import orders"),
    _("Import now"),
    _("The last days’ orders of all active stores come in."),
)

SAME_END = timedelta(minutes=5)


def ask_for_import(request: StaffRequest, run: ImportRun) -> tuple[ImportRun, bool]:
    """Queue a planned import, or say that the same one waits or is at work already.

    Returns the import that does it, and whether it is the planned one.
    """
    with transaction.atomic():
        # Of two at the same moment the second waits, and finds the first's.
        Store.objects.select_for_update().get(pk=run.store_id)
        other = _alike(run).first()
        if other is None:
            return importing.queue_run(run), True
    if other.started_at:
        message: str = str(importing.AlreadyRunning(run.store))
    else:
        message = _("An import of %(store)s waits already since %(time)s.") % {
            "store": run.store,
            "time": zones.local(other.asked_at).strftime("%H:%M:%S %Z"),
        }
    messages.warning(request, message)
    return other, False


def _alike(run: ImportRun) -> QuerySet[ImportRun]:
    """Return the imports that are to read the same and have not ended, oldest first."""
    # Those whose process died are closed by the next one.
    at_work = Q(started_at=None) | Q(store__lease_until__gt=Now())
    alike = ImportRun.objects.filter(
        at_work,
        store=run.store,
        kind=run.kind,
        order_ids=run.order_ids,
        finished_at=None,
    )
    if run.kind == ImportRun.Kind.RANGE:
        # Days that are not over are read until the moment they were asked for.
        start, end = run.window
        ends_alike = (end - SAME_END, end)
        alike = alike.filter(window_start=start, window_end__range=ends_alike)
    return alike.order_by("pk")


def start_imports(request: StaffRequest, stores: Iterable[Store]) -> str:
    """Plan an import of each store; return the page of the only one, else say so."""
    runs = [
        ask_for_import(request, windows.plan_refresh(store, ImportRun.Trigger.MANUAL))
        for store in stores
    ]
    if len(runs) == 1:
        return row_url(runs[0][0])
    if not runs:
        messages.warning(request, _("There is no active store to import from."))
        return ""
    if started := sum(is_new for _run, is_new in runs):
        level, message = _said_of_started(started)
        messages.add_message(request, level, message % started)
    return ""


def _said_of_started(count: int) -> tuple[int, str]:
    """Say that imports have started, or that nothing carries them out."""
    if worker_is_alive(clock.now()):
        return messages.SUCCESS, ngettext(
            "The import of %d store has started.",
            "The imports of %d stores have started.",
            count,
        )
    return messages.WARNING, ngettext(
        "The import of %d store waits for the worker, which is not running; start it "
        "with “manage.py qcluster”.",
        "The imports of %d stores wait for the worker, which is not running; start it "
        "with “manage.py qcluster”.",
        count,
    )


@action(
    description=_("Import now"),
    icon="refresh",
    url_path="import-now",
    permissions=["stores.import_now"],
    dialog=IMPORT_ALL,
)
def import_now(
    model_admin: admin.ModelAdmin, request: StaffRequest, form: forms.Form
) -> HttpResponse:
    """Import from all active stores, and lead to what is seen of it."""
    url = start_imports(request, stores_seen_by(request.user).filter(is_active=True))
    return leave_dialog(request, url or reverse("admin:orders_order_changelist"))
