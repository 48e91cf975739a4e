"""Read what somebody typed to open a shop, and see with a real call what it opens."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain, islice
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.utils import timezone as clock
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from backoffice.kit.zones import Zone
from stores import accounts
from stores.accounts import has_own_address
from stores.failures import in_words
from stores.marketplaces import MARKETPLACES
from stores.marketplaces.abilities import Account, ConnectionField, Window
from stores.marketplaces.base import (
    MarketplaceError,
    MarketplaceOrder,
    MarketplaceUnavailable,
    TokenRefused,
    UnreadableOrder,
)

LOOKED_BACK = timedelta(days=30)
# So many orders a page, and so many pages, are read at the most.
NEWEST = 50
MOST_PAGES = 3
LONGEST = 500


@dataclass(frozen=True)
class AccountReport:
    """What an account opens: its orders of the last 30 days, as far as they were read.

    `words` are the marketplace's words of status with the number of their orders, and
    `unreadable` the number of those that cannot be read. `settings` are the account's,
    with what the calls have taught. `is_more`: there are further pages.
    """

    order_ids: tuple[str, ...]
    newest_at: datetime | None
    unreadable: int = 0
    words: Mapping[str, int] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    is_more: bool = False
    orders: tuple[MarketplaceOrder, ...] = field(default=(), repr=False)

    @property
    def count(self) -> int:
        """The number of orders of those days, as far as they were read."""
        return sum(self.words.values()) + self.unreadable


@sensitive_variables()
def account_of(
    marketplace: str, typed: Mapping[str, str], address: str, kept: Account | None
) -> Account:
    """Return the account that was typed, or raise `ValidationError` under its fields.

    What was left empty stays as it is in `kept`, also the address's query as long as
    the address is the one that is shown. Kept secrets go to no other address, or
    whoever cannot see them could have them sent to one of his own.
    """
    errors: dict[str, str] = {}
    secrets: dict[str, str] = {}
    options: dict[str, str] = {}
    address = address.strip()
    if not any(value.strip() for value in (*typed.values(), address)):
        # Whoever typed nothing has forgotten it, and wants nothing kept.
        kept = None
    if kept and address in {"", accounts.shown_address(kept.address)}:
        address = kept.address
    is_moved = bool(kept and has_own_address(marketplace) and address != kept.address)
    for one in MARKETPLACES[marketplace].fields:
        value = typed.get(one.name, "").strip()
        known: Mapping[str, str] = {}
        if kept and not (one.is_secret and is_moved):
            known = kept.secrets if one.is_secret else kept.settings
        value = value or known.get(one.name, "") or one.default
        if message := _reason_against(one, value):
            errors[one.name] = message
        if one.is_secret and is_moved and not value and one.is_required:
            errors[one.name] = _("For another address, this has to be typed again.")
        (secrets if one.is_secret else options)[one.name] = value
    if not has_own_address(marketplace):
        address = accounts.common_address(marketplace)
    elif message := _reason_against_address(address):
        errors["address"] = message
    account = Account(address, secrets, options)
    accounts.hide_account(account)
    if errors:
        raise ValidationError(errors)
    return account


@sensitive_variables("value")
def _reason_against(field: ConnectionField, value: str) -> str:
    """Return why this cannot be meant, or an empty text."""
    name = _(field.label)
    if not value:
        missing = _("Enter the %(name)s.") % {"name": name[:1].lower() + name[1:]}
        return missing if field.is_required else ""
    if len(value) > LONGEST:
        return _("That is longer than %(most)d characters.") % {"most": LONGEST}
    is_plain = value.isascii() and value.isprintable() and " " not in value
    if field.is_plain and not is_plain:
        return _("An access token has only letters and digits.")
    if not value.isprintable():
        return _("There is a character in it that cannot be seen.")
    if field.choices and value not in dict(field.choices):
        return _("Choose one of those that are there.")
    return ""


@sensitive_variables()
def _reason_against_address(address: str) -> str:
    """Return why this is no address of a shop, without repeating it."""
    if not address:
        return _("Enter the shop’s address, as the shop shows it.")
    try:
        parts = urlsplit(address)
        host, _port = parts.hostname, parts.port
    except ValueError:
        host, parts = None, urlsplit("")
    is_web = parts.scheme in {"http", "https"}
    if not (host and is_web and address.isprintable() and " " not in address):
        return _("That is no web address; an example is https://shop.example.com/api.")
    if parts.username or parts.password:
        return _("Leave user and password out of the address; they have fields.")
    if len(accounts.shown_address(address)) > LONGEST:
        return _("That is longer than %(most)d characters.") % {"most": LONGEST}
    return ""


@sensitive_variables()
def probe_account(
    marketplace: str, account: Account, zone: Zone | None = None
) -> AccountReport:
    """Read an account's newest orders, or raise `ValidationError` in words.

    Times without an offset are read in `zone`, else in UTC.
    """
    since = clock.now() - LOOKED_BACK
    try:
        opened = accounts.open_account(marketplace, account)
        pages = opened.list_orders(since, per_page=NEWEST)
        found = list(chain.from_iterable(islice(pages, MOST_PAGES)))
        is_more = bool(found) and next(pages, None) is not None
    except ValueError as error:
        if not has_own_address(marketplace):
            raise
        raise ValidationError({"address": str(error)}) from None
    except MarketplaceError as error:
        raise ValidationError(_in_field(marketplace, error)) from None
    # What the calls have taught may say what a word means.
    settings = {**account.settings, **opened.learned()}
    read = [_read(marketplace, raw, zone or Zone("UTC"), settings) for raw in found]
    orders = {order_id: order for order_id, order in read if order_id}
    known = [order for order in orders.values() if order]
    is_by_day = MARKETPLACES[marketplace].abilities(settings).window == Window.PLACED
    counted = [one for one in known if not is_by_day or one.ordered_at >= since]
    return AccountReport(
        tuple(orders),
        max((order.ordered_at for order in known), default=None),
        sum(order is None for _id, order in read),
        Counter(order.marketplace_status for order in counted),
        settings,
        is_more,
        tuple(known),
    )


def _read(
    marketplace: str, raw: Any, zone: Zone, settings: Mapping[str, str]
) -> tuple[str, MarketplaceOrder | None]:
    """Return an order's id and what it says, as far as they can be read."""
    connector, order_id = MARKETPLACES[marketplace], ""
    try:
        order_id = connector.order_id(raw)
        words = connector.status_words(settings)
        return order_id, connector.parse_order(raw, zone, words)
    except UnreadableOrder:
        return order_id, None


def _in_field(marketplace: str, error: MarketplaceError) -> dict[str, str]:
    """Return the failure in words, under the field that is most likely at fault."""
    message: str = in_words(error)
    if isinstance(error, MarketplaceUnavailable):
        message += " " + _("Nothing is stored; try again later.")
    secret = next(one.name for one in MARKETPLACES[marketplace].fields if one.is_secret)
    is_elsewhere = has_own_address(marketplace) and not isinstance(error, TokenRefused)
    return {"address" if is_elsewhere else secret: message}
