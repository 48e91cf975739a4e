"""Whatever comes, an order is sound or unreadable, and a page is read or refused."""

import unicodedata
from dataclasses import fields
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stores.marketplaces.base import MarketplaceOrder, UnreadableOrder
from stores.marketplaces.custom_store.client import CustomStore
from stores.marketplaces.custom_store.documents import (
    Document,
    NoDocument,
    read_document,
)
from tests.support.custom_stores import (
    SHIP_TO,
    customer,
    item_xml,
    items_xml,
    option_xml,
    order_xml,
    orders_xml,
)

ITEM = item_xml(LineItemID="1", Weight="2", WeightUnits="oz", Adjustment="false")
WHOLE = orders_xml(
    order_xml(
        customer(SHIP_TO, "<Name>Bob</Name><Email>a@b.example</Email>")
        + items_xml(ITEM.replace("</Item>", f"{option_xml('a', 'b')}</Item>")),
        CustomerNotes="<![CDATA[a &amp; b]]>",
        CurrencyCode="USD",
    ),
    order_xml(OrderID="2"),
)
NAMES = sorted({name for one in read_document(WHOLE).orders for name in one})
any_text = st.one_of(
    st.text(st.characters(exclude_categories=())),
    st.from_regex(r"&(#x?\d{1,7}|amp|nbsp|lt);", fullmatch=True),
    st.from_regex(r"\d{1,2}/\d{1,2}/\d{4} \d\d:\d\d( [AP]M)?", fullmatch=True),
    st.from_regex(r"-?\d+(\.\d+)?", fullmatch=True),
)
any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | any_text,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(any_text | st.sampled_from(NAMES), inner, max_size=4)
    ),
    max_leaves=8,
)
ITEM_NAMES = sorted(read_document(WHOLE).orders[0]["Items"][0])
items = st.lists(st.dictionaries(st.sampled_from(ITEM_NAMES), any_json), max_size=3)
known = st.fixed_dictionaries(
    {"OrderID": st.just("1"), "OrderDate": st.just("12/08/2025 21:56")},
    optional={"Items": items},
)
orders = st.builds(
    lambda raw, more: raw | more,
    st.dictionaries(st.sampled_from(NAMES), any_json),
    known | st.just({}),
)
zones = st.sampled_from([ZoneInfo("UTC"), ZoneInfo("Australia/Lord_Howe")])


def is_sound(order: MarketplaceOrder) -> bool:
    """Tell whether any database and any page can take the order."""
    texts = [
        value
        for part in (order, *order.lines)
        for field in fields(part)
        if isinstance(value := getattr(part, field.name), str)
    ]
    return (
        all(map(is_plain, texts))
        and 0 < len(order.order_id) <= 50
        and order.ordered_at.utcoffset() == timedelta(0)
        and all(0 < line.quantity <= 100_000 for line in order.lines)
        and all(line.unit_price is None or line.unit_price >= 0 for line in order.lines)
    )


def is_plain(text: str) -> bool:
    kinds = {unicodedata.category(character) for character in text}
    return not kinds & {"Cc", "Cs"}


def outcome(raw: Any, zone: ZoneInfo) -> MarketplaceOrder | UnreadableOrder:
    try:
        return CustomStore.parse_order(raw, zone)
    except UnreadableOrder as error:
        return error


def is_fit(result: MarketplaceOrder | UnreadableOrder) -> bool:
    if isinstance(result, UnreadableOrder):
        return is_plain(str(result))
    return is_sound(result)


def page_of(content: bytes) -> Document | None:
    try:
        return read_document(content)
    except NoDocument:
        return None


@pytest.mark.slow
@settings(deadline=None)
@given(any_json | orders, zones)
def test_any_json_is_an_order_or_unreadable(raw: Any, zone):
    assert is_fit(outcome(raw, zone))
    assert all(one.amount is not None for one in CustomStore.read_amounts(raw))
    assert set(CustomStore.read_stamps(raw)) <= {"ordered_at"}
    assert isinstance(CustomStore.without_person(raw), dict)


damages = st.lists(
    st.tuples(st.integers(0, len(WHOLE)), st.integers(0, 40), st.binary(max_size=12)),
    min_size=1,
    max_size=3,
)


@settings(deadline=None)
@given(damages)
def test_a_page_with_any_damage_is_read_or_refused(damage):
    """And what is read of it can be kept, and judged order by order."""
    content = WHOLE
    for place, length, other in damage:
        content = content[:place] + other + content[place + length :]

    page = page_of(content)

    for raw in page.orders if page else ():
        assert raw.text.encode()
        assert is_fit(outcome(raw, ZoneInfo("UTC")))
