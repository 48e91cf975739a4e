"""The page where a change of how orders are read is looked at, saved, and undone."""

from dataclasses import asdict, replace
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import (
    HttpResponse,
    HttpResponseBadRequest,
    HttpResponseRedirect,
    QueryDict,
)
from django.urls import URLPattern, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from backoffice.kit.admin import StaffRequest, find_row, page, routes, row_url
from orders.admin import job_page
from orders.auditing import zone_doctor
from orders.importing import AlreadyRunning, replays, rereading
from orders.importing.rereading import Settings
from orders.importing.status_words import UNKNOWN, orders_that_say
from orders.labels import in_zone
from orders.models import STATUS_CHOICES, Job
from orders.shipping import NotAllowed
from stores.access import stores_seen_by
from stores.marketplaces.abilities import Window
from stores.models import Store
from stores.models.stores import validate_timezone

NEWEST = 50
# Words that the button to undo names.
SAID = 5


class ReplayForm(forms.Form):
    """How a store's orders are to be read."""

    timezone = forms.CharField(validators=[validate_timezone])
    import_variation_as_option = forms.BooleanField(required=False)


def replay_url(store: Store, settings: Settings) -> str:
    """Return where a change to these settings is looked at first."""
    wanted = {
        name: value
        for name, value in asdict(settings).items()
        if value and name in ReplayForm.base_fields
    }
    url = reverse("admin:stores_store_replay", args=[store.pk])
    return f"{url}?{urlencode(wanted)}"


def urls(model_admin: admin.ModelAdmin) -> list[URLPattern]:
    return routes(model_admin, ("<int:store_id>/replay/", replay_view, "replay"))


def replay_view(
    request: StaffRequest, model_admin: admin.ModelAdmin, store_id: int
) -> HttpResponse:
    """Show what other settings would change; save them, or undo the last change."""
    if not model_admin.has_change_permission(request):
        raise PermissionDenied
    store = find_row(stores_seen_by(request.user), store_id)
    settings_url = row_url(store)
    if request.method == "POST":
        step = STEPS.get(request.POST.get("step", ""))
        if step is None:
            return HttpResponseBadRequest()
        try:
            done = step(store, request)
        except (NotAllowed, AlreadyRunning) as error:
            model_admin.message_user(request, str(error), messages.WARNING)
            return HttpResponseRedirect(request.get_full_path())
        except forms.ValidationError:
            message = _("Choose a time zone in the store’s settings first.")
            model_admin.message_user(request, message, messages.ERROR)
            return HttpResponseRedirect(settings_url)
        return leave_replay(request, model_admin, store, done, settings_url)
    now, wanted = Settings.of(store), _read(store, request.GET)
    posted = {}
    if wanted:
        posted = _as_posted(now, "seen-") | _as_posted(wanted)
    return rehearsal_page(
        request,
        model_admin,
        store,
        wanted,
        posted=posted.items(),
        settings_url=settings_url,
        may_only_save=True,
    )


def leave_replay(
    request: StaffRequest,
    model_admin: admin.ModelAdmin,
    store: Store,
    done: str | Job | Promise,
    back: str,
) -> HttpResponse:
    """Go on to the job that was begun, or say what was done and lead back."""
    if isinstance(done, Job):
        model_admin.log_change(request, store, job_page.words_for(done))
        return HttpResponseRedirect(row_url(done))
    model_admin.log_change(request, store, str(done))
    model_admin.message_user(request, str(done), messages.SUCCESS)
    return HttpResponseRedirect(back)


def rehearsal_page(
    request: StaffRequest,
    model_admin: admin.ModelAdmin,
    store: Store,
    wanted: Settings | None,
    **more: Any,
) -> HttpResponse:
    """Show what these settings would change on stored orders, not saved yet."""
    now = Settings.of(store)
    rehearsals, sentences, words = [], [], set()
    if wanted:
        rehearsals = rereading.rehearse(store, wanted, NEWEST)
        words = rereading.words_changed(store, wanted)
    if wanted and (rehearsals or words):
        sentences = _sentences(store, wanted)
    return page(
        request,
        model_admin,
        "stores/replay.html",
        _("Read the orders of %(store)s in another way") % {"store": store},
        original=store,
        store=store,
        sentences=sentences,
        summary=_said_of_words(store, words) if words else _summary(rehearsals),
        has_offsets=not words and rereading.have_offsets(rehearsals),
        rows=[_row(one, now, wanted or now) for one in rehearsals],
        stored=store.orders.count(),
        lists_changes=store.abilities.window == Window.MODIFIED,
        **describe_last(store),
        **more,
    )


def _read(store: Store, data: QueryDict, prefix: str = "") -> Settings | None:
    """Return the settings the address or the form names; None when they are none."""
    form = ReplayForm(data, prefix=prefix)
    return replace(Settings.of(store), **form.cleaned_data) if form.is_valid() else None


def _as_posted(settings: Settings, prefix: str = "") -> dict[str, Any]:
    """Return what the page's form holds of settings, as a browser posts it."""
    values = asdict(settings)
    return {
        prefix + name: "on" if values[name] is True else values[name]
        for name in ReplayForm.base_fields
        if values[name]
    }


def read_anew(
    store: Store, wanted: Settings, seen: Settings | None, by: User
) -> str | Job:
    """Read the stored orders with these settings, many of them by a job."""
    if replays.is_long(store, wanted):
        return replays.begin_replay(store, wanted, by, seen)
    return job_page.read_in_words(replays.apply(store, wanted, by, seen))


def _apply(store: Store, request: StaffRequest) -> str | Job:
    wanted, seen = _posted(store, request)
    return read_anew(store, wanted, seen, request.user)


def _only_save(store: Store, request: StaffRequest) -> Promise:
    wanted, seen = _posted(store, request)
    replays.save(store, wanted, request.user, seen)
    if store.abilities.window == Window.MODIFIED:
        return _(
            "The settings are saved. They count for orders that come in or change from "
            "now on."
        )
    return _(
        "The settings are saved. They count for orders that come in from now on, those "
        "of the last three days included."
    )


def _undo(store: Store, request: StaffRequest) -> str | Job:
    last = replays.last_replay(store)
    if last is None or str(last.pk) != request.POST.get("replay"):
        raise NotAllowed(_("This change cannot be undone any more."))
    if replays.is_undoing_long(last):
        return replays.begin_undo(last, request.user)
    replays.undo(last, request.user)
    # What was wrong with the earlier zone is wrong with it again.
    zone_doctor.record_suspicion(last.store)
    message = ngettext(
        "The change is undone; %(count)d order says what it said before.",
        "The change is undone; %(count)d orders say what they said before.",
        last.changed,
    )
    return message % {"count": last.changed}


STEPS = {"apply": _apply, "save": _only_save, "undo": _undo}


def _posted(store: Store, request: StaffRequest) -> tuple[Settings, Settings | None]:
    """Return the settings to take, and those that the page showed if it says so."""
    settings = _read(store, request.POST)
    if settings is None:
        raise forms.ValidationError("timezone")
    return settings, _read(store, request.POST, "seen")


def _sentences(store: Store, wanted: Settings) -> list[str]:
    """Return what is to change, in words."""
    now = Settings.of(store)
    sentences: list[str] = []
    if now.timezone != wanted.timezone:
        zones = {"before": now.timezone, "after": wanted.timezone}
        sentences.append(_("Time zone: %(before)s → %(after)s.") % zones)
    if now.import_variation_as_option != wanted.import_variation_as_option:
        if wanted.import_variation_as_option:
            said = _("The variation ID becomes an item option.")
        else:
            said = _("The variation ID is no item option any more.")
        sentences.append(str(said))
    return sentences + _meanings(store, wanted)


def _meanings(store: Store, wanted: Settings) -> list[str]:
    """Return what other words of status would mean, a sentence each."""
    before, after = store.words, wanted.on(store).words
    sentences = []
    for word in sorted(rereading.words_changed(store, wanted)):
        meanings = (before.get(word, UNKNOWN), after.get(word, UNKNOWN))
        was, is_now = (str(dict(STATUS_CHOICES)[one]) for one in meanings)
        names = {"word": word, "before": was, "after": is_now}
        sentences.append(_("“%(word)s”: %(before)s → %(after)s.") % names)
    return sentences


def describe_last(store: Store) -> dict[str, Any]:
    """Return what stands beside the button that undoes the last change."""
    last = replays.last_replay(store)
    if last is None:
        return {"last": None}
    before, after = Settings(**last.before), Settings(**last.after)
    words = _meanings(before.on(store), after)
    more = ["…"] if len(words) > SAID else []
    return {"last": last, "last_words": words[:SAID] + more}


def _said_of_words(store: Store, words: set[str]) -> str:
    """Return in a sentence how many orders say one of these words."""
    count = orders_that_say(store, words).count()
    if count > NEWEST:
        many = _(
            "This is about %(count)d stored orders; the newest %(newest)d are shown."
        )
        return many % {"count": count, "newest": NEWEST}
    message = ngettext(
        "This is about %(count)d stored order.",
        "This is about %(count)d stored orders.",
        count,
    )
    return message % {"count": count}


def _summary(rehearsals: list[rereading.Rehearsal]) -> str:
    """Return in a sentence how many orders get another date or other options."""
    dated = sum(any(change.moved for change in one.changes) for one in rehearsals)
    options = sum(
        any(change.name == "options" for change in one.changes) for one in rehearsals
    )
    count = {"dated": dated, "options": options, "all": len(rehearsals)}
    if dated and options:
        message = _(
            "Of the newest %(all)d orders, %(dated)d would get another date and "
            "%(options)d other options."
        )
    elif dated:
        message = _("Of the newest %(all)d orders, %(dated)d would get another date.")
    elif options:
        message = _(
            "Of the newest %(all)d orders, %(options)d would get other options."
        )
    else:
        message = _("Nothing would change on the newest %(all)d orders.")
    return message % count


def _row(one: rereading.Rehearsal, now: Settings, wanted: Settings) -> dict[str, Any]:
    changes = [
        {
            "title": change.title,
            "before": _shown(change.before, now),
            "after": _shown(change.after, wanted),
            "moved": _hours(change.moved),
        }
        for change in one.changes
    ]
    return {"order": one.order, "changes": changes, "problem": one.problem}


def _shown(value: Any, settings: Settings) -> Any:
    if isinstance(value, str):
        return value or "–"
    return in_zone(value, settings.zone) or "–"


def _hours(moved: Any) -> str:
    """Return by how much a date moves: +8 h, −5 h 30 min."""
    if moved is None:
        return ""
    minutes = round(abs(moved.total_seconds()) / 60)
    sign = "−" if moved.total_seconds() < 0 else "+"
    hours, rest = divmod(minutes, 60)
    parts = [f"{hours} h"] if hours or not rest else []
    return sign + " ".join([*parts, *([f"{rest} min"] if rest else [])])
