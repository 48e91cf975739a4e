"""What lies in the parcel is what was bought, less what was paid back."""

from decimal import Decimal

import pytest

from tests.support.woo_orders import parse_woo, woo_line, woo_refusal


def test_an_item_of_which_nothing_is_left_is_named_and_left_out():
    order = parse_woo(line_items=[woo_line(), woo_line(quantity=0, name="A &amp; B")])

    assert [line.name for line in order.lines] == ["Ceramic Mug, Blue"]
    assert order.left_out == ("A & B",)


@pytest.mark.parametrize(
    ("quantity", "whole", "received"),
    [
        (3, 3, ""),
        ("2", 2, ""),
        (2.0, 2, ""),
        (Decimal("0.375"), 1, "0.375"),
        (2.5, 3, "2.5"),
    ],
)
def test_a_fraction_takes_up_whole_pieces_and_is_shown_as_it_came(
    quantity, whole, received
):
    (line,) = parse_woo(line_items=[woo_line(quantity=quantity)]).lines

    assert (line.quantity, line.quantity_received) == (whole, received)


@pytest.mark.parametrize(
    "quantity",
    [-1, None, True, "two", [], Decimal("1e-9999"), Decimal("1e9999"), 200_000],
)
def test_a_quantity_that_is_none_spoils_the_order(quantity):
    error = woo_refusal(line_items=[woo_line(quantity=quantity)])

    assert error.facts["field"] == "line_items.quantity"


def test_pieces_that_were_paid_back_are_not_shipped():
    items = [woo_line(id=1, quantity=5), woo_line(id=2, quantity=1, name="Gone")]

    order = parse_woo(line_items=items, refunded_pieces={"1": "2", "2": "1"})

    (line,) = order.lines
    assert (line.line_item_id, line.quantity) == ("1", 3)
    assert order.left_out == ("Gone",)


@pytest.mark.parametrize("pieces", ["many", None, [], "-1"])
def test_pieces_paid_back_that_are_none_spoil_the_order(pieces):
    error = woo_refusal(refunded_pieces={"315": pieces})

    assert error.order_id == "727"


@pytest.mark.parametrize("sku", ["", None])
def test_an_item_without_sku_needs_a_name(sku):
    (line,) = parse_woo(line_items=[woo_line(sku=sku)]).lines
    error = woo_refusal(line_items=[woo_line(sku=sku, name=" ")])

    assert (line.sku, line.name) == ("", "Ceramic Mug, Blue")
    assert error.facts["field"] == "line_items.name"


def test_a_discount_written_as_an_item_has_a_price_below_zero():
    (line,) = parse_woo(line_items=[woo_line(price=-2.5)]).lines

    assert line.unit_price == Decimal("-2.50")


def test_a_price_that_cannot_be_read_is_noted():
    order = parse_woo(line_items=[woo_line(price="cheap")])

    assert order.lines[0].unit_price is None
    assert order.unread == ("line_items.price 'cheap'",)


def test_options_without_words_for_people_are_as_they_are_kept():
    metas = [
        {"key": "size", "value": "XL"},
        {"key": "engraving", "value": {"text": "A"}},
        {"key": "_internal", "value": "1"},
        {"value": "nameless"},
        "junk",
        {"key": "logo", "value": "raw", "display_key": "Logo",
         "display_value": "<p>Tea &amp; cake</p>"},
    ]  # fmt: skip

    (line,) = parse_woo(line_items=[woo_line(meta_data=metas)]).lines

    assert line.options == (("size", "XL"), ("Logo", "Tea & cake"))


@pytest.mark.parametrize("items", ["x", [1], [[]], {"1": {}}])
def test_a_list_of_items_that_is_none_spoils_the_order(items):
    assert woo_refusal(line_items=items).facts["field"] == "line_items"


def test_an_order_of_nothing_has_no_lines():
    assert parse_woo(line_items=[]).lines == ()


def test_fees_and_coupons_are_no_part_of_the_parcel():
    names = {line.name for line in parse_woo().lines}

    assert names == {"Ceramic Mug, Blue", "Shirt & Tie"}
