"""Decide when a list that should be newest first has been read far enough."""

from bisect import insort
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any

from stores.marketplaces.seen import SeenOrders
from stores.marketplaces.tophatter.parsing import placed_about

# So many pages in a row, older throughout, before the rest counts as older too: pages
# that changed places still come in.
OLD_PAGES = 3
# So many old orders may stand among newer ones without a doubt on the list's order.
STRAYS = 3


def walk(
    ask: Callable[[int, int], list[Any]], per_page: int, smallest: int
) -> Iterator[tuple[int, list[Any]]]:
    """Yield pages with their numbers until one is empty.

    A short page is no end, because the marketplace may serve fewer than asked. From
    the second on no more are asked for than the first one had, in case that pages are
    cut out at the size that was asked for.
    """
    for page in count(1):
        orders = ask(page, per_page)
        if page == 1:
            per_page = min(per_page, max(len(orders), smallest))
        if orders or page == 1:
            yield page, orders
        if not orders:
            return
        # The next one comes where this one was.
        del orders


@dataclass
class Paging:
    """How far one reading has come; `seen` holds every order's number so far.

    Without a start, the list is read to its end.
    """

    start: datetime | None
    seen: SeenOrders = field(default_factory=SeenOrders)
    is_falling: bool = True
    # So many pages in a row brought nothing that had not come before, and whether the
    # latest of them ends as the one before it.
    repeats: int = 0
    is_last_again: bool = False
    _count: int = 0
    _last: str = ""
    _lowest: list[int] = field(default_factory=list)
    _old_pages: int = 0

    def add(self, page: int, ids: list[str]) -> list[str]:
        """Take in the orders of a page; return those that had not come before.

        A page of a list that has come further counts as no repeat: pages that become
        smaller begin at orders that came on larger ones.
        """
        new = self.seen.add(ids)
        self._count += len(new)
        last = ids[-1] if ids else ""
        self.is_last_again = last == self._last
        self._last = last
        is_behind = not self.is_last_again and page * len(ids) <= self._count
        if new:
            self.repeats = 0
        elif not is_behind:
            self.repeats += 1
        return new

    def is_past(self, new: list[str], raws: list[Any]) -> bool:
        """Take in the next page; return whether all that follows is before the start.

        `new` are its numbers that had not come before. Never so in a list that was not
        newest first so far: it is read to its end.
        """
        if not new or self.start is None:
            return False
        for order_id in new:
            self._follow(int(order_id))
        self._old_pages = self._old_pages + 1 if self._is_old(raws, self.start) else 0
        return self.is_falling and self._old_pages >= OLD_PAGES

    def _is_old(self, raws: list[Any], start: datetime) -> bool:
        """Return whether dates can be read, and all of them are before the start."""
        is_dated = False
        for raw in raws:
            placed_at = placed_about(raw)
            if placed_at and placed_at >= start:
                return False
            is_dated = is_dated or placed_at is not None
        return is_dated

    def _follow(self, number: int) -> None:
        """Doubt the list's order when the number is above too many before it."""
        if len(self._lowest) > STRAYS and number > self._lowest[-1]:
            self.is_falling = False
        insort(self._lowest, number)
        del self._lowest[STRAYS + 1 :]
