"""Which stores somebody may see: all of them, or those he is limited to."""

from collections.abc import Sequence
from typing import Any, TypeVar

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from backoffice import audit
from backoffice.models import AuditEntry
from stores.accounts import marketplace_names
from stores.models import Store, StoreLimit

Rows = TypeVar("Rows", bound=QuerySet[Any, Any])
# The keys of the stores that may be seen; None for all there are and will be.
Limit = frozenset[int] | None


def limit_of(user: Any) -> Limit:
    """Return what a person is limited to: a superuser to nothing, a stranger to none.

    Nobody at all, as in a command, is not limited. Asked once for each request, whose
    user keeps the answer as he keeps permissions.
    """
    if user is None or user.is_superuser:
        return None
    if user.pk is None:
        return frozenset()
    if not hasattr(user, "limited_to"):
        rows = StoreLimit.objects.filter(user=user.pk).values_list("stores", flat=True)
        keys = list(rows)
        # A limit to no store is one row without a key.
        user.limited_to = frozenset(keys) - {None} if keys else None
    limit: Limit = user.limited_to
    return limit


def kept_limit(user: User) -> list[Store] | None:
    """Return the stores a user is limited to, superuser or not; None for no limit."""
    kept = StoreLimit.objects.filter(user=user).first()
    return list(kept.stores.all()) if kept else None


@transaction.atomic
def set_limit(
    user: User, stores: Sequence[Store] | None, request: HttpRequest | None = None
) -> None:
    """Limit a user to these stores, or with None to nothing, and note who did it."""
    before = kept_limit(user)
    if stores is None:
        StoreLimit.objects.filter(user=user).delete()
    else:
        StoreLimit.objects.get_or_create(user=user)[0].stores.set(stores)
    vars(user).pop("limited_to", None)
    if _named(before) != _named(stores):
        changes = [("stores", _named(before), _named(stores))]
        audit.record(
            AuditEntry.Kind.RIGHTS, request=request, about=user, changes=changes
        )


def _named(stores: Sequence[Store] | None) -> str:
    """Return the names of stores as the audit keeps them."""
    if stores is None:
        return "all"
    return ", ".join(sorted(store.name for store in stores)) or "none"


def is_within(store_key: int | None, limit: Limit) -> bool:
    """Whether a limit lets this store be seen; what is of no store always is."""
    return limit is None or store_key is None or store_key in limit


def within(rows: Rows, limit: Limit, path: str = "store") -> Rows:
    """Narrow rows to those whose store, at this path, may be seen."""
    return rows if limit is None else rows.filter(**{f"{path}__in": sorted(limit)})


def seen_by(rows: Rows, user: Any, path: str = "store") -> Rows:
    """Narrow rows to those of the stores that this person may see."""
    return within(rows, limit_of(user), path)


def marketplaces_seen_by(user: Any) -> dict[str, str]:
    """Return the marketplaces of the stores that this person may see: key and name."""
    keys = set(stores_seen_by(user).order_by().values_list("marketplace", flat=True))
    return {key: name for key, name in marketplace_names() if key in keys}


def stores_seen_by(user: Any) -> QuerySet[Store]:
    """Return the stores that this person may see."""
    return seen_by(Store.objects.all(), user, "pk")
