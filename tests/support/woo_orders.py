"""An order as WooCommerce's `wc/v3` gives it, and its parts."""

import json
from copy import deepcopy
from typing import Any
from zoneinfo import ZoneInfo

from stores.marketplaces.base import MarketplaceOrder, UnreadableOrder
from stores.marketplaces.woocommerce.client import WooCommerce

UTC_ZONE = ZoneInfo("UTC")
LOS_ANGELES = ZoneInfo("America/Los_Angeles")

# After "Create an order" of the REST API documentation, with people made up.
ORDER = json.loads(
    """
{
  "id": 727, "parent_id": 0, "number": "727", "order_key": "wc_order_58d2d042d1d",
  "created_via": "checkout", "version": "9.8.1", "status": "processing",
  "currency": "USD", "date_created": "2026-03-22T09:28:02",
  "date_created_gmt": "2026-03-22T16:28:02", "date_modified": "2026-03-22T09:30:00",
  "date_modified_gmt": "2026-03-22T16:30:00", "discount_total": "3.00",
  "discount_tax": "0.00", "shipping_total": "10.00", "shipping_tax": "0.00",
  "cart_tax": "1.35", "total": "39.34", "total_tax": "1.35",
  "prices_include_tax": false, "customer_id": 26,
  "customer_ip_address": "203.0.113.7", "customer_user_agent": "Example/1.0",
  "customer_note": "Please ring twice &amp; wait",
  "billing": {"first_name": "Ada", "last_name": "Example", "company": "",
    "address_1": "9 Market Road", "address_2": "", "city": "San Francisco",
    "state": "CA", "postcode": "94103", "country": "US",
    "email": "ada@example.com", "phone": "(555) 555-0100"},
  "shipping": {"first_name": "Grace", "last_name": "Sample", "company": "Sample Ltd",
    "address_1": "12 Sample Street", "address_2": "Flat 3", "city": "Los Altos",
    "state": "CA", "postcode": "94022", "country": "US", "phone": ""},
  "payment_method": "stripe", "payment_method_title": "Card", "transaction_id": "t1",
  "date_paid": "2026-03-22T09:28:08", "date_paid_gmt": "2026-03-22T16:28:08",
  "date_completed": null, "date_completed_gmt": null, "cart_hash": "",
  "meta_data": [{"id": 1, "key": "_ip", "value": "203.0.113.7"}],
  "line_items": [
    {"id": 315, "name": "Ceramic Mug, Blue", "product_id": 93, "variation_id": 0,
     "quantity": 2, "tax_class": "", "subtotal": "6.00", "subtotal_tax": "0.45",
     "total": "6.00", "total_tax": "0.45", "taxes": [], "meta_data": [],
     "sku": "MUG-01", "price": 3.0000000000000004,
     "image": {"id": "17", "src": "https://shop.example.com/mug.jpg"}},
    {"id": 316, "name": "Shirt &amp; <b>Tie</b>", "product_id": 22,
     "variation_id": 23, "quantity": 1, "tax_class": "", "subtotal": "12.00",
     "subtotal_tax": "0.90", "total": "12.00", "total_tax": "0.90", "taxes": [],
     "meta_data": [
       {"id": 2095, "key": "pa_color", "value": "black",
        "display_key": "Colour", "display_value": "Black"},
       {"id": 2096, "key": "_reduced_stock", "value": "1",
        "display_key": "_reduced_stock", "display_value": "1"}],
     "sku": "TIE-BLK", "price": 12, "image": {"id": "", "src": ""}}],
  "tax_lines": [],
  "shipping_lines": [
    {"id": 317, "method_title": "Flat Rate", "method_id": "flat_rate",
     "total": "10.00", "total_tax": "0.00", "taxes": [], "meta_data": []}],
  "fee_lines": [
    {"id": 318, "name": "Gift wrap", "tax_class": "", "total": "2.50",
     "total_tax": "0.00", "taxes": [], "meta_data": []}],
  "coupon_lines": [
    {"id": 319, "code": "welcome", "discount": "3.00", "discount_tax": "0.00"}],
  "refunds": []
}
"""
)


def woo_order(**changes: Any) -> dict[str, Any]:
    """Return an order with these fields otherwise; of a dict only what it names."""
    order = deepcopy(ORDER)
    for name, value in changes.items():
        is_part = isinstance(value, dict) and isinstance(order.get(name), dict)
        order[name] = {**order[name], **value} if is_part else value
    return order


def woo_line(**changes: Any) -> dict[str, Any]:
    """Return the first item of the order with these fields otherwise."""
    return {**deepcopy(ORDER["line_items"][0]), **changes}


def parse_woo(zone: ZoneInfo = UTC_ZONE, **changes: Any) -> MarketplaceOrder:
    return WooCommerce.parse_order(woo_order(**changes), zone)


def woo_refusal(**changes: Any) -> UnreadableOrder:
    """Return why the order cannot be read; fails where it can."""
    try:
        order = parse_woo(**changes)
    except UnreadableOrder as error:
        return error
    raise AssertionError(order)
