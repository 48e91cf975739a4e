"""Signing in and out: the password, the code of a second factor, the password again."""

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.contrib.auth.views import LoginView
from django.core.exceptions import ValidationError
from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods
from unfold.forms import AuthenticationForm
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminTextInputWidget

from backoffice import audit
from backoffice.kit.admin import StaffRequest
from backoffice.kit.password_again import note_password
from backoffice.models import AuditEntry, Passkey, SecondFactor
from backoffice.people import second_factor
from backoffice.people.lock_outs import (
    begin_try,
    is_locked_out,
    note_failure,
    words_for_lock_out,
)
from backoffice.people.sessions import sign_in
from backoffice.site.doors import door, frame
from backoffice.site.passwords import mail_leaves

# Whose password was right and whose code is still to come; kept in the session.
HALF_WAY = "half_signed_in"
CODE_WITHIN = 10 * 60
# Where one gets to without the second factor that one must have.
OPEN_TO_ALL = [
    *("second_factor", "add_passkey", "passkey_question", "password_again"),
    *("set_language", "healthz", "healthz_sync"),
    *("admin:logout", "admin:login", "admin:jsi18n"),
]


class LoginForm(AuthenticationForm):
    def get_invalid_login_error(self) -> ValidationError:
        name = self.cleaned_data.get("username", "")
        if words := words_for_lock_out(self.request, name):
            return ValidationError(words)
        return super().get_invalid_login_error()


class PasswordStep(LoginView):
    """The first step; who has no second factor is in."""

    authentication_form = LoginForm
    template_name = "backoffice/door.html"

    def form_valid(self, form: forms.Form) -> HttpResponse:
        user = cast("LoginForm", form).get_user()
        if second_factor.factor_of(user) is None:
            sign_in(self.request, user)
            return redirect(self.get_success_url())
        self.request.session.cycle_key()
        self.request.session[HALF_WAY] = [
            user.pk,
            user.get_session_auth_hash(),
            time.time() + CODE_WITHIN,
        ]
        return redirect(code_address(self.get_success_url()))


def log_in(request: HttpRequest) -> HttpResponseBase:
    """Ask for user name and password."""
    if request.method == "GET" and admin.site.has_permission(request):
        return redirect("admin:index")
    links = [(_("Forgotten your password?"), reverse("password_reset"))]
    context = frame(
        request,
        _("Log in"),
        button=_("Log in"),
        links=links if mail_leaves() else [],
    )
    return PasswordStep.as_view(extra_context=context)(request)


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("Code"),
        max_length=20,
        widget=UnfoldAdminTextInputWidget(
            {"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}
        ),
    )


class RecoveryCodeForm(CodeForm):
    code = forms.CharField(
        label=_("Recovery code"),
        max_length=20,
        widget=UnfoldAdminTextInputWidget({"autocomplete": "off", "autofocus": True}),
    )


@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def code_view(request: HttpRequest) -> HttpResponse:
    """Ask for the second factor of who has given the right password."""
    user = half_way(request)
    factor = second_factor.factor_of(user) if user else None
    if user is None or factor is None:
        return redirect("admin:login")
    form = _code_form(request, factor)
    name = user.get_username()
    if form.is_valid() and begin_try(request, name):
        if second_factor.take_code(factor, form.cleaned_data["code"]):
            del request.session[HALF_WAY]
            sign_in(request, user)
            _say_codes_left(request, user)
            return redirect(safe_next(request))
        note_failure(request, name)
        if not is_locked_out(request, name):
            form.add_error("code", _WRONG_CODE)
    return _second_step(request, user, factor, form)


def _code_form(request: HttpRequest, factor: SecondFactor) -> forms.Form:
    if "recovery" in request.GET:
        return RecoveryCodeForm(request.POST or None)
    # Without an app there is no code to type.
    return CodeForm(request.POST or None) if factor.confirmed_at else forms.Form()


def _second_step(
    request: HttpRequest, user: User, factor: SecondFactor, form: forms.Form
) -> HttpResponse:
    name, goal = user.get_username(), safe_next(request)
    is_recovery, has_app = "recovery" in request.GET, bool(factor.confirmed_at)
    has_passkey = not is_recovery and Passkey.objects.filter(user=user).exists()
    if is_recovery:
        sentence = _("Type one of the recovery codes you kept; each works once.")
    elif has_app:
        sentence = _("Type the six digits that your app shows for the back office now.")
    else:
        sentence = _("Show one of your passkeys; the browser asks for it.")
    back = _("Use the app’s code") if has_app else _("Use a passkey")
    locked_out = words_for_lock_out(request, name)
    return door(
        request,
        _("Second step"),
        form,
        _("Log in"),
        429 if locked_out else 200,
        troubles=[locked_out] if locked_out else [],
        sentence=sentence,
        passkey_goal=urlencode({"next": goal}) if has_passkey else "",
        links=[
            (back, code_address(goal))
            if is_recovery
            else (_("Use a recovery code"), code_address(goal, recovery="1")),
            (_("Log in as somebody else"), reverse("admin:login")),
        ],
    )


def code_address(goal: str, **more: str) -> str:
    """Return the address of the second step, which leads on to this page."""
    return f"{reverse('sign_in_code')}?{urlencode({'next': goal} | more)}"


_WRONG_CODE = _(
    "This code is not right or was used already; wait for the next one your app shows."
)


def half_way(request: HttpRequest) -> User | None:
    """Return whose password was right, lately enough for the second step."""
    key, proof, until = request.session.get(HALF_WAY, [None, "", 0])
    user = User.objects.filter(pk=key, is_active=True).first()
    if user is None or time.time() > until or proof != user.get_session_auth_hash():
        return None
    return user


def _say_codes_left(request: HttpRequest, user: User) -> None:
    factor = second_factor.factor_of(user)
    if "recovery" in request.GET and factor:
        message = _(
            "You have %(count)d recovery codes left; “Security” makes new ones."
        ) % {"count": len(factor.recovery_codes)}
        messages.warning(request, message)


def log_out(request: HttpRequest) -> HttpResponseBase:
    """End this session."""
    if request.method == "POST" and request.user.is_authenticated:
        audit.record(AuditEntry.Kind.SIGNED_OUT, request=request)
    return admin.site.logout(request)


class PasswordForm(forms.Form):
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=UnfoldAdminPasswordWidget(
            {"autocomplete": "current-password", "autofocus": True}
        ),
    )


@sensitive_post_parameters("password")
def password_view(request: StaffRequest) -> HttpResponse:
    """Ask who has signed in for the password again, and lead on."""
    form = PasswordForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        name = request.user.get_username()
        given = form.cleaned_data["password"]
        if authenticate(request, username=name, password=given) == request.user:
            note_password(request)
            return redirect(safe_next(request))
        words = words_for_lock_out(request, name) or _("This is not your password.")
        form.add_error("password", words)
    return door(
        request,
        _("Your password again"),
        form,
        _("Go on"),
        sentence=_(
            "What comes now could do harm in other hands. Show that it is still you, "
            "%(name)s."
        )
        % {"name": request.user.get_username()},
        links=[(_("Back to the front page"), reverse("admin:index"))],
    )


def safe_next(request: HttpRequest) -> str:
    """Return the page of ours that the address leads on to."""
    return _ours(request, request.GET.get("next", "")) or reverse("admin:index")


def _ours(request: HttpRequest, url: str) -> str:
    """Return the address if it is one of ours, else nothing."""
    hosts = {request.get_host()}
    is_ours = url_has_allowed_host_and_scheme(url, hosts, request.is_secure())
    return url if is_ours else ""


def back_where_it_was(
    answer: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Lead who was logged out meanwhile to log in, then back to a page there is.

    A step has none, and a dialog or live content would show the door inside a page.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        found = answer(request)
        is_live = bool(request.headers.get("HX-Request"))
        is_sent = request.method not in ("GET", "HEAD")
        door = f"{reverse('admin:login')}?"
        if not (is_live or is_sent) or request.user.is_authenticated:
            return found
        if not found.get("Location", "").startswith(door):
            return found
        if is_sent:
            messages.warning(request, str(_LOGGED_OUT))
        came_from = "HX-Current-URL" if is_live else "Referer"
        back = _ours(request, request.headers.get(came_from, ""))
        url = door + urlencode({"next": back or reverse("admin:index")})
        return HttpResponse(headers={"HX-Redirect": url}) if is_live else redirect(url)

    return middleware


_LOGGED_OUT = _(
    "You were logged out meanwhile, so nothing was stored. Log in, then do it once "
    "more."
)


def second_factor_first(
    answer: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Lead who must have a second factor, and has none, to where one is set up."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if _lacks_factor(request) and request.path not in map(reverse, OPEN_TO_ALL):
            return redirect("second_factor")
        return answer(request)

    return middleware


def _lacks_factor(request: HttpRequest) -> bool:
    # A database that cannot tell is the page's trouble, and the page says it.
    with suppress(Error):
        user: Any = request.user
        if user.is_authenticated and second_factor.must_have_one(user):
            return second_factor.factor_of(user) is None
    return False
