"""A shipment told by REST: to the plug-in, or by a note and a word of status."""

from decimal import Decimal
from typing import Any

from stores.sandbox.shops.noticing import count_pieces, keep_tracking, ship, woo_note
from stores.sandbox.shops.orders import Notice, NoticeLine, Order, now
from stores.sandbox.shops.state import ShopState
from stores.sandbox.shops.texts import Reply, json_reply


def take(shop: ShopState, given: dict[str, Any]) -> Reply:
    """Take each notification, and answer with what became of it."""
    notifications = given.get("notifications")
    if not isinstance(notifications, list) or not notifications:
        return json_reply(400, "Invalid request format.")
    results = [
        _take_one(shop, one)
        for one in notifications
        # One without a name for itself is passed over, without a word.
        if isinstance(one, dict) and one.get("notification_id")
    ]
    shop.save()
    return json_reply(200, {"notification_results": results})


def ignore(shop: ShopState, given: dict[str, Any]) -> Reply:
    """Say that each notification was taken, and keep it for counting alone."""
    results = []
    for one in given.get("notifications") or []:
        notice = _read(one)
        notice.effect = "ignored"
        shop.notices.append(notice)
        results.append(_result(one, "success", order_id=one.get("order_id")))
    return json_reply(200, {"notification_results": results})


def add_note(shop: ShopState, order: Order, text: str) -> None:
    """Write a note on the order, which tells the buyer, but ships nothing."""
    notice = Notice(order.id, order.number, "", "", text, None, True, through="note")
    notice.order, notice.effect = order, "noted"
    shop.notices.append(notice)
    order.notes.append(text)
    shop.save()


def change_status(shop: ShopState, order: Order, given: dict[str, Any]) -> None:
    """Give the order another word of status, as a person in the shop would."""
    word = str(given.get("status", order.status))
    if word == shop.words["shipped"]:
        notice = Notice(
            order.id, order.number, "", "", "", None, True, through="status"
        )
        notice.order = order
        shop.notices.append(notice)
        ship(shop, order, notice)
    order.status = word
    order.modified_at = now()
    shop.save()


def _take_one(shop: ShopState, given: dict[str, Any]) -> dict[str, Any]:
    notice = _read(given)
    shop.notices.append(notice)
    if not notice.order_id or not notice.lines:
        notice.effect = "refused"
        return _result(given, "failure", failure_reason="Empty order ID or items")
    if not notice.order_id.isdecimal():
        notice.effect = "refused"
        return _result(given, "failure", failure_reason="Order ID is not numeric")
    order = shop.orders.get(notice.order_id)
    order = order or shop.find(number=notice.order_number)
    if order is None:
        notice.effect = "unknown"
        return _result(given, "failure", failure_reason="Order not found")
    notice.order = order
    _process(shop, order, notice)
    return _result(given, "success", order_id=int(order.id))


def _process(shop: ShopState, order: Order, notice: Notice) -> None:
    """Note the parcel, and complete the order once as many pieces were named."""
    own = {line.id for line in order.lines}
    named = [line for line in notice.lines or () if line.line_item_id in own]
    for line in named:
        count_pieces(order, line.line_item_id, line.quantity)
    keep_tracking(shop, order, notice)
    order.notes.append(woo_note(notice))
    if named and order.pieces_shipped >= order.pieces:
        ship(shop, order, notice)
    else:
        notice.effect = "noted"


def _read(given: dict[str, Any]) -> Notice:
    items = given.get("items")
    lines = [_line(one) for one in items] if isinstance(items, list) else []
    return Notice(
        order_id=str(given.get("order_id") or ""),
        order_number=str(given.get("order_number") or ""),
        carrier=str(given.get("carrier_code") or ""),
        service=str(given.get("carrier_service_code") or ""),
        tracking_number=str(given.get("tracking_number") or ""),
        lines=tuple(lines),
        has_body=True,
        ship_date=str(given.get("ship_date") or ""),
        notifies_buyer=bool(given.get("notify_buyer")),
        through="rest",
    )


def _line(item: dict[str, Any]) -> NoticeLine:
    quantity = str(item.get("quantity") or 0)
    return NoticeLine(
        str(item.get("line_item_id") or ""),
        str(item.get("sku") or ""),
        str(item.get("description") or ""),
        Decimal(quantity) if quantity.isdecimal() else Decimal(0),
    )


def _result(given: dict[str, Any], status: str, **more: Any) -> dict[str, Any]:
    return {"notification_id": given["notification_id"], "status": status, **more}
