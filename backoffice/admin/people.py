"""People, their rights and groups, and who failed to sign in."""

from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth import admin as auth
from django.contrib.auth.models import Group, User
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone as clock
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import action, display
from unfold.forms import AdminPasswordChangeForm, UserCreationForm

from backoffice import audit
from backoffice.admin.limits import LimitsUsers, UserForm
from backoffice.kit import zones
from backoffice.kit.admin import (
    BaseAdmin,
    RecordAdmin,
    StaffRequest,
    dialog,
    find_row,
    leave_dialog,
    row_url,
)
from backoffice.kit.editing import SharedForm
from backoffice.kit.password_again import (
    ask_for_password,
    is_password_fresh,
    password_again,
)
from backoffice.kit.times import in_zone
from backoffice.models import AuditEntry, FailedTries, UserSession
from backoffice.people import lock_outs, second_factor, sessions
from stores.access import limit_of

admin.site.unregister([User, Group])


END_SESSIONS = dialog(
    _("End all sessions of this user"),
    _("End all sessions"),
    _("Wherever this user is logged in now, the password is asked for again."),
)
REMOVE_FACTOR = dialog(
    _("Remove the second factor"),
    _("Remove"),
    _(
        "For somebody who lost the app or the passkeys, and the recovery codes too, "
        "and whom you know. The password alone lets in then, until a new one is set up."
    ),
)


@method_decorator(password_again, "changeform_view")
@method_decorator(password_again, "delete_view")
class RightsAdmin(BaseAdmin):
    """Rights are changed by who has typed the password minutes ago, and audited."""

    def changelist_view(self, request: StaffRequest, *args: Any, **more: Any) -> Any:
        if request.method == "POST" and not is_password_fresh(request):
            return ask_for_password(request)
        return super().changelist_view(request, *args, **more)

    def save_model(
        self, request: HttpRequest, row: Any, form: Any, change: bool
    ) -> None:
        form.rights_before = audit.rights_of(row) if change else {}
        super().save_model(request, row, form, change)

    def save_related(
        self, request: HttpRequest, form: Any, formsets: Any, change: bool
    ) -> None:
        # Groups and permissions are written here, after the row.
        super().save_related(request, form, formsets, change)
        after = audit.rights_of(form.instance)
        self._note(request, form.instance, form.rights_before, after)

    def delete_model(self, request: HttpRequest, row: Any) -> None:
        self._note(request, row, audit.rights_of(row), {})
        super().delete_model(request, row)

    def delete_queryset(self, request: HttpRequest, rows: QuerySet) -> None:
        for row in rows:
            self._note(request, row, audit.rights_of(row), {})
        super().delete_queryset(request, rows)

    def _note(
        self,
        request: HttpRequest,
        row: User | Group,
        before: dict[str, Any],
        after: dict[str, Any],
    ) -> None:
        if changes := audit.what_differs(before, after):
            kind = AuditEntry.Kind.RIGHTS
            audit.record(kind, request=request, about=row, changes=changes)


@admin.register(User)
class UserAdmin(LimitsUsers, RightsAdmin):
    form = UserForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    actions_detail = ["end_sessions", "remove_second_factor"]
    readonly_fields = [
        # Written by signing in, which is no change that somebody made.
        "last_login",
        "date_joined",
        "second_factor_since",
        "open_sessions",
    ]
    fieldsets = [
        *(auth.UserAdmin.fieldsets or ()),
        (_("Security"), {"fields": ["second_factor_since", "open_sessions"]}),
    ]

    def has_superuser_permission(self, request: StaffRequest, key: Any = None) -> bool:
        return request.user.is_superuser

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_add_permission(request) and self._may_touch(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        is_given: bool = super().has_change_permission(request, obj)
        return is_given and self._may_touch(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        is_given: bool = super().has_delete_permission(request, obj)
        return is_given and self._may_touch(request, obj)

    def _may_touch(self, request: HttpRequest, user: User | None = None) -> bool:
        """Whether this would not lead past one's own rights, by another's password.

        A superuser is changed by superusers alone, and nobody by who is limited to
        some stores.
        """
        if request.user.is_superuser:
            return True
        return not (user and user.is_superuser) and limit_of(request.user) is None

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        fields = list(super().get_readonly_fields(request, obj))
        return fields if request.user.is_superuser else [*fields, "is_superuser"]

    @password_again
    def user_change_password(
        self,
        request: StaffRequest,
        id: str,  # noqa: A002 (Django's name)
        form_url: str = "",
    ) -> HttpResponse:
        answer: HttpResponse = super().user_change_password(request, id, form_url)
        if request.method == "POST" and answer.status_code == 302:
            user = find_row(User.objects.all(), id)
            audit.record(AuditEntry.Kind.PASSWORD, request=request, about=user)
            sessions.end_other_sessions(request, user)
        return answer

    @display(description=_("second factor since"))
    def second_factor_since(self, user: User) -> str:
        factor = second_factor.factor_of(user)
        return in_zone(factor.confirmed_at, zones.here()) if factor else ""

    @display(description=_("open sessions"))
    def open_sessions(self, user: User) -> int:
        return UserSession.objects.filter(
            user=user, expire_date__gt=clock.now()
        ).count()

    @action(
        description=_("End all sessions"),
        icon="logout",
        permissions=["superuser"],
        dialog=END_SESSIONS,
    )
    def end_sessions(
        self, request: StaffRequest, form: forms.Form, object_id: str
    ) -> HttpResponse:
        user = find_row(User.objects.all(), object_id)
        count = sessions.end_sessions(request, user)
        message = ngettext("%d session has ended.", "%d sessions have ended.", count)
        self.message_user(request, message % count, messages.SUCCESS)
        return leave_dialog(request, row_url(user))

    @password_again
    @action(
        description=_("Remove the second factor"),
        icon="phonelink_erase",
        permissions=["superuser"],
        dialog=REMOVE_FACTOR,
    )
    def remove_second_factor(
        self, request: StaffRequest, form: forms.Form, object_id: str
    ) -> HttpResponse:
        user = find_row(User.objects.all(), object_id)
        level, message = messages.WARNING, _("%(user)s has no second factor.")
        if second_factor.remove_factor(request, user):
            level = messages.SUCCESS
            message = _("%(user)s has no second factor any more.")
        self.message_user(request, message % {"user": user}, level)
        return leave_dialog(request, row_url(user))


@admin.register(Group)
class GroupAdmin(auth.GroupAdmin, RightsAdmin):
    form = SharedForm


@admin.register(FailedTries)
class FailedTriesAdmin(RecordAdmin):
    """What superusers see of failed sign-ins that count, and let try again."""

    list_display = ["username", "ip_address", "tries", "last_at"]
    list_display_links = None
    search_fields = ["username", "ip_address"]
    actions = ["end_lock_outs"]

    def has_view_permission(self, request: StaffRequest, obj: object = None) -> bool:
        return request.user.is_superuser

    has_module_permission = has_superuser_permission = has_view_permission

    def get_queryset(self, request: StaffRequest) -> QuerySet[FailedTries]:
        """Return those that count still: of old ones, the next try makes an end."""
        since = clock.now() - settings.AXES_COOLOFF_TIME
        return super().get_queryset(request).filter(attempt_time__gte=since)

    @display(description=_("failed tries"), ordering="failures_since_start")
    def tries(self, row: FailedTries) -> int:
        return row.failures_since_start

    @display(description=_("last try"), ordering="attempt_time")
    def last_at(self, row: FailedTries) -> datetime:
        return row.attempt_time

    @admin.action(description=_("End the lock-out"), permissions=["superuser"])
    def end_lock_outs(
        self, request: StaffRequest, queryset: QuerySet[FailedTries]
    ) -> None:
        count = lock_outs.end_lock_outs(request, queryset)
        message = ngettext(
            "%d row is forgotten: who it was may try again at once.",
            "%d rows are forgotten: who it was may try again at once.",
            count,
        )
        self.message_user(request, message % count, messages.SUCCESS)
