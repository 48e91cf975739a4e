"""A store's account and settings: connect, set up, replace the token, disconnect.

Not registered: `orders.admin.stores.admin` adds what needs orders and registers it.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms.models import model_to_dict
from django.http import HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.utils.decorators import method_decorator
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from unfold.dataclasses import ActionDialog
from unfold.decorators import action, display

from backoffice import audit
from backoffice.kit import zones
from backoffice.kit.admin import (
    BaseAdmin,
    StaffRequest,
    ask_again,
    dialog,
    find_row,
    keys,
    leave_dialog,
    row_url,
)
from backoffice.kit.password_again import password_again
from backoffice.kit.sentences import sentence
from backoffice.kit.times import in_zone
from backoffice.models import AuditEntry
from stores import access
from stores.connect_page import connect_page
from stores.connecting import disconnect, save_settings
from stores.connection_forms import ReplaceTokenForm, TokenStepForm
from stores.forms import SettingsForm
from stores.mail_texts import PLACEHOLDERS
from stores.models import Store
from stores.tabs import SETTINGS, tabs_of
from stores.wording import (
    TOKEN,
    AccountWords,
    limits_in_words,
)


def replace_dialog(words: AccountWords) -> ActionDialog:
    """Return the dialog that replaces what opens a store."""
    return dialog(
        words.title,
        _("Test and replace"),
        _("The store keeps its orders, its history and its settings."),
        ReplaceTokenForm,
    )


def disconnect_dialog(words: AccountWords) -> ActionDialog:
    """Return the dialog that forgets what opens a store."""
    title = _("Disconnect this store")
    return dialog(title, _("Disconnect"), words.forgets, TokenStepForm)


class LimitedAdmin:
    """Shows the rows of those stores alone that a person may see."""

    # From a row to its store.
    store_path = "store"

    def get_queryset(self, request: StaffRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)  # type: ignore[misc]
        limit = access.limit_of(request.user)
        return rows if limit is None else self.limited(rows, limit)

    def limited(self, rows: QuerySet[Any], limit: frozenset[int]) -> QuerySet[Any]:
        """Leave the rows of these stores."""
        return access.within(rows, limit, self.store_path)


class ConnectionAdmin(LimitedAdmin, BaseAdmin):
    store_path = "pk"
    search_fields = ["name"]
    actions_detail = ["replace_token", "disconnect_store"]
    readonly_fields = [
        "marketplace",
        "address",
        "connection_error",
        "refused_since",
        "token",
        "token_set_at",
        "credentials",
        "credentials_set_at",
        "limits",
        "last_import_at",
        "last_import_attempt_at",
        "mail_preview",
    ]
    form = SettingsForm
    fieldsets = SETTINGS

    def read_lost_time(self, store: Store) -> str:
        """Have read what is not here yet; return so in words."""
        return ""

    def say_what_waits(self, request: StaffRequest, store: Store) -> None:
        """Say what waits while the store is off."""

    def get_fieldsets(self, request: StaffRequest, obj: Store | None = None) -> Any:
        """Leave out what is not so at the store's marketplace, and say what is."""
        if obj is None:
            return self.fieldsets
        return tabs_of(obj)

    def get_actions_detail(self, request: StaffRequest, object_id: Any) -> list[Any]:
        """Name the steps after what opens this store."""
        store = access.stores_seen_by(request.user).filter(
            pk__in=keys([str(object_id)])
        )
        words = store[0].account_words if store else TOKEN
        found = super().get_actions_detail(request, object_id)
        told = {
            "replace_token": {
                "description": words.button,
                "dialog": replace_dialog(words),
            },
            "disconnect_store": {"dialog": disconnect_dialog(words)},
        }
        return [replace(one, **told.get(one.method.__name__, {})) for one in found]

    def has_add_permission(self, request: StaffRequest) -> bool:
        """Who is limited to some stores connects no others."""
        is_limited = access.limit_of(request.user) is not None
        return not is_limited and super().has_add_permission(request)

    def has_delete_permission(self, request: StaffRequest, obj: Any = None) -> bool:
        """Nobody deletes a store: its orders are business records."""
        return False

    @display(description=_("access token"))
    def token(self, store: Store) -> str:
        return f"…{store.token_ending}" if store.token_ending else ""

    @display(description=_("credentials"))
    def credentials(self, store: Store) -> str:
        return str(_("kept encrypted")) if store.token_ciphertext else ""

    @display(description=_("credentials set"))
    def credentials_set_at(self, store: Store) -> Any:
        return in_zone(store.token_set_at, zones.here())

    @display(description=_("what it can and cannot do"))
    def limits(self, store: Store) -> str:
        context = {"limits": limits_in_words(store.abilities)}
        return render_to_string("stores/limits.html", context)

    @display(description=_("placeholders"))
    def mail_preview(self, store: Store) -> str:
        context = {"store": store, "placeholders": PLACEHOLDERS.items()}
        return render_to_string("stores/mail_preview.html", context)

    def save_model(
        self, request: StaffRequest, store: Store, form: Any, change: bool
    ) -> None:
        before = Store.objects.get(pk=store.pk)
        save_settings(store, form.changed_data)
        form.keep_logo(store)
        self._audit_settings(request, before, form.changed_data)
        if "is_active" in form.changed_data and store.is_active:
            self._say(request, _("%(store)s is switched on."), store)
        elif before.is_active and not store.is_active:
            self.say_what_waits(request, store)

    @method_decorator(sensitive_post_parameters())
    @password_again
    def add_view(
        self,
        request: StaffRequest,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        return connect_page(request, self)

    def response_add(
        self, request: StaffRequest, store: Store, post_url_continue: Any = None
    ) -> HttpResponse:
        """Go on to the new store's settings, whichever button was pressed."""
        message = _("%(store)s is connected. Check its time zone and settings.")
        self._say(request, message, store)
        return HttpResponseRedirect(row_url(store))

    @method_decorator(sensitive_post_parameters())
    @password_again
    @action(
        description=TOKEN.button,
        icon="key",
        url_path="replace-token",
        permissions=["stores.replace_token"],
    )
    def replace_token(self, request: StaffRequest, object_id: str) -> HttpResponse:
        form = ReplaceTokenForm(
            data=request.POST or None, request=request, object_id=object_id
        )
        words = form.store.account_words
        if not form.is_valid():
            return ask_again(request, form, replace_dialog(words))
        store = self._find(request, object_id)
        self.log_change(request, store, words.log_entry)
        self._say(request, words.replaced, store)
        return leave_dialog(request, row_url(store))

    @action(
        description=_("Disconnect"),
        icon="link_off",
        url_path="disconnect",
        permissions=["stores.replace_token"],
    )
    def disconnect_store(self, request: StaffRequest, object_id: str) -> HttpResponse:
        form = TokenStepForm(
            data=request.POST or None, request=request, object_id=object_id
        )
        words = form.store.account_words
        if not form.is_valid():
            return ask_again(request, form, disconnect_dialog(words))
        store = form.store
        newer = form.said_of_newer()
        try:
            if not newer:
                disconnect(store, request)
        except ValidationError as error:
            newer = error.messages[0]
        if newer:
            self.message_user(request, newer, messages.WARNING)
            return leave_dialog(request, row_url(store))
        self.log_change(request, store, "Disconnected.")
        message = words.disconnected % {"store": store}
        self.message_user(request, message, messages.SUCCESS)
        self.say_what_waits(request, store)
        return leave_dialog(request, row_url(store))

    def _audit_settings(
        self, request: StaffRequest, before: Store, changed: Sequence[str]
    ) -> None:
        """Note what each setting said and says; of a logo, only that it is another."""
        after = Store.objects.get(pk=before.pk)
        was, is_now = (model_to_dict(one, changed) for one in (before, after))
        changes = audit.what_differs(was, is_now)
        text = sentence("The logo is removed.") if "remove_logo" in changed else ""
        if "logo" in changed:
            text = sentence("The logo is another one.")
        if changes or text:
            kind = AuditEntry.Kind.SETTINGS
            audit.record(
                kind,
                request=request,
                about=after,
                store_key=after.pk,
                changes=changes,
                text=text,
            )

    def _say(self, request: StaffRequest, message: Promise, store: Store) -> None:
        """Say what was done with the store, and have read what it has missed."""
        done, more = message % {"store": store}, self.read_lost_time(store)
        self.message_user(request, format_html("{} {}", done, more), messages.SUCCESS)

    def _find(self, request: StaffRequest, object_id: str) -> Store:
        return find_row(access.stores_seen_by(request.user), object_id)
