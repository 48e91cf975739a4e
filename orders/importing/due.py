"""When the next import or sending is due."""

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet, TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from backoffice.clocks import SKEW
from backoffice.kit.backoff import LONGEST_DELAY
from stores.marketplaces.abilities import Window
from stores.models import Store

PROBE = timedelta(hours=1)
# The sweep comes each minute, give or take half of one, and an import begins seconds
# after it: without this an interval of one minute would be two.
EARLY = timedelta(seconds=40)

# A store is late after this many intervals without a complete import.
LATE_AFTER = 3
# In minutes; of another interval the next shorter one is looked at first.
USUAL_INTERVALS = (1, 5, 15, 30, 60, 240)


class Health(TextChoices):
    """How a store's imports do, in one word."""

    CONNECTED = "connected", _("Connected")
    LATE = "late", _("Late")
    REFUSED = "refused", pgettext_lazy("store", "Refused")
    OFF = "off", _("Switched off")


def health(store: Store, now: datetime) -> Health:
    if not store.is_active:
        return Health.OFF
    if store.connection == Store.Connection.REFUSED:
        return Health.REFUSED
    return Health.LATE if is_late(store, now) else Health.CONNECTED


def is_late(store: Store, now: datetime) -> bool:
    """Return whether no import was complete for three intervals.

    As far ahead is as late: a clock was ahead, and when it was nobody knows. Where
    changes are read a week at a time, a store that was just connected is not late.
    """
    if not (store.is_active and store.auto_import):
        return False
    patience = LATE_AFTER * timedelta(minutes=store.import_interval)
    since, connected_at = store.last_import_at, store.token_set_at
    is_by_changes = store.abilities.window == Window.MODIFIED
    if connected_at and (not since or (is_by_changes and since < connected_at)):
        since = connected_at
    return since is not None and abs(now - since) > patience


def stores_late(now: datetime) -> list[Store]:
    """Return the stores that are late, without those whose token is refused."""
    stores = _automatic(now, "last_import_at", LATE_AFTER, timedelta())
    answered = stores.exclude(connection=Store.Connection.REFUSED)
    return [store for store in answered if is_late(store, now)]


def stores_due(now: datetime) -> list[Store]:
    """Return the stores whose next automatic import has come, the latest first."""
    stores = _automatic(now, "last_import_attempt_at", 1, EARLY)
    due = [store for store in stores if is_due(store, now)]
    return sorted(due, key=lambda store: next_import_at(store, now))


def _automatic(
    now: datetime, moment: str, intervals: int, early: timedelta
) -> QuerySet[Store]:
    """Return the stores that are read by themselves, but for most that just were.

    They need not be loaded for it.
    """
    just_read = Q()
    for minutes in USUAL_INTERVALS:
        since = now - intervals * timedelta(minutes=minutes) + early
        times = {f"{moment}__gt": since, f"{moment}__lte": now}
        just_read |= Q(import_interval__gte=minutes, **times)
    stores = Store.objects.filter(is_active=True, auto_import=True)
    return stores.exclude(just_read)


def is_due(store: Store, now: datetime) -> bool:
    """Return whether the store's next automatic import has come."""
    wanted = store.is_active and store.auto_import
    return wanted and next_import_at(store, now) <= now


def next_import_at(store: Store, now: datetime) -> datetime:
    """Return when the store's next automatic import is due, at the earliest."""
    attempted_at = store.last_import_attempt_at
    # An attempt or a pause from the future is a clock's that has been set back since.
    if attempted_at is None or attempted_at > now + SKEW:
        return now
    pause = timedelta(minutes=store.import_interval) - EARLY
    if store.connection == Store.Connection.REFUSED:
        return attempted_at + max(pause, PROBE)
    due = attempted_at + pause
    if store.backoff_until and store.backoff_until <= now + LONGEST_DELAY:
        due = max(due, store.backoff_until)
    return due
