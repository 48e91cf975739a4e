"""Passwords: changed by oneself, or chosen anew by a link that came by mail."""

from datetime import timedelta
from threading import Thread
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.auth import authenticate, forms, views
from django.contrib.auth.models import User
from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse, reverse_lazy
from django.utils import timezone as clock
from django.utils import translation
from django.utils.encoding import force_bytes
from django.utils.functional import Promise
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods
from unfold.forms import AdminOwnPasswordChangeForm
from unfold.widgets import UnfoldAdminEmailInputWidget, UnfoldAdminPasswordWidget

from backoffice import audit
from backoffice.kit.admin import StaffRequest
from backoffice.kit.mails import mail_or_log
from backoffice.models import AuditEntry, FailedTries
from backoffice.people.lock_outs import words_for_lock_out
from backoffice.people.second_factor import factor_of
from backoffice.people.sessions import end_other_sessions, end_sessions
from backoffice.site.account import preferences_of
from backoffice.site.doors import door, frame

SILENT = ("console.EmailBackend", "dummy.EmailBackend")
# Mails with a link: to one account so seldom, and so many an hour from one address.
LINK_EVERY = timedelta(minutes=5)
MOST_LINKS = 10


def mail_leaves() -> bool:
    """Whether a mail server is set up, so that a link can come by mail."""
    return not settings.EMAIL_BACKEND.endswith(SILENT)


class ChangePasswordForm(AdminOwnPasswordChangeForm):
    def __init__(self, *args: Any, request: HttpRequest, **options: Any) -> None:
        super().__init__(*args, **options)
        self.request = request

    @sensitive_variables("given")
    def clean_old_password(self) -> str:
        """Take the present password as the login does, where failed tries count.

        Or whoever sits at an open session could guess at it for ever.
        """
        given: str = self.cleaned_data["old_password"]
        name = self.user.get_username()
        if authenticate(self.request, username=name, password=given) == self.user:
            return given
        if words := words_for_lock_out(self.request, name):
            raise ValidationError(words)
        message = self.error_messages["password_incorrect"]
        raise ValidationError(message, code="password_incorrect")


class ChangePassword(views.PasswordChangeView):
    form_class = ChangePasswordForm
    template_name = "registration/password_change_form.html"
    success_url = reverse_lazy("admin:password_change_done")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"request": self.request}

    def form_valid(self, form: Any) -> HttpResponse:
        answer = super().form_valid(form)
        audit.record(
            AuditEntry.Kind.PASSWORD, request=self.request, about=self.request.user
        )
        end_other_sessions(self.request, form.user)
        return answer


def change_password(request: StaffRequest) -> HttpResponseBase:
    """Let users change their own password; their other sessions end."""
    context = admin.site.each_context(request) | {"title": _("Change password")}
    return ChangePassword.as_view(extra_context=context)(request)


class AskForLinkForm(forms.PasswordResetForm):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["email"].widget = UnfoldAdminEmailInputWidget(
            {"autocomplete": "email", "autofocus": True}
        )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ask_for_link_view(request: HttpRequest) -> HttpResponse:
    """Mail a link to who has forgotten the password; say the same to everybody."""
    if not mail_leaves():
        raise Http404
    form = AskForLinkForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return door(
            request,
            _("Forgotten your password?"),
            form,
            _("Send the link"),
            sentence=_(
                "Type the e-mail address of your account; a link to choose a new "
                "password comes by mail."
            ),
            links=_BACK,
        )
    for user in form.get_users(form.cleaned_data["email"]):
        if _may_send(request, user):
            _send_link(request, user)
    sentence = _(
        "If an account has the address %(email)s, a link is on its way to it. It works "
        "once, for an hour. Nothing comes? Look into the spam folder, or ask a "
        "superuser which address your account has."
    )
    shown = sentence % {"email": form.cleaned_data["email"]}
    return door(request, _("Look into your mail"), None, sentence=shown, links=_BACK)


_BACK: list[tuple[Promise, Promise]] = [
    (gettext_lazy("Back to the login"), reverse_lazy("admin:login"))
]


def _may_send(request: HttpRequest, user: User) -> bool:
    now = clock.now()
    sent = AuditEntry.objects.filter(kind=AuditEntry.Kind.PASSWORD_LINK)
    lately = sent.filter(about=str(user), at__gt=now - LINK_EVERY)
    here = sent.filter(
        address=request.META.get("REMOTE_ADDR") or None,
        at__gt=now - timedelta(hours=1),
    )
    return not lately.exists() and here.count() < MOST_LINKS


def _send_link(request: HttpRequest, user: User) -> None:
    number = urlsafe_base64_encode(force_bytes(user.pk))
    token = default_token_generator.make_token(user)
    link = reverse("password_reset_confirm", args=[number, token])
    language = preferences_of(user).language or translation.get_language()
    with translation.override(language):
        text = _(
            "Somebody, most likely you, asked for a new password for your account "
            "“%(name)s” in the back office. Choose one here within an hour:\n\n"
            "%(link)s\n\n"
            "If it was not you, do nothing; your password stays as it is.\n"
        )
        mail = EmailMessage(
            _("A new password for the back office"),
            text
            % {"name": user.get_username(), "link": request.build_absolute_uri(link)},
            to=[user.email],
        )
    audit.record(AuditEntry.Kind.PASSWORD_LINK, request=request, about=user)
    # Beside the answer: how long a mail takes would tell that the account exists.
    what = "A link for a new password"
    Thread(target=mail_or_log, args=[mail, what], name="password link").start()


class NewPasswordForm(forms.SetPasswordForm):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for field in self.fields.values():
            field.widget = UnfoldAdminPasswordWidget({"autocomplete": "new-password"})


class ChooseAnew(views.PasswordResetConfirmView):
    form_class = NewPasswordForm
    template_name = "backoffice/door.html"
    success_url = reverse_lazy("password_reset_done")

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        context = super().get_context_data(**more)
        if self.validlink:
            title, shown = _("A new password"), {"button": _("Save"), "links": _BACK}
        else:
            again = (_("Ask for a new link"), reverse("password_reset"))
            sentence = _(
                "This link has been used or is older than an hour; ask for a new one."
            )
            title = _("This link does not work")
            shown = {"sentence": sentence, "links": [again, *_BACK]}
        return context | frame(self.request, title, **shown)

    def form_valid(self, form: Any) -> HttpResponse:
        answer = super().form_valid(form)
        audit.record(
            AuditEntry.Kind.PASSWORD,
            by=form.user,
            request=self.request,
            about=form.user,
        )
        end_sessions(self.request, form.user)
        # Who reads the account's mail is not locked out of it any more, unless tries
        # at a second factor count too, which a new link must not make endless.
        if factor_of(form.user) is None:
            FailedTries.objects.filter(username=form.user.get_username()).delete()
        return answer


def chosen_view(request: HttpRequest) -> HttpResponse:
    """Say that the new password is saved."""
    sentence = _("Your new password is saved, and your sessions have ended.")
    return door(request, _("Saved"), None, sentence=sentence, links=_BACK)
