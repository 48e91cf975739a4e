"""Accounts, and the queue's own pages: to look at only, and for superusers only."""

from django.contrib import admin
from django.contrib.auth import admin as auth
from django.contrib.auth.models import Group, User
from django.http import HttpRequest
from django_q import admin as queue  # noqa: F401 (registers what is replaced here)
from django_q.models import Failure, OrmQ, Schedule, Success
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from backoffice.kit.admin import BaseAdmin, RecordAdmin

for model in (User, Group, Schedule, Success, Failure, OrmQ):
    if admin.site.is_registered(model):
        admin.site.unregister(model)


@admin.register(User)
class UserAdmin(auth.UserAdmin, BaseAdmin):
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm


@admin.register(Group)
class GroupAdmin(auth.GroupAdmin, BaseAdmin):
    pass


class QueueAdmin(RecordAdmin):
    """django-q2's rows hold pickles, and a schedule added here could run anything."""

    actions = None

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.is_superuser

    has_module_permission = has_view_permission


@admin.register(Schedule)
class ScheduleAdmin(QueueAdmin):
    list_display = ["name", "func", "schedule_type", "minutes", "next_run"]


@admin.register(Success)
class SuccessAdmin(QueueAdmin):
    list_display = ["func", "started", "stopped"]
    fields = ["func", "started", "stopped"]


@admin.register(Failure)
class FailureAdmin(QueueAdmin):
    list_display = ["func", "started", "stopped"]
    fields = ["func", "started", "stopped", "result"]
    readonly_fields = ["result"]


@admin.register(OrmQ)
class OrmQAdmin(QueueAdmin):
    list_display = ["key", "lock"]
    fields = ["key", "lock"]
