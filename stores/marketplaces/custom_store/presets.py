"""What is known of the carts that speak the convention: words, ways and abilities."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
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

REACHING = Abilities(
    window=Window.MODIFIED,
    evidence=Evidence.STATUS,
    reads_single_orders=False,
    repeats_harmlessly=False,
    has_closed_carriers=False,
    has_global_ids=False,
    gives=frozenset({Fact.EMAIL, Fact.PHONE, Fact.WEIGHT}),
)
IN_CURRENCY = replace(REACHING, gives=REACHING.gives | {Fact.CURRENCY})


@dataclass(frozen=True)
class Preset:
    """One cart: the way it wants to be asked, its words of status, what it can do."""

    label: str
    way: str
    words: Mapping[str, OrderStatus]
    abilities: Abilities


def _words(**words: str) -> Mapping[str, OrderStatus]:
    """Return what words mean, by their meaning; blanks set several of one apart."""
    meanings = ((OrderStatus(name), one.split()) for name, one in words.items())
    return MappingProxyType({word: means for means, own in meanings for word in own})


PRESETS = {
    "woocommerce": Preset(
        "WooCommerce",
        AUTH_KEY,
        _words(
            awaiting_payment="pending",
            awaiting_shipment="processing",
            shipped="completed",
            cancelled="cancelled refunded",
            # Often an order that waits for a bank transfer.
            on_hold="on-hold",
        ),
        IN_CURRENCY,
    ),
    "magento": Preset(
        "Magento",
        PARAMETERS,
        _words(
            awaiting_payment="pending pending_payment",
            awaiting_shipment="processing",
            shipped="complete",
            cancelled="canceled closed",
            on_hold="holded payment_review fraud",
        ),
        IN_CURRENCY,
    ),
    "nopcommerce": Preset(
        "nopCommerce",
        PARAMETERS,
        _words(
            awaiting_payment="unpaid",
            awaiting_shipment="paid",
            shipped="shipped",
            cancelled="cancelled",
            on_hold="on_hold",
        ),
        replace(REACHING, window=Window.PLACED, repeats_harmlessly=True),
    ),
    # Merchants make up the words of Craft and Virto; these are the ones they come with.
    "craft": Preset(
        "Craft Commerce",
        BASIC,
        _words(awaiting_shipment="new", shipped="shipped"),
        replace(REACHING, repeats_harmlessly=True),
    ),
    "craft-2": Preset(
        gettext_noop("Craft Commerce with Craft 2"),
        BASIC,
        _words(awaiting_shipment="new", shipped="shipped"),
        replace(REACHING, window=Window.PLACED, repeats_harmlessly=True),
    ),
    "spree": Preset(
        "Spree, Solidus",
        BASIC,
        _words(
            awaiting_payment="pending",
            awaiting_shipment="ready",
            shipped="shipped",
            cancelled="canceled",
            on_hold="backorder",
        ),
        # What is shipped leaves the list, and never comes again.
        replace(REACHING, evidence=Evidence.ANSWERED, repeats_harmlessly=True),
    ),
    "virto": Preset(
        "Virto Commerce",
        BASIC,
        _words(
            awaiting_shipment="processing", shipped="completed", cancelled="cancelled"
        ),
        replace(IN_CURRENCY, window=Window.PLACED, repeats_harmlessly=True),
    ),
    OTHER: Preset(
        gettext_noop("Another one"),
        BASIC,
        _words(
            awaiting_payment=(
                "unpaid pending pending_payment awaiting_payment unattempted"
            ),
            awaiting_shipment=(
                "paid processing ready unshipped awaiting_fulfillment awaiting_shipment"
            ),
            shipped="shipped complete completed",
            cancelled="cancelled canceled refunded",
            on_hold="on-hold on_hold holded disputed",
        ),
        IN_CURRENCY,
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
