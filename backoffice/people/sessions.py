"""Sessions that know whose they are, so that people see them and end them."""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.contrib import auth
from django.contrib.auth.models import User
from django.contrib.sessions.backends import db
from django.db import Error
from django.http import HttpRequest, HttpResponse

from backoffice import audit
from backoffice.kit.password_again import PROVED_AT, note_password
from backoffice.models import AuditEntry, UserSession

SIGNED_IN_AT, USED_AT = "signed_in_at", "used_at"
ADDRESS, BROWSER = "address", "browser"
# A write for every page would cost more than knowing the minute is worth.
NOTED_EVERY = 5 * 60
BACKEND = "django.contrib.auth.backends.ModelBackend"


class SessionStore(db.SessionStore):
    """Django's own store, whose rows say whose session it is and when it was used."""

    @classmethod
    def get_model_class(cls) -> type[UserSession]:
        return UserSession

    def save(self, must_create: bool = False) -> None:
        if not must_create and auth.SESSION_KEY in self:
            now = time.time()
            self.setdefault(SIGNED_IN_AT, now)
            self.setdefault(PROVED_AT, now)
            self[USED_AT] = now
        super().save(must_create)

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        row: Any = super().create_model_instance(data)
        row.user_id = data.get(auth.SESSION_KEY)
        row.address = data.get(ADDRESS)
        row.browser = data.get(BROWSER, "")
        if auth.SESSION_KEY in data:
            row.used_at = datetime.now(UTC)
        return row


def sign_in(request: HttpRequest, user: User) -> None:
    """Begin a session of this user, who has proved to be so."""
    auth.login(request, user, backend=BACKEND)
    request.session[SIGNED_IN_AT] = time.time()
    note_password(request)
    _note_use(request)
    audit.record(AuditEntry.Kind.SIGNED_IN, by=user, request=request)


def end_sessions(
    request: HttpRequest, user: User, keys: Sequence[str] | None = None
) -> int:
    """End all sessions of a user, or these alone; return how many there were."""
    rows = UserSession.objects.filter(user=user)
    if keys is not None:
        rows = rows.filter(pk__in=keys)
    is_own_among_them = rows.filter(pk=request.session.session_key).exists()
    count, _rows = rows.delete()
    if count:
        audit.record(AuditEntry.Kind.SESSIONS, request=request, about=user)
    if is_own_among_them:
        auth.logout(request)
    return count


def end_other_sessions(request: HttpRequest, user: User) -> int:
    """End all sessions of a user but this one; return how many there were."""
    others = UserSession.objects.filter(user=user).exclude(
        pk=request.session.session_key
    )
    return end_sessions(request, user, list(others.values_list("pk", flat=True)))


def within_time(
    answer: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Note now and then that a session is used, and end one that is too old.

    One that nobody uses ends by itself: its row is valid for `SESSION_COOKIE_AGE`.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        # A database that cannot tell is the page's trouble, and the page says it.
        with suppress(Error):
            if request.user.is_authenticated:
                now = time.time()
                age = now - request.session.get(SIGNED_IN_AT, 0)
                if age > settings.SESSION_LONGEST:
                    auth.logout(request)
                elif now - request.session.get(USED_AT, 0) > NOTED_EVERY:
                    _note_use(request)
        return answer(request)

    return middleware


def _note_use(request: HttpRequest) -> None:
    request.session[ADDRESS] = request.META.get("REMOTE_ADDR") or None
    request.session[BROWSER] = request.headers.get("User-Agent", "")[:250]
