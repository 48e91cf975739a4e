"""The connector's calls, one as good as another to a failure."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from stores.marketplaces.base import MarketplaceError, ShipmentNotice
from stores.marketplaces.tophatter.client import Tophatter
from stores.sandbox.server import Sandbox

ORDER = "120000001"
NUMBER = "9400111899562173406594"
PRODUCT = "EX-HEADSET"

CALLS: dict[str, Callable[[Tophatter], Any]] = {
    "orders": lambda connector: next(connector.list_orders()),
    "orders/retrieve": lambda connector: connector.retrieve_order(ORDER),
    "orders/fulfill": lambda connector: connector.fulfill(
        ShipmentNotice(ORDER, "USPS", NUMBER)
    ),
    "products/retrieve": lambda connector: connector.picture_url(PRODUCT),
    "metadata/carriers": lambda connector: connector.list_carriers(),
}
READS = [name for name in CALLS if name != "orders/fulfill"]

each_call = pytest.mark.parametrize("call", CALLS)
each_read = pytest.mark.parametrize("call", READS)


def connect(sandbox: Sandbox, **limits: float) -> Tophatter:
    return Tophatter(sandbox.token, sandbox.url, may_be_private=True, **limits)


def failure(sandbox: Sandbox, call: str, **limits: float) -> MarketplaceError:
    """Return the error a call ends with."""
    with pytest.raises(MarketplaceError) as caught:
        CALLS[call](connect(sandbox, **limits))
    return caught.value


def serve_product(sandbox: Sandbox, **fields: Any) -> None:
    """Answer the next question for a product with these fields."""
    sandbox.fault("body", on="products/retrieve", text=json.dumps(fields))
