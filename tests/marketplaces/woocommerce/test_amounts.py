"""What an order costs, and what is kept of it once its buyer is erased."""

import json
from decimal import Decimal

from stores.marketplaces.woocommerce.client import WooCommerce
from tests.support.woo_orders import ORDER, UTC_ZONE, woo_line, woo_order


def amounts(**changes):
    read = WooCommerce.read_amounts(woo_order(**changes))
    return [(one.title, one.amount) for one in read]


def test_fees_and_coupons_are_amounts_beside_the_totals():
    assert amounts() == [
        ("Gift wrap", Decimal("2.50")),
        ("welcome", Decimal("-3.00")),
        ("Shipping", Decimal("10.00")),
        ("Tax", Decimal("1.35")),
        ("Order total", Decimal("39.34")),
    ]


def test_a_discount_without_a_coupon_is_an_amount_too():
    assert ("Discount", Decimal("-3.00")) in amounts(coupon_lines=[])


def test_a_fee_below_zero_stays_below_zero():
    fees = [{"name": "", "total": "-2.00"}]

    assert ("Fee", Decimal("-2.00")) in amounts(fee_lines=fees)


def test_what_was_paid_back_is_below_zero():
    refunds = [{"id": 9, "reason": "broken", "total": "-4.00"}]

    assert amounts(refunds=refunds)[-1] == ("Refunded", Decimal("-4.00"))


def test_amounts_of_what_is_no_order_are_none():
    assert WooCommerce.read_amounts(["x"]) == []


def test_nothing_of_the_buyer_is_left():
    order = woo_order(
        line_items=[woo_line(meta_data=[{"key": "Engraving", "value": "For Grace"}])],
        refunds=[{"id": 9, "reason": "Ada said so", "total": "-4.00"}],
        coupon_lines=[{"id": 1, "code": "ada-20", "discount": "3.00"}],
        unknown={"name": "Ada"},
    )

    text = json.dumps(WooCommerce.without_person(order)).lower()

    for word in ("ada", "grace", "203.0.113", "ring twice", "555", "94022", "wc_order"):
        assert word not in text


def test_ids_dates_items_and_amounts_are_left():
    before = WooCommerce.parse_order(woo_order(refunded_pieces={"315": "1"}), UTC_ZONE)

    kept = WooCommerce.without_person(woo_order(refunded_pieces={"315": "1"}))
    after = WooCommerce.parse_order(kept, UTC_ZONE)

    assert (after.order_id, after.status) == (before.order_id, before.status)
    assert (after.ordered_at, after.paid_at) == (before.ordered_at, before.paid_at)
    assert [(one.sku, one.quantity) for one in after.lines] == [
        ("MUG-01", 1),
        ("TIE-BLK", 1),
    ]
    assert after.customer_name == after.ship_to_name == after.email == ""
    assert kept["total"] == ORDER["total"]
    assert WooCommerce.read_stamps(kept) == WooCommerce.read_stamps(ORDER)
