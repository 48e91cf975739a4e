"""WooCommerce's own REST, and what its ShipStation plug-in adds to it."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from stores.sandbox.shops import rest_forms, rest_notices
from stores.sandbox.shops.exchange import Exchange, as_it_is
from stores.sandbox.shops.exporting import Listing, Refused, read_page
from stores.sandbox.shops.orders import Notice, Order, now
from stores.sandbox.shops.texts import Reply, json_reply

ROOT = "/wp-json/"
LIST = "wc/v3/orders"
ONE = re.compile(r"wc/v3/orders/(\d+)")
NOTES = re.compile(r"wc/v3/orders/(\d+)/notes")
PLUGIN_LIST = "wc-shipstation/v1/orders"
PLUGIN_NOTICES = "wc-shipstation/v1/orders/shipments"
LEAST = datetime.min.replace(tzinfo=UTC)


def refusal(status: int, code: str, message: str) -> Refused:
    """Return what WordPress answers instead."""
    payload = {"code": code, "message": message, "data": {"status": status}}
    return Refused(json_reply(status, payload))


def no_route() -> Refused:
    text = "No route was found matching the URL and request method."
    return refusal(404, "rest_no_route", text)


class RestExchange(Exchange):
    """A call of the REST, which answers in JSON."""

    def answer(
        self,
        change: Callable[[Listing], None] = as_it_is,
        rewrite: Callable[[str], str] = str,
    ) -> Reply:
        try:
            with self.shop.lock:
                return self._answer(change)
        except Refused as refused:
            return refused.reply

    def ignore(self) -> None:
        """Keep the notices for counting, say that all went well, and do nothing."""
        if self.route == PLUGIN_NOTICES:
            self.send_reply(rest_notices.ignore(self.shop, self._given()))
            return
        notice = Notice("", "", "", "", "", None, True, effect="ignored")
        self.shop.notices.append(notice)
        self.send_reply(json_reply(200, {}))

    @property
    def route(self) -> str:
        return self.call.path.removeprefix(ROOT).strip("/")

    def listing(self, page: int = 0) -> Listing:
        """Return the page of the call, or another one of the same list."""
        if self.route == PLUGIN_LIST:
            return self._plugin_page(page or self._page())
        return self._woo_page(page or self._page())

    def _answer(self, change: Callable[[Listing], None]) -> Reply:
        if not self.call.is_open:
            text = "Sorry, you cannot list resources."
            raise refusal(401, "woocommerce_rest_cannot_view", text)
        if self.route.startswith("wc-shipstation/") and not self.shop.has_plugin:
            raise no_route()
        method, route = self.call.method, self.route
        if method == "GET" and route in {LIST, PLUGIN_LIST}:
            listing = self.listing()
            change(listing)
            return self._listed(listing)
        if method == "POST" and route == PLUGIN_NOTICES:
            return rest_notices.take(self.shop, self._given())
        if method in {"GET", "POST"} and (match := NOTES.fullmatch(route)):
            return self._notes(self._order(match[1]))
        if match := ONE.fullmatch(route):
            return self._one(self._order(match[1]))
        raise no_route()

    def _listed(self, listing: Listing) -> Reply:
        """Write a page; a fault may have changed what is on it."""
        shop = self.shop
        if self.route == LIST:
            rows = [rest_forms.woo_order(one, shop.site_zone) for one in listing.orders]
            headers = {
                "X-WP-Total": listing.attributes["total"],
                "X-WP-TotalPages": str(listing.pages),
            }
            return json_reply(200, rows, headers)
        payload = {
            "sales_orders": [rest_forms.plugin_order(one) for one in listing.orders],
            "pagination": {
                "page": listing.page,
                "per_page": int(listing.attributes["per_page"]),
                "total": int(listing.attributes["total"]),
                "total_pages": listing.pages,
                "has_more": listing.page < listing.pages,
            },
        }
        for order in listing.orders:
            self._mark_exported(order)
        return json_reply(200, payload)

    def _mark_exported(self, order: Order) -> None:
        """Note it on the order; until 5.0.4 that made it a modified one."""
        if "Order has been exported to Shipstation" not in order.notes:
            order.notes.append("Order has been exported to Shipstation")
            if self.shop.version == "4":
                order.modified_at = now()

    def _woo_page(self, page: int) -> Listing:
        query = self.call.query
        size = self._size(default=10, most=100, is_strict=True)
        is_gmt = query.get("dates_are_gmt", "") in {"1", "true"}
        zone = ZoneInfo("UTC") if is_gmt else self.shop.site_zone
        after = _moment(query.get("modified_after", ""), zone)
        before = _moment(query.get("modified_before", ""), zone)
        words = {word for word in self._many("status") if word != "any"}
        wanted = set(self._many("include"))
        orders = [
            order
            for order in self.shop.orders.values()
            if (after is None or order.modified_at > after)
            and (before is None or order.modified_at < before)
            and (not words or order.status in words)
            and (not wanted or order.id in wanted)
        ]
        names = {"modified": "modified_at", "id": "id"}
        name = names.get(query.get("orderby", ""), "created_at")
        is_descending = query.get("order", "desc") == "desc"
        return self._paged(orders, name, is_descending, page, size)

    def _plugin_page(self, page: int) -> Listing:
        shop = self.shop
        after = _moment(self.call.query.get("modified_after", ""), ZoneInfo("UTC"))
        wanted = set(self._many("order_ids"))
        orders = [
            order
            for order in shop.orders.values()
            if order.modified_at >= (after or LEAST)
            and order.status in shop.exported
            and (not wanted or order.id in wanted)
        ]
        size = self._size(default=100, most=500, is_strict=False)
        return self._paged(orders, "modified_at", True, page, size)

    def _paged(
        self, orders: list[Order], name: str, descends: bool, page: int, size: int
    ) -> Listing:
        orders.sort(key=lambda order: getattr(order, name), reverse=descends)
        pages = -(-len(orders) // size)
        rows = orders[(page - 1) * size : page * size]
        facts = {"total": str(len(orders)), "per_page": str(size)}
        return Listing(rows, page, pages, self.shop.form, facts)

    def _size(self, default: int, most: int, is_strict: bool) -> int:
        text = self.call.query.get("per_page", str(default))
        size = int(text) if text.isdecimal() else 0
        if is_strict and not 1 <= size <= most:
            raise refusal(400, "rest_invalid_param", "Invalid parameter(s): per_page")
        return min(max(size, 1), most)

    def _page(self) -> int:
        return read_page(self.call.query.get("page", "1"))

    def _many(self, name: str) -> list[str]:
        """Return the values of a list, written with brackets or commas."""
        found: list[str] = []
        for key, value in self.call.pairs:
            if key.partition("[")[0] == name:
                found += value.split(",")
        return [value for value in found if value]

    def _order(self, order_id: str) -> Order:
        if order_id not in self.shop.orders:
            raise refusal(404, "woocommerce_rest_shop_order_invalid_id", "Invalid ID.")
        return self.shop.orders[order_id]

    def _one(self, order: Order) -> Reply:
        if self.call.method in {"PUT", "POST"}:
            rest_notices.change_status(self.shop, order, self._given())
        return json_reply(200, rest_forms.woo_order(order, self.shop.site_zone))

    def _notes(self, order: Order) -> Reply:
        if self.call.method == "POST":
            text = str(self._given().get("note", ""))
            if not text:
                message = "Missing parameter(s): note"
                raise refusal(400, "rest_missing_callback_param", message)
            rest_notices.add_note(self.shop, order, text)
            return json_reply(201, self._note(order, len(order.notes) - 1))
        rows = [self._note(order, place) for place in range(len(order.notes))]
        return json_reply(200, rows[::-1])

    def _note(self, order: Order, place: int) -> dict[str, Any]:
        moment = order.modified_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
        return {
            "id": int(order.id) * 1000 + place,
            "author": "system",
            "date_created": moment,
            "date_created_gmt": moment,
            "note": order.notes[place],
            "customer_note": False,
        }

    def _given(self) -> dict[str, Any]:
        try:
            given = json.loads(self.call.body or b"{}", parse_float=Decimal)
        except ValueError:
            raise refusal(
                400, "rest_invalid_json", "Invalid JSON body passed."
            ) from None
        return given if isinstance(given, dict) else {}


def _moment(text: str, zone: ZoneInfo) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise refusal(400, "rest_invalid_param", "Invalid date.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)
