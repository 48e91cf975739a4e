"""How shops differ: a table of facts for each, from servers that were read or run."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from stores.sandbox.shops import texts
from stores.sandbox.shops.texts import Reply, WriteText

# What is done when something about a list's request is wrong; None goes on with all.
Refusals = Mapping[str, Reply | None]
XML = "text/xml; charset=utf-8"
APPLICATION_XML = "application/xml; charset=utf-8"
EMPTY = Reply(200, b"", "text/html")
USUAL_DATE = "%m/%d/%Y %H:%M"


def wrong_request(message: str) -> Reply:
    """Return WooCommerce's way to refuse: JSON, whatever was asked for."""
    return texts.json_reply(400, {"success": False, "data": message})


def fault(status: int, code: int, message: str) -> Reply:
    """Return Magento's way to refuse, which may come with a status of 200."""
    body = (
        '<?xml version="1.0" encoding="utf-8"?>\n<fault><faultcode>'
        f"{code}</faultcode><faultstring>{message}</faultstring></fault>"
    )
    return Reply(status, body.encode(), XML)


def words(*five: str) -> Mapping[str, str]:
    """Return the shop's own words of status by what they mean."""
    kinds = ("unpaid", "to_ship", "shipped", "cancelled", "held")
    return MappingProxyType(dict(zip(kinds, five, strict=True)))


@dataclass(frozen=True)
class Profile:
    """What is fixed about a kind of shop.

    `ways` are the ways of authentication it takes: "basic", "parameters" (SS- in the
    query), "headers" (SS- as headers), "auth_key" and "token". `window` is the time
    that start and end are about. `exported` are the words of the orders that come,
    all when empty. `beyond` is what comes after the last page: nothing, or it again.
    """

    path: str
    ways: tuple[str, ...]
    words: Mapping[str, str]
    refusals: Refusals
    query: str = ""
    page_size: int = 50
    window: str = "modified_at"
    is_newest_first: bool = False
    exported: tuple[str, ...] = ()
    date_format: str = USUAL_DATE
    declaration: str = '<?xml version="1.0" encoding="utf-8"?>\n'
    content_type: str = XML
    write_text: WriteText = texts.as_cdata
    has_page_attribute: bool = False
    has_pages_attribute: bool = True
    least_pages: int = 0
    repeats_last_page: bool = False
    has_case_in_action: bool = True
    weight_units: str = "Grams"
    secrets: tuple[str, ...] = ("password",)
    settings: tuple[str, ...] = ("user",)


# What the guide leaves open is chosen here as most servers have it.
GUIDE = Profile(
    path="/shop/orders.xml",
    ways=("basic",),
    words=words("unpaid", "paid", "shipped", "cancelled", "on_hold"),
    refusals={
        "credentials": Reply(401, b"Unauthorized", "text/plain"),
        "no_dates": Reply(400, b"Name start_date and end_date.", "text/plain"),
        "dates": Reply(400, b"The dates cannot be read.", "text/plain"),
        "action": Reply(400, b"Unknown action.", "text/plain"),
    },
    weight_units="Ounces",
)
WOO = Profile(
    path="/",
    query="wc-api=wc_shipstation",
    ways=("auth_key",),
    words=words("pending", "processing", "completed", "cancelled", "on-hold"),
    refusals={
        "credentials": wrong_request("Invalid authentication key"),
        "no_dates": wrong_request("Invalid request"),
        # So in 4.4.4; the version is an option of the shop.
        "dates": None,
        "action": wrong_request("Invalid request"),
    },
    page_size=100,
    is_newest_first=True,
    exported=("processing", "on-hold", "completed", "cancelled"),
    has_page_attribute=True,
    secrets=("auth_key",),
    settings=(),
)
MAGENTO = Profile(
    path="/auctane",
    ways=("parameters", "headers", "token"),
    words=words("pending", "processing", "complete", "canceled", "holded"),
    refusals={
        "credentials": fault(200, 401, "Authentication failed"),
        "no_dates": Reply(200, b"<date>date required</date>", XML),
        "dates": Reply(200, b"<date>date required</date>", XML),
        "action": fault(400, 400, "Invalid action"),
    },
    page_size=100,
    is_newest_first=True,
    date_format="%Y-%m-%d %H:%M:%S",
    # The bytes are UTF-8 all the same.
    declaration='<?xml version="1.0" encoding="utf-16"?>\n',
    write_text=texts.as_cdata_with_entities,
    least_pages=1,
    repeats_last_page=True,
    secrets=("password", "token"),
)
NOP = Profile(
    path="/Plugins/ShipStation/Webhook",
    ways=("parameters",),
    words=words("unpaid", "paid", "shipped", "cancelled", "on_hold"),
    refusals={
        "credentials": EMPTY,
        "no_dates": None,
        "dates": Reply(
            500, b"<html><h1>Internal Server Error</h1></html>", "text/html"
        ),
        "action": EMPTY,
    },
    page_size=200,
    window="created_at",
    is_newest_first=True,
    write_text=texts.as_plain,
    has_pages_attribute=False,
    has_case_in_action=False,
    weight_units="Ounces",
)
CRAFT = Profile(
    path="/actions/shipstationconnect/orders/process",
    query="store=default",
    ways=("basic",),
    words=words("pending", "new", "shipped", "cancelled", "held"),
    refusals={
        "credentials": texts.json_reply(401, {"error": "Invalid credentials"}),
        "no_dates": None,
        "dates": None,
        "action": texts.json_reply(400, {"error": "Unknown action"}),
    },
    page_size=25,
    date_format="no zeros",
    write_text=texts.twice_escaped,
)
SPREE = Profile(
    path="/shipstation.xml",
    ways=("basic",),
    words=words("pending", "ready", "shipped", "canceled", "backorder"),
    refusals={
        "credentials": Reply(401, b"HTTP Basic: Access denied.\n", "text/html"),
        "no_dates": None,
        "dates": None,
        "action": Reply(404, b"", "text/html"),
    },
    exported=("ready",),
    content_type=APPLICATION_XML,
    write_text=texts.as_plain,
    weight_units="Ounces",
)
PROFILES = {
    "guide": GUIDE,
    "woo": WOO,
    # The same shop, connected by WooCommerce's own REST.
    "woo-rest": replace(WOO, secrets=("consumer_key", "consumer_secret")),
    "magento": MAGENTO,
    "nop": NOP,
    "craft": CRAFT,
    "spree": SPREE,
}


def address_of(name: str, root: str) -> str:
    """Return the address to connect a shop of the profile with."""
    if name == "woo-rest":
        return f"{root}/"
    profile = PROFILES[name]
    return f"{root}{profile.path}" + (f"?{profile.query}" if profile.query else "")
