"""What is known of the carts that speak the convention: words, ways and abilities."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from stores.marketplaces.abilities import Abilities, Evidence, Fact, Window
from stores.marketplaces.base import OrderStatus, gettext_noop

BASIC = "basic"
PARAMETERS = "ss-parameters"
AUTH_KEY = "auth_key"
ACCESS_TOKEN = "access-token"  # noqa: S105  # nosec B105 # the name of a way
AUTO = "auto"
# In this order they are tried, after the one of the cart.
WAYS = (BASIC, PARAMETERS, AUTH_KEY, ACCESS_TOKEN)
NAMED_WAYS = (
    (AUTO, gettext_noop("Find out")),
    (BASIC, gettext_noop("User name and password (HTTP Basic)")),
    (PARAMETERS, gettext_noop("User name and password in the address (SS-UserName)")),
    (AUTH_KEY, gettext_noop("Key in the address (auth_key)")),
    (ACCESS_TOKEN, gettext_noop("Key in a header (ShipStation-Access-Token)")),
)
OTHER = "other"

UNPAID = OrderStatus.AWAITING_PAYMENT
TO_SHIP = OrderStatus.AWAITING_SHIPMENT
SHIPPED = OrderStatus.SHIPPED
CANCELLED = OrderStatus.CANCELLED
HELD = OrderStatus.ON_HOLD

REACHABLE = frozenset({Fact.EMAIL, Fact.PHONE, Fact.WEIGHT})
IN_CURRENCY = REACHABLE | {Fact.CURRENCY}


@dataclass(frozen=True)
class Preset:
    """One cart: the way it wants to be asked, its words of status, what it can do."""

    label: str
    way: str
    words: Mapping[str, OrderStatus]
    abilities: Abilities


def _abilities(
    gives: frozenset[Fact],
    *,
    window: Window = Window.MODIFIED,
    evidence: Evidence = Evidence.STATUS,
    repeats_harmlessly: bool = False,
) -> Abilities:
    return Abilities(
        window=window,
        evidence=evidence,
        reads_single_orders=False,
        repeats_harmlessly=repeats_harmlessly,
        has_closed_carriers=False,
        has_global_ids=False,
        gives=gives,
    )


def _words(**words: OrderStatus) -> Mapping[str, OrderStatus]:
    return MappingProxyType(words)


PRESETS = {
    "woocommerce": Preset(
        "WooCommerce",
        AUTH_KEY,
        MappingProxyType(
            {
                "pending": UNPAID,
                "processing": TO_SHIP,
                "completed": SHIPPED,
                "cancelled": CANCELLED,
                "refunded": CANCELLED,
                # Often an order that waits for a bank transfer.
                "on-hold": HELD,
            }
        ),
        _abilities(IN_CURRENCY),
    ),
    "magento": Preset(
        "Magento",
        PARAMETERS,
        _words(
            pending=UNPAID,
            pending_payment=UNPAID,
            processing=TO_SHIP,
            complete=SHIPPED,
            canceled=CANCELLED,
            closed=CANCELLED,
            holded=HELD,
            payment_review=HELD,
            fraud=HELD,
        ),
        _abilities(IN_CURRENCY),
    ),
    "nopcommerce": Preset(
        "nopCommerce",
        PARAMETERS,
        _words(
            unpaid=UNPAID,
            paid=TO_SHIP,
            shipped=SHIPPED,
            cancelled=CANCELLED,
            on_hold=HELD,
        ),
        _abilities(REACHABLE, window=Window.PLACED, repeats_harmlessly=True),
    ),
    # Merchants make up the words of Craft and Virto; these are the ones they come with.
    "craft": Preset(
        "Craft Commerce",
        BASIC,
        _words(new=TO_SHIP, shipped=SHIPPED),
        _abilities(REACHABLE, repeats_harmlessly=True),
    ),
    "craft-2": Preset(
        gettext_noop("Craft Commerce with Craft 2"),
        BASIC,
        _words(new=TO_SHIP, shipped=SHIPPED),
        _abilities(REACHABLE, window=Window.PLACED, repeats_harmlessly=True),
    ),
    "spree": Preset(
        "Spree, Solidus",
        BASIC,
        _words(
            pending=UNPAID,
            ready=TO_SHIP,
            shipped=SHIPPED,
            canceled=CANCELLED,
            backorder=HELD,
        ),
        # What is shipped leaves the list, and never comes again.
        _abilities(REACHABLE, evidence=Evidence.ANSWERED, repeats_harmlessly=True),
    ),
    "virto": Preset(
        "Virto Commerce",
        BASIC,
        _words(processing=TO_SHIP, completed=SHIPPED, cancelled=CANCELLED),
        _abilities(IN_CURRENCY, window=Window.PLACED, repeats_harmlessly=True),
    ),
    OTHER: Preset(
        gettext_noop("Another one"),
        BASIC,
        MappingProxyType(
            {
                "unpaid": UNPAID,
                "pending": UNPAID,
                "pending_payment": UNPAID,
                "awaiting_payment": UNPAID,
                "unattempted": UNPAID,
                "paid": TO_SHIP,
                "processing": TO_SHIP,
                "ready": TO_SHIP,
                "unshipped": TO_SHIP,
                "awaiting_fulfillment": TO_SHIP,
                "awaiting_shipment": TO_SHIP,
                "shipped": SHIPPED,
                "complete": SHIPPED,
                "completed": SHIPPED,
                "cancelled": CANCELLED,
                "canceled": CANCELLED,
                "refunded": CANCELLED,
                "on-hold": HELD,
                "on_hold": HELD,
                "holded": HELD,
                "disputed": HELD,
            }
        ),
        _abilities(IN_CURRENCY),
    ),
}


def preset_of(settings: Mapping[str, str]) -> Preset:
    """Return what is known of the cart that these settings name."""
    return PRESETS.get(settings.get("cart", OTHER), PRESETS[OTHER])


def ways_of(settings: Mapping[str, str]) -> tuple[str, ...]:
    """Return the ways to say who asks that make sense, the likeliest first.

    Without a user name there is nothing to send by the two that need one.
    """
    chosen = settings.get("auth", AUTO)
    if chosen in WAYS:
        return (chosen,)
    first = preset_of(settings).way
    ways = [first, *(way for way in WAYS if way != first)]
    if not settings.get("user"):
        ways = [way for way in ways if way not in {BASIC, PARAMETERS}]
    return tuple(ways)
