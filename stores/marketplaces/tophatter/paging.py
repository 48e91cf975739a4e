"""Decide when a list that should be newest first has been read far enough."""

from bisect import insort
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from stores.marketplaces.seen import SeenOrders
from stores.marketplaces.tophatter.parsing import placed_about

# So many pages in a row, older throughout, before the rest counts as older too: pages
# that changed places still come in.
OLD_PAGES = 3
# So many old orders may stand among newer ones without a doubt on the list's order.
STRAYS = 3


@dataclass
class Paging:
    """How far one reading has come; `seen` holds every order's number so far.

    Without a start, the list is read to its end.
    """

    start: datetime | None
    seen: SeenOrders = field(default_factory=SeenOrders)
    is_falling: bool = True
    _lowest: list[int] = field(default_factory=list)
    _old_pages: int = 0

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
