"""The client side of the Custom Store convention, which many carts speak."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Self

from django.views.decorators.debug import sensitive_variables

from stores.marketplaces.abilities import Abilities, Account, ConnectionField, Window
from stores.marketplaces.answers import NOT_ORDERS, ask
from stores.marketplaces.base import (
    Marketplace,
    MarketplaceUnavailable,
    OrderNotListed,
    OrderStatus,
    ShipmentNotice,
    TokenRefused,
    gettext_noop,
)
from stores.marketplaces.common_carriers import CARRIERS
from stores.marketplaces.custom_store import parsing
from stores.marketplaces.custom_store.documents import Document, NoDocument
from stores.marketplaces.custom_store.failures import (
    LONGEST,
    Said,
    failure_to_list,
    failure_to_ship,
    read_list,
    said_by,
)
from stores.marketplaces.custom_store.listing import (
    MOST_PAGES,
    Listing,
    window_parameters,
)
from stores.marketplaces.custom_store.notices import notice_body, notice_parameters
from stores.marketplaces.custom_store.presets import (
    ACCESS_TOKEN,
    AUTH_KEY,
    AUTO,
    BASIC,
    NAMED_WAYS,
    OTHER,
    PARAMETERS,
    PRESETS,
    preset_of,
    ways_of,
)
from stores.marketplaces.http import BoundedClient, Reply, basic_auth
from stores.marketplaces.secrets import (
    HIDDEN,
    is_key,
    secret_spellings,
    values_in,
    without,
)
from stores.marketplaces.values import id_if_readable

# A page of a hundred orders may take a shop many seconds.
LIMITS: Mapping[str, float] = {"read_timeout": 65, "deadline": 90}
# How far back the days of placing are looked through for an order of unknown day.
LOOKED_THROUGH = timedelta(days=30)
# A shorter one would be in half of all words of a failure, or of all orders.
SHORTEST_SECRET = 4
LONG_SECRET = 16
# The mark, among the settings, of a shop that has given a list before.
HAS_WORKED = "has_worked"

NOT_LISTED = gettext_noop(
    "%(marketplace)s does not list order %(order)s among what changed lately, which "
    "says nothing about it."
)
FIELDS = (
    ConnectionField(
        "user",
        gettext_noop("User name"),
        gettext_noop("Empty where the shop gives a key alone, as WooCommerce does."),
        is_required=False,
        is_account=True,
    ),
    ConnectionField(
        "password",
        gettext_noop("Password or key"),
        gettext_noop(
            "As the shop’s ShipStation plug-in shows it. It is tested at once, stored "
            "encrypted and never shown again."
        ),
        is_secret=True,
    ),
    ConnectionField(
        "cart",
        gettext_noop("Cart"),
        gettext_noop("What the shop runs on; it says what its words of status mean."),
        choices=tuple((name, preset.label) for name, preset in PRESETS.items()),
        default=OTHER,
    ),
    ConnectionField(
        "auth",
        gettext_noop("How the shop is told who asks"),
        choices=NAMED_WAYS,
        default=AUTO,
    ),
)


class CustomStore(Marketplace):
    """One shop. Password and key travel in headers, or in a query that nothing logs."""

    label: ClassVar[str] = "Custom Store"
    purpose: ClassVar[str] = gettext_noop(
        "For shops that speak ShipStation’s Custom Store convention: Magento, "
        "nopCommerce, Craft Commerce, Spree, Solidus, Virto Commerce and others."
    )
    fields: ClassVar[tuple[ConnectionField, ...]] = FIELDS
    address_setting: ClassVar[str] = ""
    fallback_carriers: ClassVar[Mapping[str, str]] = CARRIERS

    @sensitive_variables()
    def __init__(
        self, account: Account, *, most_pages: int = MOST_PAGES, **limits: Any
    ) -> None:
        self._most_pages = most_pages
        self._settings = dict(account.settings)
        self._password = account.secrets.get("password", "")
        self._secrets, self._hidden = _secrets_of(account)
        self._has_worked = HAS_WORKED in account.settings
        ways = ways_of(account.settings)
        # Known where there is one alone; else the calls find out.
        self._way = ways[0] if len(ways) == 1 else ""
        self._client = BoundedClient(
            account.address, may_have_query=True, **{**LIMITS, **limits}
        )

    @property
    def clock_ahead(self) -> timedelta | None:
        return self._client.clock_ahead

    @classmethod
    def open(cls, account: Account, **limits: Any) -> Self:
        return cls(account, **limits)

    @staticmethod
    def abilities(settings: Mapping[str, str]) -> Abilities:
        return preset_of(settings).abilities

    @staticmethod
    def status_words(settings: Mapping[str, str]) -> Mapping[str, OrderStatus]:
        return preset_of(settings).words

    def learned(self) -> Mapping[str, str]:
        """Return the settings with the way that worked, and that it did."""
        if not self._has_worked:
            return dict(self._settings)
        return {**self._settings, "auth": self._way, HAS_WORKED: "yes"}

    def list_orders(
        self,
        since: datetime | None = None,
        until: datetime | None = None,
        per_page: int = 1000,
    ) -> Iterator[list[Any]]:
        """Yield pages of the size the shop likes, maybe empty ones.

        An order comes once, as it came first; what changed after that is in the next
        window. Absence says nothing: shops leave out what they like.
        """
        window = window_parameters(since, until, datetime.now(UTC))
        yield from self._listing().pages(window)

    def retrieve_order(
        self, order_id: str, placed_at: datetime | None = None
    ) -> dict[str, Any]:
        """Return an order that changed lately or, where days are about placing, any.

        The convention has no other way to read one than a list, padded as any is.
        Without `placed_at` the last days are looked through.
        """
        now = datetime.now(UTC)
        since = until = now
        if self.abilities(self._settings).window == Window.PLACED:
            since = placed_at or now - LOOKED_THROUGH
            until = placed_at or now
        for raws in self._listing().once(window_parameters(since, until, now)):
            for raw in raws:
                if id_if_readable(parsing.shop_order_id, raw) == order_id:
                    return raw
        raise OrderNotListed(NOT_LISTED, marketplace=self.label, order=order_id)

    def fulfill(self, notice: ShipmentNotice) -> dict[str, Any]:
        """Tell the shop of a shipment; that it took it proves nothing."""
        now = datetime.now(UTC)
        if not self._way:
            # What is refused may be tried in another way, and a read does no harm.
            self._read_page({**window_parameters(now, now, now), "page": "1"})
        reply = self._request(
            "POST", self._way, notice_parameters(notice), notice_body(notice, now)
        )
        number = notice.order_number or notice.order_id
        said = self._scrubbed(said_by(reply))
        if failure := failure_to_ship(reply, said, self.label, number):
            raise failure
        return {}

    def list_carriers(self) -> dict[str, str]:
        return dict(CARRIERS)

    def picture_url(self, product_id: str) -> str:
        return ""

    is_order_id = staticmethod(parsing.is_shop_order_id)
    order_id = staticmethod(parsing.shop_order_id)
    parse_order = staticmethod(parsing.parse_shop_order)
    read_stamps = staticmethod(parsing.shop_stamps)
    read_amounts = staticmethod(parsing.shop_amounts)
    without_person = staticmethod(parsing.impersonal_part)

    def _listing(self) -> Listing:
        return Listing(self._read_page, self.label, self._most_pages)

    def _read_page(self, query: dict[str, str]) -> Document:
        """Return a page, by the way that is known or the first that is not refused."""
        refusal = None
        for way in (self._way,) if self._way else ways_of(self._settings):
            try:
                document = self._export(query, way)
            except TokenRefused as error:
                # The first way is the cart's own, whose refusal says the most.
                refusal = refusal or error
            else:
                self._way, self._has_worked = way, True
                return document
        raise refusal or RuntimeError("There is no way to ask.")

    def _export(self, query: dict[str, str], way: str) -> Document:
        reply = self._request("GET", way, query)
        if reply.status == 200:
            try:
                document = read_list(reply)
            except NoDocument as error:
                raise MarketplaceUnavailable(
                    NOT_ORDERS, marketplace=self.label, what=str(error)
                ) from None
            if document:
                return document
        said = self._scrubbed(said_by(reply))
        raise failure_to_list(reply, said, self.label, self._has_worked)

    @sensitive_variables()
    def _request(
        self, method: str, way: str, query: dict[str, str], body: bytes | None = None
    ) -> Reply:
        user = self._settings.get("user", "")
        headers = {"Content-Type": "text/xml; charset=utf-8"} if body else {}
        if way == BASIC:
            headers |= basic_auth(user, self._password)
        elif way == PARAMETERS:
            query = {**query, "SS-UserName": user, "SS-Password": self._password}
        elif way == AUTH_KEY:
            query = {**query, "auth_key": self._password}
        elif way == ACCESS_TOKEN:
            headers["ShipStation-Access-Token"] = self._password
        client, label = self._client, self.label
        reply = ask(client, label, method, "", body, query=query, headers=headers)
        return replace(reply, content=without(reply.content, self._hidden))

    @sensitive_variables()
    def _scrubbed(self, said: Said) -> Said:
        words = said.words
        for secret in self._secrets:
            words = words.replace(secret, HIDDEN)
        return replace(said, words=words[:LONGEST])


@sensitive_variables()
def _secrets_of(account: Account) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the secrets as a failure may repeat them, and as an order may.

    A word of the address's query may be in an order for another reason.
    """
    password = account.secrets.get("password", "")
    header = basic_auth(account.settings.get("user", ""), password)["Authorization"]
    query = account.address.partition("?")[2]
    given = [password, query, *values_in(query)]
    in_words = [one for one in given if len(one) >= SHORTEST_SECRET]
    long = [password, header.removeprefix("Basic ")]
    in_orders = [one for one in long if len(one) >= LONG_SECRET]
    return secret_spellings(in_words), secret_spellings(
        [*in_orders, *filter(is_key, given)]
    )
