"""Orders and their items: the marketplace's facts beside what staff decided."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Self

from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from backoffice.kit.fields import person_field
from orders.models.addresses import ShipTo
from orders.models.told import CalledQuerySet, Told
from stores.marketplaces.base import OrderStatus
from stores.models import Store

STATUS_CHOICES = [(status.value, _(status.label)) for status in OrderStatus]


# At the marketplace, and known here.
OPEN_STATES = (
    OrderStatus.AWAITING_PAYMENT,
    OrderStatus.AWAITING_SHIPMENT,
    OrderStatus.ON_HOLD,
)
# The marketplace may still change its mind. Without `IN`, beside which SQLite uses no
# index that has a condition.
OPEN_THERE = ~Q(marketplace_state=OrderStatus.SHIPPED) & ~Q(
    marketplace_state=OrderStatus.CANCELLED
)

# What is known of the buyer may be more than was erased.
TO_ERASE = Q(erased_at__isnull=True) | Q(changed_at__gt=F("erased_at"))

# Where the parcel goes: a corrected address counts.
COUNTRY = Coalesce("corrected_country", "ship_to_country")


def deadline_of(order: Any, days: int) -> datetime | None:
    """Return when the parcel must have left, None while unpaid (see Store).

    A paid order that does not say since when is counted from when it was placed.
    """
    since = order.paid_at
    if since is None and order.marketplace_state == OrderStatus.AWAITING_SHIPMENT:
        since = order.ordered_at
    return since and since + timedelta(days=days)


class OrderQuerySet(CalledQuerySet["Order"]):
    def to_ship(self) -> "OrderQuerySet":
        return self.filter(status=OrderStatus.AWAITING_SHIPMENT)

    def open_at_marketplace(self) -> "OrderQuerySet":
        """Orders whose marketplace may still change its mind."""
        return self.filter(OPEN_THERE)

    def without_texts(self) -> Self:
        """Orders without what came and what is searched, both of which are long."""
        return self.defer("payload", "search_text")

    def locked(self, pk: int) -> "Order":
        """Read an order anew for this transaction, keeping imports from changing it."""
        rows = self.select_for_update(of=("self",)).select_related("store")
        return rows.without_texts().get(pk=pk)

    def in_order_of(self, ids: Iterable[int]) -> list["Order"]:
        """Return the orders with these keys, in their order, with what a page shows."""
        ids = list(dict.fromkeys(ids))
        found = (
            self.select_related("store", "correction")
            .prefetch_related("line_items", "shipments")
            .without_texts()
            .in_bulk(ids)
        )
        return [found[pk] for pk in ids if pk in found]

    def lacking_address(self) -> "OrderQuerySet":
        """Orders that could ship if their address were complete."""
        return self.filter(
            status=OrderStatus.NEEDS_REVIEW,
            marketplace_state=OrderStatus.AWAITING_SHIPMENT,
        )

    def with_undecided_address(self) -> "OrderQuerySet":
        """Open orders whose corrected address the marketplace has changed since."""
        return self.open_at_marketplace().filter(
            has_shipment=False, ship_to_changed_at__gt=F("correction__decided_at")
        )


class Order(ShipTo, Told):
    """An order as the marketplace tells it, and what staff decided about it.

    `status` is computed by the database from both, so that neither an import nor a
    person can leave it out of step.
    """

    # Indexes of several columns begin with it.
    store = models.ForeignKey(
        Store,
        models.PROTECT,
        related_name="orders",
        verbose_name=_("store"),
        db_index=False,
    )
    marketplace_order_id = models.CharField(_("order number"), max_length=50)

    # Written by the import alone.
    marketplace_status = models.CharField(
        _("marketplace's status"), max_length=50, blank=True
    )
    marketplace_state = models.CharField(
        _("status at the marketplace"), max_length=20, choices=STATUS_CHOICES
    )
    ordered_at = models.DateTimeField(_("ordered"))
    paid_at = models.DateTimeField(_("paid"), null=True)
    customer_name = models.CharField(_("customer"), max_length=200, blank=True)
    refund_amount = models.DecimalField(
        _("refunded"), max_digits=12, decimal_places=2, null=True
    )
    marketplace_carrier = models.CharField(
        _("carrier at the marketplace"), max_length=100, blank=True
    )
    marketplace_tracking_number = models.CharField(
        _("tracking number at the marketplace"), max_length=100, blank=True
    )
    payload = models.JSONField(_("as received"))
    digest = models.CharField(max_length=64)
    read_with = models.CharField(max_length=80)
    imported_at = models.DateTimeField(_("imported"))
    changed_at = models.DateTimeField(_("changed at the marketplace"))

    unknown_country = models.CharField(
        _("country as received"), max_length=100, blank=True
    )
    is_address_incomplete = models.BooleanField(_("address incomplete"), default=False)
    ship_to_changed_at = models.DateTimeField(_("address changed"), null=True)

    # Written by the import, and by `deadlines` where the store's days change: lists
    # are in this order. None while unpaid.
    ship_by = models.DateTimeField(_("ship by"), null=True)

    # Written by `search_text`, of what both sides say.
    search_text = models.TextField(default="", editable=False)

    # Written by the re-check of old open orders.
    rechecked_at = models.DateTimeField(_("checked again"), null=True)

    # Written by `privacy`: since then a refresh brings nothing of the buyer.
    erased_at = models.DateTimeField(_("personal data erased"), null=True)

    # Written by staff, through `shipping`.
    held_at = models.DateTimeField(_("held since"), null=True)
    hold_reason = models.CharField(_("reason for the hold"), max_length=200, blank=True)
    hold_until = models.DateField(_("held until"), null=True)
    customer_email = models.EmailField(_("customer’s e-mail address"), blank=True)
    has_shipment = models.BooleanField(_("shipped here"), default=False)
    has_correction = models.BooleanField(_("address corrected here"), default=False)
    # None unless the address is corrected: no index has a `COALESCE` past a blank.
    corrected_country = models.CharField(max_length=2, null=True)  # noqa: DJ001
    assigned_to = person_field(_("assigned to"), "assigned_orders", db_index=False)

    status = models.GeneratedField(
        verbose_name=_("status"),
        expression=Case(
            When(
                marketplace_state__in=[OrderStatus.SHIPPED, OrderStatus.CANCELLED],
                then="marketplace_state",
            ),
            When(
                ~Q(marketplace_state=OrderStatus.NEEDS_REVIEW) & Q(has_shipment=True),
                then=Value(OrderStatus.SHIPPED.value),
            ),
            When(held_at__isnull=False, then=Value(OrderStatus.ON_HOLD.value)),
            When(
                marketplace_state=OrderStatus.AWAITING_SHIPMENT,
                is_address_incomplete=True,
                has_correction=False,
                then=Value(OrderStatus.NEEDS_REVIEW.value),
            ),
            default="marketplace_state",
        ),
        output_field=models.CharField(max_length=20, choices=STATUS_CHOICES),
        db_persist=True,
    )

    objects = OrderQuerySet.as_manager()

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        ordering = ["-ordered_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["store", "marketplace_order_id"],
                name="orders_order_once_per_store",
            ),
        ]
        indexes = [
            models.Index(fields=["-ordered_at", "-id"], name="orders_order_newest"),
            models.Index(
                fields=["status", "-ordered_at", "-id"], name="orders_order_status"
            ),
            models.Index(
                fields=["store", "-ordered_at", "-id"], name="orders_order_store"
            ),
            models.Index(fields=["marketplace_order_id"], name="orders_order_number"),
            models.Index(
                fields=["order_number"],
                name="orders_order_shown_number",
                condition=~Q(order_number=""),
            ),
            models.Index(
                fields=["ship_to_changed_at"],
                name="orders_order_address",
                condition=Q(ship_to_changed_at__isnull=False),
            ),
            models.Index(
                fields=["store", "rechecked_at", "ordered_at"],
                name="orders_order_recheck",
                condition=OPEN_THERE,
            ),
            models.Index(
                fields=["hold_until"],
                name="orders_order_held",
                condition=Q(hold_until__isnull=False),
            ),
            # It names the status, or SQLite would read it from the rows.
            models.Index(
                fields=["status", "ship_by", "id", "store"],
                name="orders_order_to_ship",
                condition=Q(status=OrderStatus.AWAITING_SHIPMENT),
            ),
            models.Index(
                fields=["status", "marketplace_state"],
                name="orders_order_review",
                condition=Q(status=OrderStatus.NEEDS_REVIEW),
            ),
            # Most of what has left is known to the marketplace as shipped.
            models.Index(
                fields=["marketplace_state", "changed_at"],
                name="orders_order_left",
                condition=Q(has_shipment=True) & ~Q(marketplace_state="shipped"),
            ),
            models.Index(fields=["-paid_at", "-id"], name="orders_order_paid"),
            # Without its parts, PostgreSQL would read the rows too.
            models.Index(
                COUNTRY,
                F("ordered_at").desc(),
                F("id").desc(),
                "corrected_country",
                "ship_to_country",
                name="orders_order_country",
            ),
            models.Index(
                fields=["assigned_to", "-ordered_at", "-id"],
                name="orders_order_assigned",
            ),
            models.Index(
                fields=["store", "marketplace_state", "changed_at"],
                name="orders_order_to_erase",
                condition=TO_ERASE,
            ),
            models.Index(
                fields=["customer_email"],
                name="orders_order_email",
                condition=~Q(customer_email=""),
            ),
            models.Index(
                fields=["buyer_email"],
                name="orders_order_buyer_email",
                condition=~Q(buyer_email=""),
            ),
        ]
        permissions = [
            ("erase_buyer", _("Can hand out and erase what is kept of a buyer")),
            ("ship_order", _("Can ship, hold and release orders")),
            ("send_tracking", _("Can send tracking to the marketplace")),
            ("override_amber", _("Can send tracking despite a doubt, with a reason")),
            ("export_orders", _("Can export orders and shipments")),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def country(self) -> str:
        return self.ship_to_country or self.unknown_country

    @property
    def is_erased_for_good(self) -> bool:
        """Whether no erasing comes for what staff would type now (see `TO_ERASE`)."""
        return self.erased_at is not None and self.changed_at <= self.erased_at

    @property
    def lacks_address(self) -> bool:
        """Whether it could ship if its address were complete."""
        return (
            self.status == OrderStatus.NEEDS_REVIEW
            and self.marketplace_state == OrderStatus.AWAITING_SHIPMENT
        )

    @property
    def ship_to(self) -> ShipTo:
        """The address that counts: staff's correction, else the marketplace's."""
        return getattr(self, "correction", None) or self

    @property
    def has_undecided_address(self) -> bool:
        """Whether the marketplace changed an address that was corrected here."""
        correction = getattr(self, "correction", None)
        return bool(
            correction
            and self.ship_to_changed_at
            and self.ship_to_changed_at > correction.decided_at
        )

    @property
    def is_reopened(self) -> bool:
        """Whether it is open again at the marketplace, which had accepted a notice."""
        return (
            self.has_shipment
            and self.marketplace_state in OPEN_STATES
            and any(
                one.notification == "accepted"
                and one.notified_at
                and one.notified_at < self.changed_at
                for one in self.shipments.all()
            )
        )

    def get_status_display(self) -> str:
        return str(dict(STATUS_CHOICES).get(self.status, self.status))
