"""Who sees which stores, as a superuser says it on the user's page."""

from typing import Any

from django import forms
from django.contrib.auth import admin as auth
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext
from unfold.decorators import display
from unfold.forms import UserChangeForm
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminRadioSelectWidget,
)

from backoffice.kit.editing import SharedForm
from stores import access
from stores.models import Store

ALL, SOME = "all", "some"
FIELDSET = (_("Stores"), {"fields": ("may_see", "stores")})


class UserForm(SharedForm, UserChangeForm):
    """What an administrator says of a user; another may be at it too."""


class LimitForm(UserForm):
    """A user, and the stores he may see."""

    may_see = forms.ChoiceField(
        label=_("May see"),
        choices=[
            (ALL, _("All stores, those connected later too")),
            (SOME, _("Only the stores that are ticked")),
        ],
        widget=UnfoldAdminRadioSelectWidget,
        help_text=_(
            "Orders, shipments, imports, numbers and files of other stores do not "
            "exist for this person. A superuser always sees all stores."
        ),
    )
    stores = forms.ModelMultipleChoiceField(
        label=_("Stores"),
        queryset=Store.objects.order_by("name"),
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=_(
            "With none ticked, the person sees nothing of any store. Who is limited "
            "to some stores cannot connect another one."
        ),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.initial.update(self._limit(self.instance))

    def stored(self, row: User) -> dict[str, Any]:
        return super().stored(row) | self._limit(row)

    def _limit(self, row: User) -> dict[str, Any]:
        """Return what the user is limited to, as the fields say it."""
        kept = access.kept_limit(row)
        return {"may_see": ALL if kept is None else SOME, "stores": kept or []}

    @property
    def chosen(self) -> list[Store] | None:
        """The stores the user is to be limited to, None for no limit."""
        data = self.cleaned_data
        return None if data["may_see"] == ALL else list(data["stores"])


class LimitsUsers(auth.UserAdmin):
    """Shows superusers what each user is limited to, and lets them change it."""

    def get_form(
        self,
        request: HttpRequest,
        obj: User | None = None,
        change: bool = False,
        **options: Any,
    ) -> Any:
        if obj and request.user.is_superuser:
            options["form"] = LimitForm
        return super().get_form(request, obj, change=change, **options)

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if obj and request.user.is_superuser:
            return [*fieldsets[:-1], FIELDSET, fieldsets[-1]]
        return fieldsets

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        columns = list(super().get_list_display(request))
        return [*columns, "stores_seen"] if request.user.is_superuser else columns

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        users: QuerySet[User] = super().get_queryset(request)
        return users.prefetch_related("store_limit__stores")

    @display(description=_("stores"))
    def stores_seen(self, user: User) -> str:
        kept = getattr(user, "store_limit", None)
        if user.is_superuser or kept is None:
            return pgettext("stores", "All")
        names = ", ".join(str(one) for one in kept.stores.all())
        return names or pgettext("stores", "None")

    def save_model(
        self, request: HttpRequest, user: User, form: Any, change: bool
    ) -> None:
        super().save_model(request, user, form, change)
        if isinstance(form, LimitForm):
            access.set_limit(user, form.chosen, request)
