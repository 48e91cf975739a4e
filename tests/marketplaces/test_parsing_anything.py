"""Whatever JSON comes, `parse_order` returns a sound order or `UnreadableOrder`."""

import unicodedata
from dataclasses import fields
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from stores.marketplaces.base import MarketplaceOrder, UnreadableOrder
from stores.marketplaces.tophatter.client import Tophatter
from tests.support.payloads import ORDER_2017, ORDER_2021, UTC_ZONE

PACIFIC = ZoneInfo("America/Los_Angeles")
UPSELL_FIELDS = ["amount", "description", "identifier", "type_description"]
any_text = st.text(st.characters(exclude_categories=()))
any_number = (
    st.integers()
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.floats()
    | st.sampled_from([10**99, Decimal("1E+6000"), Decimal("-1E-6000")])
)
any_json = st.recursive(
    st.none() | st.booleans() | any_number | any_text,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(any_text, inner, max_size=4)
    ),
    max_leaves=6,
)
likely_values = st.one_of(
    any_json,
    st.sampled_from([*ORDER_2021.values(), *ORDER_2017.values()]),
    st.datetimes().map(datetime.isoformat),
    st.from_regex(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?[ Z+-]?(\d\d:\d\d)?"),
    st.fixed_dictionaries({}, optional={"buyer_fee": any_json}),
    st.lists(
        st.fixed_dictionaries(
            {},
            optional=dict.fromkeys(UPSELL_FIELDS, any_json),
        )
    ),
)
orders = st.dictionaries(st.sampled_from(sorted(ORDER_2021)), likely_values, max_size=8)
zones = st.sampled_from([UTC_ZONE, PACIFIC, ZoneInfo("Australia/Lord_Howe")])


def outcome(raw: Any, zone: ZoneInfo) -> MarketplaceOrder | UnreadableOrder:
    try:
        return Tophatter.parse_order(raw, zone)
    except UnreadableOrder as error:
        return error


def is_sound(order: MarketplaceOrder) -> bool:
    """Tell whether any database and any page can take the order."""
    texts = [
        value
        for part in (order, *order.lines)
        for field in fields(part)
        if isinstance(value := getattr(part, field.name), str)
    ]
    amounts = [order.refund_amount, *(line.unit_price for line in order.lines)]
    times = [order.ordered_at, order.paid_at or order.ordered_at]
    return (
        all(is_plain(text) and len(text) <= 500 for text in texts)
        and all(one is None or 0 <= one < 10**7 for one in amounts)
        and all(one.utcoffset() == timedelta(0) for one in times)
        and all(1 <= line.quantity <= 100_000 for line in order.lines)
    )


def is_plain(text: str) -> bool:
    """Tell whether a text has neither control characters nor lone surrogates."""
    kinds = {unicodedata.category(character) for character in text}
    return not kinds & {"Cc", "Cs"}


@settings(deadline=None)
@given(any_json, zones)
def test_any_json_is_an_order_or_unreadable(raw, zone):
    result = outcome(raw, zone)

    if isinstance(result, UnreadableOrder):
        assert is_plain(str(result))
    else:
        assert is_sound(result)


@pytest.mark.slow
@settings(deadline=None, max_examples=50)
@given(orders, zones)
@example({"order_id": 1, "created_at": "0001-01-01T00:00"}, PACIFIC)
@example({"order_id": 1, "created_at": "9999-12-31T23:59"}, PACIFIC)
def test_known_keys_with_any_values_are_an_order_or_unreadable(raw, zone):
    result = outcome(raw, zone)

    if isinstance(result, UnreadableOrder):
        assert is_plain(str(result))
    else:
        assert is_sound(result)


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 10**12), orders, zones)
def test_an_order_that_can_be_named_is_named(order_id, raw, zone):
    result = outcome(ORDER_2021 | raw | {"order_id": order_id}, zone)

    assert result.order_id == str(order_id)


@settings(deadline=None)
@given(st.sampled_from(sorted(ORDER_2021)), likely_values, zones)
def test_one_field_of_any_value_is_an_order_or_unreadable(field, value, zone):
    result = outcome(ORDER_2021 | {field: value}, zone)

    if isinstance(result, UnreadableOrder):
        assert result.facts["field"] in {field, "buyer_fee", *UPSELL_FIELDS}
    else:
        assert is_sound(result)
