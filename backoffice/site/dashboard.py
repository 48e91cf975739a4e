"""The front page: numbers that lead to the rows behind them, and how the stores do."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth import get_user_model
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone as clock
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from backoffice import health
from backoffice.people.sessions import BACKEND
from backoffice.site import charts
from orders.importing import due
from orders.labels import HEALTH_COLOURS
from orders.models import Order, Shipment
from orders.work import alarms, counting, figures, to_do
from orders.work.base import Stored
from orders.work.causes import STORED
from orders.work.order_lists import LISTS
from stores.access import is_within, limit_of, stores_seen_by
from stores.models import Store
from stores.wording import marketplace_choices


@dataclass(frozen=True)
class Tile:
    """A number, by what is kept of it, and the list of exactly the rows it counts."""

    title: Promise
    icon: str
    model: type[Model]
    filters: dict[str, str]
    counts: tuple[str, ...]
    is_alarming: bool = False

    @property
    def url(self) -> str:
        page = f"admin:{self.model._meta.label_lower.replace('.', '_')}_changelist"
        return f"{reverse(page)}?{urlencode(self.filters, safe=',')}"

    @property
    def permission(self) -> str:
        return f"{self.model._meta.app_label}.view_{self.model._meta.model_name}"


def _list(icon: str, name: str) -> Tile:
    """Count the rows of one of the lists of orders, by the list's own rule."""
    title, problems = LISTS[name].title, LISTS[name].problems
    is_alarming = bool(problems) or name == "late"
    return Tile(title, icon, Order, {"view": name}, problems or (name,), is_alarming)


def _cause(cause: Stored) -> Tile:
    """Count the rows of a cause, and lead to its own list where there is one."""
    for name, one in LISTS.items():
        if cause.kind in one.problems:
            return _list(cause.icon, name)
    filters, counts = {"problem": cause.kind}, (cause.kind,)
    return Tile(cause.title, cause.icon, cause.model, filters, counts, is_alarming=True)


TILES = [
    _list("package_2", "to_ship"),
    _list("today", "due_today"),
    _list("alarm", "late"),
    _list("pan_tool", "on_hold"),
    Tile(
        _("Tracking unsent"),
        "schedule_send",
        Shipment,
        {"notification__in": "pending,unconfirmed"},
        (counting.UNSENT,),
    ),
    *(_cause(cause) for cause in STORED if cause.icon),
]


def front_page(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add what the front page shows to those who may see it."""
    may = request.user.has_perm
    now = clock.now()
    context |= {"title": _("Start"), "worker_is_alive": health.worker_is_alive(now)}
    stores, limit = list(stores_seen_by(request.user)), limit_of(request.user)
    if not stores and limit is None:
        return context | _first_steps(may("stores.add_store"))
    if not stores:
        return context
    counts = figures.total(now, limit)
    context["tiles"] = [
        (tile, sum(counts[name] for name in tile.counts))
        for tile in TILES
        if may(tile.permission)
    ]
    if may("stores.view_store"):
        context["stores"] = [_line(store, now) for store in stores]
    if may("orders.view_order") and may("orders.view_shipment"):
        context["charts"] = charts.drawn(now, limit)
    return context


def _first_steps(may_connect: bool) -> dict[str, Any]:
    """Return what leads from an empty back office to the first orders."""
    context: dict[str, Any] = {
        "is_empty": True,
        "may_connect": may_connect,
        "marketplaces": marketplace_choices(),
        "worker_seen_at": health.worker_last_seen(),
    }
    if not may_connect:
        people = get_user_model().objects.with_perm("stores.add_store", backend=BACKEND)
        context["connectors"] = [
            user.get_full_name() or user.get_username()
            for user in people.filter(is_staff=True).order_by("pk")[:3]
        ]
    return context


def _line(store: Store, now: datetime) -> dict[str, Any]:
    state = due.health(store, now)
    is_automatic = store.is_active and store.auto_import
    next_at = due.next_import_at(store, now) if is_automatic else None
    return {
        "store": store,
        "health": state.label,
        "colour": HEALTH_COLOURS[state],
        "next_at": next_at,
        "is_due": next_at is not None and next_at <= now,
        "can_import": bool(store.token_ciphertext),
    }


def urgent_alarms(request: HttpRequest) -> dict[str, Any]:
    """Give every page the alarms that stop the work, when it shows them."""
    user = getattr(request, "user", None)
    if not (user and user.is_staff and user.has_perm("stores.view_store")):
        return {}
    return {"urgent_alarms": SimpleLazyObject(lambda: _urgent(user))}


def _urgent(user: Any) -> list[alarms.Alarm]:
    """Return the alarms of the stores that a user may see, and those of the house."""
    limit = limit_of(user)
    return [
        one
        for one in alarms.urgent(clock.now())
        if is_within(one.store.pk if one.store else None, limit)
    ]


def work_count(request: HttpRequest) -> dict[str, Any]:
    """Give every page the number of things to do, when it shows it."""
    user = getattr(request, "user", None)
    if not (user and user.is_staff and user.has_perm("orders.view_order")):
        return {}
    limit = limit_of(user)
    return {"work_count": SimpleLazyObject(lambda: to_do.count(clock.now(), limit))}
