"""Read a list of orders page by page, until nothing more comes of it."""

import hashlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from stores.marketplaces.answers import ENDLESS, REPEATING
from stores.marketplaces.base import (
    PADDING,
    MarketplaceUnavailable,
    Received,
)
from stores.marketplaces.custom_store.documents import Document, as_received
from stores.marketplaces.custom_store.parsing import shop_order_id
from stores.marketplaces.seen import SeenOrders
from stores.marketplaces.values import id_if_readable

MOST_PAGES = 10_000
# So many pages in a row without anything new, of those that the shop says there are.
MOST_REPEATS = 5
# Who says nothing of pages has none that are smaller, as far as is known.
SMALLEST_PAGE = 20
# Of a list without a beginning: before it there were no such shops.
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)

# A reason, which stands in the order's place and is not translated.
OTHER_VIEW = "its number {} is that of an order of another shop view, not of {}"

ReadPage = Callable[[dict[str, str]], Document]


def window_parameters(
    since: datetime | None, until: datetime | None, now: datetime
) -> dict[str, str]:
    """Return what asks for these times, with a day and more on both sides.

    Servers read the dates in UTC, in a zone of their own or in that of Los Angeles, to
    the minute. No boundary is trusted.
    """
    start = since - PADDING if since else BEGINNING
    end = (until or now) + PADDING + timedelta(minutes=1)
    return {
        "action": "export",
        "start_date": _minute(start),
        "end_date": _minute(end),
    }


def _minute(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%m/%d/%Y %H:%M}"


class Listing:
    """One reading of a list; each order comes once, as it came first.

    A list moves while it is read: what changes jumps to its beginning or its end, and
    what leaves it draws those behind it up, onto a page that is read already. So a list
    of several pages is read twice. What changed after it had come is in the next
    window.
    """

    def __init__(
        self, read_page: ReadPage, marketplace: str, most_pages: int = MOST_PAGES
    ) -> None:
        self._read_page = read_page
        self._marketplace = marketplace
        self._most_pages = most_pages
        self._seen = SeenOrders()
        self._broken: set[str] = set()
        # Magento's numbers may repeat over the views of one shop.
        self._views: dict[str, str] = {}
        self._has_more_pages = False
        # Of those that the shop says there are: how many repeated what had come.
        self._repeated = 0

    def pages(self, window: dict[str, str]) -> Iterator[list[Received]]:
        """Yield what each page brings that had not come before, maybe nothing."""
        bringing = 0
        for fresh in self.once(window):
            bringing += bool(fresh)
            yield fresh
        if not self._has_more_pages:
            return
        repeated = self._repeated
        for fresh in self.once(window):
            bringing += bool(fresh)
            yield fresh
        if repeated and bringing < 2:
            # It counts pages and shows the same one each time: the others are missing.
            raise MarketplaceUnavailable(
                REPEATING, marketplace=self._marketplace, count=repeated
            )

    def once(self, window: dict[str, str]) -> Iterator[list[Received]]:
        """Yield the pages from the first to the last that brings anything.

        The last is not known for sure: some servers give no number of pages, and what
        stands behind it may be nothing, the last page again, or the first.
        """
        met = SeenOrders()
        repeats = 0
        for page in range(1, self._most_pages + 1):
            answer = self._read_page({**window, "page": str(page)})
            orders = answer.orders
            news = met.add(map(_name_of, orders))
            yield self._fresh(orders)
            if not news:
                repeats += 1
                is_announced = page <= (answer.pages or 0)
                self._repeated += bool(orders) and page > 1 and is_announced
                if answer.pages is None or page >= answer.pages:
                    return
            else:
                repeats = 0
            self._note_size(answer, len(orders), page)
            if repeats == MOST_REPEATS:
                raise MarketplaceUnavailable(
                    REPEATING, marketplace=self._marketplace, count=repeats
                )
            # Two pages at a time would be twice the memory.
            del answer, orders
        raise MarketplaceUnavailable(ENDLESS, marketplace=self._marketplace, count=page)

    def _note_size(self, answer: Document, size: int, page: int) -> None:
        """Note whether there is, or was, more than one page."""
        is_cut = answer.pages is None and size >= SMALLEST_PAGE
        if is_cut or (answer.pages or 0) > 1 or (size and page > 1):
            self._has_more_pages = True

    def _fresh(self, orders: list[Received]) -> list[Received]:
        return [one for one in map(self._if_new, orders) if one is not None]

    def _if_new(self, raw: Received) -> Received | None:
        """Return an order that had not come before; one of another view is a problem.

        It has the number of one that came, and which of the two is meant by it cannot
        be told.
        """
        order_id = id_if_readable(shop_order_id, raw)
        if not order_id:
            return self._if_new_broken(raw)
        view = raw.get("StoreCode")
        if self._seen.add([order_id]):
            if isinstance(view, str):
                self._views[order_id] = view
            return raw
        if isinstance(view, str) and self._views.get(order_id, view) != view:
            reason = OTHER_VIEW.format(order_id, view[:50])
            return self._if_new_broken(as_received(raw.text, broken=reason))
        return None

    def _if_new_broken(self, raw: Received) -> Received | None:
        name = _digest(raw)
        if name in self._broken:
            return None
        self._broken.add(name)
        return raw


def _name_of(raw: Received) -> str:
    """Return what an order is told by on the pages of one reading."""
    order_id = id_if_readable(shop_order_id, raw)
    if not order_id:
        return _digest(raw)
    return f"{order_id} {raw['StoreCode']}" if "StoreCode" in raw else order_id


def _digest(raw: Received) -> str:
    text = raw.lasting or raw.text
    return "#" + hashlib.sha256(text.encode(errors="replace")).hexdigest()
