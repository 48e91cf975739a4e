"""Tracking numbers that came in a carrier's file."""

import json
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from backoffice.kit.fields import person_field
from stores.access import limit_of


class TrackingFileQuerySet(models.QuerySet["TrackingFile"]):
    def seen_by(self, user: Any) -> "TrackingFileQuerySet":
        """Files of anybody; who is limited to some stores sees his own alone.

        A file may name orders of any store, as whoever made it knows.
        """
        return self if limit_of(user) is None else self.filter(uploaded_by=user)


class TrackingFile(models.Model):
    """A file of tracking numbers: its lines as read, until they are taken."""

    name = models.CharField(_("file"), max_length=200)
    header = models.JSONField(_("columns"), default=list)
    lines = models.JSONField(_("lines"), default=list)
    # Which column holds what: {"order": 0, "carrier": 2, "tracking_number": 3}.
    mapping = models.JSONField(_("meaning of the columns"), default=dict)
    # The carrier of lines that name none.
    carrier = models.CharField(_("carrier"), max_length=100, blank=True)
    # Whatever the lines name.
    is_carrier_for_all = models.BooleanField(default=False)
    # The numbers of the lines that are not to be taken.
    left_out = models.JSONField(default=list)
    # Of each line, once taken: [result, sentence].
    results = models.JSONField(_("results"), default=list)
    uploaded_by = person_field(_("uploaded by"))
    uploaded_at = models.DateTimeField(_("uploaded"), auto_now_add=True)
    taken_at = models.DateTimeField(_("taken"), null=True)

    objects = TrackingFileQuerySet.as_manager()

    class Meta:
        verbose_name = _("tracking file")
        verbose_name_plural = _("tracking files")
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name

    @property
    def reading(self) -> str:
        """How the lines are read, as a page brings it back to say what it showed."""
        carrier = [self.carrier, self.is_carrier_for_all]
        return json.dumps([*carrier, self.mapping], sort_keys=True)

    @property
    def columns(self) -> dict[str, int]:
        """Which column holds what, of those that count."""
        if self.is_carrier_for_all and self.carrier:
            return {key: at for key, at in self.mapping.items() if key != "carrier"}
        return self.mapping
