"""The way around: what the side bar leads to, for those who may go there."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseRedirect
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils import timezone as clock
from django.utils.translation import gettext_lazy as _

from orders.models import ImportProblem, Order, Shipment
from orders.work.causes import waiting

# What waits on a page, and the colour of its number.
BADGES: dict[str, tuple[Callable[[datetime], QuerySet], str]] = {
    "admin:orders_order_changelist": (lambda now: Order.objects.to_ship(), "primary"),
    "admin:orders_shipment_changelist": (partial(waiting, Shipment), "danger"),
    "admin:orders_importproblem_changelist": (
        partial(waiting, ImportProblem),
        "danger",
    ),
}


def favicon(request: HttpRequest) -> HttpResponseRedirect:
    """Lead browsers that ask for the icon by its old name to ours."""
    return HttpResponseRedirect(static("backoffice/favicon.svg"))


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    may = request.user.has_perm
    groups = [
        (
            "",
            [
                (_("Start"), "home", "admin:index", True),
                (
                    _("Orders"),
                    "package_2",
                    "admin:orders_order_changelist",
                    may("orders.view_order"),
                ),
                (
                    _("To do"),
                    "task_alt",
                    "admin:orders_order_work",
                    may("orders.view_order"),
                ),
                (
                    _("Shipments"),
                    "local_shipping",
                    "admin:orders_shipment_changelist",
                    may("orders.view_shipment"),
                ),
                (
                    _("Tracking files"),
                    "upload_file",
                    "admin:orders_trackingfile_changelist",
                    may("orders.ship_order"),
                ),
                (
                    _("Sendings"),
                    "send",
                    "admin:orders_sending_changelist",
                    may("orders.send_tracking"),
                ),
            ],
        ),
        (
            _("Marketplaces"),
            [
                (
                    _("Stores"),
                    "storefront",
                    "admin:stores_store_changelist",
                    may("stores.view_store"),
                ),
                (
                    _("Imports"),
                    "download",
                    "admin:orders_importrun_changelist",
                    may("orders.view_importrun"),
                ),
                (
                    _("Order accounting"),
                    "fact_check",
                    "admin:orders_order_accounting",
                    may("orders.view_importrun"),
                ),
                (
                    _("Import problems"),
                    "report",
                    "admin:orders_importproblem_changelist",
                    may("orders.view_importproblem"),
                ),
            ],
        ),
        (
            _("Administration"),
            [
                (
                    _("Users"),
                    "person",
                    "admin:auth_user_changelist",
                    may("auth.view_user"),
                ),
                (
                    _("Groups"),
                    "group",
                    "admin:auth_group_changelist",
                    may("auth.view_group"),
                ),
                (
                    _("Schedules"),
                    "schedule",
                    "admin:django_q_schedule_changelist",
                    request.user.is_superuser,
                ),
                (
                    _("Failed tasks"),
                    "error",
                    "admin:django_q_failure_changelist",
                    request.user.is_superuser,
                ),
            ],
        ),
    ]
    shown = [(title, _links(links)) for title, links in groups]
    _mark_active(request, [link for _title, links in shown for link in links])
    return [
        {"title": title, "items": links, "separator": bool(title)}
        for title, links in shown
        if links
    ]


def _links(links: list[tuple[Any, str, str, bool]]) -> list[dict[str, Any]]:
    return [
        {"title": title, "icon": icon, "link": reverse_lazy(name), **_badge(name)}
        for title, icon, name, is_allowed in links
        if is_allowed
    ]


def _mark_active(request: HttpRequest, links: list[dict[str, Any]]) -> None:
    """Mark the link that leads nearest to the page: some lie below others."""
    index = str(reverse_lazy("admin:index"))
    above = [
        str(one["link"])
        for one in links
        if str(one["link"]) == request.path
        or (str(one["link"]) != index and request.path.startswith(str(one["link"])))
    ]
    nearest = max(above, key=len, default="")
    for one in links:
        one["active"] = str(one["link"]) == nearest


def _badge(name: str) -> dict[str, Any]:
    """Return the number of rows that wait on a page, nothing while there are none."""
    if name not in BADGES:
        return {}
    rows, variant = BADGES[name]
    return {"badge": rows(clock.now()).count(), "badge_variant": variant}
