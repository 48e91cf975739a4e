"""Stores and their orders: see how a store does, import from it, re-read it."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import URLPattern
from django.utils import timezone as clock
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from backoffice.kit import zones
from backoffice.kit.admin import StaffRequest, dialog, leave_dialog, row_url
from backoffice.kit.errors import NotAllowed
from backoffice.kit.times import in_zone
from orders import importing
from orders.admin.forms import ImportForm
from orders.admin.imports import by_hand
from orders.admin.permissions import StepPermissions
from orders.admin.stores import coverage, mail, page, replay, words
from orders.documents import slips
from orders.importing import due, rereading
from orders.labels import HEALTH_COLOURS, label
from orders.models import ImportRun, Shipment, StoreFigure, note_change
from orders.shipping import deadlines
from orders.work import figures
from stores.admin import ConnectionAdmin
from stores.forms import SettingsForm
from stores.models import Store

IMPORT = dialog(
    _("Import orders"),
    _("Import now"),
    _("The last days' orders come in; for older ones give days or numbers."),
    ImportForm,
)


@admin.register(Store)
class StoreAdmin(StepPermissions, ConnectionAdmin):
    list_display = [
        "name",
        "health",
        "last_import_at",
        "next_import",
        "to_ship",
        "auto_import",
        "auto_send_tracking",
    ]
    actions = ["import_now"]
    actions_detail = [
        "import_orders",
        "words_of_status",
        *ConnectionAdmin.actions_detail,
    ]
    change_form_outer_before_template = "stores/store_page.html"
    readonly_fields = [
        *ConnectionAdmin.readonly_fields,
        "health",
        "next_import",
        "logo_now",
    ]
    describe = staticmethod(page.describe)

    def get_urls(self) -> list[URLPattern]:
        return [
            *coverage.urls(self),
            *mail.urls(self),
            *replay.urls(self),
            *super().get_urls(),
        ]

    def get_queryset(self, request: StaffRequest) -> QuerySet[Store]:
        # Counted anew where it is old, then read beside each store.
        figures.of_stores(clock.now(), "counts")
        kept = StoreFigure.objects.filter(store=OuterRef("pk"), name="counts")
        waiting = kept.values(number=KT("value__to_ship"))
        number = Cast(Subquery(waiting[:1]), IntegerField())
        return super().get_queryset(request).annotate(waiting=Coalesce(number, 0))

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
    def to_ship(self, store: Any) -> int:
        return int(store.waiting)

    @display(description=_("logo now"))
    def logo_now(self, store: Store) -> str:
        shown = slips.logo_of(store)
        if shown is None:
            return ""
        return format_html('<img src="{}" alt="" class="thumbnail">', shown.address)

    def save_model(
        self, request: StaffRequest, store: Store, form: Any, change: bool
    ) -> None:
        if not change:
            super().save_model(request, store, form, change)
            return
        self._put_off_reading(request, store, form)
        # Held, so that no import counts by the old days meanwhile.
        before = Store.objects.select_for_update().get(pk=store.pk)
        super().save_model(request, store, form, change)
        note_change([store.pk])
        if "ship_within_days" in form.changed_data:
            deadlines.count_anew(store, before.ship_within_days)

    def say_what_waits(self, request: StaffRequest, store: Store) -> None:
        """Name what a store that is off leaves untold, because no page counts it."""
        waiting = Shipment.objects.waiting().filter(order__store=store)
        if count := waiting.count():
            message = ngettext(
                "The tracking of %(count)d order waits while %(store)s is off.",
                "The tracking of %(count)d orders waits while %(store)s is off.",
                count,
            )
            names = {"count": count, "store": store.name}
            self.message_user(request, message % names, messages.WARNING)

    def _put_off_reading(
        self, request: StaffRequest, store: Store, form: SettingsForm
    ) -> None:
        """Leave out what stored orders are read with; the replay page saves it."""
        plain, reading = form.split(rereading.READING)
        if not reading or not store.orders.exists():
            return
        form.changed_data = plain
        if plain:
            messages.success(request, _("The other settings are saved."))

    def response_change(self, request: StaffRequest, store: Store) -> HttpResponse:
        """Go on to the rehearsal of a change that concerns stored orders."""
        wanted = rereading.unsaved(store)
        if wanted is None:
            return super().response_change(request, store)
        return HttpResponseRedirect(replay.replay_url(store, wanted))

    def read_lost_time(self, store: Store) -> str:
        """Plan an import whatever the schedule says, and lead to it."""
        try:
            run = importing.read_lost_time(store, ImportRun.Trigger.MANUAL)
        except NotAllowed as error:
            return str(error)
        since, _end = run.window
        message = _("This import brings in its orders since %(day)s.")
        return format_html(
            '<a class="underline" href="{}">{}</a>',
            row_url(run),
            message % {"day": date_format(zones.local(since), "SHORT_DATE_FORMAT")},
        )

    @admin.action(description=_("Import now"), permissions=["import_now"])
    def import_now(self, request: StaffRequest, queryset: QuerySet[Store]) -> Any:
        url = by_hand.start_imports(request, queryset)
        return HttpResponseRedirect(url) if url else None

    @action(
        description=_("Import now"),
        icon="download",
        url_path="import",
        permissions=["stores.import_now"],
        variant=ActionVariant.PRIMARY,
        dialog=IMPORT,
    )
    def import_orders(
        self, request: StaffRequest, form: ImportForm, object_id: str
    ) -> HttpResponse:
        planned = form.plan(self._find(request, object_id))
        run, _is_new = by_hand.ask_for_import(request, planned)
        return leave_dialog(request, row_url(run))

    @action(
        description=_("Status words"),
        icon="translate",
        url_path="words",
        permissions=["stores.change_store"],
    )
    def words_of_status(self, request: StaffRequest, object_id: str) -> HttpResponse:
        store = self._find(request, object_id)
        return words.words_page(request, self, store)
