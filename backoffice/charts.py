"""The charts of the front page: what happened on each of the last days."""

import json
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Avg, Count, F, Q
from django.db.models.functions import TruncDate
from django.utils import timezone as clock
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from orders.models import Order, Shipment

DAYS = 30
# Shipped before it was paid: a day typed afterwards counts from its noon.
PAID_BEFORE = Q(shipped_at__gte=F("order__paid_at"))


@dataclass(frozen=True)
class Series:
    """One line or row of bars: a value for each day, None where there is none."""

    title: str
    shape: str
    colour: str
    values: list[Any]

    @property
    def dataset(self) -> dict[str, Any]:
        colour = f"var(--color-{self.colour})"
        return {
            "type": self.shape,
            # Lines in front of bars.
            "order": int(self.shape == "bar"),
            "label": self.title,
            "data": self.values,
            "backgroundColor": colour,
            "borderColor": colour,
            # A day between two without a value is a point of its own.
            "pointRadius": 2.5,
            "spanGaps": True,
            "maxBarThickness": 12,
            "borderRadius": 2,
        }


@dataclass(frozen=True)
class Chart:
    """A drawing, and the same figures as a table."""

    title: str
    days: list[date]
    series: list[Series]

    @property
    def data(self) -> str:
        labels = [date_format(day, "j M") for day in self.days]
        datasets = [series.dataset for series in self.series]
        return json.dumps({"labels": labels, "datasets": datasets})

    @property
    def options(self) -> str:
        return json.dumps(OPTIONS)

    @property
    def rows(self) -> list[tuple[date, list[Any]]]:
        """The figures, the newest day first."""
        values = zip(*(series.values for series in self.series), strict=True)
        return list(zip(self.days, map(list, values), strict=True))[::-1]


OPTIONS = {
    "animation": False,
    "responsive": True,
    "maintainAspectRatio": False,
    "interaction": {"mode": "index", "intersect": False},
    "plugins": {"legend": {"display": False}},
    "scales": {
        "x": {
            "grid": {"display": False},
            "ticks": {"maxTicksLimit": 8, "maxRotation": 0},
        },
        "y": {
            "beginAtZero": True,
            "border": {"display": False},
            "ticks": {"precision": 0, "maxTicksLimit": 6},
        },
    },
}


def drawn(now: datetime) -> list[Chart]:
    """Return the charts that have something to draw."""
    today = clock.localdate(now)
    days = [today - timedelta(days=back) for back in reversed(range(DAYS))]
    since = clock.make_aware(datetime.combine(days[0], time.min))
    ordered = _per_day(
        Order.objects.filter(ordered_at__gte=since), "ordered_at", count=Count("pk")
    )
    shipped = _per_day(
        Shipment.objects.filter(shipped_at__gte=since),
        "shipped_at",
        count=Count("pk"),
        taken=Avg(F("shipped_at") - F("order__paid_at"), filter=PAID_BEFORE),
    )
    charts = []
    if ordered or shipped:
        counts = [
            Series(_("Orders"), "bar", "primary-600", _counts(ordered, days)),
            Series(_("Shipments"), "line", "green-600", _counts(shipped, days)),
        ]
        charts.append(
            Chart(_("Orders and shipments per day, last 30 days"), days, counts)
        )
    hours = [_hours(shipped.get(day, {}).get("taken")) for day in days]
    if any(value is not None for value in hours):
        line = Series(_("Hours"), "line", "primary-600", hours)
        charts.append(
            Chart(_("Average hours from paid to shipped, last 30 days"), days, [line])
        )
    return charts


def _per_day(rows: Any, field: str, **figures: Any) -> dict[date, dict[str, Any]]:
    """Return the figures of each day that has rows, cut in the current time zone."""
    cut = rows.order_by().annotate(day=TruncDate(field)).values("day")
    return {row["day"]: row for row in cut.annotate(**figures)}


def _counts(figures: dict[date, dict[str, Any]], days: list[date]) -> list[int]:
    return [figures.get(day, {}).get("count", 0) for day in days]


def _hours(taken: timedelta | None) -> float | None:
    return None if taken is None else round(taken / timedelta(hours=1), 1)
