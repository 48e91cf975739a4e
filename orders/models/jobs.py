"""Long work: a job that is done in batches, by one task after another."""

from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from backoffice.kit.claims import is_free
from backoffice.kit.fields import person_field
from backoffice.kit.queue import enqueue
from backoffice.kit.sentences import FactsField, SentenceField, SentenceQuerySet
from stores.access import Limit, limit_of

# From one batch to the next lies less, on a slow machine too.
CLAIM_TIME = timedelta(seconds=60)


class JobQuerySet(SentenceQuerySet["Job"]):
    def unfinished(self) -> "JobQuerySet":
        return self.filter(finished_at=None)

    def unclaimed(self) -> "JobQuerySet":
        """Jobs that no process works on, by the database's clock."""
        return self.filter(is_free("claimed_until", CLAIM_TIME))

    def seen_by(self, user: Any) -> "JobQuerySet":
        """Jobs this person asked for, a superuser everybody's.

        One that was about more stores than he may see by now is not his any more.
        """
        if user.is_superuser:
            return self
        own, limit = self.filter(asked_by=user), limit_of(user)
        if limit is None:
            return own
        named = own.filter(facts__has_key="stores").values_list("pk", "facts__stores")
        return own.filter(pk__in=[pk for pk, keys in named if limit.issuperset(keys)])

    def ask(
        self, kind: str, facts: dict[str, Any], keys: list, by: User | None
    ) -> "Job":
        """Begin a job of its kind about these keys; the queue works on it."""
        limit = limit_of(by)
        stores = {} if limit is None else {"stores": sorted(limit)}
        with transaction.atomic():
            job = self.create(
                kind=kind,
                facts=facts | stores,
                keys=keys,
                total=len(keys),
                asked_by=by,
                language=translation.get_language() or "",
            )
            enqueue("work_on_job", job.pk)
        return job


class Job(models.Model):
    """Work that somebody asked for, how far it is, and how it ended."""

    class Kind(models.TextChoices):
        EXPORT = "export", _("Export of a list")
        REPLAY = "replay", _("Stored orders read again")
        UNDO = "undo", _("Stored orders read as before")
        TRACKING_FILE = "tracking_file", _("Tracking file")
        SLIPS = "slips", _("Packing slips")

    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    # What it is about, as its kind knows, and which stores alone whoever asked may see.
    facts = models.JSONField(default=dict)
    # The rows it is about, in order: its batches are taken off this list.
    keys = models.JSONField(default=list)
    total = models.PositiveIntegerField(_("in all"))
    done = models.PositiveIntegerField(_("done"), default=0)
    asked_by = person_field(_("asked by"))
    asked_at = models.DateTimeField(_("asked for"), auto_now_add=True)
    # Of whoever asked, for what a file or a row says.
    language = models.CharField(max_length=10)
    stop_asked_at = models.DateTimeField(_("asked to stop"), null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)
    error = SentenceField(_("error"), blank=True)
    error_facts = FactsField()

    # Who works on it, and how often somebody began without ending a batch.
    claimed_by = models.CharField(max_length=32, blank=True)
    claimed_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(done__lte=F("total")), name="orders_job_done_of_total"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} #{self.pk}"

    @property
    def limit(self) -> Limit:
        """The stores that it is about, None for any."""
        stores = self.facts.get("stores")
        return None if stores is None else frozenset(stores)

    @property
    def is_complete(self) -> bool:
        return bool(self.finished_at) and self.done == self.total and not self.error


class JobPart(models.Model):
    """What a batch added to the file its job makes, compressed."""

    job = models.ForeignKey(Job, models.CASCADE, related_name="parts")
    # How many of the job's keys were done before.
    start = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        verbose_name = _("part of a job’s file")
        verbose_name_plural = _("parts of a job’s file")
        ordering = ["start"]
        constraints = [
            models.UniqueConstraint(fields=["job", "start"], name="orders_jobpart_once")
        ]

    def __str__(self) -> str:
        return f"{self.job}: {self.start}"
