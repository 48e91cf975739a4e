"""Stores: connect one, set it up, see how it does, import from it."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone as clock
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from backoffice.base_admin import BaseAdmin, dialog, leave_dialog
from orders import logos, pacing, planning
from orders.forms import ImportForm
from orders.models import ImportRun
from orders.queueing import enqueue
from orders.tables import HEALTH_COLOURS, label
from stores.connecting import disconnect
from stores.forms import ConnectForm, ReplaceTokenForm, SettingsForm
from stores.marketplaces.base import OrderStatus
from stores.models import Logo, Store

IMPORT = dialog(
    _("Import orders"),
    _("Import now"),
    _("The last days' orders come in; for older ones give days or numbers."),
    ImportForm,
)
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
)


@admin.register(Store)
class StoreAdmin(BaseAdmin):
    list_display = [
        "name",
        "health",
        "last_import_at",
        "next_import",
        "to_ship",
        "auto_import",
        "auto_send_tracking",
    ]
    search_fields = ["name"]
    actions = ["import_now"]
    actions_detail = ["import_orders", "replace_token", "disconnect_store"]
    readonly_fields = [
        "marketplace",
        "health",
        "connection_error",
        "refused_since",
        "token",
        "token_set_at",
        "last_import_at",
        "last_import_attempt_at",
        "next_import",
        "logo_now",
    ]
    add_fieldsets = [(None, {"fields": ["name", "marketplace", "access_token"]})]
    fieldsets = [
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
                "fields": ["ship_within_days", "auto_send_tracking", "confirm_green"],
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
            _("Documents"),
            {"classes": ["tab"], "fields": ["slip_message", "slip_shows_prices"]},
        ),
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

    def get_queryset(self, request: HttpRequest) -> QuerySet[Store]:
        waiting = Q(orders__status=OrderStatus.AWAITING_SHIPMENT)
        return super().get_queryset(request).annotate(waiting=Count("orders", waiting))

    def get_form(
        self, request: HttpRequest, obj: Store | None = None, **options: Any
    ) -> type[forms.ModelForm]:
        options["form"] = SettingsForm if obj else ConnectForm
        return super().get_form(request, obj, **options)

    def get_fieldsets(self, request: HttpRequest, obj: Store | None = None) -> Any:
        return self.fieldsets if obj else self.add_fieldsets

    def get_readonly_fields(
        self, request: HttpRequest, obj: Store | None = None
    ) -> list[str]:
        return self.readonly_fields if obj else []

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody deletes a store: its orders are business records."""
        return False

    def has_import_now_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("stores.import_now")

    def has_replace_token_permission(
        self, request: HttpRequest, obj: Any = None
    ) -> bool:
        return request.user.has_perm("stores.replace_token")

    @display(description=_("connection"))
    def health(self, store: Store) -> str:
        state = pacing.health(store, clock.now())
        return label(state.label, HEALTH_COLOURS[state])

    @display(description=_("next import"))
    def next_import(self, store: Store) -> Any:
        if not (store.is_active and store.auto_import):
            return None
        now = clock.now()
        return max(now, pacing.next_import_at(store, now))

    @display(description=_("to ship"), ordering="waiting")
    def to_ship(self, store: Store) -> int:
        return store.waiting

    @display(description=_("access token"))
    def token(self, store: Store) -> str:
        return f"…{store.token_ending}" if store.token_ending else ""

    @display(description=_("logo now"))
    def logo_now(self, store: Store) -> str:
        kept = Logo.objects.filter(store=store).first()
        shown = logos.picture(kept.image) if kept else None
        if shown is None:
            return ""
        return format_html('<img src="{}" alt="" class="thumbnail">', shown.address)

    def save_model(
        self, request: HttpRequest, store: Store, form: Any, change: bool
    ) -> None:
        super().save_model(request, store, form, change)
        if change:
            form.keep_logo(store)
        else:
            enqueue("refresh_store", store.pk)

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        context = {
            "title": _("Connect a store"),
            "show_save_and_add_another": False,
            "show_save_and_continue": False,
        }
        return super().add_view(request, form_url, context | (extra_context or {}))

    def response_add(
        self, request: HttpRequest, store: Store, post_url_continue: Any = None
    ) -> HttpResponse:
        """Go on to the new store's settings, whichever button was pressed."""
        message = _(
            "%(store)s is connected and its orders are coming in. Check its time zone "
            "and settings."
        )
        self.message_user(request, message % {"store": store}, messages.SUCCESS)
        return HttpResponseRedirect(self._page(store))

    @admin.action(description=_("Import now"), permissions=["import_now"])
    def import_now(self, request: HttpRequest, queryset: QuerySet[Store]) -> Any:
        runs = [
            self._start(planning.plan_refresh(store, ImportRun.Trigger.MANUAL))
            for store in queryset
        ]
        if len(runs) == 1:
            return HttpResponseRedirect(_run_page(runs[0]))
        message = ngettext(
            "The import of %d store has started.",
            "The imports of %d stores have started.",
            len(runs),
        )
        self.message_user(request, message % len(runs), messages.SUCCESS)
        return None

    @action(
        description=_("Import now"),
        icon="download",
        url_path="import",
        permissions=["import_now"],
        variant=ActionVariant.PRIMARY,
        dialog=IMPORT,
    )
    def import_orders(
        self, request: HttpRequest, form: ImportForm, object_id: str
    ) -> HttpResponse:
        run = self._start(form.plan(self._find(object_id)))
        return leave_dialog(request, _run_page(run))

    @action(
        description=_("Replace token"),
        icon="key",
        url_path="replace-token",
        permissions=["replace_token"],
        dialog=REPLACE,
    )
    def replace_token(
        self, request: HttpRequest, form: ReplaceTokenForm, object_id: str
    ) -> HttpResponse:
        store = self._find(object_id)
        enqueue("refresh_store", store.pk)
        self.log_change(request, store, "Access token replaced.")
        message = _("%(store)s has a new access token, which the marketplace takes.")
        self.message_user(request, message % {"store": store}, messages.SUCCESS)
        return leave_dialog(request, self._page(store))

    @action(
        description=_("Disconnect"),
        icon="link_off",
        url_path="disconnect",
        permissions=["replace_token"],
        dialog=DISCONNECT,
    )
    def disconnect_store(
        self, request: HttpRequest, form: forms.Form, object_id: str
    ) -> HttpResponse:
        store = self._find(object_id)
        disconnect(store)
        self.log_change(request, store, "Disconnected.")
        message = _("%(store)s is disconnected. “Replace token” connects it again.")
        self.message_user(request, message % {"store": store}, messages.SUCCESS)
        return leave_dialog(request, self._page(store))

    def _find(self, object_id: str) -> Store:
        return Store.objects.get(pk=unquote(object_id))

    def _page(self, store: Store) -> str:
        return reverse("admin:stores_store_change", args=[store.pk])

    def _start(self, run: ImportRun) -> ImportRun:
        run.save()
        enqueue("run_import", run.pk)
        return run


def _run_page(run: ImportRun) -> str:
    return reverse("admin:orders_importrun_change", args=[run.pk])
