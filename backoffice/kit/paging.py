"""Lists of any length in pages, counted only as far as anybody reads."""

from typing import Any

from django.conf import settings
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.utils.formats import number_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

# Beyond any list, and within what databases can skip.
HIGHEST_PAGE = 10**9


def count_rows(rows: QuerySet[Any], most: int | None = None) -> int:
    """Return the number of rows, one above `most` for any that are more.

    That is `COUNTED_ROWS` where nothing is said.
    """
    most = settings.COUNTED_ROWS if most is None else most
    return rows.order_by().values("pk")[: most + 1].count()


def written(number: int) -> str:
    """Write a number of `count_rows` as short as a badge."""
    if number <= settings.COUNTED_ROWS:
        return str(number)
    return f"{number_format(settings.COUNTED_ROWS, force_grouping=True)}+"


class LongPage(Page):  # type: ignore[type-arg] # not when it runs
    """A page of a list; a number below zero counts from the last page."""

    # Whether rows lie beyond it, in the direction in which it was counted.
    goes_on = False

    @property
    def title(self) -> str:
        if self.number == -1:
            return _("Last page")
        if self.number < 0:
            return _("Page %(number)d from the end") % {"number": -self.number}
        return _("Page %(number)d") % {"number": self.number}

    def has_next(self) -> bool:
        return self.goes_on if self.number > 0 else self.number < -1

    def has_previous(self) -> bool:
        return self.goes_on if self.number < 0 else self.number > 1


class LongPaginator(Paginator):  # type: ignore[type-arg] # as above
    """Pages that cost the same at the beginning and at the end of any list.

    Past what is counted nobody knows the number of the last page: that is page -1. A
    number beyond the end shows the last page too.
    """

    object_list: Any
    template_name = "backoffice/pages.html"
    # The page that was asked for last.
    shown: LongPage | None = None

    @cached_property
    def most(self) -> int:
        """How many rows are counted; a list that is searched sets fewer."""
        return settings.COUNTED_ROWS

    @cached_property
    def count(self) -> int:
        return count_rows(self.object_list, self.most)

    @property
    def is_more(self) -> bool:
        return self.count > self.most

    @property
    def count_in_words(self) -> str:
        if not self.is_more:
            return str(self.count)
        most = number_format(self.most, force_grouping=True)
        return _("more than %(number)s") % {"number": most}

    def validate_number(self, number: Any) -> int:
        """Return the number of the page that is shown for any number."""
        wanted = min(max(int(number), -HIGHEST_PAGE), HIGHEST_PAGE)
        if self.is_more:
            return wanted or 1
        last = int(self.num_pages)
        if wanted < 0:
            wanted += last + 1
        return min(max(wanted, 1), last)

    def page(self, number: Any) -> LongPage:
        number = self.validate_number(number)
        keys: Any = self._keys(number)
        goes_on = number < self.num_pages
        if self.is_more:
            found = list(keys)
            if not found and abs(number) > 1:
                number = -1 if number > 0 else 1
                found = list(self._keys(number))
            goes_on = len(found) > self.per_page
            keys = found[: self.per_page]
        # The rows come by their keys: what was passed over was an index alone.
        self.shown = LongPage(self.object_list.filter(pk__in=keys), number, self)
        self.shown.goes_on = goes_on
        return self.shown

    def _keys(self, number: int) -> Any:
        """Return the keys of the page's rows, and of one more to see where it ends."""
        rows = self.object_list.reverse() if number < 0 else self.object_list
        first = (abs(number) - 1) * self.per_page
        last = first + self.per_page + self.is_more
        return rows.values_list("pk", flat=True)[first:last]
