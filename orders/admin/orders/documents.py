"""Packing slips and pick lists: the page that asks, and the paper it answers with."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, reverse
from django.utils import timezone as clock
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from backoffice.kit.admin import StaffRequest, keys, page, routes, row_url
from orders import jobs
from orders.admin.orders.dialogs import are_too_many
from orders.documents import slips
from orders.documents.drawing import draw_pick_list, draw_slips
from orders.documents.paper import PAPERS
from orders.labels import status_labels
from orders.models import Order
from stores.access import seen_by

# The slips of more are drawn by the queue: a hundred take a second.
MOST_AT_ONCE = 100


def urls(model_admin: admin.ModelAdmin) -> list[URLPattern]:
    return routes(
        model_admin,
        ("slips/", slips_view, "slips"),
        ("pick-list/", pick_list_view, "pick_list"),
    )


@admin.action(description=_("Packing slips and pick list"), permissions=["ship"])
def print_chosen(
    model_admin: admin.ModelAdmin, request: StaffRequest, queryset: QuerySet[Order]
) -> HttpResponse:
    """Ask what to print of the chosen orders, in the list's order."""
    # Not in an address, which is too short for some hundred keys.
    ids = list(queryset.values_list("pk", flat=True))
    if are_too_many(request, len(ids), slips.MOST_ORDERS):
        return HttpResponseRedirect(request.get_full_path())
    return _ask_about(request, model_admin, Order.objects.in_order_of(ids))


def slips_view(request: StaffRequest, model_admin: admin.ModelAdmin) -> HttpResponse:
    """Print slips, which is recorded and so a POST; a GET asks first."""
    chosen = _chosen(request)
    orders = [order for order in chosen if slips.is_printable(order)]
    if request.method != "POST" or not orders:
        return _ask_about(request, model_admin, chosen)
    paper = _paper(request)
    if _wants_pdf(request) and len(orders) > MOST_AT_ONCE:
        job = jobs.ask_for_slips(orders, paper, request.user)
        return HttpResponseRedirect(row_url(job))
    printed = slips.slips_of(orders, clock.now())
    if _wants_pdf(request):
        answer = _pdf("packing-slips", draw_slips(printed, paper))
    else:
        brands = {slip.brand.store: slip.brand for slip in printed}
        context = {
            "slips": printed,
            "brands": brands.values(),
            "paper": PAPERS[paper],
        }
        answer = render(request, "orders/paper_slips.html", context)
    slips.mark_printed(orders, request.user)
    return answer


def pick_list_view(
    request: StaffRequest, model_admin: admin.ModelAdmin
) -> HttpResponse:
    """Print what to take from the shelves for these orders."""
    chosen = _chosen(request)
    orders = [order for order in chosen if slips.is_printable(order)]
    if not orders:
        return _ask_about(request, model_admin, chosen)
    paper = _paper(request)
    pick = slips.pick_list(orders, clock.now())
    if _wants_pdf(request):
        return _pdf("pick-list", draw_pick_list(pick, paper))
    context = {"pick": pick, "paper": PAPERS[paper]}
    return render(request, "orders/paper_pick_list.html", context)


def _chosen(request: StaffRequest) -> list[Order]:
    if not request.user.has_perm("orders.ship_order"):
        raise PermissionDenied
    named = (request.POST if request.method == "POST" else request.GET).get("orders")
    ids = keys((named or "").split(","))
    seen = seen_by(Order.objects.all(), request.user)
    return seen.in_order_of(ids[: slips.MOST_ORDERS])


def _ask_about(
    request: StaffRequest, model_admin: admin.ModelAdmin, orders: list[Order]
) -> HttpResponse:
    """Show what would be printed, and what speaks against it."""
    printed = slips.last_slips(orders)
    places = {
        order.pk: place
        for place, order in enumerate(filter(slips.is_printable, orders), start=1)
    }
    rows = [
        {
            "order": order,
            "place": places.get(order.pk),
            "labels": status_labels(order),
            "slip": printed.get(order.pk),
        }
        for order in orders
    ]
    return page(
        request,
        model_admin,
        "orders/documents.html",
        _("Packing slips and pick list"),
        rows=rows,
        # Two shops may both have an order 42.
        names_stores=len({order.store_id for order in orders}) > 1,
        warnings=_warnings(
            left_out=len(orders) - len(places),
            reprints=len(places.keys() & printed.keys()),
        ),
        can_print=bool(places),
        ids=",".join(str(order.pk) for order in orders),
        papers=PAPERS,
        paper=request.session.get("paper"),
        slips_url=reverse("admin:orders_order_slips"),
        pick_list_url=reverse("admin:orders_order_pick_list"),
    )


def _warnings(*, left_out: int, reprints: int) -> list[str]:
    said = []
    if left_out:
        message = ngettext(
            "%d order is cancelled and left out.",
            "%d orders are cancelled and left out.",
            left_out,
        )
        said.append(message % left_out)
    if reprints:
        message = ngettext(
            "The slip of %d order was printed before; printing again is a reprint.",
            "The slips of %d orders were printed before; printing again is a reprint.",
            reprints,
        )
        said.append(message % reprints)
    return said


def _wants_pdf(request: StaffRequest) -> bool:
    return "pdf" in (request.POST.get("as"), request.GET.get("as"))


def _paper(request: StaffRequest) -> str:
    """Return the paper asked for, and remember it for this person's next print."""
    asked = request.POST.get("paper") or request.GET.get("paper")
    if asked in PAPERS:
        request.session["paper"] = asked
    return request.session.get("paper", "a4")


def _pdf(name: str, content: bytes) -> HttpResponse:
    day = clock.localdate().isoformat()
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{name}-{day}.pdf"'},
    )
