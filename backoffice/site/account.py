"""A user's own page: name and address, and the language and zone pages are in."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.db import Error, transaction
from django.forms.models import model_to_dict
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone as clock
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.views import i18n
from django.views.decorators.http import require_http_methods, require_POST
from unfold.widgets import (
    UnfoldAdminEmailInputWidget,
    UnfoldAdminSelect2Widget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from backoffice.kit import languages, zones
from backoffice.kit.admin import StaffRequest, own_page
from backoffice.kit.editing import SharedForm
from backoffice.kit.password_again import ask_for_password, is_password_fresh
from backoffice.models import Preferences
from stores.forms import timezone_choices

BY_THE_BROWSER = ("", _("As the browser says"))
# What is kept in `Preferences`.
CHOSEN = ["language", "timezone"]


class AccountForm(SharedForm):
    language = forms.ChoiceField(
        label=_("Language"),
        required=False,
        choices=lambda: [BY_THE_BROWSER, *languages.choices()],
        widget=UnfoldAdminSelectWidget,
    )
    timezone = forms.ChoiceField(
        label=_("Time zone"),
        required=False,
        choices=lambda: [BY_THE_BROWSER, *timezone_choices()],
        widget=UnfoldAdminSelect2Widget,
        help_text=_("Orders keep their store’s zone, with yours beside it."),
    )

    class Meta:
        model = User
        fields = ["first_name", "last_name", "email"]
        widgets = {
            "first_name": UnfoldAdminTextInputWidget,
            "last_name": UnfoldAdminTextInputWidget,
            "email": UnfoldAdminEmailInputWidget,
        }

    def stored(self, row: User) -> dict[str, Any]:
        chosen = model_to_dict(preferences_of(row), CHOSEN)
        return super().stored(row) | chosen


def preferences_of(user: User) -> Preferences:
    """Return what the user chose; nothing yet, in a row that is not saved."""
    return Preferences.objects.filter(user=user).first() or Preferences(user=user)


def as_the_user_likes(
    answer: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Answer who has signed in in the language and the zone of his choice."""

    def middleware(request: HttpRequest) -> HttpResponse:
        chosen = _chosen_by(request)
        if chosen.language:
            translation.activate(chosen.language)
        is_zone = chosen.timezone in zones.known()
        with clock.override(zones.Zone(chosen.timezone) if is_zone else zones.here()):
            return answer(request)

    return middleware


def _chosen_by(request: HttpRequest) -> Preferences:
    # A database that cannot tell is the page's trouble, and the page says it.
    with suppress(Error):
        if request.user.is_authenticated:
            return preferences_of(request.user)
    return Preferences()


@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Switch the language as Django does and, for who has signed in, for good."""
    language = request.POST.get("language")
    if request.user.is_authenticated and language in dict(settings.LANGUAGES):
        Preferences.objects.update_or_create(
            user=request.user, defaults={"language": language}
        )
    return i18n.set_language(request)


@require_http_methods(["GET", "HEAD", "POST"])
@transaction.atomic
def account_page(request: StaffRequest) -> HttpResponse:
    """Show and save what users say of themselves; nobody else's page is reached."""
    # Not the request's own: what was typed wrong is not shown as the user's name.
    user = User.objects.get(pk=request.user.pk)
    form = AccountForm(
        request.POST if request.method == "POST" else None,
        instance=user,
        initial=model_to_dict(preferences_of(user), CHOSEN),
    )
    # A new address could be sent a link for a new password.
    is_risky = form.is_valid() and "email" in form.changed_data
    if is_risky and not is_password_fresh(request):
        return ask_for_password(request)
    if form.is_valid():
        chosen = {name: form.cleaned_data[name] for name in CHOSEN}
        user.save(update_fields=AccountForm.Meta.fields)
        Preferences.objects.update_or_create(user=user, defaults=chosen)
        browsers = translation.get_language_from_request(request)
        with translation.override(chosen["language"] or browsers):
            messages.success(request, str(_("Your account is saved.")))
        return redirect("account")
    return own_page(request, "backoffice/account.html", _("My account"), form=form)
