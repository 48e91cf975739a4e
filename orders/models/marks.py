"""What staff decided about things that need a person: who does it, and when."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from backoffice.kit.fields import person_field


class WorkMark(models.Model):
    """The owner and the snooze of a work item, and when it was first seen.

    The items themselves are derived from the rows that cause them (see `work`), so
    that one closes itself when its cause is gone.
    """

    kind = models.CharField(_("kind"), max_length=30)
    # The key of the row that is the cause.
    cause = models.CharField(_("cause"), max_length=80)
    owner = person_field(_("owner"), "work_marks")
    snoozed_until = models.DateTimeField(_("snoozed until"), null=True)
    # Where no row says since when: of a difference.
    seen_at = models.DateTimeField(_("first seen"), null=True)

    class Meta:
        verbose_name = _("work mark")
        verbose_name_plural = _("work marks")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "cause"], name="orders_workmark_once_per_cause"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.cause}"
