"""The Tophatter Merchant API v1, as far as it is known (see the API notes)."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, ClassVar, Self, TypeVar

from django.views.decorators.debug import sensitive_variables

from stores.marketplaces.abilities import (
    Abilities,
    Account,
    ConnectionField,
    Evidence,
    Fact,
    Window,
)
from stores.marketplaces.answers import (
    ENDLESS,
    NO_ORDERS,
    REPEATING,
    about_order,
    ask,
    failure_of,
    kind_of,
    read_json,
    shaped,
)
from stores.marketplaces.base import (
    PADDING,
    Marketplace,
    MarketplaceError,
    MarketplaceRefused,
    MarketplaceUnavailable,
    NotTheMarketplace,
    OrderNotFound,
    OrderStatus,
    ProductNotFound,
    ShipmentNotice,
    TokenRefused,
    gettext_noop,
)
from stores.marketplaces.http import BoundedClient, Reply
from stores.marketplaces.secrets import HIDDEN, without
from stores.marketplaces.tophatter import parsing
from stores.marketplaces.tophatter.carriers import CARRIERS
from stores.marketplaces.tophatter.paging import Paging, walk
from stores.marketplaces.values import clean, id_if_readable, web_address

Shape = TypeVar("Shape")

MOST_PAGES = 10_000
MOST_REPEATS = 3
MOST_CARRIERS = 1000
LONGEST_CARRIER = 100
# A shorter one, of which there is none, would be in half of all numbers.
SHORTEST_TOKEN = 16
# What the marketplace serves when no size is asked for: a shorter page is no full one.
OWN_PAGE = 50


# What a 404 with the marketplace's own words means, by the first part of the path.
UNKNOWN: dict[str, type[MarketplaceRefused]] = {
    "orders": OrderNotFound,
    "products": ProductNotFound,
}
# For a small picture beside the item, of those the marketplace has made.
PICTURES = ("square", "medium", "thumbnail")

PRIVATE = gettext_noop(
    "The address of %(marketplace)s leads into a private network, so nothing was sent; "
    "check TOPHATTER_API_URL and the DNS of this computer."
)
UNKNOWN_ORDER = gettext_noop(
    "%(marketplace)s knows no order %(order)s under this token: %(message)s"
)
NOT_SHIPPED = gettext_noop(
    "%(marketplace)s refused the shipment of order %(order)s (%(status)s): %(message)s"
)


ABILITIES = Abilities(
    window=Window.PLACED,
    evidence=Evidence.NUMBER,
    reads_single_orders=True,
    repeats_harmlessly=False,
    has_closed_carriers=True,
    has_global_ids=True,
    gives=frozenset({Fact.PAID_AT, Fact.PICTURES, Fact.OFFSETS}),
)
FIELDS = (
    ConnectionField(
        "access_token",
        gettext_noop("Access token"),
        gettext_noop(
            "From https://tophatter.com/seller/api_keys, “Generate New API Key”. "
            "It is tested at once, stored encrypted and never shown again."
        ),
        is_secret=True,
        is_plain=True,
    ),
)


class Tophatter(Marketplace):
    """One seller account. The token travels in the form body only, also of a GET."""

    label: ClassVar[str] = "Tophatter"
    purpose: ClassVar[str] = gettext_noop("For accounts at Tophatter.")
    fields: ClassVar[tuple[ConnectionField, ...]] = FIELDS
    address_setting: ClassVar[str] = "TOPHATTER_API_URL"
    fallback_carriers: ClassVar[Mapping[str, str]] = CARRIERS

    @sensitive_variables()
    def __init__(
        self,
        access_token: str,
        base_url: str,
        *,
        most_pages: int = MOST_PAGES,
        **limits: Any,
    ) -> None:
        self._most_pages = most_pages
        self._access_token = access_token
        self._hidden = [access_token] if len(access_token) >= SHORTEST_TOKEN else []
        self._client = BoundedClient(base_url, **limits)

    @property
    def clock_ahead(self) -> timedelta | None:
        return self._client.clock_ahead

    @classmethod
    def open(cls, account: Account, **limits: Any) -> Self:
        return cls(account.secrets["access_token"], account.address, **limits)

    @staticmethod
    def abilities(settings: Mapping[str, str]) -> Abilities:
        return ABILITIES

    @staticmethod
    def status_words(settings: Mapping[str, str]) -> Mapping[str, OrderStatus]:
        return parsing.STATUSES

    def learned(self) -> Mapping[str, str]:
        return {}

    def list_orders(
        self,
        since: datetime | None = None,
        until: datetime | None = None,
        per_page: int = 1000,
    ) -> Iterator[list[Any]]:
        """Yield pages, newest first (the list's own default), back to `since`.

        The last of them hold what was placed after `until` or before `since` too.

        No filter (an order that leaves it shifts the pages) and no date parameter
        (its name is not known, and unknown ones are refused). A page may come again;
        several in a row without an order that had not come before are no progress, or
        the last page over and over when they are short.
        """
        paging = Paging(since and since - PADDING)
        full = min(per_page, OWN_PAGE)
        for page, orders in walk(self._page, per_page, full):
            ids = self._identified(orders)
            yield orders
            new = paging.add(page, ids)
            if paging.is_past(new, orders):
                return
            if paging.repeats == MOST_REPEATS:
                if len(orders) < full and paging.is_last_again:
                    return
                raise MarketplaceUnavailable(
                    REPEATING, marketplace=self.label, count=MOST_REPEATS
                )
            if page >= self._most_pages:
                raise MarketplaceUnavailable(
                    ENDLESS, marketplace=self.label, count=page
                )
            full = max(full, len(orders))
            # Two pages at a time would be twice the memory.
            del orders

    def _page(self, page: int, per_page: int) -> list[Any]:
        return self._request(
            "GET", "/orders.json", list, page=str(page), per_page=str(per_page)
        )

    def _identified(self, orders: list[Any]) -> list[str]:
        """Return the numbers on a page, in its order; none is a failed read."""
        read = (id_if_readable(parsing.order_id, raw) for raw in orders)
        ids = list(filter(None, read))
        if orders and not ids:
            raise MarketplaceUnavailable(
                NO_ORDERS, marketplace=self.label, count=len(orders)
            )
        return ids

    def retrieve_order(
        self, order_id: str, placed_at: datetime | None = None
    ) -> dict[str, Any]:
        try:
            return self._request(
                "GET", "/orders/retrieve.json", dict, order_id=order_id
            )
        except OrderNotFound as error:
            raise about_order(error, UNKNOWN_ORDER, order_id) from None

    def fulfill(self, notice: ShipmentNotice) -> dict[str, Any]:
        """Mark the order as shipped; not idempotent, so read it before and after."""
        try:
            return self._request(
                "POST",
                "/orders/fulfill.json",
                dict,
                order_id=notice.order_id,
                carrier=notice.carrier,
                tracking_number=notice.tracking_number,
            )
        except TokenRefused:
            raise
        except MarketplaceRefused as error:
            raise about_order(error, NOT_SHIPPED, notice.order_id) from None

    def list_carriers(self) -> dict[str, str]:
        carriers = self._request("GET", "/metadata/carriers.json", dict)
        return {
            label: identifier
            for label, identifier in list(carriers.items())[:MOST_CARRIERS]
            if isinstance(identifier, str) and _is_name(label) and _is_name(identifier)
        }

    def picture_url(self, product_id: str) -> str:
        """Return where the browser may load the product's picture from, if anywhere."""
        product = self._request(
            "GET", "/products/retrieve.json", dict, identifier=product_id
        )
        known = (web_address(url, self._client.base_url) for url in _pictures(product))
        return next(filter(None, known), "")

    is_order_id = staticmethod(parsing.is_order_id)
    order_id = staticmethod(parsing.order_id)
    parse_order = staticmethod(parsing.parse_order)
    read_stamps = staticmethod(parsing.read_stamps)
    read_amounts = staticmethod(parsing.read_amounts)
    without_person = staticmethod(parsing.without_person)

    @sensitive_variables()
    def _request(
        self, method: str, path: str, shape: type[Shape], **data: str
    ) -> Shape:
        """Return the JSON of an answer, or raise a `MarketplaceError`."""
        form = {**data, "access_token": self._access_token}
        reply = ask(self._client, self.label, method, path, form, private=PRIVATE)
        reply = replace(reply, content=without(reply.content, self._hidden))
        if reply.status != 200:
            raise self._failure(reply, path)
        return shaped(reply, shape, self.label)

    def _failure(self, reply: Reply, path: str) -> MarketplaceError:
        answer = read_json(reply)
        words = answer.get("message") if isinstance(answer, dict) else None
        message = self._scrub(words) if isinstance(words, str) else ""
        unknown: type[MarketplaceRefused] = NotTheMarketplace
        if message:
            unknown = UNKNOWN.get(path.split("/")[1], unknown)
        message = message or kind_of(reply, answer)
        return failure_of(reply, unknown, self.label, message, self.address_setting)

    @sensitive_variables()
    def _scrub(self, message: str) -> str:
        return clean(message.replace(self._access_token, HIDDEN))[:200]


def _is_name(text: str) -> bool:
    """Whether a carrier may be called so: it is sent back as it came."""
    words = clean(text).split()
    return bool(words) and len(text) <= LONGEST_CARRIER and words == text.split()


def _pictures(product: dict[str, Any]) -> Iterator[Any]:
    """Yield what is said of a product's picture, the one that is wanted first."""
    images = product.get("all_images")
    if isinstance(images, list) and images and isinstance(images[0], dict):
        yield from (images[0].get(size) for size in PICTURES)
    yield product.get("primary_image")
