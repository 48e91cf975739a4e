"""What only some marketplaces tell of an order, as its columns."""

from django.db import models
from django.utils.translation import gettext_lazy as _

# Of the buyer, so erased with him.
OF_BUYER = ("buyer_email", "buyer_phone", "buyer_note", "gift_message")
TOLD = (
    "order_number",
    "currency",
    *OF_BUYER,
    "shipping_service",
    "weight",
)


class Told(models.Model):
    """Written by the import alone; empty where the marketplace does not say."""

    # What people call the order by, where that is not its ID.
    order_number = models.CharField(
        _("number"), max_length=50, blank=True, default="", db_default=""
    )
    currency = models.CharField(
        _("currency"), max_length=3, blank=True, default="", db_default=""
    )
    buyer_email = models.CharField(
        _("e-mail address at the marketplace"),
        max_length=254,
        blank=True,
        default="",
        db_default="",
    )
    buyer_phone = models.CharField(
        _("phone"), max_length=50, blank=True, default="", db_default=""
    )
    buyer_note = models.TextField(
        _("buyer’s note"), blank=True, default="", db_default=""
    )
    gift_message = models.TextField(
        _("gift message"), blank=True, default="", db_default=""
    )
    shipping_service = models.CharField(
        _("shipping service asked for"),
        max_length=200,
        blank=True,
        default="",
        db_default="",
    )
    weight = models.DecimalField(
        _("weight (g)"), max_digits=12, decimal_places=2, null=True
    )

    class Meta:
        abstract = True
