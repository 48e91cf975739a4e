"""Moments to place orders at, and what a run counted."""

from datetime import UTC, datetime, timedelta

from orders.models import ImportRun


def days_ago(days: float) -> datetime:
    return datetime.now(UTC) - timedelta(days=days)


def counts(run: ImportRun) -> dict[str, int]:
    return {
        name: getattr(run, name)
        for name in ImportRun.COUNTS
        if name == "seen" or getattr(run, name)
    }
