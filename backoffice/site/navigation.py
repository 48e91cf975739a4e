"""The way around: what the side bar leads to, for those who may go there."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponseRedirect
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone as clock
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from orders.models import ImportProblem, Shipment
from orders.work import figures
from orders.work.causes import kinds_of
from stores.access import limit_of

# What waits on a page: what is counted there (see `figures`), and its colour.
BADGES: dict[str, tuple[Sequence[str], str]] = {
    "admin:orders_order_changelist": (["to_ship"], "primary"),
    "admin:orders_shipment_changelist": (kinds_of(Shipment), "danger"),
    "admin:orders_importproblem_changelist": (kinds_of(ImportProblem), "danger"),
}


SUPERUSERS = "superusers alone"
# Who is led where: the permission that a page needs.
PERMISSIONS = {
    "admin:index": "",
    "admin:orders_order_changelist": "orders.view_order",
    "admin:orders_order_work": "orders.view_order",
    "admin:orders_shipment_changelist": "orders.view_shipment",
    "admin:orders_trackingfile_changelist": "orders.ship_order",
    "admin:orders_sending_changelist": "orders.send_tracking",
    "admin:orders_job_changelist": "",
    "admin:stores_store_changelist": "stores.view_store",
    "admin:orders_importrun_changelist": "orders.view_importrun",
    "admin:orders_order_accounting": "orders.view_importrun",
    "admin:orders_importproblem_changelist": "orders.view_importproblem",
    "admin:auth_user_changelist": "auth.view_user",
    "admin:auth_group_changelist": "auth.view_group",
    "admin:orders_order_buyers": "orders.erase_buyer",
    "admin:backoffice_auditentry_changelist": "backoffice.view_auditentry",
    "admin:backoffice_failedtries_changelist": SUPERUSERS,
    "admin:django_q_schedule_changelist": SUPERUSERS,
    "admin:django_q_failure_changelist": SUPERUSERS,
}
GROUPS = [
    (
        "",
        [
            (_("Start"), "home", "admin:index"),
            (_("Orders"), "package_2", "admin:orders_order_changelist"),
            (_("To do"), "task_alt", "admin:orders_order_work"),
            (_("Shipments"), "local_shipping", "admin:orders_shipment_changelist"),
            (
                _("Tracking files"),
                "upload_file",
                "admin:orders_trackingfile_changelist",
            ),
            (_("Sendings"), "send", "admin:orders_sending_changelist"),
            (_("Jobs"), "hourglass", "admin:orders_job_changelist"),
        ],
    ),
    (
        _("Marketplaces"),
        [
            (_("Stores"), "storefront", "admin:stores_store_changelist"),
            (_("Imports"), "download", "admin:orders_importrun_changelist"),
            (_("Order accounting"), "fact_check", "admin:orders_order_accounting"),
            (_("Import problems"), "report", "admin:orders_importproblem_changelist"),
        ],
    ),
    (
        _("Administration"),
        [
            (_("Users"), "person", "admin:auth_user_changelist"),
            (_("Groups"), "group", "admin:auth_group_changelist"),
            (_("Buyers’ data"), "person_off", "admin:orders_order_buyers"),
            (_("Audit"), "policy", "admin:backoffice_auditentry_changelist"),
            (_("Failed logins"), "lock", "admin:backoffice_failedtries_changelist"),
            (_("Schedules"), "schedule", "admin:django_q_schedule_changelist"),
            (_("Failed tasks"), "error", "admin:django_q_failure_changelist"),
        ],
    ),
]


def favicon(request: HttpRequest) -> HttpResponseRedirect:
    """Lead browsers that ask for the icon by its old name to ours."""
    return HttpResponseRedirect(static("backoffice/favicon.svg"))


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    counts = figures.total(clock.now(), limit_of(request.user))
    shown = [(title, _links(request.user, links, counts)) for title, links in GROUPS]
    _mark_active(request, [link for _title, links in shown for link in links])
    return [
        {"title": title, "items": links, "separator": bool(title)}
        for title, links in shown
        if links
    ]


def _links(
    user: Any, links: Sequence[tuple[Promise | str, str, str]], counts: Counter[str]
) -> list[dict[str, Any]]:
    return [
        {
            "title": title,
            "icon": icon,
            "link": reverse(name),
            **_badge(name, counts),
        }
        for title, icon, name in links
        if _may_see(user, PERMISSIONS[name])
    ]


def _may_see(user: Any, permission: str) -> bool:
    if permission == SUPERUSERS:
        return user.is_superuser
    return not permission or user.has_perm(permission)


def _mark_active(request: HttpRequest, links: list[dict[str, Any]]) -> None:
    """Mark the link that leads nearest to the page: some lie below others."""
    urls, index = [one["link"] for one in links], reverse("admin:index")
    above = [url for url in urls if url != index and request.path.startswith(url)]
    nearest = max(above, key=len, default=request.path)
    for one in links:
        one["active"] = one["link"] == nearest


def _badge(name: str, counts: Counter[str]) -> dict[str, Any]:
    """Return the number of rows that wait on a page, nothing while there are none."""
    if name not in BADGES:
        return {}
    names, variant = BADGES[name]
    return {"badge": sum(counts[one] for one in names), "badge_variant": variant}
