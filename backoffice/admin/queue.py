"""The queue's own pages, which are for superusers only."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone as clock
from django.utils.translation import gettext_lazy as _
from django_q import admin as queue  # noqa: F401 (registers what is replaced here)
from django_q.models import Failure, OrmQ, Schedule, Success
from unfold.decorators import display
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminTextInputWidget

from backoffice import audit, schedules
from backoffice.kit.admin import RecordAdmin
from backoffice.kit.editing import SharedForm
from backoffice.models import AuditEntry

for model in (Schedule, Success, Failure, OrmQ):
    if admin.site.is_registered(model):
        admin.site.unregister(model)


class QueueAdmin(RecordAdmin):
    """django-q2's rows hold pickles, and a schedule added here could run anything."""

    actions = None

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.is_superuser

    has_module_permission = has_view_permission


class CadenceForm(SharedForm):
    """How often a named schedule runs: what else its row says could run anything."""

    minutes = forms.IntegerField(
        label=_("Every (minutes)"),
        required=False,
        min_value=1,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text=_("Left empty for a schedule that runs once a day."),
    )
    daily_at = forms.TimeField(
        label=_("Daily at"),
        required=False,
        widget=UnfoldAdminTextInputWidget({"type": "time"}),
    )

    class Meta:
        model = Schedule
        fields = ["minutes"]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.initial.update(self.stored(self.instance))
        if field := self.fields.get("daily_at"):
            zone = clock.get_default_timezone_name()
            field.help_text = _("By the server’s clock, %(zone)s.") % {"zone": zone}

    def stored(self, row: Schedule) -> dict[str, Any]:
        return _cadence(row)

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if not self.errors:
            name = self.instance.name
            schedules.check_cadence(name, data["minutes"], data["daily_at"])
        return data


@admin.register(Schedule)
class ScheduleAdmin(QueueAdmin):
    """Superusers choose how often a named schedule runs, and nothing else of it."""

    form = CadenceForm
    list_display = ["title", "task", "cadence", "next_at"]
    readonly_fields = ["title", "task", "cadence", "next_at"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        is_named = obj is None or obj.name in schedules.SCHEDULES
        return request.user.is_superuser and is_named

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        if self.has_change_permission(request, obj):
            return ["title", "task", "minutes", "daily_at", "next_at"]
        return ["title", "task", "cadence", "next_at"]

    # django-q2's own names and help are in English, and for who writes schedules.
    @display(description=_("name"), ordering="name")
    def title(self, schedule: Schedule) -> str:
        return schedule.name

    @display(description=_("what runs"), ordering="func")
    def task(self, schedule: Schedule) -> str:
        return schedule.func

    @display(description=_("next run"), ordering="next_run")
    def next_at(self, schedule: Schedule) -> datetime:
        return schedule.next_run

    @display(description=_("runs"))
    def cadence(self, schedule: Schedule) -> str:
        if runs_at := schedules.time_of_day(schedule):
            return _("daily at %(time)s") % {"time": f"{runs_at:%H:%M}"}
        if schedule.schedule_type != Schedule.MINUTES:
            return str(schedule.get_schedule_type_display())
        return _("every %(minutes)d min") % {"minutes": schedule.minutes or 1}

    def save_model(
        self, request: HttpRequest, schedule: Schedule, form: Any, change: bool
    ) -> None:
        if form.has_changed():
            data, before = form.cleaned_data, _noted(schedule.pk)
            schedules.set_cadence(schedule, data["minutes"], data["daily_at"])
            audit.record(
                AuditEntry.Kind.SETTINGS,
                request=request,
                about=schedule.name,
                changes=audit.what_differs(before, _noted(schedule.pk)),
            )

    def construct_change_message(
        self, request: HttpRequest, form: Any, formsets: Any, add: bool = False
    ) -> str:
        """Name the new cadence in the history; Django's own names fields alone."""
        data = form.cleaned_data
        if data["minutes"]:
            return f"Runs every {data['minutes']} min."
        return f"Runs daily at {data['daily_at']:%H:%M}."


def _cadence(row: Schedule) -> dict[str, Any]:
    """Return how often a schedule runs: every so many minutes, or daily at a time."""
    if runs_at := schedules.time_of_day(row):
        whole = runs_at.replace(second=0, microsecond=0)
        return {"minutes": None, "daily_at": whole}
    return {"minutes": row.minutes, "daily_at": None}


def _noted(schedule_pk: int) -> dict[str, Any]:
    """Return how often the row says that a schedule runs, as the audit keeps it."""
    cadence = _cadence(Schedule.objects.get(pk=schedule_pk))
    runs_at = cadence["daily_at"]
    return cadence | {"daily_at": runs_at and f"{runs_at:%H:%M}"}


@admin.register(Success)
class SuccessAdmin(QueueAdmin):
    list_display = fields = ["func", "started", "stopped"]


@admin.register(Failure)
class FailureAdmin(QueueAdmin):
    list_display = ["func", "started", "stopped"]
    fields = ["func", "started", "stopped", "result"]
    readonly_fields = ["result"]


@admin.register(OrmQ)
class OrmQAdmin(QueueAdmin):
    list_display = fields = ["key", "lock"]
