"""What the marketplace listed the last time it was asked for a whole month."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from backoffice.kit.sentences import FactsField, SentenceField, SentenceQuerySet
from orders.models.imports import ImportRun
from orders.models.orders import STATUS_CHOICES
from stores.models import Store


class Reconciliation(models.Model):
    """One listing of a store's last days, to hold against what is here."""

    store = models.ForeignKey(
        Store, models.CASCADE, related_name="reconciliations", verbose_name=_("store")
    )
    window_start = models.DateTimeField(_("window from"))
    started_at = models.DateTimeField(_("started"))
    finished_at = models.DateTimeField(_("finished"), null=True)
    status = models.CharField(
        _("status"),
        max_length=10,
        choices=ImportRun.Status,
        default=ImportRun.Status.RUNNING,
    )
    seen = models.PositiveIntegerField(_("seen"), default=0)
    error = SentenceField(_("error"), blank=True)
    error_facts = FactsField()

    objects = SentenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("reconciliation")
        verbose_name_plural = _("reconciliations")
        ordering = ["-started_at", "-id"]

    def __str__(self) -> str:
        return f"{self.store} #{self.pk}"


class ListedOrder(models.Model):
    """An order as the marketplace listed it; the other side of an `Order`."""

    reconciliation = models.ForeignKey(
        Reconciliation,
        models.CASCADE,
        related_name="orders",
        verbose_name=_("reconciliation"),
    )
    marketplace_order_id = models.CharField(_("order number"), max_length=50)
    # None, when its date could not be read.
    ordered_at = models.DateTimeField(_("ordered"), null=True)
    # The day of `ordered_at` in the store's zone, when it was listed.
    day = models.DateField(_("day"), null=True)
    # Empty, when the order could not be read.
    marketplace_state = models.CharField(
        _("status at the marketplace"),
        max_length=20,
        choices=STATUS_CHOICES,
        blank=True,
    )
    tracking_number = models.CharField(
        _("tracking number at the marketplace"), max_length=100, blank=True
    )

    class Meta:
        verbose_name = _("listed order")
        verbose_name_plural = _("listed orders")
        ordering = ["-ordered_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["reconciliation", "marketplace_order_id"],
                name="orders_listedorder_once_per_listing",
            ),
        ]
        indexes = [
            models.Index(fields=["reconciliation", "day"], name="orders_listed_day"),
        ]

    def __str__(self) -> str:
        return self.marketplace_order_id
