"""The page of an order: all there is to know, and the small forms on it."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import prefetch_related_objects
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, reverse
from django.utils import timezone as clock
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from backoffice.health import worker_is_alive
from backoffice.kit.admin import StaffRequest, find_row, routes, row_url
from backoffice.kit.fields import title_of
from backoffice.kit.policy import allow_pictures
from backoffice.kit.times import at_store
from orders import mailing, shipping
from orders.admin.forms import orders_seen_by, seen_event
from orders.admin.word_links import words_url_for
from orders.advice import waits_for
from orders.documents import slips
from orders.history import changes_between, find_newer, last_event, timeline
from orders.importing import pictures
from orders.labels import (
    HISTORY_ICONS,
    closer_look,
    counted_from_order,
    deadline_label,
    notice_label,
    show_json,
    status_labels,
)
from orders.models import SHIP_TO, ImportProblem, Order, OrderEvent
from orders.shipping import addresses, notes
from stores.access import marketplaces_seen_by
from stores.marketplaces.base import OrderStatus


def describe(request: StaffRequest, order: Order) -> dict[str, Any]:
    """Return what the page shows of an order."""
    prefetch_related_objects([order], "line_items", "shipments__shipped_by")
    items = order.line_items.all()
    urls = pictures.picture_urls(items, order.store)
    allow_pictures(request, urls.values())
    now = clock.now()
    has_worker = worker_is_alive(now)
    return {
        **_as_told(order),
        **_history(order),
        **_rights(request.user, order),
        "order": order,
        "labels": status_labels(order),
        "deadline": deadline_label(order, now, at_store),
        "reason": shipping.reason_as_known(order) if order.lacks_address else "",
        "problems": ImportProblem.objects.filter(
            store=order.store,
            marketplace_order_id=order.marketplace_order_id,
            resolved_at=None,
        ).defer("payload"),
        "words_url": words_url_for(request.user, order.store, order.marketplace_status)
        if order.marketplace_state == OrderStatus.NEEDS_REVIEW
        else "",
        "items": [(item, urls.get(item.product_id, "")) for item in items],
        "has_several_marketplaces": len(marketplaces_seen_by(request.user)) > 1,
        "deadline_counts_from": counted_from_order(order.store),
        "shipments": [
            (shipment, notice_label(shipment), waits_for(shipment, now, has_worker))
            for shipment in order.shipments.all()
        ],
        "mail_in_words": mailing.mail_in_words(order, now),
        "dates": _dates(order),
        "void_slips": [
            slip for slip in slips.last_slips([order]).values() if slip.is_void
        ],
        "slips_url": f"{reverse('admin:orders_order_slips')}?orders={order.pk}",
        "longest_note": notes.LONGEST_NOTE,
    }


def _as_told(order: Order) -> dict[str, Any]:
    """Return what the marketplace says of the order, and nobody here."""
    amounts = order.store.connector.read_amounts(order.payload)
    differences = changes_between(order, order.ship_to, SHIP_TO)
    return {
        "amounts": [(_(one.title), one.amount) for one in amounts],
        "has_refundable": any("refundable" in one.title for one in amounts),
        "differences": [theirs or "–" for _name, theirs, _ours in differences],
        "as_received": show_json(order.payload),
    }


def _history(order: Order) -> dict[str, Any]:
    history = timeline(order)
    return {
        "notes": [entry for entry in history if entry.kind == "note" and entry.text],
        "history": [
            (entry, HISTORY_ICONS.get(entry.kind, "edit")) for entry in history
        ],
        "seen_event": last_event(order),
    }


def _rights(user: User, order: Order) -> dict[str, bool]:
    may_ship = user.has_perm("orders.ship_order")
    return {
        "may_ship": may_ship,
        "may_correct": may_ship and not addresses.reason_against_change(order),
        "may_send": user.has_perm("orders.send_tracking"),
    }


def _dates(order: Order) -> list[tuple[str, str, str]]:
    """Return the title of each date, the date, and what a closer look shows."""
    names = ("ordered_at", "paid_at", "imported_at", "changed_at")
    found = []
    for name in names:
        if moment := getattr(order, name):
            title = title_of(Order, name)
            closer = closer_look(order, name)
            found.append((title, at_store(moment, order.store.zone, closer), closer))
    return found


def urls(model_admin: admin.ModelAdmin) -> list[URLPattern]:
    """Return the addresses of the page's forms."""
    return routes(
        model_admin,
        ("<int:order_id>/note/", note_view, "note"),
        ("<int:order_id>/assign/", assign_view, "assign"),
        ("<int:order_id>/email/", email_view, "email"),
    )


def _as_view(
    take: Callable[[StaffRequest, Order], str],
) -> Callable[..., HttpResponse]:
    """Make a view of a step: permission, order, message, and back to the page."""

    @require_POST
    @wraps(take)
    def view(
        request: StaffRequest, model_admin: admin.ModelAdmin, order_id: int
    ) -> HttpResponse:
        if not request.user.has_perm("orders.ship_order"):
            raise PermissionDenied
        order = find_row(orders_seen_by(request.user), order_id)
        try:
            model_admin.message_user(request, take(request, order), messages.SUCCESS)
        except shipping.NotAllowed as error:
            model_admin.message_user(request, str(error), messages.ERROR)
        return HttpResponseRedirect(row_url(order))

    return view


@_as_view
def note_view(request: StaffRequest, order: Order) -> str:
    text, seen = request.POST.get("text", ""), seen_event(request)
    others = find_newer(order, [OrderEvent.Kind.NOTE], seen, request.user)
    notes.add_note(order, text, request.user, seen)
    if others:
        message = _(
            "The note is added to order %(order)s; %(who)s added one meanwhile."
        )
        return message % {"order": order, "who": others.by}
    return _("The note is added to order %(order)s.") % {"order": order}


@_as_view
def email_view(request: StaffRequest, order: Order) -> str:
    email = request.POST.get("email", "")
    notes.set_email(order, email, request.user, seen_event(request))
    return _("The customer’s e-mail address on order %(order)s is saved.") % {
        "order": order
    }


@_as_view
def assign_view(request: StaffRequest, order: Order) -> str:
    user = None if request.POST.get("to") == "nobody" else request.user
    notes.assign(order, user, by=request.user, seen=seen_event(request))
    if user is None:
        return _("Order %(order)s is assigned to nobody.") % {"order": order}
    return _("Order %(order)s is assigned to you.") % {"order": order}
