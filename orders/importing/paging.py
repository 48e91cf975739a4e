"""Decide when a list that should be newest first has been read far enough."""

from bisect import insort
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from stores.marketplaces.seen import SeenOrders

# So many pages in a row, older throughout, before the rest counts as older too: pages
# that changed places still come in.
OLD_PAGES = 3
# So many old orders may stand among newer ones without a doubt on the list's order.
STRAYS = 3


@dataclass
class Paging:
    """How far one run has come in a list; `seen` holds every order's number so far."""

    start: datetime
    seen: SeenOrders = field(default_factory=SeenOrders)
    is_falling: bool = True
    _lowest: list[int] = field(default_factory=list)
    _old_pages: int = 0

    def is_past(self, order_ids: Iterable[str], newest_at: datetime | None) -> bool:
        """Take in the next page; return whether all that follows is before the start.

        Never so in a list that was not newest first so far: it is read to its end.
        """
        new = self.seen.add(order_ids)
        if not new:
            return False
        for order_id in new:
            # What has no number of its own says nothing about the order.
            if order_id.isdigit():
                self._follow(int(order_id))
        is_old = newest_at is not None and newest_at < self.start
        self._old_pages = self._old_pages + 1 if is_old else 0
        return self.is_falling and self._old_pages >= OLD_PAGES

    def _follow(self, number: int) -> None:
        """Doubt the list's order when the number is above too many before it."""
        if len(self._lowest) > STRAYS and number > self._lowest[-1]:
            self.is_falling = False
        insort(self._lowest, number)
        del self._lowest[STRAYS + 1 :]
