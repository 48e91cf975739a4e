"""What is wrong right now, each cause and store in one sentence."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice import roster
from backoffice.health import has_pulse, worker_is_alive, worker_last_seen
from backoffice.kit import zones
from orders.auditing import accounting, coverage, listings
from orders.importing import due
from orders.models import ImportProblem, Shipment
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
        *_zones(),
        *_gaps(now),
        *_notices(now),
        *_rejected(),
        *_unaccounted(now),
    ]


def urgent(now: datetime) -> list[Alarm]:
    """Return the alarms that stop the work: no worker, stores refused or late."""
    return [*_worker(now), *_stores(now)]


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
        ) % {"time": _moment(seen)}
    else:
        message = _(
            "The worker has not run since %(time)s; start “manage.py qcluster” again."
        ) % {"time": _moment(seen)}
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
    since = _moment(min(one.beat_at for one in silent))
    yield Alarm("cluster", None, message % {"names": names, "time": since})


def _stores(now: datetime) -> Iterator[Alarm]:
    for store in Store.objects.filter(is_active=True):
        names = {"store": store.name, "error": store.connection_error}
        if store.connection == Store.Connection.REFUSED:
            names["time"] = _moment(store.refused_since)
            message = _(
                "%(store)s is refused since %(time)s; replace its access token. "
                "The marketplace said: %(error)s"
            )
            yield Alarm("refused", store, message % names)
        elif due.is_late(store, now):
            if store.last_import_at and store.last_import_at > now:
                names["time"] = _moment(store.last_import_at)
                message = _(
                    "%(store)s is late: its last complete import is dated %(time)s, by "
                    "a clock that was ahead."
                )
            elif store.last_import_at:
                names["time"] = _moment(store.last_import_at)
                message = _("%(store)s is late: no complete import since %(time)s.")
            else:
                message = _("%(store)s is late: no import has been complete yet.")
            if store.connection_error:
                message += " " + _("The last failure: %(error)s")
            yield Alarm("late", store, message % names)


def _zones() -> Iterator[Alarm]:
    suspected = Store.objects.filter(is_active=True).exclude(suspected_timezone="")
    for store in suspected:
        names = {
            "store": store.name,
            "zone": store.suspected_timezone,
            "now": store.timezone,
        }
        message = _(
            "The server of %(store)s looks like %(zone)s, not %(now)s; the store’s "
            "page shows why and dates its orders anew."
        )
        yield Alarm("zone", store, message % names)


def _gaps(now: datetime) -> Iterator[Alarm]:
    for store, found in coverage.gaps_by_store(now).items():
        count = len(found)
        message = ngettext(
            "%(count)d stretch of time of %(store)s was never completely read; its "
            "page imports it.",
            "%(count)d stretches of time of %(store)s were never completely read; its "
            "page imports them.",
            count,
        )
        yield Alarm("gap", store, message % {"count": count, "store": store.name})


def _notices(now: datetime) -> Iterator[Alarm]:
    refused = Shipment.objects.filter(notification=Shipment.Notification.REFUSED)
    for store, count in _per_store(refused, "order__store"):
        message = ngettext(
            "The tracking of %(count)d order of %(store)s waits for a person.",
            "The tracking of %(count)d orders of %(store)s waits for a person.",
            count,
        )
        names = {"count": count, "store": store.name}
        yield Alarm("tracking_refused", store, message % names)
    unsent = Shipment.objects.unsent().filter(queued_at__lt=now - UNSENT_FOR)
    for store, count in _per_store(unsent, "order__store"):
        message = ngettext(
            "The tracking of %(count)d order of %(store)s is unsent for over an hour.",
            "The tracking of %(count)d orders of %(store)s is unsent for over an hour.",
            count,
        )
        names = {"count": count, "store": store.name}
        yield Alarm("tracking_unsent", store, message % names)


def _rejected() -> Iterator[Alarm]:
    kinds = [ImportProblem.Kind.UNREADABLE, ImportProblem.Kind.NOT_STORED]
    problems = ImportProblem.objects.filter(resolved_at=None, kind__in=kinds)
    for store, count in _per_store(problems, "store"):
        message = ngettext(
            "%(count)d order of %(store)s was rejected; the import problems say why.",
            "%(count)d orders of %(store)s were rejected; the import problems say why.",
            count,
        )
        names = {"count": count, "store": store.name}
        yield Alarm("rejected", store, message % names)


def _unaccounted(now: datetime) -> Iterator[Alarm]:
    """Yield what the daily listing shows, and where there was none for days."""
    for listing in listings.last_listings():
        store = listing.store
        if count := accounting.unexplained(listing):
            message = ngettext(
                "%(count)d order of %(store)s at the marketplace is not here, and "
                "nothing says why; the order accounting names it.",
                "%(count)d orders of %(store)s at the marketplace are not here, and "
                "nothing says why; the order accounting names them.",
                count,
            )
            names = {"count": count, "store": store.name}
            yield Alarm("unexplained", store, message % names)
        is_old = now - listing.started_at > UNLISTED_FOR
        if is_old and listings.is_listable(store):
            message = _(
                "%(store)s was last held against the marketplace on %(time)s; the "
                "order accounting says why not since."
            )
            names = {"time": _moment(listing.started_at), "store": store.name}
            yield Alarm("not_reconciled", store, message % names)

    for store in listings.never_listed(now, UNLISTED_FOR):
        message = _(
            "%(store)s could not yet be held against the marketplace; the order "
            "accounting says why not."
        )
        yield Alarm("not_reconciled", store, message % {"store": store.name})


def _per_store(rows: QuerySet, path: str) -> list[tuple[Store, int]]:
    counted = rows.order_by().values(path).annotate(count=Count("pk"))
    counts = {row[path]: row["count"] for row in counted}
    return [(store, counts[store.pk]) for store in Store.objects.filter(pk__in=counts)]


def _moment(moment: datetime) -> str:
    return zones.local(moment).strftime("%Y-%m-%d %H:%M %Z")
