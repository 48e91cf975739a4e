"""The audit as a list: who did what, and when; nobody changes it."""

from ipaddress import ip_address
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.exceptions import FieldDoesNotExist
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter
from unfold.decorators import display

from backoffice.kit.admin import RecordAdmin, StaffRequest, keys
from backoffice.kit.fields import title_of
from backoffice.models import AuditEntry
from orders.admin import exports
from orders.admin.filters import DaysFilter
from stores.access import seen_by, stores_seen_by
from stores.models import Store

Kind = AuditEntry.Kind
# Whose fields the changes of an entry name.
MODELS = {Kind.RIGHTS: ["auth.User", "auth.Group"], Kind.SETTINGS: ["stores.Store"]}

# What no page shows as a field.
TITLES = {"status_words": _("status words")}


class NotedUserFilter(DropdownFilter):
    """By the name that an entry keeps: who is gone is found by a search."""

    title = _("user")
    parameter_name = "who"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        names = User.objects.order_by("username").values_list("username", flat=True)
        return [(name, name) for name in names]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(user=self.value()) if self.value() else queryset


class NotedStoreFilter(DropdownFilter):
    title = _("store")
    parameter_name = "store"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(one.pk), one.name) for one in stores_seen_by(request.user)]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if not self.value():
            return queryset
        return queryset.filter(store_key__in=keys([self.value()]))


@admin.register(AuditEntry)
class AuditEntryAdmin(RecordAdmin):
    list_display = ["at", "kind", "user", "about", "store", "what", "address"]
    list_display_links = ["at"]
    sortable_by = ["at"]
    list_filter = [
        ("kind", ChoicesDropdownFilter),
        NotedUserFilter,
        NotedStoreFilter,
        ("at", DaysFilter),
    ]
    search_fields = ["about"]
    search_help_text = _(
        "The whole order number, name of a user, store or file, or network address"
    )
    actions_list = ["export"]
    export = exports.export
    fieldsets = [
        (
            None,
            {"fields": [("at", "kind"), ("user", "address"), ("about", "store")]},
        ),
        (None, {"fields": ["text", "changed"]}),
    ]
    readonly_fields = ["store", "changed"]

    def get_queryset(self, request: StaffRequest) -> QuerySet[AuditEntry]:
        names = Store.objects.filter(pk=OuterRef("store_key")).values("name")
        entries = super().get_queryset(request).annotate(store_name=Subquery(names))
        return seen_by(entries, request.user, "store_key")

    def get_search_results(
        self, request: StaffRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        """Find what is named so: the index has whole names, and entries are many."""
        term = search_term.strip()
        if not term:
            return queryset, False
        try:
            return queryset.filter(address=str(ip_address(term))), False
        except ValueError:
            return queryset.filter(Q(about=term) | Q(user=term)), False

    def changelist_view(
        self, request: StaffRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        answer = super().changelist_view(request, extra_context)
        return exports.keep_filters(request, answer)

    @display(description=_("store"))
    def store(self, entry: Any) -> str:
        return entry.store_name or ""

    @display(description=_("what"))
    def what(self, entry: AuditEntry) -> str:
        return " · ".join(filter(None, [str(entry.text), *_in_words(entry)]))

    @display(description=_("changes"))
    def changed(self, entry: AuditEntry) -> str:
        return format_html_join("", "<div>{}</div>", zip(_in_words(entry)))


def _in_words(entry: AuditEntry) -> list[str]:
    """Return each change of an entry: what it is called, from what to what."""
    return [
        f"{_title(entry, name)}: {_shown(before)} → {_shown(after)}"
        for name, before, after in entry.changes
    ]


def _title(entry: AuditEntry, name: str) -> str:
    if name in TITLES:
        return str(TITLES[name])
    for model in MODELS.get(Kind(entry.kind), ()):
        try:
            return title_of(apps.get_model(model), name)
        except FieldDoesNotExist:
            continue
    return name


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(_("on") if value else _("off"))
    return "–" if value in {None, ""} else str(value)
