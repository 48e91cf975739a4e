"""Orders as the marketplace served them in 2017 and in 2021."""

from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from stores.marketplaces.base import UnreadableOrder
from stores.marketplaces.tophatter.client import Tophatter

UTC_ZONE = ZoneInfo("UTC")

ORDER_2017 = {
    "order_id": 359900001,
    "status": "paid",
    "carrier": None,
    "tracking_number": None,
    "product_name": "Ceramic Mug, Blue",
    "product_identifier": "MUG-01",
    "variation_identifier": None,
    "customer_name": "Ada Example",
    "customer_id": 981900001,
    "address1": "12 Sample Street",
    "address2": None,
    "city": "Los Altos",
    "state": "CA",
    "postal_code": "94022",
    "country": "United States",
    "available_refunds": {"buyer_fee": Decimal("18.0"), "shipping_fee": Decimal("3.0")},
    "refund_amount": Decimal("0.0"),
    "disbursement_amount": Decimal("18.9"),
    "seller_fees_amount": Decimal("2.1"),
    "seller_fees": [{"type": "commission_fee", "amount": Decimal("2.1")}],
    "paid_at": "2017-03-31T14:31:19-07:00",
    "created_at": "2017-03-31T16:32:24-07:00",
}
ORDER_2021 = {
    "order_id": 120000001,
    "status": "paid",
    "carrier": None,
    "tracking_number": None,
    "service_type": None,
    "fulfillment_partner": None,
    "product_name": "Example Headset",
    "product_identifier": "EX-HEADSET",
    "product_internal_id": 25000001,
    "variation_identifier": "EX-HEADSET-BLACK",
    "variation_internal_id": 64000001,
    "product_quantity": 1,
    "customer_id": 30000001,
    "customer_name": "Jane Example",
    "address1": "1 Example Street",
    "address2": None,
    "city": "Los Altos",
    "state": "CA",
    "postal_code": "94022",
    "country": "USA",
    "available_refunds": {"buyer_fee": Decimal("10.0"), "shipping_fee": Decimal("4.0")},
    "refund_amount": Decimal("0.0"),
    "disbursement_amount": Decimal("11.9"),
    "seller_fees_amount": Decimal("2.1"),
    "seller_fees": [{"type": "commission_fee", "amount": Decimal("1.26")}],
    "upsells": [
        {
            "type_description": "accessory",
            "amount": "7.0",
            "description": "Carrying case",
        }
    ],
    "related_order_ids": [],
    "annotation": None,
    "paid_at": "2021-03-20T10:15:00-07:00",
    "created_at": "2021-03-20T10:14:30-07:00",
    "updated_at": "2021-03-20T10:15:02-07:00",
    "refunded_at": None,
    "canceled_at": None,
}
NEEDED = {"order_id", "created_at"}


def parse(raw: Any = None, zone: ZoneInfo = UTC_ZONE, **values: Any):
    """Read the order of 2021 with some other values."""
    return Tophatter.parse_order(ORDER_2021 | (raw or {}) | values, zone)


def refusal(raw: Any) -> UnreadableOrder:
    with pytest.raises(UnreadableOrder) as caught:
        Tophatter.parse_order(raw, UTC_ZONE)
    return caught.value
