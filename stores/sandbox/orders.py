"""The calls about orders: list, retrieve, fulfill, refund, annotate."""

from datetime import UTC, datetime
from typing import Any

from stores.sandbox import tables
from stores.sandbox.listings import LISTINGS
from stores.sandbox.marketplace import Marketplace, Order
from stores.sandbox.parameters import Refusal, choice, number, page_of, require

Orders = dict[int, Order]


def index(marketplace: Marketplace, orders: Orders, given: dict[str, Any]) -> Any:
    statuses = choice(given, "filter", tables.FILTERS)
    key, newest_first = choice(given, "sort", tables.SORTS)
    chosen = [
        order
        for order in orders.values()
        if statuses is None or marketplace.shown(order).get("status") in statuses
    ]
    after = marketplace.date_parameter and given.get(marketplace.date_parameter)
    if after:
        chosen = [order for order in chosen if order["created_at"] > after]
    # An unpaid order has no value to compare with the others'.
    chosen.sort(
        key=lambda order: (order.get(key) is not None, order.get(key) or 0),
        reverse=newest_first,
    )
    size = number(given, "per_page", 50)
    if size <= 1000:
        given = {**given, "per_page": min(size, marketplace.largest_page)}
    if not given.get("sort") and (name := _listing(marketplace, orders)):
        page = LISTINGS[name](given, chosen)
    else:
        page = page_of(given, chosen)
    for order in page:
        _settle(marketplace, order)
    return [marketplace.shown(order) for order in page]


def retrieve(marketplace: Marketplace, orders: Orders, given: dict[str, Any]) -> Any:
    order = _find(orders, given)
    _settle(marketplace, order)
    return marketplace.shown(order)


def fulfill(marketplace: Marketplace, orders: Orders, given: dict[str, Any]) -> Any:
    require(given, "order_id", "carrier", "tracking_number")
    order = _find(orders, given)
    is_again = marketplace.takes_twice and order["status"] == "shipped"
    if order["status"] != "paid" and not is_again:
        raise Refusal(400, f"The order is {order['status']}, not paid.")
    carrier, carriers = given["carrier"], marketplace.carriers
    if carrier not in {*carriers, *carriers.values(), "other"}:
        raise Refusal(400, f"unknown carrier {carrier}.")
    facts = {
        "carrier": carriers.get(carrier, carrier),
        "tracking_number": given["tracking_number"],
    }
    if "service_type" in order:
        facts["service_type"] = given.get("service_type")
    marketplace.take_notice(order, **facts)
    marketplace.fulfillments.append(
        {
            "order_id": order["order_id"],
            "carrier": carrier,
            "tracking_number": given["tracking_number"],
            "service_type": given.get("service_type"),
        }
    )
    return order


def refund(marketplace: Marketplace, orders: Orders, given: dict[str, Any]) -> Any:
    require(given, "order_id", "type", "reason")
    order = _find(orders, given)
    is_full = choice(given, "type", {"full": True, "partial": False})
    choice(given, "reason", dict.fromkeys(tables.REASONS))
    if order["status"] in {"pending_verification", "refunded"}:
        raise Refusal(400, f"The order is {order['status']}.")
    available = order.get("available_refunds") or {}
    if not is_full:
        require(given, "fees[]")
    fees = list(available) if is_full else list(dict.fromkeys(given["fees[]"]))
    for fee in fees:
        if fee not in available:
            raise Refusal(400, f"The fee {fee} cannot be refunded.")
    unsettled = marketplace.unsettled_refunds
    refunded = sum(float(available.pop(fee)) for fee in fees)
    unsettled[order["order_id"]] = unsettled.get(order["order_id"], 0) + refunded
    order["available_refunds"] = available
    if is_full:
        _settle(marketplace, order)
        order["status"] = "refunded"
        order["refunded_at"] = marketplace.stamp(datetime.now(UTC))
    marketplace.save()
    return order


def annotate(marketplace: Marketplace, orders: Orders, given: dict[str, Any]) -> Any:
    require(given, "order_id", "annotation")
    order = _find(orders, given)
    order["annotation"] = given["annotation"]
    marketplace.save()
    return order


def _listing(marketplace: Marketplace, orders: Orders) -> str:
    for token, name in marketplace.listings.items():
        if marketplace.accounts[token] is orders:
            return name
    return ""


def _find(orders: Orders, given: dict[str, Any]) -> Order:
    require(given, "order_id")
    order_id = number(given, "order_id", 0)
    if order_id not in orders:
        raise Refusal(404, f"There is no order with the ID {order_id}.")
    return orders[order_id]


def _settle(marketplace: Marketplace, order: Order) -> None:
    """State what was refunded: at once for a full refund, on the next read else."""
    refunded = marketplace.unsettled_refunds.pop(order["order_id"], 0)
    if refunded:
        earlier = float(order.get("refund_amount") or 0)
        order["refund_amount"] = marketplace.amount(round(earlier + refunded, 2))
        marketplace.save()
