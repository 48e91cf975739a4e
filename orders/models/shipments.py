"""Shipments, each the outbox row of its own notice."""

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from backoffice.kit.backoff import LONGEST_DELAY
from backoffice.kit.claims import has_come, is_free
from backoffice.kit.fields import person_field
from backoffice.kit.sentences import FactsField, SentenceField, SentenceQuerySet
from orders.models.orders import Order
from stores.marketplaces.base import OrderStatus
from stores.models import Store

# From one renewal of a claim to the next lies less: the calls of an attempt, or the
# post with its read-back, and what is written.
CLAIM_TIME = timedelta(seconds=200)
# A notice whose answer was lost may show late. It is posted again only after this
# time and this many reads, none of which showed it.
REPOST_AFTER = timedelta(minutes=10)
READS_BEFORE_REPOST = 3
# Stands for reads where a person has a notice sent again that may have arrived.
ASKED_AGAIN = 1_000_000
NOT_ACCEPTED = ~Q(notification="accepted")


class ShipmentQuerySet(SentenceQuerySet["Shipment"]):
    def unsent(self) -> "ShipmentQuerySet":
        """Shipments the marketplace has yet to hear of, or to confirm."""
        return self.unaccepted().filter(notification__in=Shipment.OPEN)

    def unaccepted(self) -> "ShipmentQuerySet":
        """Shipments whose tracking the marketplace has not accepted: few, by an index.

        Whoever looks for one of their states says this too: SQLite does not see that
        one follows from the other.
        """
        return self.filter(NOT_ACCEPTED)

    def refused(self) -> "ShipmentQuerySet":
        """Shipments whose tracking the marketplace does not take."""
        return self.unaccepted().filter(notification=Shipment.Notification.REFUSED)

    def with_order(self) -> Self:
        """Shipments with their orders and stores, without the orders' long texts."""
        long = ("order__payload", "order__search_text")
        return self.select_related("order__store").defer(*long)

    def unclaimed(self) -> "ShipmentQuerySet":
        """Shipments that no process is sending, by the database's clock."""
        return self.filter(is_free("claimed_until", CLAIM_TIME))

    def may_be_posted(self, *, may_repeat: bool) -> "ShipmentQuerySet":
        """Unsent shipments whose notice cannot be at the marketplace already.

        Called right after a read that did not show the notice, which counts. Where a
        second one may do harm, only a person sends it: `ASKED_AGAIN` marks that.
        """
        long_ago = Q(posted_at__lte=Now() - REPOST_AFTER)
        often_read = Q(reads_since_post__gte=READS_BEFORE_REPOST - 1)
        asked = Q(reads_since_post__gte=ASKED_AGAIN)
        again = long_ago & often_read if may_repeat else asked
        never = Q(posted_at=None)
        return self.unsent().filter(never | again, answer__isnull=True)

    def kept_back(self, because: str) -> "ShipmentQuerySet":
        """Shipments of orders open at the marketplace, not sent for this reason."""
        closed = [OrderStatus.SHIPPED, OrderStatus.CANCELLED]
        kept = self.unaccepted().filter(
            notification=Shipment.Notification.NOT_SENT, not_sent_because=because
        )
        return kept.exclude(order__marketplace_state__in=closed)

    def for_a_person(self) -> "ShipmentQuerySet":
        """Shipments that somebody has to send, and nobody chose not to."""
        in_doubt = self.kept_back(Shipment.NotSent.DOUBT)
        return in_doubt | self.kept_back(Shipment.NotSent.STORE)

    def waiting(self) -> "ShipmentQuerySet":
        """Shipments whose notice waits for anything but somebody's own choice."""
        return self.unsent() | self.refused() | self.for_a_person()

    def due(self, now: datetime) -> "ShipmentQuerySet":
        return self.unsent().filter(
            has_come("next_attempt_at", now, LONGEST_DELAY),
            order__store__is_active=True,
            order__store__connection=Store.Connection.CONNECTED,
        )


class Shipment(models.Model):
    """A parcel, and the outbox row of its notice to the marketplace."""

    class Notification(models.TextChoices):
        PENDING = "pending", _("Waiting to be sent")
        ACCEPTED = "accepted", _("Accepted")
        REFUSED = "refused", _("Refused")
        UNCONFIRMED = "unconfirmed", _("Not confirmed yet")
        NOT_SENT = "not_sent", _("Not sent")

    class NotSent(models.TextChoices):
        DOUBT = "doubt", _("Waits for a last look")
        STORE = "store", _("Never told")
        CHOICE = "choice", _("Not sent, by choice")

    class Proof(models.TextChoices):
        NUMBER = "number", _("Number shown")
        STATUS = "status", _("Shown as shipped")
        ANSWERED = "answered", _("Answered")

    # The marketplace has yet to hear of these, or to confirm them.
    OPEN = (Notification.PENDING, Notification.UNCONFIRMED)
    # What `reopen` and `keep_back` change, for the caller that saves it.
    OUTBOX_FIELDS = (
        "notification",
        "not_sent_because",
        "notification_error",
        "notification_error_facts",
        "attempts",
        "reads_since_post",
        "queued_at",
        "next_attempt_at",
    )

    # The rule of numbers has an index that begins with it.
    order = models.ForeignKey(
        Order,
        models.PROTECT,
        related_name="shipments",
        verbose_name=_("order"),
        db_index=False,
    )
    carrier = models.CharField(_("carrier"), max_length=100)
    tracking_number = models.CharField(_("tracking number"), max_length=100)
    shipped_at = models.DateTimeField(_("shipped"))
    shipped_by = person_field(_("shipped by"), "shipments")

    # Written by `notifying` alone, once the row exists.
    notification = models.CharField(
        _("notice"),
        max_length=20,
        choices=Notification,
        default=Notification.PENDING,
    )
    # Empty once it is sent, or on its way.
    not_sent_because = models.CharField(
        _("why it is not sent"), max_length=10, choices=NotSent, blank=True
    )
    # Of one that waits for a last look, what is in doubt.
    notification_error = SentenceField(_("what went wrong"), blank=True)
    notification_error_facts = FactsField()
    queued_at = models.DateTimeField(_("waiting since"), null=True)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt"), null=True)
    notified_at = models.DateTimeField(_("accepted at"), null=True)
    # By what an accepted notice is known to have arrived; empty of earlier ones, of
    # which each had its number shown.
    proof = models.CharField(
        _("proof"), max_length=10, choices=Proof, blank=True, default="", db_default=""
    )
    # Noted before the notice is posted, so that a sender that dies has left a trace.
    posted_at = models.DateTimeField(_("posted"), null=True)
    # How often the order was read since then without showing the notice.
    reads_since_post = models.PositiveIntegerField(default=0)
    # The marketplace's answer, where it named the order as shipped with this number:
    # the proof that the notice arrived, whatever later reads show. Once accepted, the
    # receipt has it.
    answer = models.JSONField(null=True)
    receipt = models.JSONField(_("receipt"), null=True)
    # Written by `mailing` alone.
    customer_mailed_at = models.DateTimeField(_("customer mailed"), null=True)
    customer_mail_attempts = models.PositiveSmallIntegerField(default=0)
    customer_mail_error = SentenceField(_("why no mail left"), blank=True)
    customer_mail_error_facts = FactsField()
    claim = models.CharField(max_length=32, blank=True)
    claimed_until = models.DateTimeField(null=True)

    objects = ShipmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("shipment")
        verbose_name_plural = _("shipments")
        ordering = ["-shipped_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["order", "carrier", "tracking_number"],
                name="orders_shipment_number_once_per_order",
            ),
            models.UniqueConstraint(
                fields=["order"],
                condition=Q(notification__in=["pending", "unconfirmed", "accepted"]),
                name="orders_shipment_one_notice_per_order",
            ),
            models.CheckConstraint(
                condition=~Q(notification="not_sent", not_sent_because=""),
                name="orders_shipment_not_sent_has_a_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["tracking_number"], name="orders_shipment_number"),
            models.Index(
                fields=["-shipped_at", "-id", "notification"],
                name="orders_shipment_newest",
            ),
            # Without the accepted, which are nearly all: see `unaccepted`.
            models.Index(
                fields=["notification", "not_sent_because", "-shipped_at", "-id"],
                name="orders_shipment_unaccepted",
                condition=NOT_ACCEPTED,
            ),
            models.Index(fields=["carrier", "order"], name="orders_shipment_carrier"),
            models.Index(
                fields=["notification", "next_attempt_at"],
                name="orders_shipment_open",
                condition=NOT_ACCEPTED,
            ),
            models.Index(
                fields=["notification", "customer_mail_attempts"],
                name="orders_shipment_mail",
            ),
            models.Index(
                fields=["notification", "customer_mail_attempts", "notified_at"],
                name="orders_shipment_to_mail",
                condition=Q(customer_mailed_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.carrier} {self.tracking_number}"

    @property
    def notice_in_words(self) -> str:
        """What became of the notice, and of an accepted one by what it is known."""
        said = str(self.get_notification_display())
        is_less = self.proof in {self.Proof.STATUS, self.Proof.ANSWERED}
        return f"{said} · {self.get_proof_display()}" if is_less else said

    @property
    def may_be_corrected(self) -> bool:
        """Whether carrier and number cannot have reached the marketplace for good."""
        if self.answer is not None:
            return False
        if self.notification == self.Notification.REFUSED:
            return True
        closed = {self.Notification.ACCEPTED, self.Notification.UNCONFIRMED}
        return self.notification not in closed and self.posted_at is None

    def reopen(self, now: datetime) -> None:
        """Make the notice a fresh one, due now; the caller saves it."""
        self.notification = self.Notification.PENDING
        self.not_sent_because = ""
        self.notification_error = ""
        self.attempts = 0
        if self.posted_at:
            self.reads_since_post = ASKED_AGAIN
        self.queued_at = self.next_attempt_at = now

    def keep_back(self, because: str, doubt: str) -> None:
        """Have the notice wait for a person, `doubt` in words; the caller saves it."""
        self.notification = self.Notification.NOT_SENT
        self.not_sent_because = because
        self.notification_error = doubt if because == self.NotSent.DOUBT else ""
        self.queued_at = self.next_attempt_at = None


def parcel_of(order: Order) -> Shipment | None:
    """Return the shipment the marketplace was told of, else the latest."""
    shipments = list(order.shipments.all())
    told = {*Shipment.OPEN, Shipment.Notification.ACCEPTED}
    return next(
        (one for one in shipments if one.notification in told),
        next(iter(shipments), None),
    )
