"""The pages of passkeys: added, removed, and used for the second step of a login.

The library behind is loaded by whoever uses one: it takes a tenth of each start.
"""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST
from unfold.widgets import UnfoldAdminTextInputWidget

from backoffice.kit.admin import StaffRequest, find_row, own_page
from backoffice.kit.errors import NotAllowed
from backoffice.kit.password_again import password_again
from backoffice.models import Passkey
from backoffice.people import second_factor
from backoffice.people.lock_outs import begin_try, is_locked_out, note_failure
from backoffice.people.sessions import sign_in
from backoffice.site.security import show_codes
from backoffice.site.sign_in import HALF_WAY, code_address, half_way, safe_next

JSON = "application/json"


class PasskeyForm(forms.Form):
    name = forms.CharField(
        label=_("Name"),
        max_length=50,
        help_text=_("What you know the device by, for example “Phone”."),
        widget=UnfoldAdminTextInputWidget({"autocomplete": "off", "autofocus": True}),
    )
    answer = forms.CharField(
        widget=forms.HiddenInput, required=False, max_length=50_000
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@password_again
@sensitive_variables("codes")
def add_passkey_page(request: StaffRequest) -> HttpResponse:
    """Add a passkey under a name; the browser asks the device for it."""
    from backoffice.people import passkeys

    form = PasskeyForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        name, answer = form.cleaned_data["name"], form.cleaned_data["answer"]
        try:
            codes = passkeys.add_passkey(request, request.user, name, answer)
        except NotAllowed as error:
            form.add_error("name", str(error))
        else:
            if codes:
                return show_codes(request, codes)
            if codes is not None:
                message = _("The passkey “%(name)s” is added.") % {"name": name}
                messages.success(request, message)
                return redirect("security")
            form.add_error("name", _("No passkey was added. Try again."))
    return own_page(
        request,
        "backoffice/add_passkey.html",
        _("Add a passkey"),
        form=form,
        must_have_one=second_factor.must_have_one(request.user)
        and second_factor.factor_of(request.user) is None,
    )


@require_POST
def passkey_question_view(request: StaffRequest) -> HttpResponse:
    """Return what the browser asks a device for a new passkey with."""
    from backoffice.people import passkeys

    question = passkeys.question_to_add(request, request.user)
    return HttpResponse(question, content_type=JSON)


# By GET, as one comes back from typing the password, it does nothing.
@require_http_methods(["GET", "POST"])
@password_again
def remove_passkey_view(request: StaffRequest) -> HttpResponse:
    """Take away the passkey of one's own that the form names."""
    from backoffice.people import passkeys

    if request.method == "POST":
        own = Passkey.objects.filter(user=request.user)
        passkey = find_row(own, request.POST.get("passkey", ""))
        passkeys.remove_passkey(request, passkey)
        message = _("The passkey “%(name)s” is removed.") % {"name": passkey.name}
        messages.success(request, message)
    return redirect("security")


@never_cache
@require_POST
def sign_in_question_view(request: HttpRequest) -> HttpResponse:
    """Return what the browser asks the devices of who is half-way in with."""
    from backoffice.people import passkeys

    user = half_way(request)
    if user is None:
        return redirect("admin:login")
    question = passkeys.question_to_sign_in(request, user)
    return HttpResponse(question, content_type=JSON)


@never_cache
@require_POST
def sign_in_passkey_view(request: HttpRequest) -> HttpResponse:
    """Let in who is half-way in and gives a passkey; a wrong one is a failed try."""
    from backoffice.people import passkeys

    user = half_way(request)
    if user is None:
        return redirect("admin:login")
    name = user.get_username()
    if begin_try(request, name):
        if passkeys.take_passkey(request, user, request.POST.get("answer", "")):
            del request.session[HALF_WAY]
            sign_in(request, user)
            return redirect(safe_next(request))
        note_failure(request, name)
        if not is_locked_out(request, name):
            messages.error(request, _("This passkey was not taken. Try again."))
    return redirect(code_address(safe_next(request)))
