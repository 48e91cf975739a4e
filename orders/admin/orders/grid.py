"""Ship many orders on one page: a row an order, and a result a row."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.urls import URLPattern
from django.utils import timezone as clock
from django.utils.translation import gettext_lazy as _

from backoffice.health import worker_is_alive
from backoffice.kit.admin import StaffRequest, keys, page, routes
from backoffice.kit.queue import enqueue
from orders import shipping
from orders.admin.forms import DepartureForm, ParcelForm, offer_carriers
from orders.advice import waits_for
from orders.models import Order, Shipment
from orders.shipping import doubts
from stores.access import seen_by

MOST_ROWS = 200


class RowForm(ParcelForm):
    """A row of the grid; left empty, its order stays as it is."""

    use_required_attribute = False

    def __init__(self, order: Order, **options: Any) -> None:
        super().__init__(prefix=f"order-{order.pk}", empty_permitted=True, **options)
        self.order = order
        self.shipment: Shipment | None = None
        self.doubts: list[str] = []
        self.waits = ""
        offer_carriers(self, order.store)
        for name, field in self.fields.items():
            label = f"{field.label}, {order}"
            field.widget.attrs |= {
                "aria-label": label,
                "placeholder": field.label,
                "data-column": name,
            }

    def has_changed(self) -> bool:
        """A carrier alone is no parcel: the page fills in the same for all rows."""
        return bool((self["tracking_number"].data or "").strip())

    def ship(self, request: StaffRequest, departure: dict[str, Any]) -> bool:
        """Ship the row's order and return whether it went."""
        try:
            self.shipment, self.doubts = doubts.ship_unless_in_doubt(
                self.order,
                carrier=self.cleaned_data["carrier"],
                tracking_number=self.cleaned_data["tracking_number"],
                shipped_by=request.user,
                despite=self.reason(request.user),
                **departure,
            )
        except shipping.NotAllowed as error:
            self.refuse(error, request.user)
            return False
        now = clock.now()
        self.waits = waits_for(self.shipment, now, worker_is_alive(now))
        return True


def urls(model_admin: admin.ModelAdmin) -> list[URLPattern]:
    return routes(model_admin, ("ship/", grid_view, "ship_grid"))


@permission_required("orders.ship_order", raise_exception=True)
def grid_view(request: StaffRequest, model_admin: admin.ModelAdmin) -> HttpResponse:
    """Show the chosen orders to ship, or ship those whose row is filled in."""
    orders = _chosen(request)
    data = request.POST if request.method == "POST" else None
    rows = [RowForm(order, data=data) for order in orders]
    departure = DepartureForm(data=data)
    shipped = failed = 0
    if data is not None and departure.is_valid():
        for row in rows:
            if not row.has_changed():
                continue
            if row.is_valid() and row.ship(request, departure.departure):
                shipped += 1
                model_admin.log_change(request, row.order, f"Shipped: {row.shipment}.")
            else:
                failed += 1
        _have_sent(rows)
    return page(
        request,
        model_admin,
        "orders/ship_grid.html",
        _("Mark as shipped"),
        departure=departure,
        rows=rows,
        is_done=data is not None,
        shipped=shipped,
        failed=failed,
        open=len(rows) - shipped,
        # Two shops may both have an order 42.
        names_stores=len({order.store_id for order in orders}) > 1,
        unsent=_unsent(request, rows),
    )


def _have_sent(rows: list[RowForm]) -> None:
    """Have the queue send the notices of what was shipped, a task for each store."""
    shipped = [row.shipment for row in rows if row.shipment]
    pending = Shipment.Notification.PENDING
    sent = [one for one in shipped if one.notification == pending]
    for pk in {shipment.order.store_id for shipment in sent}:
        enqueue("send_notices", pk)


def _unsent(request: StaffRequest, rows: list[RowForm]) -> list[Shipment]:
    """Return the parcels of this page whose notice waits for a last look."""
    if not request.user.has_perm("orders.send_tracking"):
        return []
    waits = {Shipment.NotSent.DOUBT, Shipment.NotSent.STORE}
    shipments = [row.shipment for row in rows if row.shipment]
    return [one for one in shipments if one.not_sent_because in waits]


def _chosen(request: StaffRequest) -> list[Order]:
    """Return the orders named in the address, in its order."""
    ids = keys(request.GET.get("orders", "").split(","))
    return seen_by(Order.objects.all(), request.user).in_order_of(ids[:MOST_ROWS])
