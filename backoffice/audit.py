"""The audit: one entry for each thing that somebody may one day ask about."""

import os
import pwd
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, Group, User
from django.db.models import QuerySet
from django.http import HttpRequest

from backoffice.models import AuditEntry

Change = tuple[str, Any, Any]


def record(
    kind: AuditEntry.Kind,
    *,
    by: AbstractBaseUser | AnonymousUser | str | None = None,
    request: HttpRequest | None = None,
    about: object = "",
    text: str = "",
    changes: Sequence[Change] = (),
    store_key: int | None = None,
) -> AuditEntry:
    """Note who did what; in the caller's transaction, so that both happen or neither.

    `by` is who did it, or the name somebody claimed to have; of None, the request's
    user, and without a request this program. `text` may be a `sentence`. `changes` are
    (field, from, to), and no secret.
    """
    actor = (getattr(request, "user", None) if by is None else by) or ""
    if isinstance(actor, AnonymousUser):
        actor = ""
    if request is None and not actor:
        actor = program()
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


def program() -> str:
    """Return which command this is, and who runs it on this machine."""
    name = Path(sys.argv[0]).name
    if name == "manage.py" and len(sys.argv) > 1:
        name = f"{name} {sys.argv[1]}"
    try:
        user = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        user = str(os.getuid())
    return f"{name} ({user})"


def what_differs(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """Return what differs as changes; of lists, each thing that was taken or given."""
    changes: list[Change] = []
    for name in {**before, **after}:
        was, is_now = before.get(name), after.get(name)
        if isinstance(was, list) or isinstance(is_now, list):
            had, has = was or [], is_now or []
            changes += [(name, one, "") for one in had if one not in has]
            changes += [(name, "", one) for one in has if one not in had]
        elif was != is_now:
            changes.append((name, was, is_now))
    return changes


def rights_of(row: User | Group) -> dict[str, Any]:
    """Return what a user or a group may do, and what else decides on it, as stored."""
    if isinstance(row, Group):
        group = Group.objects.get(pk=row.pk)
        return {"name": group.name, "permissions": _named(group.permissions.all())}
    user = User.objects.get(pk=row.pk)
    names = ("username", "email", "is_active", "is_staff", "is_superuser")
    return {name: getattr(user, name) for name in names} | {
        "groups": [group.name for group in user.groups.order_by("name")],
        "user_permissions": _named(user.user_permissions.all()),
    }


def _named(permissions: QuerySet) -> list[str]:
    names = ("content_type__app_label", "codename")
    return [".".join(one) for one in permissions.order_by(*names).values_list(*names)]
