"""A list of orders, as the shop's server answers for it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from stores.sandbox.shops.orders import Order
from stores.sandbox.shops.profiles import USUAL_DATE
from stores.sandbox.shops.state import ShopState
from stores.sandbox.shops.texts import Reply
from stores.sandbox.shops.writing import Form, write_order

LIMITS = (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))


class Refused(Exception):
    """The shop answers otherwise than with orders."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.status)
        self.reply = reply


@dataclass
class Listing:
    """A page of orders before it is written; a fault may change any of it."""

    orders: list[Order]
    page: int
    pages: int
    form: Form
    # What is written about the pages; a server without paging writes nothing.
    attributes: dict[str, str] = field(default_factory=dict)

    def write(self) -> str:
        attributes = "".join(f' {name}="{at}"' for name, at in self.attributes.items())
        rows = "".join(write_order(order, self.form) for order in self.orders)
        declaration = self.form.profile.declaration
        if not rows:
            return f"{declaration}<Orders{attributes}/>\n"
        return f"{declaration}<Orders{attributes}>\n{rows}</Orders>\n"


def as_reply(shop: ShopState, text: str) -> Reply:
    """Return the text of a list as bytes; what was cut in a character stays cut."""
    body = text.encode("utf-8", "surrogateescape")
    return Reply(200, body, shop.profile.content_type)


def list_page(shop: ShopState, given: dict[str, str]) -> Listing:
    """Return the page that was asked for, or raise `Refused`."""
    start, end = _window(shop, given)
    orders = _chosen(shop, start, end)
    size = shop.page_size
    pages = max(-(-len(orders) // size), shop.profile.least_pages)
    page = read_page(given.get("page", ""))
    if page > pages and shop.profile.repeats_last_page:
        page = pages
    attributes = {"page": str(page)} if shop.profile.has_page_attribute else {}
    if shop.profile.has_pages_attribute:
        attributes["pages"] = str(pages)
    rows = orders[(page - 1) * size : page * size]
    return Listing(rows, page, pages, shop.form, attributes)


def read_page(text: str) -> int:
    """Read a page's number; 0 and junk are the first one."""
    return max(int(text), 1) if text.isdecimal() else 1


def read_moment(text: str, zone: ZoneInfo) -> datetime:
    return datetime.strptime(text, USUAL_DATE).replace(tzinfo=zone)


def _window(shop: ShopState, given: dict[str, str]) -> tuple[datetime, datetime]:
    texts = [given.get(name, "") for name in ("start_date", "end_date")]
    try:
        if all(texts):
            start, end = (read_moment(text, shop.window_zone) for text in texts)
            return start, end
        reply = shop.refusals["no_dates"]
    except ValueError:
        reply = shop.refusals["dates"]
    if reply:
        raise Refused(reply)
    return LIMITS


def _chosen(shop: ShopState, start: datetime, end: datetime) -> list[Order]:
    name = shop.profile.window
    found: Iterable[Order] = (
        order
        for order in shop.orders.values()
        if start <= getattr(order, name) <= end and _is_exported(shop, order)
    )
    # Of the same second none is first for sure; here it is the one that came first.
    return sorted(
        found,
        key=lambda order: getattr(order, name),
        reverse=shop.profile.is_newest_first,
    )


def _is_exported(shop: ShopState, order: Order) -> bool:
    if shop.exported and order.status not in shop.exported:
        return False
    return bool(order.lines) or shop.name not in {"woo", "craft"}
