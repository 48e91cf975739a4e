"""The items of an order."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from orders.models.orders import Order
from orders.models.told import EMPTY


class LineItem(models.Model):
    # The rule of positions has an index that begins with it.
    order = models.ForeignKey(
        Order,
        models.CASCADE,
        related_name="line_items",
        verbose_name=_("order"),
        db_index=False,
    )
    position = models.PositiveSmallIntegerField(_("position"))
    sku = models.CharField(_("SKU"), max_length=100, blank=True)
    name = models.CharField(_("item"), max_length=500, blank=True)
    quantity = models.PositiveIntegerField(_("quantity"))
    # As it came, where it is no whole number of pieces.
    quantity_received = models.CharField(
        _("quantity as received"), max_length=20, **EMPTY
    )
    unit_price = models.DecimalField(
        _("unit price"), max_digits=12, decimal_places=2, null=True
    )
    options = models.JSONField(_("options"), default=dict)
    product_id = models.CharField(_("product"), max_length=100, blank=True)
    # The marketplace's own, which its notices name.
    line_item_id = models.CharField(_("line item ID"), max_length=50, **EMPTY)
    # Of one piece.
    weight = models.DecimalField(
        _("weight (g)"), max_digits=12, decimal_places=2, null=True
    )

    class Meta:
        verbose_name = _("line item")
        verbose_name_plural = _("line items")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["order", "position"], name="orders_lineitem_one_per_position"
            ),
            models.CheckConstraint(
                condition=Q(quantity__gte=1), name="orders_lineitem_quantity_positive"
            ),
        ]
        indexes = [models.Index(fields=["sku", "order"], name="orders_lineitem_sku")]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.sku or self.name}"

    @property
    def options_in_words(self) -> str:
        return ", ".join(f"{name}: {value}" for name, value in self.options.items())
