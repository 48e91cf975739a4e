"""`parse_order` reads every known form of an order, or names the one it cannot read."""

from dataclasses import fields
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stores.marketplaces.base import MarketplaceLine, MarketplaceOrder, OrderStatus
from stores.marketplaces.tophatter.client import Tophatter
from stores.marketplaces.tophatter.parsing import STATUSES
from tests.support.payloads import (
    NEEDED,
    ORDER_2017,
    ORDER_2021,
    UTC_ZONE,
    parse,
    refusal,
)


def test_an_order_of_2017_is_read_whole():
    order = Tophatter.parse_order(ORDER_2017, UTC_ZONE)

    assert order == MarketplaceOrder(
        order_id="359900001",
        status=OrderStatus.AWAITING_SHIPMENT,
        marketplace_status="paid",
        ordered_at=datetime(2017, 3, 31, 23, 32, 24, tzinfo=UTC),
        paid_at=datetime(2017, 3, 31, 21, 31, 19, tzinfo=UTC),
        customer_name="Ada Example",
        ship_to_name="Ada Example",
        ship_to_address1="12 Sample Street",
        ship_to_address2="",
        ship_to_city="Los Altos",
        ship_to_state="CA",
        ship_to_postal_code="94022",
        ship_to_country="US",
        unknown_country="",
        refund_amount=Decimal("0.00"),
        carrier="",
        tracking_number="",
        lines=(
            MarketplaceLine(
                sku="MUG-01",
                name="Ceramic Mug, Blue",
                quantity=1,
                unit_price=Decimal("18.00"),
                variation_id="",
                product_id="MUG-01",
            ),
        ),
    )


def test_an_order_of_2021_is_read_whole():
    order = Tophatter.parse_order(ORDER_2021, UTC_ZONE)

    assert order.order_id == "120000001"
    assert order.ordered_at == datetime(2021, 3, 20, 17, 14, 30, tzinfo=UTC)
    assert order.ship_to_country == "US"
    assert order.lines == (
        MarketplaceLine(
            sku="EX-HEADSET-BLACK",
            name="Example Headset",
            quantity=1,
            unit_price=Decimal("10.00"),
            variation_id="EX-HEADSET-BLACK",
            product_id="EX-HEADSET",
        ),
        MarketplaceLine(
            sku="",
            name="Carrying case",
            quantity=1,
            unit_price=Decimal("7.00"),
            variation_id="",
        ),
    )


def test_unknown_keys_are_ignored():
    assert parse(brand_new={"a": [1]}, acknowledged=True) == parse()


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("processing_payment", OrderStatus.AWAITING_PAYMENT),
        ("pending_verification", OrderStatus.AWAITING_PAYMENT),
        ("unpaid", OrderStatus.AWAITING_PAYMENT),
        ("paid", OrderStatus.AWAITING_SHIPMENT),
        ("shipped", OrderStatus.SHIPPED),
        ("refunded", OrderStatus.CANCELLED),
        ("cancelled", OrderStatus.CANCELLED),
        ("canceled", OrderStatus.CANCELLED),
        ("pending_consolidation_decision", OrderStatus.ON_HOLD),
        ("skipped_order_consolidation", OrderStatus.NEEDS_REVIEW),
        ("mystery", OrderStatus.NEEDS_REVIEW),
        ("paid!", OrderStatus.NEEDS_REVIEW),
    ],
)
def test_each_word_of_the_marketplace_is_one_of_our_statuses(word, status):
    order = parse(status=word)

    assert order.status == status
    assert order.marketplace_status == word


@pytest.mark.parametrize("word", [" Paid ", "PAID", "paid\n"])
def test_a_status_is_known_whatever_its_letters_and_spaces(word):
    assert parse(status=word).status == OrderStatus.AWAITING_SHIPMENT


@pytest.mark.parametrize("word", [None, "", 7, True, ["paid"], {"paid": "paid"}])
def test_a_status_that_is_no_word_needs_review(word):
    order = parse(status=word)

    assert order.status == OrderStatus.NEEDS_REVIEW
    assert order.marketplace_status == ""


@given(st.text())
def test_no_unknown_word_is_ever_shippable(word):
    order = parse(status=word)

    known = " ".join(word.split()).lower() in STATUSES
    assert known or order.status == OrderStatus.NEEDS_REVIEW


@pytest.mark.parametrize("field", sorted({*ORDER_2017, *ORDER_2021} - NEEDED))
def test_any_field_may_be_missing_or_null(field):
    without = {key: value for key, value in ORDER_2021.items() if key != field}

    missing = Tophatter.parse_order(without, UTC_ZONE)
    null = parse({field: None})

    assert missing == null
    assert missing.order_id == "120000001"


def test_all_fields_may_be_missing_but_two():
    order = Tophatter.parse_order(
        {"order_id": 1, "created_at": "2021-03-20T10:14:30-07:00"}, UTC_ZONE
    )

    texts = [getattr(order, field.name) for field in fields(order) if field.type is str]
    assert set(texts) == {"1", ""}
    assert (order.paid_at, order.refund_amount) == (None, None)
    assert order.status == OrderStatus.NEEDS_REVIEW
    assert order.lines == (MarketplaceLine("", "", 1, None, ""),)


def test_all_fields_may_be_null_but_two():
    nulls = dict.fromkeys(ORDER_2021) | {
        "order_id": 1,
        "created_at": "2021-03-20T10:14:30-07:00",
    }

    order = Tophatter.parse_order(nulls, UTC_ZONE)

    assert order == Tophatter.parse_order({key: nulls[key] for key in NEEDED}, UTC_ZONE)


def test_an_order_without_a_date_is_of_the_day_it_was_paid():
    order = parse(created_at=None, paid_at="2021-03-20T10:15:00Z")

    assert order.ordered_at == datetime(2021, 3, 20, 10, 15, tzinfo=UTC)


def test_an_order_without_any_date_cannot_be_read():
    error = refusal(ORDER_2021 | {"created_at": None, "paid_at": None})

    assert error.order_id == "120000001"
    assert "created_at" in str(error)


@pytest.mark.parametrize(
    ("value", "quantity"),
    [
        (1, 1),
        (3, 3),
        ("3", 3),
        ("03", 3),
        ("2.0", 2),
        (" 2.00 ", 2),
        ("1,000", 1000),
        ("12,000.0", 12_000),
        (Decimal("3.0"), 3),
        (Decimal("1E+2"), 100),
        (100_000, 100_000),
        (None, 1),
        ("", 1),
        (" ", 1),
    ],
)
def test_a_quantity_is_a_whole_number_and_one_when_not_said(value, quantity):
    line = parse(product_quantity=value).lines[0]

    assert line.quantity == quantity
    assert type(line.quantity) is int


@pytest.mark.parametrize(
    "value",
    [
        0,
        -1,
        "0",
        "-1",
        "a dozen",
        "1.5",
        "2.5",
        "2,0",
        "1,00",
        "1_0",
        "+1",
        "٣",
        "1,000,000",
        Decimal("1.5"),
        Decimal("0.99"),
        100_001,
        "99999999999999999999",
        Decimal("1E+5000"),
        Decimal("1E+999999999999"),
        True,
        [1],
        {},
    ],
)
def test_a_quantity_that_makes_no_sense_is_refused(value):
    error = refusal(ORDER_2021 | {"product_quantity": value})

    assert error.order_id == "120000001"
    assert "product_quantity" in str(error)


def test_the_price_of_several_pieces_is_not_guessed():
    assert parse(product_quantity=1).lines[0].unit_price == Decimal("10.00")
    assert parse(product_quantity=2).lines[0].unit_price is None


@pytest.mark.parametrize("refunds", [None, {}, {"shipping_fee": 4}, []])
def test_a_price_that_is_no_longer_stated_is_unknown(refunds):
    assert parse(available_refunds=refunds).lines[0].unit_price is None


@pytest.mark.parametrize(
    ("variation", "sku", "variation_id"),
    [
        ("EX-HEADSET-BLACK", "EX-HEADSET-BLACK", "EX-HEADSET-BLACK"),
        (None, "EX-HEADSET", ""),
        ("", "EX-HEADSET", ""),
        (64000001, "64000001", "64000001"),
    ],
)
def test_the_sku_is_the_variation_or_else_the_product(variation, sku, variation_id):
    line = parse(variation_identifier=variation).lines[0]

    assert line.sku == sku
    assert line.variation_id == variation_id


def test_upsells_are_further_lines_in_their_order():
    order = parse(
        upsells=[
            {"type_description": "accessory", "amount": "7.0", "description": "Case"},
            {"type_description": "buy_one_get_one", "amount": Decimal("5.5")},
            {"identifier": "CABLE-1", "description": "Cable", "amount": None},
            {},
        ]
    )

    assert order.lines[1:] == (
        MarketplaceLine("", "Case", 1, Decimal("7.00"), ""),
        MarketplaceLine("", "buy_one_get_one", 1, Decimal("5.50"), ""),
        MarketplaceLine("CABLE-1", "Cable", 1, None, ""),
        MarketplaceLine("", "", 1, None, ""),
    )


@pytest.mark.parametrize("upsells", [None, [], ""])
def test_without_upsells_there_is_one_line(upsells):
    assert len(parse(upsells=upsells).lines) == 1


@pytest.mark.parametrize(
    "values",
    [
        {"upsells": {"amount": 1}},
        {"upsells": "case"},
        {"upsells": ["case"]},
        {"upsells": [None]},
        {"upsells": [{}] * 101},
        {"upsells": {str(place): {} for place in range(101)}},
        {"upsells": {"0": {}, "note": {}}},
        {"upsells": {"0": "case"}},
        {"upsells": {"٣": {}}},
        {"upsells": [{"identifier": ["CASE"]}]},
        {"upsells": [{"description": ["Case"]}]},
        {"variation_identifier": ["EX"]},
        {"variation_identifier": None, "product_identifier": {"sku": "EX"}},
    ],
)
def test_parts_of_another_shape_are_refused(values):
    error = refusal(ORDER_2021 | values)

    assert error.order_id == "120000001"
    assert "cannot be read" in str(error)


@pytest.mark.parametrize("places", ["01", "10", ["9", "10"], ["2", "1"]])
def test_upsells_that_are_numbered_are_lines_in_the_order_of_their_numbers(places):
    upsells = {place: {"description": f"Case {place}"} for place in places}

    names = [line.name for line in parse(upsells=upsells).lines[1:]]

    assert names == [f"Case {place}" for place in sorted(places, key=int)]


@pytest.mark.parametrize(
    "junk", [None, 7, "junk", True, [], ["deep"], {}, {"order_id": None}, Decimal(1)]
)
def test_junk_is_refused_without_an_order_id(junk):
    assert refusal(junk).order_id == ""


def test_what_cannot_be_read_is_named_in_one_short_line():
    error = refusal(ORDER_2021 | {"product_quantity": "a\n\x00" + "b" * 10_000})

    assert str(error).startswith("Order 120000001 cannot be read")
    assert len(str(error)) < 200
    assert "\n" not in str(error)
    assert "\x00" not in str(error)


def test_a_deeply_nested_value_is_refused_and_not_walked_to_its_end():
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]

    error = refusal(ORDER_2021 | {"upsells": [deep]})

    assert error.order_id == "120000001"
