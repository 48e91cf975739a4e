"""Where the marketplace shows the pictures of its products."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from stores.models import Store


class ProductPicture(models.Model):
    """The address of a product's picture, which only the browser ever loads."""

    store = models.ForeignKey(
        Store, models.CASCADE, related_name="pictures", verbose_name=_("store")
    )
    product_id = models.CharField(_("product"), max_length=100)
    url = models.CharField(_("picture"), max_length=500, blank=True)
    read_at = models.DateTimeField(_("read"))

    class Meta:
        verbose_name = _("product picture")
        verbose_name_plural = _("product pictures")
        constraints = [
            models.UniqueConstraint(
                fields=["store", "product_id"], name="orders_picture_once_per_product"
            ),
        ]

    def __str__(self) -> str:
        return self.product_id
