"""Stores: connect one, set it up, see how it does, import from it."""

from dataclasses import asdict
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils import timezone as clock
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from backoffice.kit import zones
from backoffice.kit.admin import BaseAdmin, dialog, find_row, leave_dialog
from backoffice.kit.queue import enqueue
from backoffice.kit.times import in_zone
from orders.admin.forms import ImportForm
from orders.admin.stores import page
from orders.admin.stores.coverage import gap_view
from orders.admin.stores.mail import mail_view
from orders.admin.stores.replay import replay_url, replay_view
from orders.documents import images
from orders.importing import due, windows
from orders.importing.replays import Settings
from orders.labels import HEALTH_COLOURS, label
from orders.models import ImportRun
from stores.admin import SETTINGS
from stores.connecting import disconnect
from stores.forms import ConnectForm, ReplaceTokenForm, SettingsForm
from stores.mail_texts import PLACEHOLDERS
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

# What else there is of a store, by the end of its address.
PAGES = {"gap": gap_view, "mail": mail_view, "replay": replay_view}


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
    change_form_outer_before_template = "stores/store_page.html"
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
        "mail_preview",
    ]
    add_fieldsets = [(None, {"fields": ["name", "marketplace", "access_token"]})]
    fieldsets = SETTINGS

    def get_urls(self) -> list[URLPattern]:
        views = [
            path(
                f"<int:store_id>/{name}/",
                self.admin_site.admin_view(partial(view, self)),
                name=f"stores_store_{name}",
            )
            for name, view in PAGES.items()
        ]
        return [*views, *super().get_urls()]

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
        state = due.health(store, clock.now())
        return label(state.label, HEALTH_COLOURS[state])

    @display(description=_("next import"))
    def next_import(self, store: Store) -> Any:
        if not (store.is_active and store.auto_import):
            return None
        now = clock.now()
        return in_zone(max(now, due.next_import_at(store, now)), zones.here())

    @display(description=_("to ship"), ordering="waiting")
    def to_ship(self, store: Store) -> int:
        return store.waiting

    @display(description=_("access token"))
    def token(self, store: Store) -> str:
        return f"…{store.token_ending}" if store.token_ending else ""

    @display(description=_("logo now"))
    def logo_now(self, store: Store) -> str:
        kept = Logo.objects.filter(store=store).first()
        shown = images.picture(kept.image) if kept else None
        if shown is None:
            return ""
        return format_html('<img src="{}" alt="" class="thumbnail">', shown.address)

    @display(description=_("placeholders"))
    def mail_preview(self, store: Store) -> str:
        context = {"store": store, "placeholders": PLACEHOLDERS.items()}
        return render_to_string("stores/mail_preview.html", context)

    def save_model(
        self, request: HttpRequest, store: Store, form: Any, change: bool
    ) -> None:
        if not change:
            super().save_model(request, store, form, change)
            enqueue("refresh_store", store.pk)
            return
        self._put_off_reading(request, store, form)
        # What else is on the row others write: an import, a replay.
        names = {one.name for one in Store._meta.fields} & {*form.changed_data}
        if "mail_customers" in names:
            names.add("mail_customers_since")
        store.save(update_fields=names)
        form.keep_logo(store)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        store = self.get_object(request, unquote(object_id))
        context = dict(extra_context or {})
        if store:
            context |= page.describe(request, store)
        return super().change_view(request, object_id, form_url, context)

    def _put_off_reading(self, request: HttpRequest, store: Store, form: Any) -> None:
        """Leave out what stored orders are read with; the replay page saves it."""
        names = [
            name for name in asdict(Settings.of(store)) if name in form.changed_data
        ]
        if not names or not store.orders.exists():
            return
        request.wanted_reading = Settings.of(store)
        for name in names:
            setattr(store, name, form.initial[name])
            form.changed_data.remove(name)
        if form.changed_data:
            message = _("The other settings are saved.")
            self.message_user(request, message, messages.SUCCESS)

    def response_change(self, request: HttpRequest, store: Store) -> HttpResponse:
        """Go on to the rehearsal of a change that concerns stored orders."""
        wanted = getattr(request, "wanted_reading", None)
        if wanted is None:
            return super().response_change(request, store)
        return HttpResponseRedirect(replay_url(store, wanted))

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
            self._start(windows.plan_refresh(store, ImportRun.Trigger.MANUAL))
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
        return find_row(Store.objects.all(), object_id)

    def _page(self, store: Store) -> str:
        return reverse("admin:stores_store_change", args=[store.pk])

    def _start(self, run: ImportRun) -> ImportRun:
        run.save()
        enqueue("run_import", run.pk)
        return run


def _run_page(run: ImportRun) -> str:
    return reverse("admin:orders_importrun_change", args=[run.pk])
