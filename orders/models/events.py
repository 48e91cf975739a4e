"""What happened to an order, as far as no other row tells it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from backoffice.kit.fields import person_field
from backoffice.kit.sentences import FactsField, SentenceField, SentenceQuerySet
from orders.models.orders import Order


class OrderEvent(models.Model):
    """A line of an order's history; written once, never changed."""

    class Kind(models.TextChoices):
        CHANGED = "changed", _("Changed at the marketplace")
        HELD = "held", _("Held")
        RELEASED = "released", _("Released")
        SHIPPED = "shipped", _("Shipped")
        CORRECTED = "corrected", _("Shipment corrected")
        ACCEPTED = "accepted", _("Accepted by the marketplace")
        REFUSED = "refused", _("Not accepted by the marketplace")
        OVERRIDDEN = "overridden", _("Sent despite a doubt")
        ADDRESS = "address", _("Address corrected")
        ADDRESS_KEPT = "address_kept", _("Corrected address kept")
        ADDRESS_REVERTED = "address_reverted", _("Marketplace’s address taken")
        EMAIL = "email", _("Customer’s e-mail address changed")
        MAILED = "mailed", _("Customer told by mail")
        ASSIGNED = "assigned", _("Assigned")
        PRINTED = "printed", _("Packing slip printed")
        NOTE = "note", _("Note")
        ERASED = "erased", _("Personal data erased")

    # Its index with the time begins with it.
    order = models.ForeignKey(
        Order,
        models.CASCADE,
        related_name="events",
        verbose_name=_("order"),
        db_index=False,
    )
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    at = models.DateTimeField(_("at"))
    by = person_field(_("by"))
    text = SentenceField(_("text"), blank=True)
    text_facts = FactsField()
    # Of a change: [field, from, to], one each.
    changes = models.JSONField(_("changes"), default=list)

    objects = SentenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("history")
        verbose_name_plural = _("history")
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["order", "at"], name="orders_event_order")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.text}".strip()
