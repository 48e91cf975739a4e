"""Imports that a person asks for: of the stores chosen, or of all active ones."""

from collections.abc import Iterable

from django import forms
from django.contrib import admin, messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import action

from backoffice.kit.admin import StaffRequest, dialog, leave_dialog
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


def run_url(run: ImportRun) -> str:
    return reverse("admin:orders_importrun_change", args=[run.pk])


def start_imports(
    model_admin: admin.ModelAdmin, request: StaffRequest, stores: Iterable[Store]
) -> str:
    """Plan an import of each store; return the page of the only one, else say so."""
    runs = [
        importing.queue_run(windows.plan_refresh(store, ImportRun.Trigger.MANUAL))
        for store in stores
    ]
    if len(runs) == 1:
        return run_url(runs[0])
    if not runs:
        nothing = _("There is no active store to import from.")
        model_admin.message_user(request, nothing, messages.WARNING)
        return ""
    message = ngettext(
        "The import of %d store has started.",
        "The imports of %d stores have started.",
        len(runs),
    )
    model_admin.message_user(request, message % len(runs), messages.SUCCESS)
    return ""


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
    active = stores_seen_by(request.user).filter(is_active=True)
    url = start_imports(model_admin, request, active)
    orders = reverse("admin:orders_order_changelist")
    return leave_dialog(request, url or orders)
