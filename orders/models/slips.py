"""Packing slips that were printed: when, by whom, and with which address."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from backoffice.kit.fields import person_field
from orders.models.orders import Order
from stores.marketplaces.base import OrderStatus


class PackingSlip(models.Model):
    """A slip on paper; void once the order or its address is another one."""

    order = models.ForeignKey(
        Order, models.CASCADE, related_name="slips", verbose_name=_("order")
    )
    printed_at = models.DateTimeField(_("printed"))
    printed_by = person_field(_("printed by"))
    address = models.TextField(_("address on paper"))

    class Meta:
        verbose_name = _("packing slip")
        verbose_name_plural = _("packing slips")
        ordering = ["-printed_at", "-id"]

    def __str__(self) -> str:
        return str(self.order)

    @property
    def is_void(self) -> bool:
        """Whether the paper must not leave the house any more."""
        return (
            self.order.status == OrderStatus.CANCELLED
            or self.order.ship_to.address != self.address
        )
