"""How a list that moves while it is read is read without losing an order.

The list comes oldest change first. Page by page, an order that changes leaves its
place, and the one behind the next page's edge is lost. So each question starts at the
last change that was read, and asks for its first page. That first page has to bring
the order it starts at again. Where it does not, that order has changed since, and the
question before is asked once more; where that goes on, the shop's clock is not
understood, and pages are counted after all.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from stores.marketplaces.seen import SeenOrders

# Changes are told by the second, and what is asked for is after one.
SECOND = timedelta(seconds=1)
# So many questions in a row whose first order has just changed are no chance.
MOST_MISSES = 4

Row = tuple[str, datetime | None]


@dataclass
class Walk:
    """How far one reading has come: what to ask for next, and all orders so far.

    `after` is the time that changes are asked for after, None for all. Pages are only
    counted among changes of one second. They are then read until a round of them
    brings nothing new: what has moved among them is found in the next round.
    """

    start: datetime | None
    page: int = 1
    is_exact: bool = True
    # A page that is the one before it again: the shop, or a cache, does not count.
    is_repeating: bool = False
    after: datetime | None = field(init=False)
    seen: SeenOrders = field(default_factory=SeenOrders)
    _before: datetime | None = field(init=False)
    _misses: int = 0
    _edge: frozenset[str] = frozenset()
    _found_in_round: bool = False
    _last_page: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.after = self._before = self.start

    def take(self, rows: list[Row], pages: int | None) -> set[str]:
        """Take in the orders that a question brought; return those that are new.

        `pages` is how many there are, as far as the shop says it.
        """
        ids = [order_id for order_id, _changed in rows]
        self.is_repeating = bool(ids) and self.page > 1 and ids == self._last_page
        self._last_page = ids
        new = set(self.seen.add(ids))
        self._found_in_round |= bool(new)
        if self._edge and self._edge.isdisjoint(ids):
            self._go_back()
        else:
            self._misses = 0 if self._edge else self._misses
            self._go_on(rows, is_last=not rows or bool(pages and pages <= self.page))
        return new

    @property
    def is_over(self) -> bool:
        return self.page == 0

    def _go_on(self, rows: list[Row], is_last: bool) -> None:
        self._edge = frozenset()
        edge = self._reached(rows)
        if not is_last and edge is None:
            self.page += 1
        elif self.page > 1 and self._found_in_round:
            self._start_round()
        elif is_last or edge is None:
            self.page = 0
        else:
            self._before, self.after = self.after, edge - SECOND
            self._edge = frozenset(one for one, changed in rows if changed == edge)
            self._start_round()

    def _reached(self, rows: list[Row]) -> datetime | None:
        """Return the last change of a page, if the next question can start there."""
        changes = [changed for _order_id, changed in rows if changed is not None]
        if len(changes) < len(rows) or changes != sorted(changes):
            self.is_exact = False
        if not self.is_exact or not changes:
            return None
        is_further = self.after is None or changes[-1] - SECOND > self.after
        return changes[-1] if is_further else None

    def _start_round(self) -> None:
        self.page, self._found_in_round = 1, False

    def _go_back(self) -> None:
        self._misses += 1
        self.is_exact = self._misses < MOST_MISSES
        self.after = self._before if self.is_exact else self.start
        self._edge = frozenset()
        self._start_round()
