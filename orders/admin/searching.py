"""Lists that are searched as people write, not as the rows are spelt."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from backoffice.kit.admin import StaffRequest
from backoffice.kit.paging import LongPaginator
from orders.finding import searching
from orders.finding.words import words_of
from stores.access import limit_of


class SearchedByWords:
    """Searches the texts of orders; of another row, `search_fields` names its order."""

    search_fields: Sequence[str]

    def get_search_results(
        self, request: StaffRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        if not search_term:
            return queryset, False
        words = words_of(search_term)
        if not words:
            return queryset.none(), False
        path = self.search_fields[0].removesuffix("search_text")
        found = searching.search(queryset, words, path, limit_of(request.user))
        if found.is_of_newest and request.method == "GET":
            message = _(
                "Words of one or two letters are looked for in the newest %(count)d "
                "orders; add a longer word to search them all."
            )
            messages.info(request, message % {"count": searching.NEWEST})
        return found.rows, False

    def get_paginator(
        self, request: StaffRequest, *args: Any, **options: Any
    ) -> LongPaginator:
        """Return pages that count no more of what was found than the index names."""
        paginator = super().get_paginator(request, *args, **options)  # type: ignore[misc]
        if request.GET.get("q"):
            paginator.most = searching.MOST_KEYS
        return paginator
