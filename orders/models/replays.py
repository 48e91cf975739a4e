"""Stored orders that were read in another way, after a change of their store."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from backoffice.kit.fields import person_field
from stores.models import Store


class Replay(models.Model):
    """A change of how a store's orders are read, applied to those that were here."""

    store = models.ForeignKey(
        Store, models.CASCADE, related_name="replays", verbose_name=_("store")
    )
    made_by = person_field(_("made by"))
    made_at = models.DateTimeField(_("made"))
    # The store's settings that shape an order: {"timezone": …,
    # "import_variation_as_option": …, "status_words": {…}}, once without the words.
    before = models.JSONField(_("before"))
    after = models.JSONField(_("after"))
    # How each order had been read, by `Order.read_with`: its keys.
    readings = models.JSONField(_("earlier readings"), default=dict)
    changed = models.PositiveIntegerField(_("orders changed"), default=0)
    undone_at = models.DateTimeField(_("undone"), null=True)
    undone_by = person_field(_("undone by"))

    class Meta:
        verbose_name = _("replay")
        verbose_name_plural = _("replays")
        ordering = ["-made_at", "-id"]

    def __str__(self) -> str:
        return f"{self.store} #{self.pk}"
