"""The calls about products, variations, metadata, schemas; orders tell the stock."""

from collections.abc import Callable
from typing import Any

from stores.sandbox import drawings, tables
from stores.sandbox.marketplace import Marketplace, Order
from stores.sandbox.parameters import Refusal, choice, number, page_of, require

Orders = dict[int, Order]


def metadata(marketplace: Marketplace, orders: Orders, given: dict[str, Any]) -> Any:
    return tables.METADATA | {"carriers": marketplace.carriers}


def metadata_list(name: str) -> Callable[..., Any]:
    """Return the call that answers one list of the metadata."""
    return lambda *call: metadata(*call)[name]


def schema(kind: str) -> Callable[..., Any]:
    """Return the call that describes the fields of an order, product or variation."""
    fields = [
        {
            "field": field,
            "required": required,
            "readonly": readonly,
            "name": name,
            "description": "",
        }
        for field, name, required, readonly in tables.SCHEMAS[kind]
    ]
    return lambda marketplace, orders, given: fields


def products(marketplace: Marketplace, orders: Orders, given: dict[str, Any]) -> Any:
    """List the products; they are all in stock and of no category or health."""
    is_match = choice(given, "status", tables.PRODUCT_STATUSES)
    if given.get("category") or given.get("health_status"):
        is_match = False
    rows = list(_products(marketplace, orders).values()) if is_match else []
    sort = given.get("sort", "unique_id_ascending")
    if sort not in tables.PRODUCT_SORTS:
        raise Refusal(400, f"{sort} is not a valid sort.")
    if sort.startswith("unique_id"):
        rows.sort(
            key=lambda row: row["identifier"], reverse=sort.endswith("descending")
        )
    return _listed(given, rows)


def search(marketplace: Marketplace, orders: Orders, given: dict[str, Any]) -> Any:
    require(given, "query")
    wanted = given["query"].casefold()
    rows = [
        row
        for row in _products(marketplace, orders).values()
        if wanted in row["title"].casefold()
    ]
    return _listed(given, rows)


def product(marketplace: Marketplace, orders: Orders, given: dict[str, Any]) -> Any:
    require(given, "identifier")
    identifier = given["identifier"]
    of_it = {
        order_id: order
        for order_id, order in orders.items()
        if order.get("product_identifier") == identifier
    }
    if not of_it:
        raise _unknown("product", identifier)
    return _products(marketplace, of_it)[identifier]


def variation(marketplace: Marketplace, orders: Orders, given: dict[str, Any]) -> Any:
    require(given, "identifier")
    for row in _products(marketplace, orders).values():
        for one in row["variations"]:
            if one["identifier"] == given["identifier"]:
                return {
                    "product_identifier": row["identifier"],
                    "product_internal_id": row["internal_id"],
                    **one,
                }
    raise _unknown("variation", given["identifier"])


def _unknown(kind: str, identifier: str) -> Refusal:
    return Refusal(404, f"There is no {kind} with the unique ID {identifier}.")


def _listed(given: dict[str, Any], rows: list[Any]) -> Any:
    page = page_of(given, rows)
    if given.get("pagination") != "1":
        return page
    number_of_page = number(given, "page", 1)
    per_page = number(given, "per_page", 50)
    before = (number_of_page - 1) * per_page
    return {
        "results": page,
        "from": before + 1,
        "to": before + len(page),
        "page": number_of_page,
        "per_page": per_page,
        "total_entries": len(rows),
    }


def _products(marketplace: Marketplace, orders: Orders) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for order in orders.values():
        identifier = order.get("product_identifier")
        if not identifier:
            continue
        if identifier not in found:
            pictures = drawings.images(marketplace.pictures_url, identifier)
            found[identifier] = _product(order, pictures)
        row = found[identifier]
        known = {one["identifier"] for one in row["variations"]}
        if order.get("variation_identifier") not in {None, *known}:
            row["variations"].append(_variation(order))
    return found


def _product(order: Order, pictures: dict[str, str]) -> dict[str, Any]:
    return tables.BLANK_PRODUCT | {
        "identifier": order["product_identifier"],
        "internal_id": order.get("product_internal_id"),
        "title": order.get("product_name") or "",
        "variations": [],
        "primary_image": pictures["original"],
        "all_images": [pictures],
    }


def _variation(order: Order) -> dict[str, Any]:
    return tables.BLANK_VARIATION | {
        "identifier": order["variation_identifier"],
        "internal_id": order.get("variation_internal_id"),
    }
