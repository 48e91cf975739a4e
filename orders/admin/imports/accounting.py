"""The pages that account for a store's orders, day by day, and name what differs."""

import logging
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import URLPattern, reverse
from django.utils import timezone as clock
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from backoffice.health import worker_is_alive
from backoffice.kit.admin import StaffRequest, find_row, keys, page, routes
from backoffice.kit.queue import enqueue
from backoffice.kit.sheets import as_csv
from orders.admin.downloads import hand_over
from orders.admin.finding import Button, button
from orders.advice import Advice
from orders.auditing import accounting, listings
from orders.auditing.accounting import Day, Fate
from orders.auditing.differences import Difference, DifferenceKind
from orders.labels import in_zone, label
from orders.models import ListedOrder, Reconciliation
from stores.access import stores_seen_by
from stores.marketplaces.abilities import Evidence
from stores.models import Store

logger = logging.getLogger(__name__)

# Of each kind; the file has them all.
MOST_SHOWN = 50
ROWS_A_PAGE = 200
UNDATED = "unknown"
COLOURS = {
    Fate.HERE: "success",
    Fate.SKIPPED: "warning",
    Fate.REJECTED: "warning",
    Fate.UNEXPLAINED: "danger",
}
FILES = {
    "days": ("order-accounting", accounting.day_rows),
    "differences": ("differences", accounting.difference_rows),
}


def urls(model_admin: admin.ModelAdmin) -> list[URLPattern]:
    return routes(
        model_admin,
        ("accounting/", accounting_view, "accounting"),
        ("accounting/rows/", rows_view, "accounting_rows"),
        ("accounting/state/", state_view, "accounting_state"),
        ("accounting/file/", file_view, "accounting_file"),
        ("accounting/reconcile/", reconcile_view, "accounting_reconcile"),
    )


@require_GET
def accounting_view(
    request: StaffRequest, model_admin: admin.ModelAdmin
) -> HttpResponse:
    """Show what became of a store's orders by day, and where both sides differ."""
    store = _store(request)
    context = {}
    if store:
        found = accounting.days(store)
        listing = listings.last_listing(store)
        differences = accounting.compare_listing(listing) if listing else []
        context = _describe(request, store) | {
            "stores": list(stores_seen_by(request.user)),
            "outcomes": Fate.choices,
            "days": [_cells(store, day) for day in found],
            "total": _cells(store, *found),
            "groups": [
                _group(request, listing, kind, rows)
                for kind in DifferenceKind
                if listing
                and (rows := [one for one in differences if one.kind == kind])
            ],
            "days_url": _url("accounting_file", store, what="days"),
            "differences_url": _url("accounting_file", store, what="differences"),
            "may_export": request.user.has_perm("orders.export_orders"),
        }
    title = _("Order accounting")
    return page(request, model_admin, "orders/accounting.html", title, **context)


@require_GET
def state_view(request: StaffRequest, model_admin: admin.ModelAdmin) -> HttpResponse:
    """Return the line that waits for a listing, or lead on once there is one."""
    store = _store(request)
    if store is None:
        raise Http404
    context = _describe(request, store)
    if not context["is_waiting"]:
        return HttpResponse(headers={"HX-Redirect": _url("accounting", store)})
    return render(request, "orders/accounting_state.html", context)


@require_GET
def rows_view(request: StaffRequest, model_admin: admin.ModelAdmin) -> HttpResponse:
    """Show the orders behind a number of the accounting, as many as it says."""
    store = _store(request)
    listing = listings.last_listing(store) if store else None
    if store is None or listing is None:
        raise Http404
    title, rows = _chosen(request, listing)
    part = Paginator(rows, ROWS_A_PAGE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    return page(
        request,
        model_admin,
        "orders/accounting_rows.html",
        title,
        store=store,
        page=part,
        rows=[
            {
                "one": one,
                "label": label(one.outcome.label, COLOURS[one.outcome]),
                "ordered_at": in_zone(one.listed.ordered_at, store.zone),
            }
            for one in accounting.explain(part, store)
        ],
        query=query.urlencode(),
        back_url=_url("accounting", store),
        may_view_orders=request.user.has_perm("orders.view_order"),
        may_view_problems=request.user.has_perm("orders.view_importproblem"),
    )


@require_GET
def file_view(request: StaffRequest, model_admin: admin.ModelAdmin) -> HttpResponseBase:
    """Hand the accounting or the differences over as CSV."""
    store, what = _store(request), request.GET.get("what")
    if not request.user.has_perm("orders.export_orders"):
        raise PermissionDenied
    if store is None or what not in FILES:
        raise Http404
    name, rows = FILES[what]
    logger.info("%s exports %s.", request.user, name)
    name = f"{name}-{clock.localdate().isoformat()}.csv"
    found = list(rows(store))
    return hand_over(request, name, as_csv(found), len(found) - 1, f"store={store}")


@require_POST
def reconcile_view(
    request: StaffRequest, model_admin: admin.ModelAdmin
) -> HttpResponse:
    """Have the store listed now; the page waits for it."""
    store = _store(request)
    if not request.user.has_perm("stores.import_now"):
        raise PermissionDenied
    if store is None:
        raise Http404
    last = listings.last_attempt(store)
    if last is None or last.finished_at:
        enqueue("reconcile_store", store.pk)
    message = _("The orders of %(store)s are being listed.") % {"store": store}
    model_admin.message_user(request, message, messages.SUCCESS)
    return HttpResponseRedirect(_url("accounting", store, after=last.pk if last else 0))


def _store(request: StaffRequest) -> Store | None:
    """Return the chosen store, else the first; only for those who see imports."""
    if not request.user.has_perm("orders.view_importrun"):
        raise PermissionDenied
    chosen = request.POST.get("store") or request.GET.get("store")
    stores = stores_seen_by(request.user)
    if not chosen:
        return stores.order_by("-is_active", "name").first()
    return find_row(stores, chosen)


def _url(name: str, store: Store, **query: Any) -> str:
    url = reverse(f"admin:orders_order_{name}")
    return f"{url}?{urlencode({'store': store.pk, **query})}"


def _describe(request: StaffRequest, store: Store) -> dict[str, Any]:
    """Return when the store was last listed, and whether a listing is awaited."""
    listing = listings.last_listing(store)
    attempt = listings.last_attempt(store)
    after = request.GET.get("after", "")
    is_asked = any(attempt is None or attempt.pk <= key for key in keys([after]))
    is_waiting = bool(is_asked or (attempt and not attempt.finished_at))
    return {
        "store": store,
        "listing": listing,
        "listed_at": in_zone(listing.started_at if listing else None, store.zone),
        "has_other_zone": listing and _has_other_zone(listing),
        "lists_changes": listings.lists_changes(store),
        "proves_absence": listings.proves_absence(store),
        "shows_numbers": store.abilities.evidence == Evidence.NUMBER,
        "listed_since": in_zone(listing.window_start if listing else None, store.zone),
        "attempt": attempt,
        "attempted_at": in_zone(attempt.started_at if attempt else None, store.zone),
        "is_waiting": is_waiting,
        "is_stuck": is_waiting and not worker_is_alive(clock.now()),
        "state_url": _url("accounting_state", store, after=after),
        "may_reconcile": request.user.has_perm("stores.import_now"),
    }


def _has_other_zone(listing: Reconciliation) -> bool:
    """Return whether the days were cut in a zone that is not the store's any more."""
    first = listing.window_start.astimezone(listing.store.zone).date()
    return listing.store.start_of(first) != listing.window_start


def _cells(store: Store, *days: Day) -> dict[str, Any]:
    """Return a line of the table: the numbers of these days, each with its rows."""
    query = {}
    if len(days) == 1:
        query["day"] = days[0].day.isoformat() if days[0].day else UNDATED
    names = ["seen", *Fate.values]
    counts = {name: sum(getattr(day, name) for day in days) for name in names}
    return {
        "day": days[0].day if days else None,
        "cells": [
            {
                "name": name,
                "count": count,
                "url": _url("accounting_rows", store, outcome=name, **query),
            }
            for name, count in counts.items()
        ],
    }


def _chosen(
    request: StaffRequest, listing: Reconciliation
) -> tuple[str, QuerySet[ListedOrder]]:
    """Return the listed orders that the address asks for, and what they are."""
    rows = accounting.outcomes(listing)
    outcome, day = request.GET.get("outcome", "seen"), request.GET.get("day")
    title = str(_("Seen"))
    if outcome in Fate.values:
        rows, title = rows.filter(outcome=outcome), str(Fate(outcome).label)
    elif outcome != "seen":
        raise Http404
    if day == UNDATED:
        return f"{title}, {_('date unknown')}", rows.filter(day=None)
    if day:
        try:
            chosen = date.fromisoformat(day)
        except ValueError:
            raise Http404 from None
        shown = date_format(chosen, "DATE_FORMAT")
        return f"{title}, {shown}", rows.filter(day=chosen)
    return title, rows


def _group(
    request: StaffRequest,
    listing: Reconciliation,
    kind: DifferenceKind,
    rows: list[Difference],
) -> dict[str, Any]:
    return {
        "title": kind.label,
        "count": len(rows),
        "rows": [(one, _button(request, one)) for one in rows[:MOST_SHOWN]],
        "most": MOST_SHOWN if len(rows) > MOST_SHOWN else None,
        "button": _import_days(request, listing, rows)
        if kind == DifferenceKind.NOT_HERE
        else None,
    }


def _button(request: StaffRequest, one: Difference) -> Button | None:
    found = Advice(
        one.marketplace_order_id, one.text, one.step, store=one.store, order=one.order
    )
    return button(request, found)


def _import_days(
    request: StaffRequest, listing: Reconciliation, rows: list[Difference]
) -> Button | None:
    """Return the button that imports the days of several orders at once.

    Where lists are of what has changed, they are the days that were listed.
    """
    store = listing.store
    days = sorted(one.listed.day for one in rows if one.listed and one.listed.day)
    if listings.lists_changes(store):
        ends = (listing.window_start, listing.started_at)
        days = [moment.astimezone(store.zone).date() for moment in ends]
    if len(days) < 2 or not request.user.has_perm("stores.import_now"):
        return None
    url = reverse("admin:stores_store_import_orders", args=[store.pk])
    data = {"start": days[0].isoformat(), "end": days[-1].isoformat()}
    return Button(_("Import these days"), url, {"_form_submitted": "True", **data})
