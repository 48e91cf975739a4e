"""The audit: one entry for each thing that somebody may one day ask about."""

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.http import HttpRequest

from backoffice.models import AuditEntry


def record(
    kind: AuditEntry.Kind,
    *,
    by: AbstractBaseUser | AnonymousUser | str | None = None,
    request: HttpRequest | None = None,
    about: object = "",
    text: str = "",
    changes: Sequence[tuple[str, Any, Any]] = (),
    store_key: int | None = None,
) -> AuditEntry:
    """Note who did what; in the caller's transaction, so that both happen or neither.

    `by` is who did it, or the name somebody claimed to have; of None, the request's
    user. `text` may be a `sentence`. `changes` are (field, from, to), and no secret.
    """
    actor = (getattr(request, "user", None) if by is None else by) or ""
    if isinstance(actor, AnonymousUser):
        actor = ""
    return AuditEntry.objects.create(
        kind=kind,
        user_key=getattr(actor, "pk", None),
        user=str(actor)[:150],
        address=request.META.get("REMOTE_ADDR") or None if request else None,
        store_key=store_key,
        about=str(about)[:200],
        text=text,
        changes=[list(change) for change in changes],
    )
