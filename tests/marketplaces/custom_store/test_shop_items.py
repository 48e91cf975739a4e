"""What goes into the parcel, what does not, and what it weighs."""

from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from stores.marketplaces.base import UnreadableOrder
from stores.marketplaces.custom_store.client import CustomStore
from tests.support.custom_stores import (
    item_xml,
    items_xml,
    option_xml,
    order_of,
    raw_of,
)


def test_a_sku_is_the_shops_own():
    order = order_of(items_xml(item_xml(SKU="A&amp;amp;B"), item_xml(SKU="")))

    assert [line.sku for line in order.lines] == ["A&B", ""]


def test_a_discount_is_an_amount_and_lies_in_no_parcel():
    discounts = [
        item_xml(
            SKU="total-discount", Name="Discount", UnitPrice="-5.00", Adjustment="true"
        ),
        item_xml(
            SKU="AUTOMATIC_DISCOUNT", Name="", UnitPrice="-1.5000", Adjustment="True"
        ),
        item_xml(SKU="", Name="", UnitPrice="2", Adjustment="1"),
    ]
    raw = raw_of(
        items_xml(item_xml(), *discounts), ShippingAmount="4.0000", TaxAmount="0.45"
    )

    order = CustomStore.parse_order(raw, ZoneInfo("UTC"))

    assert [line.sku for line in order.lines] == ["A-1"]
    assert not order.left_out
    assert not order.unread
    assert [(one.title, str(one.amount)) for one in CustomStore.read_amounts(raw)] == [
        ("Order total", "12.50"),
        ("Shipping", "4.00"),
        ("Tax", "0.45"),
        ("Discount", "-5.00"),
        ("AUTOMATIC_DISCOUNT", "-1.50"),
        ("Discount", "2.00"),
    ]


def test_a_fee_is_an_item_like_any_other():
    order = order_of(items_xml(item_xml(SKU="", Name="Gift wrap", Quantity="1")))

    assert [line.name for line in order.lines] == ["Gift wrap"]


def test_items_of_which_no_piece_is_left_are_left_out_and_said():
    order = order_of(
        items_xml(
            item_xml(Name="Mug", Quantity="0"),
            item_xml(Name="", SKU="B", Quantity="0.0000"),
            item_xml(Name="Cup"),
        )
    )

    assert [line.name for line in order.lines] == ["Cup"]
    assert order.left_out == ("Mug", "B")


def test_of_a_fraction_a_whole_piece_goes_into_the_parcel():
    order = order_of(
        items_xml(
            item_xml(Quantity="0.375", Weight="100", WeightUnits="Grams"),
            item_xml(Quantity="2.0000", Weight="10", WeightUnits="grams"),
        )
    )

    assert [(line.quantity, line.quantity_received) for line in order.lines] == [
        (1, "0.375"),
        (2, ""),
    ]
    assert order.weight == Decimal("57.50")


@pytest.mark.parametrize("quantity", ["", "-1", "many", "1,5", "100001", "1e3", "NaN"])
def test_a_number_of_pieces_is_never_guessed(quantity):
    with pytest.raises(UnreadableOrder, match=r"Order 1 .*Quantity"):
        order_of(items_xml(item_xml(Quantity=quantity or " ")))


@pytest.mark.parametrize(
    "inner", ["", "<Items/>", "<Items></Items>", "<Items>\n</Items>"]
)
def test_an_order_may_have_no_items(inner):
    order = order_of(inner)

    assert order.lines == ()
    assert order.weight is None


@pytest.mark.parametrize(
    "inner", ["<Items>none</Items>", "<Items><Item>x</Item></Items>"]
)
def test_items_that_are_none_are_no_empty_parcel(inner):
    with pytest.raises(UnreadableOrder, match="Items"):
        order_of(inner)


@pytest.mark.parametrize(
    ("weight", "unit", "grams"),
    [
        ("1", "Pounds", "453.59"),
        ("1", "lb", "453.59"),
        ("1.5", "LBS", "680.39"),
        ("1", "ounce", "28.35"),
        ("1", "OZ", "28.35"),
        ("250.0000", "Grams", "250.00"),
        ("250", "gm", "250.00"),
        ("0.25", "kg", "250.00"),
    ],
)
def test_a_weight_is_in_grams_whatever_its_unit(weight, unit, grams):
    order = order_of(items_xml(item_xml(Weight=weight, WeightUnits=unit)))

    assert order.lines[0].weight == Decimal(grams)


@pytest.mark.parametrize("weight", ["", "0", "0.00"])
def test_no_weight_is_not_a_weight_of_nothing(weight):
    order = order_of(items_xml(item_xml(Weight=weight, WeightUnits="anything")))

    assert order.lines[0].weight is None
    assert not order.unread


def test_the_weight_of_an_option_adds_to_its_item():
    option = option_xml("Lid", "Yes", "<Weight>5</Weight>")
    item = item_xml(Weight="100", WeightUnits="g", Quantity="2")

    order = order_of(items_xml(item.replace("</Item>", f"{option}</Item>")))

    assert order.lines[0].weight == 105
    assert order.weight == 210


def test_a_weight_that_no_parcel_has_is_left_out_and_said():
    item = item_xml(Weight="9000000", WeightUnits="g", Quantity="100000")

    order = order_of(items_xml(item))

    assert order.weight is None
    assert order.unread == ("Items.Weight 900000000000.00",)


def test_a_line_id_that_is_too_long_to_be_kept_whole_is_left_out_and_said():
    kept = order_of(items_xml(item_xml(LineItemID="7" * 50)))
    order = order_of(items_xml(item_xml(LineItemID="7" * 51)))

    assert kept.lines[0].line_item_id == "7" * 50
    assert order.lines[0].line_item_id == ""
    assert [one.split()[0] for one in order.unread] == ["Items.LineItemID"]
