"""An order as JSON: WooCommerce's own form, and the one of its ShipStation plug-in."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from stores.sandbox.shops.orders import Line, Order, renamed

# What each calls the parts of an address, in the order of ours.
WOO_ADDRESS = "name company address_1 address_2 city state postcode country phone"
PLUGIN_ADDRESS = (
    "name company address_line_1 address_line_2 city state_province postal_code "
    "country_code phone"
)
# What the plug-in makes of WooCommerce's words, as it is installed.
PLUGIN_WORDS = {
    "pending": "AwaitingPayment",
    "processing": "AwaitingShipment",
    "on-hold": "OnHold",
    "completed": "Completed",
    "cancelled": "Cancelled",
    "refunded": "Cancelled",
}
PAYMENT_WORDS = {
    "pending": "AwaitingPayment",
    "on-hold": "AwaitingPayment",
    "cancelled": "PaymentCancelled",
    "refunded": "PaymentCancelled",
    "failed": "PaymentFailed",
}


def woo_order(order: Order, zone: ZoneInfo) -> dict[str, Any]:
    """Return the order as `wc/v3/orders` does; dates are the site's, and GMT's too."""
    first, _, last = order.buyer.partition(" ")
    person = {"first_name": first, "last_name": last}
    dates = {
        "date_created": order.created_at,
        "date_modified": order.modified_at,
        "date_paid": order.paid_at,
        "date_completed": order.completed_at,
    }
    return {
        "id": int(order.id),
        "parent_id": 0,
        "status": order.status,
        "currency": order.currency,
        "prices_include_tax": False,
        **{name: _naive(moment, zone) for name, moment in dates.items()},
        **{f"{name}_gmt": _naive(moment, UTC) for name, moment in dates.items()},
        "discount_total": f"{sum(order.discounts.values(), Decimal(0)):.2f}",
        "shipping_total": f"{order.shipping_amount:.2f}",
        "total": f"{order.total + order.refunded:.2f}",
        "total_tax": f"{order.tax_amount:.2f}",
        "customer_id": int(order.customer_id),
        "order_key": f"wc_order_{order.id}",
        "billing": {
            **_woo_address(order.address),
            **person,
            "company": order.company,
            "email": order.email,
            "phone": order.phone,
        },
        "shipping": _woo_address(order.address),
        "payment_method": "card",
        "payment_method_title": order.payment_method,
        "transaction_id": "",
        "customer_note": order.note,
        "number": order.number,
        "meta_data": [],
        **_woo_parts(order),
        "currency_symbol": "$",
    }


def _woo_parts(order: Order) -> dict[str, list[dict[str, Any]]]:
    """Return what the order is made of."""
    return {
        "line_items": [_woo_line(line) for line in order.lines],
        "tax_lines": [],
        "shipping_lines": [
            {
                "id": int(f"{order.id}80"),
                "method_title": order.shipping_method,
                "method_id": "flat_rate",
                "total": f"{order.shipping_amount:.2f}",
                "total_tax": "0.00",
            }
        ],
        "fee_lines": [
            {"id": int(fee_id), "name": name, "total": f"{amount:.2f}"}
            for fee_id, name, amount in order.fee_lines
        ],
        "coupon_lines": [
            {"id": int(f"{order.id}7{place}"), "code": code, "discount": f"{off:.2f}"}
            for place, (code, off) in enumerate(order.discounts.items())
        ],
        "refunds": [
            {
                "id": int(f"{order.id}60"),
                "reason": "",
                "total": f"-{order.refunded:.2f}",
            }
            for _once in range(bool(order.refunded))
        ],
    }


def plugin_order(order: Order) -> dict[str, Any]:
    """Return the order as `wc-shipstation/v1/orders` does, with times in UTC."""
    return {
        "order_id": int(order.id),
        "order_number": order.number,
        "status": PLUGIN_WORDS.get(order.status, "Unknown"),
        "paid_date": _zulu(order.paid_at),
        "requested_fulfillments": _fulfillments(order),
        "buyer": {"name": order.buyer, "email": order.email, "phone": order.phone},
        "bill_to": {
            "email": order.email,
            **renamed(order.address, PLUGIN_ADDRESS),
            "name": order.buyer,
            "phone": order.phone,
            "company": order.company,
        },
        "currency": order.currency,
        "payment": _payment(order),
        "ship_from": renamed(None, PLUGIN_ADDRESS) | {"address_line_3": ""},
        "order_url": f"https://shop.example/checkout/order-received/{order.id}/",
        "notes": _notes(order),
        "created_date_time": _zulu(order.created_at),
        "modified_date_time": _zulu(order.modified_at),
    }


def _naive(moment: datetime | None, zone: Any) -> str | None:
    if moment is None:
        return None
    return moment.astimezone(zone).strftime("%Y-%m-%dT%H:%M:%S")


def _zulu(moment: datetime | None) -> str:
    return f"{_naive(moment, UTC)}.000Z" if moment else ""


def _woo_address(address: dict[str, str] | None) -> dict[str, str]:
    found = renamed(address, WOO_ADDRESS)
    first, _, last = found.pop("name").partition(" ")
    return {"first_name": first, "last_name": last, **found}


def _woo_line(line: Line) -> dict[str, Any]:
    options = line.options.items()
    return {
        "id": int(line.id),
        "name": line.name,
        "product_id": 25,
        "variation_id": 0,
        "quantity": _number(line.quantity),
        "subtotal": f"{line.price * line.quantity:.2f}",
        "total": f"{line.price * line.quantity:.2f}",
        "meta_data": [
            {"key": key, "value": value, "display_key": key, "display_value": value}
            for key, value in options
        ],
        "sku": line.sku,
        "price": float(line.price),
        "image": {"id": "", "src": line.picture},
    }


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


def _fulfillments(order: Order) -> list[dict[str, Any]]:
    items = [_plugin_line(order, line) for line in order.lines if line.quantity]
    modified_at = _zulu(order.modified_at)
    # A fee is an item without a product; what is empty is left out.
    items += [
        {
            "line_item_id": int(fee_id),
            "description": name,
            "quantity": 1,
            "unit_price": float(amount),
            "modified_date_time": modified_at,
        }
        for fee_id, name, amount in order.fee_lines
    ]
    if not items:
        return []
    preferences = {"gift": order.gift, "shipping_service": order.shipping_method}
    return [
        {
            "requested_fulfillment_id": "",
            "ship_to": renamed(order.address, PLUGIN_ADDRESS),
            "items": items,
            "extensions": {"custom_field_1": " | ".join(order.discounts)},
            "shipping_preferences": preferences,
        }
    ]


def _plugin_line(order: Order, line: Line) -> dict[str, Any]:
    options = line.options.items()
    return {
        "line_item_id": int(line.id),
        "description": line.name,
        "product": {
            "product_id": 25,
            "name": line.name,
            "description": "",
            "identifiers": {"sku": line.sku, "isbn": "", "fulfillment_sku": ""},
            "details": [{"name": key, "value": value} for key, value in options],
            "unit_cost": 0,
            "weight": {"unit": "Gram", "value": float(line.weight)},
            "dimensions": {"length": 0, "width": 0, "height": 0, "unit": "Centimeter"},
            "urls": {
                "image_url": line.picture,
                "product_url": "https://shop.example/product/25/",
                "thumbnail_url": line.picture,
            },
        },
        "quantity": _number(line.quantity),
        "unit_price": float(line.price),
        "item_url": "https://shop.example/product/25/",
        "modified_date_time": _zulu(order.modified_at),
    }


def _payment(order: Order) -> dict[str, Any]:
    charge = {
        "amount": float(order.shipping_amount),
        "description": order.shipping_method,
    }
    tax = {"amount": float(order.tax_amount), "description": "Tax"}
    payment: dict[str, Any] = {
        "payment_status": PAYMENT_WORDS.get(order.status, "Paid"),
        "taxes": [tax] if order.tax_amount else [],
        "shipping_charges": [charge],
        "amount_paid": float(order.total),
        "payment_method": "card",
    }
    if order.discounts:
        payment["adjustments"] = [
            {"description": f"Discount from coupon: {code}", "amount": -float(amount)}
            for code, amount in order.discounts.items()
        ]
    return payment


def _notes(order: Order) -> list[dict[str, str]]:
    texts = {
        "NotesFromBuyer": order.note,
        "GiftMessage": order.gift_message if order.gift else "",
        "InternalNotes": " | ".join(order.notes),
    }
    return [{"type": kind, "text": text} for kind, text in texts.items() if text]
