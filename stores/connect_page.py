"""The page to connect a store: choose its marketplace, test what opens it, connect."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone as clock
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from backoffice import audit
from backoffice.kit.admin import StaffRequest, page
from backoffice.kit.times import in_zone
from backoffice.models import AuditEntry
from stores import accounts, tokens
from stores.connection_forms import ConnectForm
from stores.marketplaces import MARKETPLACES
from stores.marketplaces.abilities import Fact
from stores.models import Store
from stores.probing import AccountReport
from stores.typed import find_typed, forget_typed, keep_typed
from stores.wording import limits_in_words, marketplace_choices


@dataclass(frozen=True)
class Word:
    """A marketplace's word of status, how many orders have it, and what it means."""

    text: str
    count: int
    meaning: str


@sensitive_variables("form", "kept")
def connect_page(request: StaffRequest, model_admin: Any) -> HttpResponse:
    """Answer the page: the choice, the form, what a test found, the new store."""
    if not model_admin.has_add_permission(request):
        raise PermissionDenied
    known = dict(accounts.marketplace_names())
    marketplace = request.POST.get("marketplace") or request.GET.get("marketplace")
    if marketplace not in known:
        if len(known) > 1:
            title, choices = _("Connect a store"), marketplace_choices()
            template = "stores/choose_marketplace.html"
            return page(request, model_admin, template, title, choices=choices)
        marketplace = accounts.default_marketplace()
    if request.method != "POST":
        forget_typed(request)
        return _form_page(request, model_admin, ConnectForm(marketplace))
    kept = find_typed(request, marketplace, request.POST.get("typed", ""))
    form = ConnectForm(marketplace, request.POST, kept)
    if not form.is_valid() or request.POST.get("step") == "test":
        return _form_page(request, model_admin, form)
    return _connected(request, model_admin, form)


def _connected(
    request: StaffRequest, model_admin: Any, form: ConnectForm
) -> HttpResponse:
    """Store what was typed and tested, and go on to the new store's settings."""
    store, kind = form.store, AuditEntry.Kind.CONNECTED
    forget_typed(request)
    try:
        with transaction.atomic():
            store.save()
            model_admin.log_addition(request, store, [{"added": {}}])
            audit.record(kind, request=request, about=store, store_key=store.pk)
    except IntegrityError:
        # A second click, or somebody else at the same moment: one of both came in.
        message = _("This account is already connected; nothing was stored.")
        messages.warning(request, message)
        return HttpResponseRedirect(reverse("admin:stores_store_changelist"))
    answer: HttpResponse = model_admin.response_add(request, store)
    return answer


@sensitive_variables("form")
def _form_page(
    request: StaffRequest, model_admin: Any, form: ConnectForm
) -> HttpResponse:
    """Return the form, above it what a test has found; the secrets stay behind."""
    mark = ""
    if form.account and not form.has_wrong_secret:
        # Without keys nothing is kept, which the form says itself.
        with suppress(tokens.KeysUnusable):
            mark = keep_typed(request, form.marketplace, form.account)
            form.say_kept()
    label = MARKETPLACES[form.marketplace].label
    title = _("Connect a store: %(marketplace)s") % {"marketplace": label}
    more = {
        "form": form,
        "marketplace": form.marketplace,
        "marketplace_label": label,
        "mark": mark,
        "may_choose": len(MARKETPLACES) > 1,
        "found": _found(form.store, form.report) if form.report else None,
    }
    return page(request, model_admin, "stores/connect.html", title, **more)


def _found(store: Store, report: AccountReport) -> dict[str, Any]:
    """Return what the test has found, as the page shows it."""
    now = clock.now()
    known = {word: status.label for word, status in store.words.items()}
    counts = sorted(report.words.items(), key=lambda pair: (-pair[1], pair[0]))
    rows = [Word(text, n, str(known.get(text.lower(), ""))) for text, n in counts]
    # What nobody knows comes first.
    rows.sort(key=lambda word: bool(word.meaning))
    newest = report.newest_at
    return {
        "report": report,
        "words": rows,
        "unknown": sum(word.count for word in rows if not word.meaning),
        "newest": in_zone(newest, store.zone),
        "now": in_zone(now, store.zone),
        "zone": store.timezone.replace("_", " "),
        "is_ahead": bool(newest and newest > now),
        "has_offsets": Fact.OFFSETS in store.abilities.gives,
        "window": store.abilities.window.value,
        "limits": limits_in_words(store.abilities),
    }
