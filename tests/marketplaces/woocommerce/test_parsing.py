"""An order of WooCommerce's REST is read whole, or what cannot be read is named."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stores.marketplaces.base import (
    MarketplaceLine,
    MarketplaceOrder,
    OrderStatus,
    UnreadableOrder,
)
from stores.marketplaces.woocommerce.client import WooCommerce
from tests.support.woo_orders import (
    LOS_ANGELES,
    ORDER,
    UTC_ZONE,
    parse_woo,
    woo_order,
    woo_refusal,
)

NOBODY = dict.fromkeys(ORDER["shipping"], "")


def test_an_order_is_read_whole():
    assert parse_woo() == MarketplaceOrder(
        order_id="727",
        status=OrderStatus.AWAITING_SHIPMENT,
        marketplace_status="processing",
        ordered_at=datetime(2026, 3, 22, 16, 28, 2, tzinfo=UTC),
        paid_at=datetime(2026, 3, 22, 16, 28, 8, tzinfo=UTC),
        customer_name="Ada Example",
        ship_to_name="Grace Sample",
        ship_to_company="Sample Ltd",
        ship_to_address1="12 Sample Street",
        ship_to_address2="Flat 3",
        ship_to_city="Los Altos",
        ship_to_state="CA",
        ship_to_postal_code="94022",
        ship_to_country="US",
        unknown_country="",
        refund_amount=None,
        carrier="",
        tracking_number="",
        lines=(
            MarketplaceLine(
                sku="MUG-01",
                name="Ceramic Mug, Blue",
                quantity=2,
                unit_price=Decimal("3.00"),
                variation_id="",
                product_id="93",
                line_item_id="315",
            ),
            MarketplaceLine(
                sku="TIE-BLK",
                name="Shirt & Tie",
                quantity=1,
                unit_price=Decimal("12.00"),
                variation_id="23",
                product_id="22",
                line_item_id="316",
                options=(("Colour", "Black"),),
            ),
        ),
        currency="USD",
        email="ada@example.com",
        phone="(555) 555-0100",
        buyer_note="Please ring twice & wait",
        shipping_service="Flat Rate",
    )


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("pending", OrderStatus.AWAITING_PAYMENT),
        ("checkout-draft", OrderStatus.AWAITING_PAYMENT),
        ("failed", OrderStatus.AWAITING_PAYMENT),
        ("processing", OrderStatus.AWAITING_SHIPMENT),
        ("Processing", OrderStatus.AWAITING_SHIPMENT),
        ("on-hold", OrderStatus.ON_HOLD),
        ("completed", OrderStatus.SHIPPED),
        ("cancelled", OrderStatus.CANCELLED),
        ("refunded", OrderStatus.CANCELLED),
        ("trash", OrderStatus.CANCELLED),
        ("packed-by-plugin", OrderStatus.NEEDS_REVIEW),
        (None, OrderStatus.NEEDS_REVIEW),
    ],
)
def test_each_word_of_status_is_known_or_needs_review(word, status):
    assert parse_woo(status=word).status == status


def test_a_shops_own_word_means_what_the_store_says():
    order = woo_order(status="packed-by-plugin")

    read = WooCommerce.parse_order(
        order, UTC_ZONE, {"packed-by-plugin": OrderStatus.SHIPPED}
    )

    assert read.status == OrderStatus.SHIPPED
    assert read.marketplace_status == "packed-by-plugin"


def test_times_in_gmt_are_utc_in_whatever_zone_the_store_is():
    order = parse_woo(LOS_ANGELES)

    assert order.ordered_at == datetime(2026, 3, 22, 16, 28, 2, tzinfo=UTC)
    assert order.paid_at == datetime(2026, 3, 22, 16, 28, 8, tzinfo=UTC)


def test_without_times_in_gmt_the_shops_own_are_in_the_stores_zone():
    order = parse_woo(LOS_ANGELES, date_created_gmt=None, date_paid_gmt=None)

    assert order.ordered_at == datetime(2026, 3, 22, 16, 28, 2, tzinfo=UTC)
    assert order.paid_at == datetime(2026, 3, 22, 16, 28, 8, tzinfo=UTC)


def test_an_unpaid_order_has_no_time_of_payment():
    assert parse_woo(date_paid=None, date_paid_gmt=None).paid_at is None


def test_stamps_in_gmt_say_that_they_are_utc():
    assert WooCommerce.read_stamps(ORDER) == {
        "ordered_at": "2026-03-22T16:28:02Z",
        "paid_at": "2026-03-22T16:28:08Z",
    }


def test_stamps_of_the_shops_own_time_stay_as_they_came():
    order = woo_order(date_created_gmt=None, date_paid_gmt=None, date_paid=None)

    assert WooCommerce.read_stamps(order) == {"ordered_at": "2026-03-22T09:28:02"}


def test_a_stamp_with_an_offset_of_its_own_is_left_alone():
    stamp = "2026-03-22T18:28:02+02:00"

    order = woo_order(date_created_gmt=stamp)

    assert WooCommerce.read_stamps(order)["ordered_at"] == stamp
    assert WooCommerce.parse_order(order, LOS_ANGELES).ordered_at.hour == 16


def test_a_number_of_its_own_stands_beside_the_id():
    order = parse_woo(number="#SHOP-0042")

    assert (order.order_id, order.order_number) == ("727", "SHOP-0042")


def test_without_an_address_to_ship_to_the_parcel_goes_to_who_pays():
    order = parse_woo(shipping=NOBODY)

    assert order.ship_to_name == "Ada Example"
    assert order.ship_to_address1 == "9 Market Road"
    assert order.ship_to_postal_code == "94103"
    assert order.has_ship_to


def test_an_order_with_nothing_to_ship_goes_nowhere():
    order = parse_woo(shipping=NOBODY, shipping_lines=[])

    assert not order.has_any_ship_to
    assert order.ship_to_name == ""
    assert order.customer_name == "Ada Example"


def test_the_phone_for_the_parcel_comes_before_the_one_of_who_pays():
    assert parse_woo(shipping={"phone": "555 0199"}).phone == "555 0199"


def test_a_company_is_the_name_where_no_person_is_named():
    order = parse_woo(shipping={"first_name": "", "last_name": ""})

    assert order.ship_to_name == "Sample Ltd"


def test_a_country_that_is_none_is_kept_as_it_came():
    order = parse_woo(shipping={"country": "ZZ"})

    assert (order.ship_to_country, order.unknown_country) == ("", "ZZ")


@pytest.mark.parametrize("field", ["address_1", "city", "last_name", "country"])
def test_an_address_that_cannot_be_read_is_no_address(field):
    order = parse_woo(shipping={field: ["12 Sample Street"]})

    assert order.is_ship_to_unread
    assert not order.has_ship_to
    assert order.unread == (f"shipping.{field} ['12 Sample Street']",)


def test_a_payers_name_that_cannot_be_read_is_said_where_the_parcel_goes_there():
    order = parse_woo(shipping=NOBODY, billing={"last_name": {"x": 1}})

    assert order.is_ship_to_unread


def test_an_address_to_ship_to_that_is_none_is_not_the_payers():
    order = parse_woo(shipping=["12 Sample Street"])

    assert order.is_ship_to_unread
    assert not order.has_ship_to


def test_an_unreadable_phone_leaves_the_address_good():
    order = parse_woo(shipping={"phone": [1]}, billing={"phone": ""})

    assert order.has_ship_to
    assert order.unread == ("shipping.phone [1]",)


def test_several_ways_of_shipping_are_named_in_one_text():
    titles = [{"method_title": "Flat Rate"}, {"method_title": "Express &amp; safe"}]

    service = parse_woo(shipping_lines=titles).shipping_service

    assert service == "Flat Rate | Express & safe"


def test_what_was_paid_back_is_added_up():
    refunds = [{"id": 1, "total": "-10.00"}, {"id": 2, "total": "-0.50"}]

    assert parse_woo(refunds=refunds).refund_amount == Decimal("10.50")


@pytest.mark.parametrize("number", [None, 0, -1, True, "x", "7/../8", 2**64, [], 7.5])
def test_an_order_without_a_number_has_no_id(number):
    with pytest.raises(UnreadableOrder) as caught:
        WooCommerce.order_id({"id": number})

    assert caught.value.order_id == ""


@pytest.mark.parametrize("raw", [None, [], "727", 727])
def test_what_is_no_object_is_no_order(raw):
    with pytest.raises(UnreadableOrder):
        WooCommerce.parse_order(raw, UTC_ZONE)


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("727", True),
        ("0", False),
        ("", False),
        ("A7", False),
        ("²", False),
        ("9" * 5000, False),
    ],
)
def test_only_a_number_is_an_orders_number(text, is_one):
    assert WooCommerce.is_order_id(text) is is_one


def test_an_order_without_any_date_names_the_field():
    missing = dict.fromkeys(
        ["date_created", "date_created_gmt", "date_paid", "date_paid_gmt"]
    )

    error = woo_refusal(**missing)

    assert error.order_id == "727"
    assert error.facts["field"] == "date_created_gmt"


def test_an_order_dated_by_its_payment_says_so():
    order = parse_woo(date_created=None, date_created_gmt=None)

    assert order.ordered_at == order.paid_at
    stamps = WooCommerce.read_stamps(
        woo_order(date_created=None, date_created_gmt=None)
    )
    assert stamps["ordered_at"] == stamps["paid_at"]


def test_what_an_order_can_do_without_is_noted_and_left_out():
    order = parse_woo(customer_note=["x"], currency={"code": "USD"}, number=[7])

    assert replace(order, unread=()) == replace(
        parse_woo(), buyer_note="", currency="", unread=()
    )
    assert sorted(one.split()[0] for one in order.unread) == [
        "currency",
        "customer_note",
        "number",
    ]


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.decimals(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner)
    ),
    max_leaves=6,
)


def read_or_refused(order):
    """Return what is read of an order, or why it cannot be read."""
    try:
        return WooCommerce.parse_order(order, UTC_ZONE)
    except UnreadableOrder as error:
        return error


@given(st.sampled_from(sorted(ORDER)), ANYTHING)
def test_any_value_in_any_field_is_read_or_refused_in_words(field, value):
    order = {**ORDER, field: value}

    read = read_or_refused(order)

    WooCommerce.read_amounts(order)
    WooCommerce.read_stamps(order)
    assert "billing" not in WooCommerce.without_person(order)
    assert read.order_id in {"", str(order["id"])}
    assert isinstance(read, MarketplaceOrder) or str(read).endswith(".")


@given(st.sampled_from(sorted(ORDER["line_items"][1])), ANYTHING)
def test_any_value_in_any_field_of_an_item_is_read_or_refused(field, value):
    items = [{**ORDER["line_items"][1], field: value}]

    read = read_or_refused(woo_order(line_items=items))

    assert read.order_id == "727"
    is_read = isinstance(read, MarketplaceOrder)
    assert not is_read or len(read.lines) + len(read.left_out) == 1
