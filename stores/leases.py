"""One process at a time does a thing with a store: leases by the database's clock."""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from django.db.models.functions import Now

from backoffice.kit.claims import is_free
from stores.models import Store


@dataclass(frozen=True)
class Lease:
    """What is held: its columns in the store's row, and for how long at a time."""

    owner: str
    until: str
    time: timedelta


# Above the deadline of one marketplace call plus the storing of one page, which lie
# between two renewals, and below the two minutes after which a dead holder has lost it.
LEASE_TIME = timedelta(seconds=110)
IMPORT = Lease("lease_owner", "lease_until", LEASE_TIME)
# Renewed beside the work, so that the dead keep the store's notices for seconds only.
SENDING = Lease("sending_owner", "sending_until", timedelta(seconds=30))


class LeaseLost(Exception):
    """Another run took the store over, or somebody removed the lease."""


def acquire(store: Store, lease: Lease = IMPORT) -> str | None:
    """Return the new holder's mark, or None while somebody else holds the store."""
    owner = secrets.token_hex(16)
    free = Store.objects.filter(is_free(lease.until, lease.time), pk=store.pk)
    taken = free.update(**{lease.owner: owner, lease.until: Now() + lease.time})
    return owner if taken else None


def renew(store: Store, owner: str, lease: Lease = IMPORT) -> None:
    """Keep the lease, or raise `LeaseLost`; in a transaction it guards the write."""
    ours = Store.objects.filter(**{"pk": store.pk, lease.owner: owner})
    if not ours.update(**{lease.until: Now() + lease.time}):
        raise LeaseLost


def end_lease(store: Store, owner: str, lease: Lease = IMPORT) -> None:
    """Give the store free, unless somebody else holds it by now."""
    ours = Store.objects.filter(**{"pk": store.pk, lease.owner: owner})
    ours.update(**{lease.owner: "", lease.until: None})
