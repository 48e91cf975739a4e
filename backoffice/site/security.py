"""One's own security: the second factor, sessions and sign-ins."""

import re

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone as clock
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from backoffice.kit.admin import StaffRequest, own_page
from backoffice.kit.password_again import password_again
from backoffice.models import AuditEntry, Passkey, UserSession
from backoffice.people import second_factor
from backoffice.people.sessions import end_sessions
from backoffice.site.sign_in import CodeForm

# How many of the last sign-ins, and of tries that failed, are shown.
SHOWN = 20
# Browsers name those they descend from too, so the youngest come first.
BROWSERS = ["Edg", "OPR", "Firefox", "Chrome", "Safari"]
SYSTEMS = ["Android", "iPhone", "iPad", "Windows", "Mac OS X", "CrOS", "Linux"]
CALLED = {"Edg": "Edge", "OPR": "Opera", "Mac OS X": "macOS", "CrOS": "ChromeOS"}


@require_http_methods(["GET", "HEAD"])
def security_page(request: StaffRequest) -> HttpResponse:
    """Show users how they sign in, where they are signed in and when they were."""
    now = clock.now()
    sessions = UserSession.objects.filter(user=request.user, expire_date__gt=now)
    kinds = [
        AuditEntry.Kind.SIGNED_IN,
        AuditEntry.Kind.SIGN_IN_FAILED,
        AuditEntry.Kind.LOCKED_OUT,
    ]
    entries = AuditEntry.objects.filter(
        kind__in=kinds, user=request.user.get_username()
    )
    return own_page(
        request,
        "backoffice/security.html",
        _("Security"),
        factor=second_factor.factor_of(request.user),
        passkeys=Passkey.objects.filter(user=request.user),
        sessions=[
            (one, browser_in_words(one.browser), one.pk == request.session.session_key)
            for one in sessions.order_by("-used_at")
        ],
        entries=entries[:SHOWN],
    )


@require_POST
def end_sessions_view(request: StaffRequest) -> HttpResponse:
    """End the session that the form names, or all of them, this one too."""
    wanted = request.POST.get("session", "")
    keys = [
        one.pk
        for one in UserSession.objects.filter(user=request.user)
        if wanted in ("", one.reference)
    ]
    count = end_sessions(request, request.user, keys)
    if not request.user.is_authenticated:
        return redirect("admin:login")
    message = ngettext("%d session has ended.", "%d sessions have ended.", count)
    messages.success(request, message % count)
    return redirect("security")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@password_again
@sensitive_variables("codes")
def second_factor_page(request: StaffRequest) -> HttpResponse:
    """Set up a second factor with an app; it counts once a code of it was typed."""
    factor = second_factor.begin_factor(request.user)
    if factor.confirmed_at:
        return redirect("security")
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        codes = second_factor.confirm_factor(request, factor, form.cleaned_data["code"])
        if codes:
            return show_codes(request, codes)
        if codes is not None:
            messages.success(request, _("Your app is set up."))
            return redirect("security")
        form.add_error(
            "code",
            _(
                "This code is not right. Look whether the clock of your phone is, and "
                "type the next code your app shows."
            ),
        )
    return own_page(
        request,
        "backoffice/second_factor.html",
        _("Set up a second factor"),
        form=form,
        picture=second_factor.picture_of(factor),
        secret=re.sub("(....)", r"\1 ", second_factor.secret_of(factor)).strip(),
        has_passkey=second_factor.factor_of(request.user) is not None,
        must_have_one=second_factor.must_have_one(request.user),
    )


# By GET, as one comes back from typing the password, the next two do nothing.
@never_cache
@require_http_methods(["GET", "POST"])
@password_again
@sensitive_variables("codes")
def recovery_codes_view(request: StaffRequest) -> HttpResponse:
    """Make new recovery codes and show them, this once."""
    factor = second_factor.factor_of(request.user)
    if factor is None or request.method == "GET":
        return redirect("security")
    return show_codes(request, second_factor.renew_recovery_codes(request, factor))


@require_http_methods(["GET", "POST"])
@password_again
def remove_second_factor_view(request: StaffRequest) -> HttpResponse:
    """Take one's own second factor away."""
    if request.method == "POST" and second_factor.remove_factor(request, request.user):
        messages.success(request, _("Your second factor is removed."))
    return redirect("security")


@sensitive_variables("codes")
def show_codes(request: StaffRequest, codes: list[str]) -> HttpResponse:
    """Return the page that shows recovery codes, this once."""
    return own_page(
        request, "backoffice/recovery_codes.html", _("Your recovery codes"), codes=codes
    )


def browser_in_words(named: str) -> str:
    """Return what a browser says it is, as people call it: “Firefox, Linux”."""
    found = [
        CALLED.get(one, one)
        for known in (BROWSERS, SYSTEMS)
        for one in known
        if one in named
    ]
    systems = [one for one in found if one in {CALLED.get(s, s) for s in SYSTEMS}]
    browsers = [one for one in found if one not in systems]
    return ", ".join([*browsers[:1], *systems[:1]]) or named[:40]
