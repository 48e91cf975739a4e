"""Imports, which fill while they work, and the problems they met."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from backoffice.kit.admin import RecordAdmin, StaffRequest
from orders.admin.filters import ProblemFilter, StoreFilter
from orders.admin.imports import by_hand, run_page
from orders.admin.marketplaces import MarketplaceFilter, with_marketplaces
from orders.admin.permissions import StepPermissions
from orders.admin.word_links import words_url_for
from orders.advice import reason_not_alone
from orders.finding.words import as_number
from orders.importing import windows
from orders.importing.triage import NAMELESS
from orders.labels import label, show_json
from orders.models import ImportProblem, ImportRun
from stores.admin import LimitedAdmin
from stores.models import Store


@admin.register(ImportRun)
class ImportRunAdmin(LimitedAdmin, RecordAdmin):
    list_display = [
        "asked_at",
        "store",
        "kind",
        "trigger",
        "state",
        *ImportRun.COUNTS,
    ]
    ordering = ["-asked_at", "-id"]
    list_select_related = ["store"]
    list_filter = [
        ("store", StoreFilter),
        MarketplaceFilter,
        ("status", ChoicesDropdownFilter),
        ("kind", ChoicesDropdownFilter),
    ]
    change_form_before_template = "orders/run_progress.html"
    change_form_outer_after_template = "orders/run_here.html"
    fields = [
        ("store", "kind", "trigger"),
        ("window_start", "window_end", "numbers"),
        ("asked_at", "started_at", "finished_at"),
    ]
    readonly_fields = ["numbers"]
    describe = staticmethod(run_page.describe)

    def get_list_display(self, request: StaffRequest) -> list[Any]:
        return with_marketplaces(request, self.list_display)

    def get_urls(self) -> list[URLPattern]:
        return [*run_page.urls(self), *super().get_urls()]

    @display(description=_("status"), ordering="status")
    def state(self, run: ImportRun) -> str:
        return label(run.get_status_display(), run_page.STATUS_COLOURS[run.status])

    @display(description=_("order numbers"))
    def numbers(self, run: ImportRun) -> str:
        return ", ".join(run.order_ids)


class OpenFilter(admin.SimpleListFilter):
    """Problems that still stand, unless asked for otherwise."""

    title = _("open or resolved")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("open", _("Open")), ("resolved", _("Resolved")), ("all", _("All"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == "all":
            return queryset
        return queryset.filter(resolved_at__isnull=self.value() != "resolved")

    def choices(self, changelist: Any) -> Any:
        for value, title in self.lookup_choices:
            yield {
                "selected": (self.value() or "open") == value,
                "query_string": changelist.get_query_string(
                    {self.parameter_name: value}
                ),
                "display": title,
            }


def describe_problem(request: StaffRequest, problem: ImportProblem) -> dict[str, Any]:
    """Return where an unknown word of status gets its meaning."""
    if problem.kind != ImportProblem.Kind.UNKNOWN_STATUS or problem.resolved_at:
        return {}
    word = (problem.message_facts or {}).get("facts", {}).get("word", "")
    return {"words_url": words_url_for(request.user, problem.store, word)}


@admin.register(ImportProblem)
class ImportProblemAdmin(StepPermissions, LimitedAdmin, RecordAdmin):
    list_display = [
        "marketplace_order_id",
        "store",
        "kind",
        "message",
        "first_seen_at",
        "last_seen_at",
    ]
    list_select_related = ["store"]
    list_filter = [
        OpenFilter,
        ProblemFilter,
        ("store", StoreFilter),
        ("kind", ChoicesDropdownFilter),
    ]
    search_fields = ["marketplace_order_id"]
    search_help_text = _("Order number")
    actions = ["import_again"]
    fields = [
        ("store", "marketplace_order_id"),
        "kind",
        "message",
        ("first_seen_at", "last_seen_at"),
        "resolved_at",
        "as_received",
    ]
    readonly_fields = ["as_received"]
    change_form_before_template = "orders/this_word.html"
    describe = staticmethod(describe_problem)

    def get_queryset(self, request: StaffRequest) -> QuerySet[ImportProblem]:
        return super().get_queryset(request).defer("payload")

    def get_search_results(
        self, request: StaffRequest, queryset: QuerySet[ImportProblem], search_term: str
    ) -> tuple[QuerySet[ImportProblem], bool]:
        return super().get_search_results(request, queryset, as_number(search_term))

    @display(description=_("as received"))
    def as_received(self, problem: ImportProblem) -> str:
        return show_json(problem.payload)

    @admin.action(description=_("Import again"), permissions=["import_now"])
    def import_again(
        self, request: StaffRequest, queryset: QuerySet[ImportProblem]
    ) -> None:
        nameless = 0
        wanted: dict[Store, dict[str, None]] = {}
        for problem in queryset.select_related("store"):
            if problem.marketplace_order_id.startswith(NAMELESS):
                nameless += 1
            else:
                ids = wanted.setdefault(problem.store, {})
                ids[problem.marketplace_order_id] = None
        if nameless:
            message = ngettext(
                "%d order without a number cannot be asked for.",
                "%d orders without a number cannot be asked for.",
                nameless,
            )
            self.message_user(request, message % nameless, messages.WARNING)
        if count := sum(self._ask(request, *one) for one in wanted.items()):
            message = ngettext(
                "%d order is asked for again.", "%d orders are asked for again.", count
            )
            self.message_user(request, message % count, messages.SUCCESS)

    def _ask(self, request: StaffRequest, store: Store, ids: Iterable[str]) -> int:
        """Have these orders of a store imported, and return how many are asked for."""
        if reason := reason_not_alone(store):
            self.message_user(request, reason, messages.ERROR)
            return 0
        runs = windows.plan_many(store, list(ids), ImportRun.Trigger.MANUAL)
        asked = [by_hand.ask_for_import(request, run) for run in runs]
        return sum(len(run.order_ids) for run, is_new in asked if is_new)
