"""What is wrong right now, each cause and store in one sentence."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice import roster
from backoffice.health import has_pulse, worker_is_alive, worker_last_seen
from orders.auditing import listings
from orders.importing import due
from orders.models import Shipment
from orders.work import figures
from orders.work.base import Derived, Stored, counted, written_moment
from orders.work.causes import TABLE
from stores.models import Store

UNSENT_FOR = timedelta(hours=1)
UNLISTED_FOR = timedelta(days=3)


@dataclass(frozen=True)
class Alarm:
    """One thing that needs somebody: its cause, the store it concerns, a sentence."""

    cause: str
    store: Store | None
    message: str


def raised(now: datetime) -> list[Alarm]:
    """Return every alarm that stands, the most urgent first."""
    return [
        *urgent(now),
        *_clusters(now),
        *_of_causes(now, is_urgent=False),
        *_unsent(now),
        *_unlisted(now),
    ]


def urgent(now: datetime) -> list[Alarm]:
    """Return the alarms that stop the work: no worker, stores refused or late."""
    return [*_worker(now), *_of_causes(now, is_urgent=True), *_late(now)]


def _of_causes(now: datetime, is_urgent: bool) -> Iterator[Alarm]:
    """Yield what is wrong with orders and stores, once for each cause and store."""
    for cause in TABLE:
        if not cause.alarm or cause.is_urgent != is_urgent:
            continue
        for store, count in _by_store(cause, now):
            names = {"count": count, "store": store.name}
            if cause.many:
                message = cause.many % names
            else:
                # The row is the store itself.
                message = str(cause.one) % {**names, **cause.facts(store)}
            yield Alarm(cause.alarm, store, message)


def _by_store(cause: Stored | Derived, now: datetime) -> list[tuple[Store, int]]:
    """Return the stores that a cause's alarm is about, with the number of its rows."""
    if isinstance(cause, Stored):
        return counted(cause.standing(now).filter(cause.alarming))
    kept = figures.of_stores(now, cause.figure)[cause.figure]
    counts = {pk: one["alarming"] for pk, one in kept.items() if one.get("alarming")}
    stores = Store.objects.filter(pk__in=counts, is_active=True) if counts else []
    return [(one, counts[one.pk]) for one in stores]


def _worker(now: datetime) -> Iterator[Alarm]:
    seen = worker_last_seen()
    if has_pulse(seen, now):
        return
    if seen is None:
        message = _("The worker has never run; start it with “manage.py qcluster”.")
    elif seen > now:
        message = _(
            "The worker’s last sign of life is dated %(time)s, by a clock that was "
            "ahead; start “manage.py qcluster” again if this stays."
        ) % {"time": written_moment(seen)}
    else:
        message = _(
            "The worker has not run since %(time)s; start “manage.py qcluster” again."
        ) % {"time": written_moment(seen)}
    yield Alarm("worker", None, message)


def _clusters(now: datetime) -> Iterator[Alarm]:
    """Yield which of several clusters is silent; the others do its work."""
    silent = roster.silent(now)
    if not silent or not worker_is_alive(now):
        return
    message = ngettext(
        "Nothing comes through the worker %(names)s since %(time)s; the others do its "
        "work. Start it again.",
        "Nothing comes through the workers %(names)s since %(time)s; the others do "
        "their work. Start them again.",
        len(silent),
    )
    names = ", ".join(one.name for one in silent)
    since = written_moment(min(one.beat_at for one in silent))
    yield Alarm("cluster", None, message % {"names": names, "time": since})


def _late(now: datetime) -> Iterator[Alarm]:
    for store in due.stores_late(now):
        read_at = store.last_import_at
        names = {"store": store.name, "error": store.connection_error}
        names["time"] = written_moment(read_at) if read_at else ""
        if read_at and read_at > now:
            message = _(
                "%(store)s is late: its last complete import is dated %(time)s, by "
                "a clock that was ahead."
            )
        elif read_at:
            message = _("%(store)s is late: no complete import since %(time)s.")
        else:
            message = _("%(store)s is late: no import has been complete yet.")
        if store.connection_error:
            message += " " + _("The last failure: %(error)s")
        yield Alarm("late", store, message % names)


def _unsent(now: datetime) -> Iterator[Alarm]:
    unsent = Shipment.objects.unsent().filter(queued_at__lt=now - UNSENT_FOR)
    for store, count in counted(unsent):
        message = ngettext(
            "The tracking of %(count)d order of %(store)s is unsent for over an hour.",
            "The tracking of %(count)d orders of %(store)s is unsent for over an hour.",
            count,
        )
        names = {"count": count, "store": store.name}
        yield Alarm("tracking_unsent", store, message % names)


def _unlisted(now: datetime) -> Iterator[Alarm]:
    """Yield the stores whose daily listing did not come for days."""
    old = listings.last_listings().filter(started_at__lt=now - UNLISTED_FOR)
    for listing in old:
        store = listing.store
        if listings.is_listable(store):
            message = _(
                "%(store)s was last held against the marketplace on %(time)s; the "
                "order accounting says why not since."
            )
            names = {"time": written_moment(listing.started_at), "store": store.name}
            yield Alarm("not_reconciled", store, message % names)

    for store in listings.never_listed(now, UNLISTED_FOR):
        message = _(
            "%(store)s could not yet be held against the marketplace; the order "
            "accounting says why not."
        )
        yield Alarm("not_reconciled", store, message % {"store": store.name})
