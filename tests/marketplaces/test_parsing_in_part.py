"""`parse_order` leaves empty what no parcel needs, and takes incomplete addresses."""

from decimal import Decimal

import pytest

from stores.marketplaces.tophatter.client import Tophatter
from tests.support.payloads import ORDER_2021, parse


@pytest.mark.parametrize(
    ("address", "is_enough"),
    [
        ({}, True),
        ({"city": None}, True),
        ({"postal_code": ""}, True),
        ({"city": None, "postal_code": " "}, False),
        ({"address1": None}, False),
        ({"address1": "\u200b\n "}, False),
        ({"address1": "\n "}, False),
        ({"state": None}, True),
        ({"country": "Atlantis"}, True),
        ({"country": None}, False),
        ({"customer_name": " "}, False),
    ],
)
def test_a_parcel_needs_a_name_a_street_a_town_and_a_country(address, is_enough):
    assert parse(address).has_ship_to == is_enough


@pytest.mark.parametrize(
    ("address", "is_any"),
    [
        ({"address1": None}, True),
        ({"city": None, "postal_code": None}, True),
        ({"address1": None, "address2": "Apt 4", "city": None}, True),
        ({"address1": "", "city": None}, True),
        ({"address1": "", "city": None, "postal_code": None}, False),
        ({"address1": "", "city": None, "postal_code": None, "country": None}, False),
    ],
)
def test_an_address_that_lacks_a_part_is_one_still(address, is_any):
    order = parse(address)

    assert not order.has_ship_to
    assert order.has_any_ship_to == is_any


@pytest.mark.parametrize("field", ["customer_name", "address1", "city", "address2"])
@pytest.mark.parametrize("value", [True, ["Ada"], {"name": "Ada"}, 1.5])
def test_an_address_of_which_a_part_cannot_be_read_is_incomplete(field, value):
    order = parse({field: value})

    assert not order.has_ship_to
    assert order.has_any_ship_to
    assert order.unread[0].startswith(f"{field} ")


NOT_NEEDED = [
    ({"paid_at": "0000-00-00 00:00:00"}, "paid_at '0000-00-00 00:00:00'"),
    ({"created_at": "0000-00-00 00:00:00"}, "created_at '0000-00-00 00:00:00'"),
    ({"refund_amount": Decimal("-3.5")}, "refund_amount -3.5"),
    ({"refund_amount": "3,50"}, "refund_amount '3,50'"),
    ({"refund_amount": "$3.50"}, "refund_amount '$3.50'"),
    ({"seller_fees_amount": "free"}, "seller_fees_amount 'free'"),
    ({"disbursement_amount": [1]}, "disbursement_amount [1]"),
    ({"available_refunds": {"buyer_fee": -1}}, "available_refunds.buyer_fee -1"),
    ({"available_refunds": {"shipping_fee": "x"}}, "available_refunds.shipping_fee"),
    ({"available_refunds": [{"type": "buyer_fee"}]}, "available_refunds [{"),
    ({"available_refunds": "10"}, "available_refunds '10'"),
    ({"upsells": [{"identifier": "C", "amount": "-2.00"}]}, "upsells.amount '-2.00'"),
    ({"upsells": [{"identifier": "C", "description": []}]}, "description []"),
    ({"carrier": False}, "carrier False"),
    ({"tracking_number": {"number": 1}}, "tracking_number {"),
    ({"product_name": ["Headset"]}, "product_name ['Headset']"),
    ({"product_identifier": ["EX"]}, "product_identifier ['EX']"),
]


@pytest.mark.parametrize(("values", "unread"), NOT_NEEDED)
def test_what_no_parcel_needs_stays_empty_and_is_named(values, unread):
    order = parse(values)

    (found,) = order.unread
    assert found.startswith(unread)
    assert order.lines[0].sku == "EX-HEADSET-BLACK"


# Which order it is, and what lies in the parcel.
IDENTITY = {"order_id", "variation_identifier", "product_quantity", "upsells"}
WRONG = [
    *(None, True, -1, 0, 10**40, Decimal("-3.5"), Decimal("1E+400"), "", " ", "NaN"),
    *("\0\ud800", "中国", "שלום", "=1+1", "0000-00-00 00:00:00", "9" * 10_000),
    *([], {}, [None], [[]], {"a": {"b": [None]}}, [{"type": "x", "amount": "y"}]),
]


@pytest.mark.parametrize("value", WRONG, ids=lambda value: repr(value)[:20])
def test_whatever_a_field_says_it_keeps_no_order_out(value):
    fields = ORDER_2021.keys() - IDENTITY

    for field in fields:
        assert parse({field: value}).lines[0].sku == "EX-HEADSET-BLACK"
    assert parse(dict.fromkeys(fields - {"created_at"}, value)).lines[0].quantity == 1


def test_an_order_that_is_read_whole_names_nothing():
    assert parse().unread == ()


def test_a_field_that_is_wrong_in_many_upsells_is_named_once():
    upsells = [{"identifier": "CASE", "amount": f"-{place}"} for place in range(1, 50)]

    assert parse(upsells=upsells).unread == ("upsells.amount '-1'",)


def test_an_unreadable_date_leaves_the_other_one():
    paid = parse(created_at="soon", paid_at="2021-03-20T10:15:00Z")
    unpaid = parse(created_at="2021-03-20T10:15:00Z", paid_at="soon")

    assert paid.ordered_at == paid.paid_at == unpaid.ordered_at
    assert unpaid.paid_at is None


def test_the_stamp_of_an_order_is_the_one_that_dates_it():
    raw = {"created_at": "soon", "paid_at": "2021-03-20T10:15Z"}

    assert Tophatter.read_stamps(raw)["ordered_at"] == "2021-03-20T10:15Z"
