"""Keep what grows with time within bounds."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, Min, OuterRef, Q, QuerySet
from django_q.models import Failure, Success

from backoffice.models import AuditEntry, FailedTries, UserSession
from orders.models import (
    Alert,
    ImportProblem,
    ImportRun,
    Job,
    ListedOrder,
    Sending,
    TrackingFile,
)
from orders.work import to_do
from stores.models import Store


def prune(now: datetime) -> dict[str, int]:
    """Delete what is older than its retention and return the numbers deleted.

    Orders, shipments and problems that still stand are never deleted.
    """
    # The newest of each store stays: it says when the store was last read.
    complete = ImportRun.objects.filter(status=ImportRun.Status.COMPLETE)
    newer = complete.filter(store=OuterRef("store"), pk__gt=OuterRef("pk"))
    is_over = ~Q(status=ImportRun.Status.COMPLETE) | Exists(newer.order_by("-pk"))
    run, problem = _before(now, "RUN"), _before(now, "PROBLEM")
    # Soon, because the files that jobs made hold people's addresses.
    queue = _before(now, "QUEUE")
    tried = now - settings.AXES_COOLOFF_TIME
    old: dict[str, list[QuerySet]] = {
        "import_runs": [ImportRun.objects.filter(is_over, finished_at__lt=run)],
        "sendings": [Sending.objects.filter(asked_at__lt=run)],
        "tracking_files": [
            TrackingFile.objects.filter(uploaded_at__lt=_before_files(now))
        ],
        "jobs": [Job.objects.filter(finished_at__lt=queue)],
        "problems": [
            ImportProblem.objects.filter(~Exists(_listed()), resolved_at__lt=problem)
        ],
        "alerts": [Alert.objects.filter(cleared_at__lt=problem)],
        "audit": [_old_entries(now)],
        "work_marks": [to_do.idle_marks(now)],
        "queue": [one.objects.filter(stopped__lt=queue) for one in (Success, Failure)],
        "failed_logins": [FailedTries.objects.filter(attempt_time__lt=tried)],
        "sessions": [UserSession.objects.filter(expire_date__lt=now)],
    }
    return {name: sum(one.delete()[0] for one in rows) for name, rows in old.items()}


def _listed() -> QuerySet[ListedOrder]:
    """Return what is listed of a problem's order: it may say why that is not here."""
    return ListedOrder.objects.filter(
        reconciliation__store=OuterRef("store"),
        marketplace_order_id=OuterRef("marketplace_order_id"),
    ).order_by()


def _old_entries(now: datetime) -> QuerySet:
    """Return what the audit need not keep any more; it keeps all with 0 days."""
    if not settings.AUDIT_RETENTION_DAYS:
        return AuditEntry.objects.none()
    return AuditEntry.objects.filter(at__lt=_before(now, "AUDIT"))


def _before_files(now: datetime) -> datetime:
    """Return since when files are kept: they may hold the addresses of any store."""
    days = Store.objects.aggregate(least=Min("erase_after_days"))["least"]
    kept = _before(now, "RUN")
    return max(kept, now - timedelta(days=days)) if days else kept


def _before(now: datetime, what: str) -> datetime:
    return now - timedelta(days=getattr(settings, f"{what}_RETENTION_DAYS"))
