"""Imports and the problems they met."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backoffice.kit.sentences import FactsField, SentenceField, SentenceQuerySet
from stores.models import Store


class ImportRun(models.Model):
    """One reading of a store: what was asked, and what came of every order seen."""

    class Kind(models.TextChoices):
        REFRESH = "refresh", _("Refresh")
        RANGE = "range", _("Date range")
        ORDERS = "orders", _("Single orders")
        RECHECK = "recheck", _("Re-check of open orders")

    class Trigger(models.TextChoices):
        SCHEDULE = "schedule", _("Schedule")
        MANUAL = "manual", _("By hand")
        COMMAND = "command", _("Command")

    class Status(models.TextChoices):
        RUNNING = "running", _("Running")
        COMPLETE = "complete", _("Complete")
        PARTIAL = "partial", _("Partial")
        FAILED = "failed", _("Failed")

    COUNTS = ("seen", "created", "updated", "unchanged", "skipped", "rejected")

    store = models.ForeignKey(
        Store, models.CASCADE, related_name="import_runs", verbose_name=_("store")
    )
    kind = models.CharField(
        _("kind"), max_length=10, choices=Kind, default=Kind.REFRESH
    )
    trigger = models.CharField(
        _("started by"), max_length=10, choices=Trigger, default=Trigger.SCHEDULE
    )
    window_start = models.DateTimeField(_("window from"), null=True)
    window_end = models.DateTimeField(_("window to"), null=True)
    order_ids = models.JSONField(_("order numbers"), default=list)
    status = models.CharField(
        _("status"), max_length=10, choices=Status, default=Status.RUNNING
    )
    pages = models.PositiveIntegerField(_("pages"), default=0)
    seen = models.PositiveIntegerField(_("seen"), default=0)
    created = models.PositiveIntegerField(_("created"), default=0)
    updated = models.PositiveIntegerField(_("updated"), default=0)
    unchanged = models.PositiveIntegerField(_("unchanged"), default=0)
    skipped = models.PositiveIntegerField(_("skipped"), default=0)
    rejected = models.PositiveIntegerField(_("rejected"), default=0)
    error = SentenceField(_("error"), blank=True)
    error_facts = FactsField()
    # By how many seconds this computer's clock is ahead of the marketplace's.
    clock_ahead = models.IntegerField(_("clock ahead (seconds)"), null=True)
    asked_at = models.DateTimeField(_("asked for"), auto_now_add=True)
    started_at = models.DateTimeField(_("started"), null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)

    objects = SentenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["store"],
                condition=Q(started_at__isnull=False, finished_at__isnull=True),
                name="orders_importrun_one_running_per_store",
            ),
            models.CheckConstraint(
                condition=Q(
                    seen=models.F("created")
                    + models.F("updated")
                    + models.F("unchanged")
                    + models.F("skipped")
                    + models.F("rejected")
                ),
                name="orders_importrun_every_order_has_one_outcome",
            ),
        ]
        indexes = [
            models.Index(fields=["store", "-id"], name="orders_importrun_store"),
            models.Index(fields=["finished_at"], name="orders_importrun_finished"),
            models.Index(fields=["-asked_at", "-id"], name="orders_importrun_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.store} #{self.pk}"

    @property
    def window(self) -> tuple[datetime, datetime]:
        """The time that a refresh or a range asks for."""
        if self.window_start is None or self.window_end is None:
            raise ValueError("An import of single orders asks for no time.")
        return self.window_start, self.window_end

    @property
    def kept_out(self) -> int:
        return self.skipped + self.rejected


class ImportProblem(models.Model):
    """An order that could not come in, or came in with something to look at."""

    class Kind(models.TextChoices):
        NO_ADDRESS = "no_address", _("No ship-to address")
        UNREADABLE = "unreadable", _("Unreadable")
        NOT_STORED = "not_stored", _("Refused by the database")
        NOT_FOUND = "not_found", _("Not found at the marketplace")
        UNKNOWN_STATUS = "unknown_status", _("Unknown status")
        UNKNOWN_COUNTRY = "unknown_country", _("Unknown country")
        PARTLY_READ = "partly_read", _("Partly read")

    # The others concern orders that are here and ship once a person has looked.
    KEEPS_OUT = (Kind.NO_ADDRESS, Kind.UNREADABLE, Kind.NOT_STORED, Kind.NOT_FOUND)

    store = models.ForeignKey(
        Store, models.CASCADE, related_name="problems", verbose_name=_("store")
    )
    marketplace_order_id = models.CharField(_("order number"), max_length=50)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    message = SentenceField(_("what happened"))
    message_facts = FactsField()
    payload = models.JSONField(_("as received"), null=True)
    first_seen_at = models.DateTimeField(_("first seen"))
    last_seen_at = models.DateTimeField(_("last seen"))
    resolved_at = models.DateTimeField(_("resolved"), null=True, blank=True)

    objects = SentenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("import problem")
        verbose_name_plural = _("import problems")
        ordering = ["-last_seen_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["store", "marketplace_order_id", "kind"],
                name="orders_importproblem_once_per_order_and_kind",
            ),
        ]
        indexes = [
            models.Index(
                fields=["store", "resolved_at"], name="orders_importproblem_open"
            ),
            models.Index(
                fields=["-last_seen_at", "-id"], name="orders_importproblem_newest"
            ),
            models.Index(
                fields=["-last_seen_at", "-id"],
                name="orders_importproblem_standing",
                condition=Q(resolved_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.marketplace_order_id}: {self.get_kind_display()}"
