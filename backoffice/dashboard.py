"""The front page: numbers that lead to the rows behind them, and how the stores do."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone as clock
from django.utils.functional import Promise, lazy
from django.utils.translation import gettext_lazy as _

from orders import alarms, pacing
from orders.models import ImportProblem, Order, Shipment
from orders.tables import HEALTH_COLOURS
from stores.marketplaces.base import OrderStatus
from stores.models import Store


@dataclass(frozen=True)
class Tile:
    """A number and the list of exactly the rows it counts."""

    title: Promise
    icon: str
    count: Callable[[], int]
    page: str
    filters: dict[str, str]
    is_alarming: bool = False

    @property
    def url(self) -> str:
        return f"{reverse(self.page)}?{urlencode(self.filters)}"


def _orders(status: OrderStatus) -> dict[str, Any]:
    return {
        "count": lambda: Order.objects.filter(status=status).count(),
        "page": "admin:orders_order_changelist",
        "filters": {"status__exact": status.value},
    }


def _shipments(notification: str) -> dict[str, Any]:
    return {
        "count": lambda: Shipment.objects.filter(notification=notification).count(),
        "page": "admin:orders_shipment_changelist",
        "filters": {"notification__exact": notification},
    }


TILES = [
    Tile(_("To ship"), "package_2", **_orders(OrderStatus.AWAITING_SHIPMENT)),
    Tile(_("On hold"), "pan_tool", **_orders(OrderStatus.ON_HOLD)),
    Tile(
        _("Needs review"),
        "help",
        **_orders(OrderStatus.NEEDS_REVIEW),
        is_alarming=True,
    ),
    Tile(
        _("Tracking waits for a person"),
        "error",
        **_shipments(Shipment.Notification.REFUSED.value),
        is_alarming=True,
    ),
    Tile(
        _("Tracking to be sent"),
        "schedule_send",
        **_shipments(Shipment.Notification.PENDING.value),
    ),
    Tile(
        _("Tracking not confirmed"),
        "pending",
        **_shipments(Shipment.Notification.UNCONFIRMED.value),
    ),
    Tile(
        _("Import problems"),
        "report",
        lambda: ImportProblem.objects.filter(resolved_at=None).count(),
        "admin:orders_importproblem_changelist",
        {"state": "open"},
    ),
]


def show(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add what the front page shows to those who may see it."""
    may = request.user.has_perm
    now = clock.now()
    if may("orders.view_order"):
        context["tiles"] = [(tile, tile.count()) for tile in TILES]
    if may("stores.view_store"):
        stores = Store.objects.all()
        context["stores"] = [_line(store, now) for store in stores]
        context["is_empty"] = not stores
    return context | {"title": _("Start"), "may_connect": may("stores.add_store")}


def _line(store: Store, now: Any) -> dict[str, Any]:
    state = pacing.health(store, now)
    is_automatic = store.is_active and store.auto_import
    return {
        "store": store,
        "health": state.label,
        "colour": HEALTH_COLOURS[state],
        "next_at": pacing.next_import_at(store, now) if is_automatic else None,
    }


def urgent_alarms(request: HttpRequest) -> dict[str, Any]:
    """Give every page the alarms that stop the work, when it shows them."""
    user = getattr(request, "user", None)
    if not (user and user.is_staff and user.has_perm("stores.view_store")):
        return {}
    return {"urgent_alarms": lazy(lambda: alarms.urgent(clock.now()), list)()}
