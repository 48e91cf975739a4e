"""The paths of the Merchant API, the parameters each knows, and who may call it."""

from collections.abc import Callable
from typing import Any

from stores.sandbox import catalogue, orders, tables
from stores.sandbox.marketplace import Marketplace
from stores.sandbox.parameters import Refusal

Handler = Callable[[Marketplace, dict[int, Any], dict[str, Any]], Any]

ROUTES: dict[tuple[str, str], tuple[Handler, set[str]]] = {
    ("GET", "orders"): (orders.index, {"filter", "sort", "page", "per_page"}),
    ("GET", "orders/retrieve"): (orders.retrieve, {"order_id"}),
    ("POST", "orders/fulfill"): (
        orders.fulfill,
        {"order_id", "carrier", "tracking_number", "service_type"},
    ),
    ("POST", "orders/refund"): (
        orders.refund,
        {"order_id", "type", "reason", "fees[]"},
    ),
    ("POST", "orders/annotate"): (orders.annotate, {"order_id", "annotation"}),
    ("POST", "orders/acknowledge"): (orders.retrieve, {"order_id"}),
    ("GET", "products"): (
        catalogue.products,
        {
            "status",
            "category",
            "health_status",
            "page",
            "per_page",
            "pagination",
            "sort",
        },
    ),
    ("GET", "products/search"): (
        catalogue.search,
        {"query", "page", "per_page", "pagination"},
    ),
    ("GET", "products/retrieve"): (catalogue.product, {"identifier"}),
    ("GET", "variations/retrieve"): (catalogue.variation, {"identifier"}),
    ("GET", "metadata"): (catalogue.metadata, set()),
}
ROUTES |= {
    ("GET", f"metadata/{name}"): (catalogue.metadata_list(name), set())
    for name in tables.METADATA
}
ROUTES |= {
    ("GET", f"{kind}/schema"): (catalogue.schema(kind), set())
    for kind in tables.SCHEMAS
}
# Stock is what orders are of, so nobody writes it; the real ones would answer these.
NOT_HERE = {"products", "variations", "campaigns"}


def is_open(resource: str) -> bool:
    """Whether a call is answered without a token."""
    return resource.split("/")[0] == "metadata" or resource.endswith("/schema")


def is_known(method: str, resource: str) -> bool:
    """Whether the answer is JSON; what the real one does not know is a page of HTML."""
    return (method, resource) in ROUTES or resource.split("/")[0] in NOT_HERE


def answer(
    marketplace: Marketplace,
    method: str,
    resource: str,
    parameters: dict[str, Any],
    token: str,
) -> Any:
    """Answer one call as JSON, or raise `Refusal`."""
    if (method, resource) not in ROUTES:
        raise Refusal(404, f"The practice marketplace has no {method} {resource}.")
    handler, allowed = ROUTES[method, resource]
    if not is_open(resource) and token not in marketplace.accounts:
        raise Refusal(401, "The access token is missing or not valid.")
    if resource == "orders" and marketplace.date_parameter:
        allowed = allowed | {marketplace.date_parameter}
    given = {name: value for name, value in parameters.items() if value != ""}
    unknown = [name for name in given if name not in allowed]
    if unknown:
        raise Refusal(
            400,
            "The following parameters were provided but are not recognized: "
            f"{', '.join(unknown)}.",
        )
    with marketplace.lock:
        return handler(marketplace, marketplace.accounts.get(token, {}), given)
