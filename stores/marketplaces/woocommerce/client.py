"""A WooCommerce shop by its own REST, and by that of its ShipStation plug-in.

Orders are read by `wc/v3`, which names all of them, each by its number, in any status.
Shipments are told by the plug-in's `wc-shipstation/v1` where the shop has it, because
it answers for each of them; otherwise by a note for the buyer and a change of status.
Sources: WooCommerce's REST API documentation, "List all orders", "Order notes", "List
all refunds", "Pagination"; the plug-in's own source; what was measured, in the notes.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Self
from urllib.parse import quote

from django.views.decorators.debug import sensitive_variables

from stores.marketplaces.abilities import Abilities, Account, ConnectionField
from stores.marketplaces.answers import (
    ENDLESS,
    NO_ORDERS,
    REPEATING,
    about_order,
    was_answered,
)
from stores.marketplaces.base import (
    PADDING,
    Marketplace,
    MarketplaceBusy,
    MarketplaceError,
    MarketplaceUnavailable,
    OrderIncomplete,
    OrderNotFound,
    OrderStatus,
    Received,
    ShipmentNotice,
    gettext_noop,
)
from stores.marketplaces.common_carriers import CARRIERS
from stores.marketplaces.http import Reply
from stores.marketplaces.values import id_if_readable, web_address
from stores.marketplaces.woocommerce import amounts, notices, parsing
from stores.marketplaces.woocommerce.connection import ShopConnection
from stores.marketplaces.woocommerce.description import ABILITIES, FIELDS
from stores.marketplaces.woocommerce.failures import (
    REFUNDS_UNREAD,
    UNKNOWN_ORDER,
    NoRoute,
)
from stores.marketplaces.woocommerce.lines import REFUNDED_PIECES, UNREAD_REFUNDS
from stores.marketplaces.woocommerce.paging import Walk
from stores.marketplaces.woocommerce.refunds import has_refunds, refunded_pieces

ORDERS = "/wc/v3/orders"
SHIPMENTS = "/wc-shipstation/v1/orders/shipments"
# What WooCommerce serves at the most.
LARGEST_PAGE = 100
MOST_PAGES = 10_000
# So many orders in a row without their refunds: does the shop answer anything at all?
UNREAD_IN_A_ROW = 3
# What is remembered of the plug-in.
PLUGIN = "has_plugin"
ANSWERS = {"yes": True, "no": False}


class WooCommerce(Marketplace):
    """One shop, by the REST API key of one of its users."""

    label: ClassVar[str] = "WooCommerce"
    purpose: ClassVar[str] = gettext_noop(
        "For shops that run on WooCommerce, with or without its ShipStation plug-in."
    )
    fields: ClassVar[tuple[ConnectionField, ...]] = FIELDS
    address_setting: ClassVar[str] = ""
    fallback_carriers: ClassVar[Mapping[str, str]] = CARRIERS

    @sensitive_variables()
    def __init__(
        self, account: Account, *, most_pages: int = MOST_PAGES, **limits: Any
    ) -> None:
        self._settings = dict(account.settings)
        self._has_plugin = ANSWERS.get(self._settings.get(PLUGIN, ""))
        self._most_pages = most_pages
        self._unread_in_a_row = 0
        self._shop = ShopConnection(account, self.label, **limits)

    @classmethod
    def open(cls, account: Account, **limits: Any) -> Self:
        """Return a connector; of an address pasted from the shop its root is taken."""
        return cls(account, **limits)

    @staticmethod
    def abilities(settings: Mapping[str, str]) -> Abilities:
        return ABILITIES

    @staticmethod
    def status_words(settings: Mapping[str, str]) -> Mapping[str, OrderStatus]:
        return parsing.STATUSES

    @property
    def clock_ahead(self) -> timedelta | None:
        return self._shop.client.clock_ahead

    def learned(self) -> Mapping[str, str]:
        if self._has_plugin is None:
            return dict(self._settings)
        return {**self._settings, PLUGIN: "yes" if self._has_plugin else "no"}

    def list_orders(
        self,
        since: datetime | None = None,
        until: datetime | None = None,
        per_page: int = LARGEST_PAGE,
    ) -> Iterator[list[Any]]:
        """Yield pages of what has changed in the time, the oldest change first.

        Times are in GMT by name, and compared with a column in GMT. Still the padding
        is the usual one: a time that WordPress is asked for passes through the site's
        zone, and what an extension makes of it there is not known.
        """
        walk = Walk(since and since - PADDING)
        for asked in range(self._most_pages):
            query = _question(walk, until and until + PADDING, per_page)
            reply = self._shop.ask("GET", ORDERS, query)
            orders = self._shop.shaped(reply, list)
            ids = [id_if_readable(parsing.woo_order_id, raw) for raw in orders]
            new = walk.take(self._rows(orders, ids), _pages_of(reply))
            kept = [
                self._listed(raw) if order_id else raw
                for raw, order_id in zip(orders, ids, strict=True)
                if order_id in new or not order_id
            ]
            if kept or not asked:
                yield kept
            if walk.is_over:
                return
            if walk.is_repeating:
                raise MarketplaceUnavailable(REPEATING, marketplace=self.label, count=2)
            # Two pages at a time would be twice the memory.
            del reply, orders, kept
        raise MarketplaceUnavailable(
            ENDLESS, marketplace=self.label, count=self._most_pages
        )

    def _rows(
        self, orders: list[Any], ids: list[str]
    ) -> list[tuple[str, datetime | None]]:
        """Return number and change of what is an order; without any, it is no list."""
        if orders and not any(ids):
            raise MarketplaceUnavailable(
                NO_ORDERS, marketplace=self.label, count=len(orders)
            )
        rows = zip(orders, ids, strict=True)
        return [(one, parsing.changed_at(raw)) for raw, one in rows if one]

    def _listed(self, raw: Any) -> Any:
        """Return an order of a list whole; one whose refunds fail is marked with that.

        It is no order to pack then, and costs nobody else. Where several in a row fail,
        the list is asked for once more: a shop that is down ends the reading.
        """
        try:
            return self._whole(raw)
        except OrderIncomplete as error:
            self._unread_in_a_row += 1
            if self._unread_in_a_row == UNREAD_IN_A_ROW:
                self._shop.ask("GET", ORDERS, {"per_page": "1"})
            return _marked(raw, UNREAD_REFUNDS, error.facts["status"])

    def _whole(self, raw: Any) -> Any:
        """Return an order with the pieces that were paid back, and what lasts of it.

        An order says how much money was paid back, and not for how many pieces.
        """
        if not isinstance(raw, Received):
            return raw
        raw.lasting = parsing.lasting(raw.text)
        return self._with_refunds(raw) if has_refunds(raw) else raw

    def _with_refunds(self, raw: Received) -> Received:
        """Return the order with its refunds, or raise why they do not come.

        Whatever the shop says to one question about one order, it says nothing of the
        key: the order itself has just been answered.
        """
        order_id = parsing.woo_order_id(raw)
        path, query = f"{_order(order_id)}/refunds", {"per_page": str(LARGEST_PAGE)}
        try:
            refunds = self._shop.shaped(self._shop.ask("GET", path, query), list)
        except (OrderNotFound, NoRoute):
            # It was deleted since, or the shop keeps its refunds to itself.
            return raw
        except MarketplaceError as error:
            if isinstance(error, MarketplaceBusy) or not was_answered(error):
                raise
            # What is no list of refunds has come with the status of one.
            facts = {"order": order_id, "status": error.facts.get("status", 200)}
            wait = getattr(error, "retry_after", None)
            raise OrderIncomplete(REFUNDS_UNREAD, retry_after=wait, **facts) from None
        self._unread_in_a_row = 0
        return _marked(raw, REFUNDED_PIECES, refunded_pieces(refunds))

    def retrieve_order(
        self, order_id: str, placed_at: datetime | None = None
    ) -> dict[str, Any]:
        try:
            reply = self._shop.ask("GET", _order(order_id))
        except OrderNotFound as error:
            raise about_order(error, UNKNOWN_ORDER, order_id) from None
        order: dict[str, Any] = self._whole(self._shop.shaped(reply, dict))
        return order

    def fulfill(self, notice: ShipmentNotice) -> dict[str, Any]:
        """Tell the shop what was shipped, unless one of its notes says so already.

        Without the plug-in the note goes first, then the status. A kill between the
        two leaves the note, by which the next try knows that the buyer has the mail;
        and an order that shows as completed has its note. Setting the status a second
        time does nothing.
        """
        try:
            return self._tell(notice)
        except OrderNotFound as error:
            raise about_order(error, UNKNOWN_ORDER, notice.order_id) from None

    def _tell(self, notice: ShipmentNotice) -> dict[str, Any]:
        path = _order(notice.order_id)
        reply = self._shop.ask("GET", f"{path}/notes")
        told = notices.written_by_programs(self._shop.shaped(reply, list))
        note = notices.note_of(notice, CARRIERS)
        if note not in told:
            if notices.is_named(notice.tracking_number, told) or self._notify(notice):
                return {}
            body = {"note": note, "customer_note": True}
            answer = self._shop.ask("POST", f"{path}/notes", body=body)
            notices.check_note(self._shop.shaped(answer, dict), notice)
        reply = self._shop.ask("PUT", path, body={"status": "completed"})
        order: dict[str, Any] = self._whole(self._shop.shaped(reply, dict))
        return order

    def _notify(self, notice: ShipmentNotice) -> bool:
        """Tell the plug-in; return whether there is one."""
        if self._has_plugin is False:
            return False
        body = {"notifications": [notices.notification_of(notice)]}
        try:
            reply = self._shop.ask("POST", SHIPMENTS, body=body)
        except NoRoute:
            self._has_plugin = False
            return False
        self._has_plugin = True
        notices.check_result(self._shop.shaped(reply, dict), notice)
        return True

    def list_carriers(self) -> dict[str, str]:
        """Return carriers to choose from; the shop has no list, and takes any."""
        return dict(CARRIERS)

    def picture_url(self, product_id: str) -> str:
        """Return where the browser may load the product's picture from, if anywhere."""
        reply = self._shop.ask("GET", f"/wc/v3/products/{quote(product_id, safe='')}")
        images = self._shop.shaped(reply, dict).get("images")
        for image in images if isinstance(images, list) else ():
            source = image.get("src") if isinstance(image, dict) else None
            if url := web_address(source, self._shop.client.base_url):
                return url
        return ""

    is_order_id = staticmethod(parsing.is_woo_order_id)
    order_id = staticmethod(parsing.woo_order_id)
    parse_order = staticmethod(parsing.parse_woo_order)
    read_stamps = staticmethod(parsing.woo_stamps)
    read_amounts = staticmethod(amounts.woo_amounts)
    without_person = staticmethod(amounts.impersonal_woo_order)


def _order(order_id: str) -> str:
    return f"{ORDERS}/{quote(order_id, safe='')}"


def _marked(raw: Received, name: str, value: Any) -> Received:
    """Return an order with something added, in its text too."""
    marked = Received({**raw, name: value})
    added = f',"{name}":{json.dumps(value)}}}'
    marked.text = raw.text.rstrip().removesuffix("}") + added
    marked.lasting = parsing.lasting(marked.text)
    return marked


def _question(walk: Walk, until: datetime | None, per_page: int) -> dict[str, str]:
    query = {
        "orderby": "modified",
        "order": "asc",
        "dates_are_gmt": "true",
        "per_page": str(min(per_page, LARGEST_PAGE)),
        "page": str(walk.page),
    }
    if walk.after:
        query["modified_after"] = _in_gmt(walk.after)
    if until:
        query["modified_before"] = _in_gmt(until)
    return query


def _in_gmt(moment: datetime) -> str:
    """Write a time without a sign of its zone.

    WordPress turns one with a sign into the site's own time, and compares that with
    the column in GMT (`WP_Date_Query::build_mysql_datetime`).
    """
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds")


def _pages_of(reply: Reply) -> int | None:
    pages = reply.headers.get("X-WP-TotalPages", "")
    is_number = pages.isascii() and pages.isdecimal() and len(pages) < 10
    return int(pages) if is_number else None
