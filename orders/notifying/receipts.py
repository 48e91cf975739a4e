"""What was sent to the marketplace and what it showed then, kept with the shipment."""

from typing import Any

from orders.importing.fetching import Fetched
from orders.importing.payloads import storable
from orders.models import Shipment

Receipt = dict[str, Any]


def receipt_of(
    shipment: Shipment, answer: Any = None, read_back: Fetched | None = None
) -> Receipt:
    """Return the receipt of an accepted notice; `sent` is None when none was posted.

    `read_back` is None when the answer alone was the proof.
    """
    receipt: Receipt = {"sent": None, "answer": answer, "read_back": None}
    if shipment.posted_at:
        receipt["sent"] = {
            "carrier": shipment.carrier,
            "tracking_number": shipment.tracking_number,
            "at": shipment.posted_at.isoformat(),
        }
    if read_back:
        receipt["read_back"] = {
            "status": read_back.facts.marketplace_status,
            "carrier": read_back.facts.carrier,
            "tracking_number": read_back.facts.tracking_number,
            "at": read_back.at.isoformat(),
            "raw": read_back.raw,
        }
    kept: Receipt = storable(receipt)
    return kept
