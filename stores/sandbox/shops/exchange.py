"""One call to a practice shop, and its answer, as faults see it."""

from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler

from stores.sandbox.shops.exporting import Listing, Refused, as_reply, list_page
from stores.sandbox.shops.noticing import take_notice
from stores.sandbox.shops.state import ShopState
from stores.sandbox.shops.texts import Reply
from stores.sandbox.wire import Wire


@dataclass(frozen=True)
class Call:
    """What a program sent, as it came."""

    method: str
    action: str
    query: dict[str, str]
    body: bytes
    is_open: bool


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
                raise self._refused("credentials")
            if (call.method, call.action) == ("POST", "shipnotify"):
                return take_notice(shop, call.query, call.body)
            if (call.method, call.action) != ("GET", "export"):
                raise self._refused("action")
            with shop.lock:
                listing = list_page(shop, call.query)
                change(listing)
                return as_reply(shop, rewrite(listing.write()))
        except Refused as refused:
            return refused.reply

    def send_reply(self, reply: Reply) -> None:
        self.send(reply.status, reply.body, reply.kind, reply.headers)

    def _refused(self, cause: str) -> Refused:
        reply = self.shop.refusals[cause]
        assert reply is not None  # noqa: S101 (only a window may be refused by nothing)
        return Refused(reply)
