"""A sending by hand: a last look at each order before the one-way door."""

from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from backoffice.kit.fields import person_field
from backoffice.kit.sentences import FactsField, SentenceField, SentenceQuerySet
from orders.models.shipments import Shipment
from stores.access import limit_of


class SendingQuerySet(models.QuerySet["Sending"]):
    def seen_by(self, user: Any) -> "SendingQuerySet":
        """Sendings all of whose shipments are of stores that this person may see."""
        limit = limit_of(user)
        if limit is None:
            return self
        lines = SendingLine.objects.filter(sending=OuterRef("pk"))
        return self.exclude(Exists(lines.exclude(shipment__order__store__in=limit)))


class Sending(models.Model):
    """Shipments somebody wants to send: looked at, then confirmed, then sent."""

    asked_by = person_field(_("asked by"))
    asked_at = models.DateTimeField(_("asked for"), auto_now_add=True)
    looked_at = models.DateTimeField(_("looked at"), null=True)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True)

    objects = SendingQuerySet.as_manager()

    class Meta:
        verbose_name = _("sending")
        verbose_name_plural = _("sendings")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"#{self.pk}"


class SendingLine(models.Model):
    """One shipment of a sending, and what the last look at it showed."""

    class Look(models.TextChoices):
        WAITING = "waiting", _("Not looked at yet")
        GREEN = "green", _("Goes")
        AMBER = "amber", _("Needs a reason")
        RED = "red", _("Does not go")

    sending = models.ForeignKey(
        Sending, models.CASCADE, related_name="lines", verbose_name=_("sending")
    )
    shipment = models.ForeignKey(
        Shipment, models.CASCADE, related_name="looks", verbose_name=_("shipment")
    )
    look = models.CharField(
        _("last look"), max_length=10, choices=Look, default=Look.WAITING
    )
    words = SentenceField(_("why"), blank=True)
    words_facts = FactsField()
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    is_sent = models.BooleanField(_("sent"), default=False)

    objects = SentenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("shipment to send")
        verbose_name_plural = _("shipments to send")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["sending", "shipment"], name="orders_sendingline_once"
            ),
            models.CheckConstraint(
                condition=~Q(look="amber", is_sent=True, reason=""),
                name="orders_sendingline_amber_has_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.shipment}: {self.get_look_display()}"
