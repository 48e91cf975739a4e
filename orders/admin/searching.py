"""Lists that are searched as people write, not as the rows are spelt."""

from django.db.models import QuerySet

from backoffice.kit.admin import StaffRequest
from orders.finding.words import words_of


class SearchedByWords:
    """Folds what was typed; the list's `search_fields` are folded texts."""

    def get_search_results(
        self, request: StaffRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        words = " ".join(words_of(search_term))
        if search_term and not words:
            return queryset.none(), False
        return super().get_search_results(request, queryset, words)  # type: ignore[misc]
