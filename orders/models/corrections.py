"""Addresses that staff corrected; the marketplace's own stays beside them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from backoffice.kit.fields import person_field
from orders.models.addresses import ShipTo
from orders.models.orders import Order


class Correction(ShipTo):
    """Where an order really goes, as staff say; no refresh touches it."""

    order = models.OneToOneField(
        Order,
        models.CASCADE,
        related_name="correction",
        verbose_name=_("order"),
    )
    made_by = person_field(_("corrected by"))
    made_at = models.DateTimeField(_("corrected"))
    # Moves when staff, seeing a newer address of the marketplace, keep theirs.
    decided_at = models.DateTimeField(_("decided"))

    class Meta:
        verbose_name = _("corrected address")
        verbose_name_plural = _("corrected addresses")

    def __str__(self) -> str:
        return self.address
