"""Stretches of time that imports have read."""

from datetime import datetime, timedelta

from django.utils import timezone as clock

from orders.models import ImportRun
from stores.models import Store

NOW = clock.now()


def days_ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def was_read(store: Store, start: float, end: float, **fields) -> ImportRun:
    """Store an import of the time between two numbers of days ago."""
    defaults = {
        "status": ImportRun.Status.COMPLETE,
        "window_start": days_ago(start),
        "window_end": days_ago(end),
        "started_at": days_ago(end),
        "finished_at": days_ago(end),
    }
    return ImportRun.objects.create(store=store, **(defaults | fields))
