"""The marketplace beside the store, where stores of several are connected."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import display

from backoffice.kit.admin import StaffRequest
from stores.access import marketplaces_seen_by
from stores.models import Store


class MarketplaceFilter(DropdownFilter):
    """The rows of one marketplace's stores; there is none where all are of one."""

    title = _("marketplace")
    parameter_name = "marketplace"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        found = marketplaces_seen_by(request.user)
        return list(found.items()) if len(found) > 1 else []

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if not self.value():
            return queryset
        stores = Store.objects.filter(marketplace=self.value())
        keys = frozenset(stores.values_list("pk", flat=True))
        model_admin: Any = admin.site.get_model_admin(queryset.model)
        found: QuerySet = model_admin.limited(queryset, keys)
        return found


@display(description=_("store"))
def store_and_marketplace(row: Any) -> str:
    store = row.store if hasattr(row, "store") else row.order.store
    name = store.get_marketplace_display()
    return format_html('{}<br><span class="text-xs">{}</span>', store, name)


def with_marketplaces(request: StaffRequest, columns: list[Any]) -> list[Any]:
    """Return a list's columns, the store's with its marketplace if there are several.

    A list without stores has them behind its orders then.
    """
    if len(marketplaces_seen_by(request.user)) < 2:
        return columns
    if "store" in columns:
        return [store_and_marketplace if one == "store" else one for one in columns]
    place = columns.index("order") + 1
    return [*columns[:place], store_and_marketplace, *columns[place:]]
