"""What a shop is told of a shipment, and how it is seen that it was told.

With the ShipStation plug-in it is one notification, to which the plug-in itself adds
a note for the buyer and completes the order. Source: the plug-in's `Orders_Controller`
(`wc-shipstation/v1/orders/shipments`) and what was measured. Without it both are done
here, by `wc/v3` (REST API documentation, "Order notes").
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from stores.marketplaces.base import (
    MarketplaceRefused,
    MarketplaceUnavailable,
    ShipmentNotice,
)
from stores.marketplaces.values import clean, shown_words
from stores.marketplaces.woocommerce.failures import NO_RESULT, NOT_SHIPPED

# Who WooCommerce says has written a note that no person wrote.
PROGRAM = "system"


def note_of(notice: ShipmentNotice, carriers: Mapping[str, str]) -> str:
    """Return the note that the buyer gets, which the shop mails as it is."""
    labels = {identifier: label for label, identifier in carriers.items()}
    carrier = labels.get(notice.carrier, notice.carrier)
    return shown_words(f"Shipped with {carrier}, {notice.tracking_number}.")


def notification_of(notice: ShipmentNotice) -> dict[str, Any]:
    """Return the plug-in's notification; it finds each item by its line's number."""
    told: dict[str, Any] = {
        "notification_id": f"{notice.order_id}-{notice.tracking_number}",
        "order_id": notice.order_id,
        "order_number": notice.order_number or notice.order_id,
        "tracking_number": notice.tracking_number,
        "carrier_code": notice.carrier,
        "items": [
            {
                "line_item_id": line.line_item_id,
                "sku": line.sku,
                "description": line.name,
                "quantity": line.quantity,
            }
            for line in notice.lines
        ],
    }
    if notice.shipped_at:
        told["ship_date"] = notice.shipped_at.isoformat(timespec="seconds")
    return told


def check_result(answer: dict[str, Any], notice: ShipmentNotice) -> None:
    """Raise what the plug-in says of the notification, unless it is a success."""
    results = answer.get("notification_results")
    wanted = notification_of(notice)["notification_id"]
    for result in results if isinstance(results, list) else ():
        if not isinstance(result, dict) or result.get("notification_id") != wanted:
            continue
        if result.get("status") == "success":
            return
        if result.get("status") == "failure":
            reason = clean(str(result.get("failure_reason") or "–"))[:200]
            raise MarketplaceRefused(NOT_SHIPPED, order=notice.order_id, message=reason)
    raise MarketplaceUnavailable(NO_RESULT, order=notice.order_id)


def check_note(answer: dict[str, Any], notice: ShipmentNotice) -> None:
    """Raise that nothing was said, unless the answer shows a note that was written."""
    if not answer.get("id"):
        raise MarketplaceUnavailable(NO_RESULT, order=notice.order_id)


def written_by_programs(notes: Iterable[Any]) -> list[str]:
    """Return the texts of an order's notes that no person wrote."""
    return [
        shown_words(str(note.get("note", "")))
        for note in notes
        if isinstance(note, dict) and note.get("author", PROGRAM) == PROGRAM
    ]


def is_named(number: str, notes: Iterable[str]) -> bool:
    """Return whether a note names the tracking number, and not as part of another."""
    wanted = clean(number)
    alone = rf"(?<![0-9A-Za-z]){re.escape(wanted)}(?![0-9A-Za-z])"
    return bool(wanted) and any(re.search(alone, note, re.IGNORECASE) for note in notes)
