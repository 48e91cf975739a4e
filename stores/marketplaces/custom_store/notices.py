"""Write a ship notice: its parameters, and the XML beside them."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html import escape

from stores.marketplaces.base import NoticeLine, ShipmentNotice

# What no XML document may hold.
FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def notice_parameters(notice: ShipmentNotice) -> dict[str, str]:
    return {
        "action": "shipnotify",
        "order_number": _number(notice),
        "carrier": notice.carrier,
        "service": notice.service,
        "tracking_number": notice.tracking_number,
    }


def notice_body(notice: ShipmentNotice, now: datetime) -> bytes:
    """Return the notice as XML, made out now.

    Magento looks its own number up as `OrderID`, which is the order's ID here where
    the shop gave none.
    """
    shipped_at = (notice.shipped_at or now).astimezone(UTC)
    parts = [
        _element("OrderNumber", _number(notice)),
        _element("OrderID", notice.order_id),
        _element("NotifyCustomer", "true"),
        _element("LabelCreateDate", f"{now.astimezone(UTC):%m/%d/%Y %H:%M}"),
        _element("ShipDate", f"{shipped_at:%m/%d/%Y}"),
        _element("Carrier", notice.carrier),
        _element("Service", notice.service),
        _element("TrackingNumber", notice.tracking_number),
    ]
    if notice.lines:
        items = "".join("".join(_item(line)) for line in notice.lines)
        parts.append(f"<Items>{items}</Items>")
    text = f"<ShipNotice>{''.join(parts)}</ShipNotice>"
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'.encode()


def _number(notice: ShipmentNotice) -> str:
    return notice.order_number or notice.order_id


def _item(line: NoticeLine) -> Iterator[str]:
    yield "<Item>"
    if line.line_item_id:
        yield _element("LineItemID", line.line_item_id)
    yield _element("SKU", line.sku)
    yield _element("Name", line.name)
    yield _element("Quantity", str(line.quantity))
    yield "</Item>"


def _element(name: str, text: str) -> str:
    return f"<{name}>{escape(FORBIDDEN.sub('', text), quote=False)}</{name}>"
