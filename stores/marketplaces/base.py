"""The words every marketplace connector and the rest of the house share."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar, Protocol, Self
from zoneinfo import ZoneInfo

from django.db.models import TextChoices

from stores.marketplaces.abilities import Abilities, Account, ConnectionField

# Clocks differ by up to 26 hours, from UTC−12 to UTC+14, and a wrong time zone shifts a
# date by as much: a list is asked for that much more on both sides.
PADDING = timedelta(hours=26)


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
    """A decoded object as the marketplace sent it, with the JSON text to keep of it.

    `lasting` is the text by which a change is told, where some of the object changes
    by itself; empty where that is all of it.
    """

    __slots__ = ("lasting", "text")
    text: str
    lasting: str

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        self.lasting = ""


@dataclass(frozen=True)
class MarketplaceLine:
    """One product variation in the parcel; upsells are lines of their own.

    `line_item_id` is the marketplace's own, which a notice has to name. Of a fraction
    `quantity` is the whole pieces it takes up, `quantity_received` what came. Weights
    are in grams, for one piece. `options` are name and value.
    """

    sku: str
    name: str
    quantity: int
    unit_price: Decimal | None
    variation_id: str
    product_id: str = ""
    line_item_id: str = ""
    quantity_received: str = ""
    weight: Decimal | None = None
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class MarketplaceOrder:
    """An order as the marketplace states it, in our words.

    Times are aware and in UTC, amounts are in the marketplace's currency, the
    country is ISO 3166-1 alpha-2. What the marketplace did not say is `None` for
    times and amounts and empty for texts. `unknown_country` keeps a country that
    could not be read as one; `unread` says what else could not be read, as it came,
    and `is_ship_to_unread` whether some of that is in the address.

    `order_id` is the key, `order_number` what people call the order by, empty where it
    is the same. `left_out` names what is no part of the parcel, such as items of which
    no piece is left. `weight` is that of the parcel's items, in grams.
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
    order_number: str = ""
    currency: str = ""
    email: str = ""
    phone: str = ""
    ship_to_company: str = ""
    buyer_note: str = ""
    gift_message: str = ""
    shipping_service: str = ""
    weight: Decimal | None = None
    left_out: tuple[str, ...] = ()

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
        lines = (self.ship_to_address1, self.ship_to_address2)
        town = (self.ship_to_city, self.ship_to_postal_code)
        return any(lines + town) or self.is_ship_to_unread


@dataclass(frozen=True)
class MarketplaceAmount:
    """An amount the marketplace names, with an English title, translatable later."""

    title: str
    amount: Decimal | None


@dataclass(frozen=True)
class NoticeLine:
    """An item of the parcel, as the marketplace named it."""

    line_item_id: str
    sku: str
    name: str
    quantity: int


@dataclass(frozen=True)
class ShipmentNotice:
    """What the marketplace is told of a shipment; the service may be empty."""

    order_id: str
    carrier: str
    tracking_number: str
    order_number: str = ""
    service: str = ""
    shipped_at: datetime | None = None
    lines: tuple[NoticeLine, ...] = ()


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


class NotTheMarketplace(MarketplaceRefused):
    """Something in its place refused, a firewall for one: no word on any order."""


class OrderNotListed(MarketplaceUnavailable):
    """A list around now does not hold the order, which says nothing about it."""


class OrderIncomplete(MarketplaceUnavailable):
    """The order came, and something that belongs to it did not; others may come."""


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
    """What a connector offers; raw orders are JSON, as received or made of what was.

    What depends on how a store is connected takes the settings of its account.
    """

    label: ClassVar[str]
    # For which shops it is, an English sentence marked for the catalogue.
    purpose: ClassVar[str]
    # What a store is connected with, beside its address.
    fields: ClassVar[tuple[ConnectionField, ...]]
    # The setting that names the one address of all; empty where each has its own.
    address_setting: ClassVar[str]
    fallback_carriers: ClassVar[Mapping[str, str]]

    @property
    def clock_ahead(self) -> timedelta | None:
        """By how much this computer's clock is ahead, as far as an answer has told."""

    @classmethod
    def open(cls, account: Account, **limits: Any) -> Self:
        """Return a connector for the account, with the limits of its client."""

    @staticmethod
    def abilities(settings: Mapping[str, str]) -> Abilities:
        """Return what the connector can do for an account with these settings."""

    @staticmethod
    def status_words(settings: Mapping[str, str]) -> Mapping[str, OrderStatus]:
        """Return what the marketplace's words of status mean, in lower case."""

    def learned(self) -> Mapping[str, str]:
        """Return the account's settings with what the calls so far have taught."""

    def list_orders(
        self,
        since: datetime | None = None,
        until: datetime | None = None,
        per_page: int = 1000,
    ) -> Iterator[list[Any]]:
        """Yield pages until all orders of the time have come, and maybe others.

        The time is about what `Abilities.window` says. The connector pads it as its
        marketplace's clocks and zones want, and decides when it has read enough.
        """

    def retrieve_order(
        self, order_id: str, placed_at: datetime | None = None
    ) -> dict[str, Any]:
        """Return one raw order; `OrderNotListed` where lists alone can be read.

        Lists by the day of placing are looked through around `placed_at`, if known.
        """

    @staticmethod
    def is_order_id(text: str) -> bool:
        """Whether an order of this marketplace may have such a number."""

    @staticmethod
    def order_id(raw: Any) -> str:
        """Return the order's id, or raise `UnreadableOrder`."""

    @staticmethod
    def parse_order(
        raw: Any, timezone: ZoneInfo, words: Mapping[str, OrderStatus] | None = None
    ) -> MarketplaceOrder:
        """Read a raw order; times without an offset are in `timezone`.

        `words` says what words of status mean, in lower case; without it the
        connector's own.
        """

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
        """Tell the marketplace an order has shipped.

        Returns the order as the answer shows it, empty where it shows none.
        """

    def list_carriers(self) -> dict[str, str]:
        """Return the accepted carriers, label to identifier."""

    def picture_url(self, product_id: str) -> str:
        """Return the address of the product's picture, empty when it has none."""
