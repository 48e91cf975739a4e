"""Which stores a user is kept to."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from stores.models.stores import Store


class StoreLimit(models.Model):
    """Keeps a user to some stores; without a row, one sees them all.

    A row of its own, because a store that goes must not widen what somebody sees.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="store_limit",
        verbose_name=_("user"),
    )
    stores = models.ManyToManyField(
        Store, related_name="+", blank=True, verbose_name=_("stores")
    )

    class Meta:
        verbose_name = _("limit to stores")
        verbose_name_plural = _("limits to stores")

    def __str__(self) -> str:
        return str(self.user)
