"""A ship notice, as the shop's server takes it: 2xx proves little."""

from decimal import Decimal, InvalidOperation

# Only names; what parses is of defusedxml.
from xml.etree.ElementTree import Element, ParseError  # nosec B405

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from stores.sandbox.shops import texts
from stores.sandbox.shops.orders import Notice, NoticeLine, Order, now
from stores.sandbox.shops.profiles import EMPTY, fault, wrong_request
from stores.sandbox.shops.state import ShopState
from stores.sandbox.shops.texts import Reply

DONE = Reply(200, b"", "text/html; charset=UTF-8")
# Of those that take any notice: what is said of an unknown order, and of others.
ANSWERS = {
    "guide": (Reply(404, b"There is no such order.", "text/plain"), DONE),
    "craft": (
        texts.json_reply(404, {"error": "Order not found"}),
        texts.json_reply(200, {"success": True}),
    ),
    "nop": (EMPTY, EMPTY),
    "spree": (Reply(400, b"", "text/html"), DONE),
}


def take_notice(shop: ShopState, given: dict[str, str], body: bytes) -> Reply:
    """Do what the shop does with a notice, keep it, and return the answer."""
    with shop.lock:
        notice = read_notice(given, body)
        shop.notices.append(notice)
        take = {"woo": _woo, "magento": _magento}.get(shop.name, _take_whole)
        reply = take(shop, notice, given)
        shop.save()
        return reply


def read_notice(given: dict[str, str], body: bytes) -> Notice:
    """Read query and body; the body's own words come first where both speak."""
    try:
        root = fromstring(body) if body.strip() else None
    except (ParseError, DefusedXmlException):
        # Broken XML is a body that names nothing.
        root = Element("ShipNotice")

    def text(name: str) -> str:
        return (root.findtext(name) or "").strip() if root is not None else ""

    items = None if root is None else root.find("Items")
    return Notice(
        order_id=text("OrderID"),
        order_number=text("OrderNumber") or given.get("order_number", ""),
        carrier=given.get("carrier", "") or text("Carrier"),
        service=given.get("service", "") or text("Service"),
        tracking_number=given.get("tracking_number", "") or text("TrackingNumber"),
        lines=None if items is None else tuple(_line(one) for one in items),
        has_body=root is not None,
        ship_date=text("ShipDate"),
        notifies_buyer=text("NotifyCustomer").lower() == "true",
    )


def keep_tracking(shop: ShopState, order: Order, notice: Notice) -> None:
    """Put the number on the order, after or over those it has."""
    if shop.name not in {"woo", "magento"}:
        order.tracking.clear()
    order.tracking.append(
        {
            "carrier": notice.carrier,
            "service": notice.service,
            "tracking_number": notice.tracking_number,
            "lines": [
                {**vars(line), "quantity": str(line.quantity)}
                for line in notice.lines or ()
            ],
        }
    )
    order.modified_at = now()


def ship(shop: ShopState, order: Order, notice: Notice) -> None:
    """Make the order a shipped one, if it is not yet."""
    is_shipped = order.status == shop.words["shipped"]
    notice.effect = "repeated" if is_shipped else "shipped"
    order.status = shop.words["shipped"]
    order.completed_at = order.completed_at or now()


def _line(item: Element) -> NoticeLine:
    try:
        quantity: Decimal | None = Decimal(item.findtext("Quantity") or "")
    except InvalidOperation:
        quantity = None
    texts = [item.findtext(name) or "" for name in ("LineItemID", "SKU", "Name")]
    return NoticeLine(texts[0].strip(), texts[1].strip(), texts[2].strip(), quantity)


def _answered(notice: Notice, effect: str, reply: Reply) -> Reply:
    notice.effect = effect
    return reply


def _take_whole(shop: ShopState, notice: Notice, given: dict[str, str]) -> Reply:
    """Take any notice as one of the whole order, over an earlier one."""
    missing, done = ANSWERS[shop.name]
    order = shop.find(number=given.get("order_number", ""))
    if order is None and shop.name == "guide":
        order = shop.orders.get(notice.order_id)
    if order is None:
        return _answered(notice, "unknown", missing)
    notice.order = order
    ship(shop, order, notice)
    keep_tracking(shop, order, notice)
    return done


def _woo(shop: ShopState, notice: Notice, given: dict[str, str]) -> Reply:
    """Note anything, and complete the order once as many pieces were named."""
    if not given.get("carrier") or not given.get("order_number"):
        return _answered(notice, "refused", wrong_request("Invalid request"))
    # The body's OrderID comes first, also where the query names another order.
    order = shop.orders.get(notice.order_id) if notice.order_id else None
    if not notice.order_id:
        order = shop.find(number=given["order_number"])
    if order is None:
        return _answered(notice, "unknown", DONE)
    notice.order = order
    keep_tracking(shop, order, notice)
    order.notes.append(woo_note(notice))
    if notice.has_body:
        for line in notice.lines or ():
            count_pieces(order, line.line_item_id, line.quantity)
    if not notice.has_body or order.pieces_shipped >= order.pieces:
        ship(shop, order, notice)
    else:
        notice.effect = "noted"
    return DONE


def woo_note(notice: Notice) -> str:
    """Return the words of WooCommerce's plug-in to the buyer."""
    return f"Shipped via {notice.carrier}: tracking number {notice.tracking_number}."


def count_pieces(order: Order, line_item_id: str, quantity: Decimal | None) -> None:
    """Count what a notice names, even what was counted before."""
    for line in order.lines:
        if line.id == line_item_id and quantity is not None:
            line.shipped += quantity


def _magento(shop: ShopState, notice: Notice, given: dict[str, str]) -> Reply:
    """Make a shipment of the lines with these SKUs, once."""
    # Its OrderID is the number, which is the only one that it exports.
    order = shop.find(number=notice.order_id) if notice.has_body else None
    if order is None:
        return _answered(notice, "unknown", fault(400, 400, "Order does not exist"))
    notice.order = order
    if order.status == shop.words["shipped"]:
        return _answered(
            notice, "refused", fault(400, 400, "The order is already shipped")
        )
    if order.status != shop.words["to_ship"]:
        return _answered(
            notice, "refused", fault(400, 400, f"The order is {order.status}")
        )
    counts = {line.id: line.shipped for line in order.lines}
    if not notice.lines or not all(_count(order, one, counts) for one in notice.lines):
        return _answered(notice, "refused", fault(400, 400, "No such items to ship"))
    for line in order.lines:
        line.shipped = counts[line.id]
    keep_tracking(shop, order, notice)
    if order.pieces_shipped >= order.pieces:
        ship(shop, order, notice)
    else:
        notice.effect = "noted"
    return DONE


def _count(order: Order, item: NoticeLine, counts: dict[str, Decimal]) -> bool:
    """Count the pieces on a line with this SKU; say whether one has so many left."""
    for line in order.lines:
        left = line.quantity - counts[line.id]
        if line.sku == item.sku and item.quantity and item.quantity <= left:
            counts[line.id] += item.quantity
            return True
    return False
