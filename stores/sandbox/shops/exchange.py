"""One call to a practice shop, and its answer, as faults see it."""

from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler

from stores.sandbox.shops.exporting import Listing, Refused, as_reply, list_page
from stores.sandbox.shops.noticing import read_notice, take_notice
from stores.sandbox.shops.profiles import EMPTY
from stores.sandbox.shops.state import ShopState
from stores.sandbox.shops.texts import Reply
from stores.sandbox.wire import Wire


@dataclass(frozen=True)
class Call:
    """What a program sent, as it came; `pairs` is the query with all its repeats."""

    method: str
    path: str
    action: str
    pairs: list[tuple[str, str]]
    body: bytes
    is_open: bool

    @property
    def query(self) -> dict[str, str]:
        return dict(self.pairs)


def as_it_is(listing: Listing) -> None:
    """Leave a page as the shop has it."""


class Exchange(Wire):
    """One call and its answer."""

    def __init__(
        self, handler: BaseHTTPRequestHandler, shop: ShopState, call: Call
    ) -> None:
        super().__init__(handler)
        self.shop = shop
        self.call = call

    def answer(
        self,
        change: Callable[[Listing], None] = as_it_is,
        rewrite: Callable[[str], str] = str,
    ) -> Reply:
        """Carry the call out; a fault may change the page, and rewrite its text."""
        shop, call = self.shop, self.call
        try:
            if not call.is_open:
                raise Refused(shop.refusals["credentials"] or EMPTY)
            if (call.method, call.action) == ("POST", "shipnotify"):
                return take_notice(shop, call.query, call.body)
            if (call.method, call.action) != ("GET", "export"):
                raise Refused(shop.refusals["action"] or EMPTY)
            with shop.lock:
                listing = self.listing()
                change(listing)
                return as_reply(shop, rewrite(listing.write()))
        except Refused as refused:
            return refused.reply

    def listing(self, page: int = 0) -> Listing:
        """Return the page of the call, or another one of the same list."""
        query = self.call.query
        return list_page(self.shop, {**query, "page": str(page)} if page else query)

    def ignore(self) -> None:
        """Keep the notice for counting, answer 2xx, and do nothing."""
        notice = read_notice(self.call.query, self.call.body)
        notice.effect = "ignored"
        self.shop.notices.append(notice)
        self.send(200, b"", "text/html; charset=UTF-8")

    def send_reply(self, reply: Reply) -> None:
        self.send(reply.status, reply.body, reply.kind, reply.headers)
