"""The charts of the front page: what happened on each of the last days."""

import json
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import TruncDate
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from backoffice.kit.zones import Zone
from orders.models import Order, Shipment
from stores.models import last_day, stores_by_zone

# The sums of each day, by name.
Figures = defaultdict[date, Counter[str]]

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
    stores = stores_by_zone()
    # Where the day is over already, the next one is the last.
    today = last_day(now, stores)
    days = [today - timedelta(days=back) for back in reversed(range(DAYS))]
    ordered: Figures = defaultdict(Counter)
    shipped: Figures = defaultdict(Counter)
    for zone, keys in stores.items():
        since = datetime.combine(days[0], time.min, tzinfo=zone)
        orders = Order.objects.filter(store__in=keys, ordered_at__gte=since)
        _add(ordered, _per_day(orders, "ordered_at", zone, count=Count("pk")))
        shipments = Shipment.objects.filter(
            order__store__in=keys, shipped_at__gte=since
        )
        paid = {
            "timed": Count("pk", filter=PAID_BEFORE),
            "taken": Sum(F("shipped_at") - F("order__paid_at"), filter=PAID_BEFORE),
        }
        cut = _per_day(shipments, "shipped_at", zone, count=Count("pk"), **paid)
        _add(shipped, cut)
    charts = []
    if ordered or shipped:
        counts = [
            Series(_("Orders"), "bar", "primary-600", _counts(ordered, days)),
            Series(_("Shipments"), "line", "green-600", _counts(shipped, days)),
        ]
        charts.append(
            Chart(_("Orders and shipments per day, last 30 days"), days, counts)
        )
    hours = [_hours(shipped.get(day, Counter())) for day in days]
    if any(value is not None for value in hours):
        line = Series(_("Hours"), "line", "primary-600", hours)
        charts.append(
            Chart(_("Average hours from paid to shipped, last 30 days"), days, [line])
        )
    return charts


def _per_day(rows: QuerySet, field: str, zone: Zone, **figures: Any) -> QuerySet:
    """Return the figures of each day that has rows, cut in a zone."""
    cut = rows.order_by().annotate(day=TruncDate(field, tzinfo=zone)).values("day")
    return cut.annotate(**figures)


def _add(figures: Figures, rows: QuerySet) -> None:
    """Add the days of some stores to those of others."""
    for row in rows:
        taken = row.pop("taken", None) or timedelta(0)
        figures[row.pop("day")].update(row, seconds=round(taken.total_seconds()))


def _counts(figures: Figures, days: list[date]) -> list[int]:
    return [figures[day]["count"] if day in figures else 0 for day in days]


def _hours(day: Counter) -> float | None:
    return round(day["seconds"] / day["timed"] / 3600, 1) if day["timed"] else None
