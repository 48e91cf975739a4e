"""A store's account and settings: connect, set up, replace the token, disconnect.

Not registered: `orders.admin.stores.admin` adds what needs orders and registers it.
"""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.db import IntegrityError
from django.db.models import QuerySet
from django.forms.models import model_to_dict
from django.http import HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from unfold.decorators import action, display

from backoffice import audit
from backoffice.kit.admin import BaseAdmin, StaffRequest, dialog, find_row, leave_dialog
from backoffice.kit.password_again import password_again
from backoffice.kit.sentences import sentence
from backoffice.models import AuditEntry
from stores import access
from stores.connecting import disconnect, save_settings
from stores.forms import ConnectForm, ReplaceTokenForm, SettingsForm, TokenStepForm
from stores.mail_texts import PLACEHOLDERS
from stores.models import Store

REPLACE = dialog(
    _("Replace the access token"),
    _("Test and replace"),
    _("The store keeps its orders, its history and its settings."),
    ReplaceTokenForm,
)
DISCONNECT = dialog(
    _("Disconnect this store"),
    _("Disconnect"),
    _(
        "Its access token is deleted here. Its orders stay, and nothing comes in or "
        "goes out."
    ),
    TokenStepForm,
)
# Tab by tab; health, next import and the logo are shown by who knows orders.
SETTINGS = [
    (
        _("Import"),
        {
            "classes": ["tab"],
            "fields": [
                "name",
                "is_active",
                "timezone",
                ("auto_import", "import_interval"),
                "import_variation_as_option",
            ],
        },
    ),
    (
        _("Shipping"),
        {
            "classes": ["tab"],
            "fields": [
                "ship_within_days",
                "auto_send_tracking",
                "confirm_green",
                "notices_at_once",
            ],
        },
    ),
    (
        _("Branding"),
        {
            "classes": ["tab"],
            "fields": [
                ("company_name", "phone"),
                "return_address",
                "website",
                "logo_now",
                ("logo", "remove_logo"),
            ],
        },
    ),
    (
        _("Customer notifications"),
        {
            "classes": ["tab"],
            "description": _(
                "Tophatter gives no e-mail addresses and writes to the buyer itself. A "
                "mail leaves only where staff typed an address on the order, once for "
                "each shipment, after the marketplace accepted it."
            ),
            "fields": [
                ("mail_customers", "language"),
                "mail_subject",
                "mail_body",
                "mail_preview",
            ],
        },
    ),
    (
        _("Documents"),
        {"classes": ["tab"], "fields": ["slip_message", "slip_shows_prices"]},
    ),
    (_("Personal data"), {"classes": ["tab"], "fields": ["erase_after_days"]}),
    (
        _("Connection"),
        {
            "classes": ["tab"],
            "fields": [
                ("marketplace", "health"),
                ("connection_error", "refused_since"),
                ("token", "token_set_at"),
                ("last_import_at", "last_import_attempt_at"),
                "next_import",
            ],
        },
    ),
]


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
        "connection_error",
        "refused_since",
        "token",
        "token_set_at",
        "last_import_at",
        "last_import_attempt_at",
        "mail_preview",
    ]
    add_fieldsets = [(None, {"fields": ["name", "marketplace", "access_token"]})]
    fieldsets = SETTINGS

    def read_lost_time(self, store: Store) -> str:
        """Have read what is not here yet; return so in words."""
        return ""

    def get_form(
        self, request: StaffRequest, obj: Store | None = None, **options: Any
    ) -> type[forms.ModelForm]:
        options["form"] = SettingsForm if obj else ConnectForm
        return super().get_form(request, obj, **options)

    def get_readonly_fields(
        self, request: StaffRequest, obj: Store | None = None
    ) -> list[str]:
        return self.readonly_fields if obj else []

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

    @display(description=_("placeholders"))
    def mail_preview(self, store: Store) -> str:
        context = {"store": store, "placeholders": PLACEHOLDERS.items()}
        return render_to_string("stores/mail_preview.html", context)

    def save_model(
        self, request: StaffRequest, store: Store, form: Any, change: bool
    ) -> None:
        if change:
            before = Store.objects.get(pk=store.pk)
            save_settings(store, form.changed_data)
            form.keep_logo(store)
            self._audit_settings(request, before, form.changed_data)
            if "is_active" in form.changed_data and store.is_active:
                self._say(request, _("%(store)s is switched on."), store)
        else:
            super().save_model(request, store, form, change)
            self._audit(request, store, AuditEntry.Kind.CONNECTED)

    @method_decorator(sensitive_post_parameters("access_token"))
    @password_again
    def add_view(
        self,
        request: StaffRequest,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        context = {
            "title": _("Connect a store"),
            "show_save_and_add_another": False,
            "show_save_and_continue": False,
        }
        try:
            return super().add_view(request, form_url, context | (extra_context or {}))
        except IntegrityError:
            # A second click, or somebody else at the same moment: one of both came in.
            message = _("This account is already connected; nothing was stored.")
            self.message_user(request, message, messages.WARNING)
            return HttpResponseRedirect(reverse("admin:stores_store_changelist"))

    def response_add(
        self, request: StaffRequest, store: Store, post_url_continue: Any = None
    ) -> HttpResponse:
        """Go on to the new store's settings, whichever button was pressed."""
        message = _("%(store)s is connected. Check its time zone and settings.")
        self._say(request, message, store)
        return HttpResponseRedirect(self._url(store))

    @password_again
    @action(
        description=_("Replace token"),
        icon="key",
        url_path="replace-token",
        permissions=["stores.replace_token"],
        dialog=REPLACE,
    )
    def replace_token(
        self, request: StaffRequest, form: ReplaceTokenForm, object_id: str
    ) -> HttpResponse:
        store = self._find(request, object_id)
        self.log_change(request, store, "Access token replaced.")
        message = _("%(store)s has a new access token, which the marketplace takes.")
        self._say(request, message, store)
        return leave_dialog(request, self._url(store))

    @action(
        description=_("Disconnect"),
        icon="link_off",
        url_path="disconnect",
        permissions=["stores.replace_token"],
        dialog=DISCONNECT,
    )
    def disconnect_store(
        self, request: StaffRequest, form: TokenStepForm, object_id: str
    ) -> HttpResponse:
        store = self._find(request, object_id)
        if newer := form.said_of_newer():
            self.message_user(request, newer, messages.WARNING)
            return leave_dialog(request, self._url(store))
        disconnect(store, request)
        self.log_change(request, store, "Disconnected.")
        message = _("%(store)s is disconnected. “Replace token” connects it again.")
        self.message_user(request, message % {"store": store}, messages.SUCCESS)
        return leave_dialog(request, self._url(store))

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
            self._audit(request, after, kind, changes=changes, text=text)

    def _audit(
        self, request: StaffRequest, store: Store, kind: AuditEntry.Kind, **more: Any
    ) -> None:
        audit.record(kind, request=request, about=store, store_key=store.pk, **more)

    def _say(self, request: StaffRequest, message: Promise, store: Store) -> None:
        """Say what was done with the store, and have read what it has missed."""
        done, more = message % {"store": store}, self.read_lost_time(store)
        self.message_user(request, format_html("{} {}", done, more), messages.SUCCESS)

    def _find(self, request: StaffRequest, object_id: str) -> Store:
        return find_row(access.stores_seen_by(request.user), object_id)

    def _url(self, store: Store) -> str:
        return reverse("admin:stores_store_change", args=[store.pk])
