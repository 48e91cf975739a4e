"""Lock-outs after failed tries, by account and by address; kept by django-axes."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from ipaddress import IPv6Address, IPv6Network, ip_address
from math import ceil
from typing import Any, cast

from axes.backends import AxesStandaloneBackend
from axes.exceptions import AxesBackendPermissionDenied
from axes.handlers.database import AxesDatabaseHandler
from axes.handlers.proxy import AxesProxyHandler
from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_login_failed
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.db.models import F, Max, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.utils import timezone as clock
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_variables

from backoffice import audit
from backoffice.kit.queue import enqueue
from backoffice.kit.sentences import sentence
from backoffice.models import AuditEntry, FailedTries

logger = logging.getLogger(__name__)

# In the order of AXES_LOCKOUT_PARAMETERS: how many tries may fail by one account from
# one address, by one account from anywhere, and from one address by any account.
# The last two are higher, lest a stranger locks out others: an account needs several
# addresses for that, and an address is often a whole office's.
BOUNDS = [settings.AXES_FAILURE_LIMIT, 30, 30]


class Doorkeeper(AxesStandaloneBackend):
    """Checks a password once the try is counted, and none of who is locked out."""

    @sensitive_variables("password")
    def authenticate(
        self,
        request: Any,
        username: str | None = None,
        password: str | None = None,
        **more: Any,
    ) -> Any:
        # Without a request, as in a shell, nobody knocks from anywhere.
        if request is None:
            return None
        name = username or ""
        if not begin_try(request, name):
            # Which marks the request for the answer's status.
            super().authenticate(request, username, password, **more)
            raise AxesBackendPermissionDenied
        user = ModelBackend().authenticate(request, name, password, **more)
        if user is None:
            raise PermissionDenied
        take_back_try(request, name)
        return user


class BoundedTries(AxesDatabaseHandler):
    """What django-axes does, with a bound for each way of counting, and audited."""

    def get_failures(
        self, request: HttpRequest, credentials: dict[str, Any] | None = None
    ) -> int:
        """Return the tries of the account here, or the limit where a bound is met."""
        counted = [
            rows.aggregate(tries=Sum("failures_since_start"))["tries"] or 0
            for rows in self.get_user_attempts(request, credentials)
        ]
        is_over = any(
            tries >= most for tries, most in zip(counted, BOUNDS, strict=True)
        )
        return max(counted[0], BOUNDS[0] if is_over else 0)

    def user_login_failed(
        self,
        sender: Any,
        credentials: dict[str, Any],
        request: Any = None,
        **more: Any,
    ) -> None:
        """Say that a try has failed, which was counted before it was judged."""
        if request is None or request.axes_failures_since_start is None:
            return
        name = str(credentials.get("username") or "")
        user = User.objects.filter(username=name).first()
        # What nobody is called may be a password, typed into the wrong field.
        unknown = "" if user else sentence("Nobody has the user name that was typed.")
        audit.record(
            AuditEntry.Kind.SIGN_IN_FAILED,
            by=user or "",
            request=request,
            text=unknown,
        )
        if request.axes_locked_out:
            text = sentence("Locked out for %(minutes)d minutes.")
            entry = audit.record(
                AuditEntry.Kind.LOCKED_OUT,
                by=user or name,
                request=request,
                about=name,
                text=text % {"minutes": settings.AXES_COOLOFF_TIME.seconds // 60},
            )
            enqueue("mail_lock_out", entry.pk)
            # %r: a name is what anybody typed, and stays on one line.
            logger.warning("Locked out: %r from %s.", name, entry.address)

    def count_try(self, request: Any, credentials: dict[str, Any]) -> None:
        """Count a try as failed; the one that meets a bound is marked."""
        super().user_login_failed(__name__, credentials, request)

    def reset_user_attempts(
        self, request: HttpRequest, credentials: dict[str, Any] | None = None
    ) -> int:
        """Forget the tries of who has signed in, and of nobody else at the address.

        Or whoever has one account could try the passwords of all others for ever.
        """
        mine = self.filter_user_attempts(request, credentials)[0]
        count, _rows = mine.delete()
        return int(count)


def begin_try(request: HttpRequest, username: str) -> bool:
    """Count a try before it is judged; return whether it may be judged at all.

    Who counted after the check would let as many tries past the bound as come at once.
    """
    credentials = {"username": username}
    with _one_by_one():
        is_allowed = not is_locked_out(request, username)
        if is_allowed:
            _handler().count_try(request, credentials)
    return is_allowed


def take_back_try(request: Any, username: str) -> None:
    """Count a try no more that was right."""
    with _one_by_one():
        counted = _handler().filter_user_attempts(request, {"username": username})[0]
        counted = counted.filter(user_agent=request.axes_user_agent)
        counted.update(failures_since_start=F("failures_since_start") - 1)
        counted.filter(failures_since_start__lte=0).delete()
    # The next look at the request begins anew: it is not one that was locked out.
    del request.axes_updated, request.axes_locked_out


@contextmanager
def _one_by_one() -> Iterator[None]:
    # The rows that a bound adds up may not be there yet to be locked. SQLite has one
    # writer at a time anyhow.
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(
                    "LOCK TABLE axes_accessattempt IN SHARE ROW EXCLUSIVE MODE"
                )
        yield


def _handler() -> BoundedTries:
    return cast("BoundedTries", AxesProxyHandler.get_implementation())


def is_locked_out(request: HttpRequest, username: str) -> bool:
    """Whether no password and no code is taken now."""
    return not AxesProxyHandler.is_allowed(request, {"username": username})


def note_failure(request: HttpRequest, username: str) -> None:
    """Say that a try which was begun here failed at something else than a password."""
    user_login_failed.send(
        sender=__name__, credentials={"username": username}, request=request
    )


def words_for_lock_out(request: HttpRequest, username: str) -> str:
    """Return in a sentence for how long nobody can sign in; empty if anybody can."""
    if not is_locked_out(request, username):
        return ""
    rows = _handler().get_user_attempts(request, {"username": username})
    now = clock.now()
    last = max(one.aggregate(at=Max("attempt_time"))["at"] or now for one in rows)
    left: timedelta = last + settings.AXES_COOLOFF_TIME - now
    minutes = max(1, ceil(left.total_seconds() / 60))
    message = ngettext(
        "Too many tries have failed, so nobody can log in as “%(name)s” from here for "
        "%(minutes)d minute. Wait, or ask a superuser to end the lock-out.",
        "Too many tries have failed, so nobody can log in as “%(name)s” from here for "
        "%(minutes)d minutes. Wait, or ask a superuser to end the lock-out.",
        minutes,
    )
    return message % {"name": username, "minutes": minutes}


def end_lock_outs(request: HttpRequest, tries: QuerySet[FailedTries]) -> int:
    """Forget failed tries, so that these accounts and addresses may try again."""
    names = sorted({str(name) for name in tries.values_list("username", flat=True)})
    count, _rows = tries.delete()
    for name in names:
        audit.record(AuditEntry.Kind.UNLOCKED, request=request, about=name)
    return count


def counted_address(request: HttpRequest) -> str | None:
    """Return by which address tries are counted: of IPv6 a customer's network."""
    address = request.META.get("REMOTE_ADDR") or None
    where = ip_address(address) if address else None
    if not isinstance(where, IPv6Address):
        return address
    # A server that listens to both kinds writes IPv4 so; all would be one network.
    if where.ipv4_mapped:
        return str(where.ipv4_mapped)
    return str(IPv6Network((int(where), 64), strict=False).network_address)


def answer_locked_out(
    request: HttpRequest, answer: HttpResponse, credentials: Any = None
) -> HttpResponse:
    """Leave the page as it is, which says it in words, with the status that fits."""
    answer.status_code = 429
    return answer
