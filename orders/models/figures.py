"""What pages show of each store, kept so that no page counts it, and what is old."""

from collections.abc import Iterable

from django.db import models
from django.utils.translation import gettext_lazy as _

from stores.models import Store


class StoreFigure(models.Model):
    """Something that was counted of a store's rows (see `work.figures`).

    Nothing is lost with these rows: whoever finds none, or an old one, counts anew.
    """

    store = models.ForeignKey(
        Store, models.CASCADE, related_name="figures", verbose_name=_("store")
    )
    name = models.CharField(_("name"), max_length=20)
    value = models.JSONField(_("value"))
    counted_at = models.DateTimeField(_("counted"))
    # Later than it was counted: the store's rows have changed since.
    changed_at = models.DateTimeField(_("changed"), null=True)

    class Meta:
        verbose_name = _("figure of a store")
        verbose_name_plural = _("figures of stores")
        constraints = [
            models.UniqueConstraint(
                fields=["store", "name"], name="orders_storefigure_once_per_name"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.store_id} {self.name}"


class StoreChange(models.Model):
    """A store whose rows have changed since they were counted.

    A row of its own for each change, deleted by who counts anew: two that change the
    same store never wait for each other, and none is missed that is committed late.
    """

    store = models.ForeignKey(Store, models.CASCADE, related_name="+")
    # The only figure it concerns, or empty for all.
    figure = models.CharField(max_length=20, blank=True)

    class Meta:
        verbose_name = _("change of a store")
        verbose_name_plural = _("changes of stores")

    def __str__(self) -> str:
        return f"{self.store_id} {self.figure}"


def note_change(store_ids: Iterable[int], figure: str = "") -> None:
    """Have what is kept of these stores counted anew, in the transaction of the change.

    Whoever changes what a page counts calls it.
    """
    StoreChange.objects.bulk_create(
        StoreChange(store_id=pk, figure=figure) for pk in sorted(set(store_ids))
    )
