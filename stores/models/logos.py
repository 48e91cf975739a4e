"""A store's logo."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from stores.models.stores import Store


class Logo(models.Model):
    """A store's logo, kept beside the store so that only documents read it."""

    MOST_PIXELS = 25_000_000

    store = models.OneToOneField(
        Store, models.CASCADE, related_name="logo", verbose_name=_("store")
    )
    image = models.BinaryField(_("image"))
    content_type = models.CharField(_("kind of image"), max_length=20)

    class Meta:
        verbose_name = _("logo")
        verbose_name_plural = _("logos")

    def __str__(self) -> str:
        return str(self.store)
