"""One run per store at a time: a lease in the store's row, by the database's clock."""

import secrets
from datetime import timedelta

from django.db.models.functions import Now

from backoffice.kit.claims import is_free
from stores.models import Store

# Above the deadline of one marketplace call plus the storing of one page, which lie
# between two renewals, and below the two minutes after which a dead holder has lost it.
LEASE_TIME = timedelta(seconds=110)


class LeaseLost(Exception):
    """Another run took the store over, or somebody removed the lease."""


def acquire(store: Store) -> str | None:
    """Return the new holder's mark, or None while somebody else holds the store."""
    owner = secrets.token_hex(16)
    free = Store.objects.filter(is_free("lease_until", LEASE_TIME), pk=store.pk)
    taken = free.update(lease_owner=owner, lease_until=Now() + LEASE_TIME)
    return owner if taken else None


def renew(store: Store, owner: str) -> None:
    """Keep the lease, or raise `LeaseLost`; in a transaction it guards the write."""
    kept = Store.objects.filter(pk=store.pk, lease_owner=owner).update(
        lease_until=Now() + LEASE_TIME
    )
    if not kept:
        raise LeaseLost


def end_lease(store: Store, owner: str) -> None:
    """Give the store free, unless somebody else holds it by now."""
    Store.objects.filter(pk=store.pk, lease_owner=owner).update(
        lease_owner="", lease_until=None
    )
