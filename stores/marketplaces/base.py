"""The words every marketplace connector and the rest of the house share."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar, Protocol
from zoneinfo import ZoneInfo

from django.db.models import TextChoices


def gettext_noop(message: str) -> str:
    """Mark a text for the catalogue; it is translated where it meets a reader."""
    return message


class OrderStatus(TextChoices):
    AWAITING_PAYMENT = "awaiting_payment", gettext_noop("Awaiting payment")
    AWAITING_SHIPMENT = "awaiting_shipment", gettext_noop("Awaiting shipment")
    ON_HOLD = "on_hold", gettext_noop("On hold")
    SHIPPED = "shipped", gettext_noop("Shipped")
    CANCELLED = "cancelled", gettext_noop("Cancelled")
    NEEDS_REVIEW = "needs_review", gettext_noop("Needs review")


class Received(dict[str, Any]):
    """A decoded object of the marketplace's JSON, with the text it came as."""

    __slots__ = ("text",)
    text: str


@dataclass(frozen=True)
class MarketplaceLine:
    """One product variation in the parcel; upsells are lines of their own."""

    sku: str
    name: str
    quantity: int
    unit_price: Decimal | None
    variation_id: str
    product_id: str = ""


@dataclass(frozen=True)
class MarketplaceOrder:
    """An order as the marketplace states it, in our words.

    Times are aware and in UTC, amounts are in the marketplace's currency, the
    country is ISO 3166-1 alpha-2. What the marketplace did not say is `None` for
    times and amounts and empty for texts. `unknown_country` keeps a country that
    could not be read as one; `unread` says what else could not be read, as it came,
    and `is_ship_to_unread` whether some of that is in the address.
    """

    order_id: str
    status: OrderStatus
    marketplace_status: str
    ordered_at: datetime
    paid_at: datetime | None
    customer_name: str
    ship_to_name: str
    ship_to_address1: str
    ship_to_address2: str
    ship_to_city: str
    ship_to_state: str
    ship_to_postal_code: str
    ship_to_country: str
    unknown_country: str
    refund_amount: Decimal | None
    carrier: str
    tracking_number: str
    lines: tuple[MarketplaceLine, ...]
    unread: tuple[str, ...] = ()
    is_ship_to_unread: bool = False

    @property
    def has_ship_to(self) -> bool:
        """Whether a parcel can be addressed: name, street, town and country.

        A city or a postal code names the town, and a word that is not known a country.
        """
        has_town = self.ship_to_city or self.ship_to_postal_code
        has_country = self.ship_to_country or self.unknown_country
        needed = (self.ship_to_name, self.ship_to_address1, has_town, has_country)
        return all(needed) and not self.is_ship_to_unread

    @property
    def has_any_ship_to(self) -> bool:
        """Whether there is an address that a person could complete."""
        lines = (self.ship_to_address1, self.ship_to_address2, self.ship_to_city)
        return any(lines) or self.is_ship_to_unread


@dataclass(frozen=True)
class MarketplaceAmount:
    """An amount the marketplace names, with an English title, translatable later."""

    title: str
    amount: Decimal | None


@dataclass(frozen=True)
class ShipmentNotice:
    """What the marketplace is told of a shipment: order, carrier label and number."""

    order_id: str
    carrier: str
    tracking_number: str


class MarketplaceError(Exception):
    """A failure in words: an English template and its facts, translatable later.

    Neither ever holds the access token, a URL or a request body.
    """

    def __init__(self, text: str, **facts: object) -> None:
        super().__init__(text, facts)
        self.text = text
        self.facts = facts

    def __str__(self) -> str:
        return self.text % self.facts


class MarketplaceUnavailable(MarketplaceError):
    """Try again later; `retry_after` is the marketplace's own wish in seconds."""

    def __init__(
        self, text: str, *, retry_after: float | None = None, **facts: object
    ) -> None:
        super().__init__(text, **facts)
        self.retry_after = retry_after


class MarketplaceBusy(MarketplaceUnavailable):
    """Too many requests (429): nothing of this one was done."""


class MarketplaceRefused(MarketplaceError):
    """A person must act; asking again would get the same answer."""


class TokenRefused(MarketplaceRefused):
    """The access token is not accepted (401, 403)."""


class OrderNotFound(MarketplaceRefused):
    """The marketplace knows no such order under this token (404)."""


class ProductNotFound(MarketplaceRefused):
    """The marketplace knows no such product under this token (404)."""


class UnreadableOrder(MarketplaceError):
    """An order that cannot be understood; `order_id` is empty when even that fails."""

    def __init__(self, text: str, *, order_id: str = "", **facts: object) -> None:
        super().__init__(text, **facts)
        self.order_id = order_id


class Marketplace(Protocol):
    """What a connector offers; raw orders are the marketplace's JSON as received."""

    label: ClassVar[str]
    fallback_carriers: ClassVar[Mapping[str, str]]
    # By how much this computer's clock is ahead of the marketplace's, as far as an
    # answer has told.
    clock_ahead: timedelta | None

    def __init__(self, access_token: str, base_url: str, **limits: float) -> None: ...

    def list_orders(self, per_page: int = 1000) -> Iterator[list[Any]]:
        """Yield the pages of all orders, newest first if the list keeps to it."""

    def retrieve_order(self, order_id: str) -> dict[str, Any]:
        """Return one raw order."""

    @staticmethod
    def is_order_id(text: str) -> bool:
        """Whether an order of this marketplace may have such a number."""

    @staticmethod
    def order_id(raw: Any) -> str:
        """Return the order's id, or raise `UnreadableOrder`."""

    @staticmethod
    def parse_order(raw: Any, timezone: ZoneInfo) -> MarketplaceOrder:
        """Read a raw order; times without an offset are in `timezone`."""

    @staticmethod
    def read_stamps(raw: Any) -> dict[str, str]:
        """Return the times of a raw order as received, by the field they are for."""

    @staticmethod
    def read_amounts(raw: Any) -> list[MarketplaceAmount]:
        """Return the amounts a raw order names, as far as it names them."""

    @staticmethod
    def without_person(raw: Any) -> dict[str, Any]:
        """Return of a raw order what says nothing of its buyer, and nothing unknown."""

    def fulfill(self, notice: ShipmentNotice) -> dict[str, Any]:
        """Tell the marketplace an order has shipped and return its raw answer."""

    def list_carriers(self) -> dict[str, str]:
        """Return the accepted carriers, label to identifier."""

    def picture_url(self, product_id: str) -> str:
        """Return the address of the product's picture, empty when it has none."""
