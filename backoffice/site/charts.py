"""The charts of the front page: what happened on each of the last days."""

import json
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from backoffice.kit.zones import last_day
from orders.work import counting, figures
from stores.access import Limit
from stores.models import stores_by_zone


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


def drawn(now: datetime, limit: Limit = None) -> list[Chart]:
    """Return the charts that have something to draw."""
    # Where the day is over already, the next one is the last.
    today = last_day(now, stores_by_zone())
    days = [today - timedelta(days=back) for back in reversed(range(counting.DAYS))]
    figured = _figures(now, limit)
    charts = []
    if figured:
        orders, shipments = (
            [figured[day][name] for day in days] for name in ("orders", "shipments")
        )
        counts = [
            Series(_("Orders"), "bar", "primary-600", orders),
            Series(_("Shipments"), "line", "green-600", shipments),
        ]
        charts.append(
            Chart(_("Orders and shipments per day, last 30 days"), days, counts)
        )
    hours = [_hours(figured[day]) for day in days]
    if any(value is not None for value in hours):
        line = Series(_("Hours"), "line", "primary-600", hours)
        charts.append(
            Chart(_("Average hours from paid to shipped, last 30 days"), days, [line])
        )
    return charts


def _figures(now: datetime, limit: Limit) -> defaultdict[date, Counter[str]]:
    """Return the sums of each day over the stores; its own days are each store's."""
    kept = figures.of_stores(now, "days", "today", limit=limit)
    found: defaultdict[date, Counter[str]] = defaultdict(Counter)
    for pk, earlier in kept["days"].items():
        for day, numbers in {**earlier, **kept["today"].get(pk, {})}.items():
            found[date.fromisoformat(day)].update(numbers)
    return found


def _hours(day: Counter[str]) -> float | None:
    return round(day["seconds"] / day["timed"] / 3600, 1) if day["timed"] else None
