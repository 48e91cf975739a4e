"""Alarms that stood for a while, so that each is told once and its end once."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from stores.models import Store


class Alert(models.Model):
    """An alarm from the moment it is raised until its cause is gone."""

    cause = models.CharField(_("cause"), max_length=30)
    store = models.ForeignKey(
        Store,
        models.CASCADE,
        null=True,
        related_name="alerts",
        verbose_name=_("store"),
    )
    message = models.TextField(_("what happened"))
    # The same by language, for who reads another than the server's.
    translations = models.JSONField(default=dict, editable=False)
    raised_at = models.DateTimeField(_("raised"))
    told_at = models.DateTimeField(_("told"), null=True)
    cleared_at = models.DateTimeField(_("cleared"), null=True)
    end_told_at = models.DateTimeField(_("end told"), null=True)

    class Meta:
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")
        ordering = ["-raised_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["cause", "store"],
                condition=Q(cleared_at=None, store__isnull=False),
                name="orders_alert_one_open_per_cause_and_store",
            ),
            models.UniqueConstraint(
                fields=["cause"],
                condition=Q(cleared_at=None, store=None),
                name="orders_alert_one_open_per_cause",
            ),
        ]

    def __str__(self) -> str:
        return self.message
