"""A shop's orders are listed whole, each once, and read one by one."""

import time
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from stores.marketplaces.base import (
    PADDING,
    MarketplaceRefused,
    MarketplaceUnavailable,
    OrderNotFound,
    OrderStatus,
)
from stores.sandbox.shops.orders import now
from stores.sandbox.shops.server import Shop
from tests.support.woo_shops import connect_woo

UTC_ZONE = ZoneInfo("UTC")
LIST = "/wp-json/wc/v3/orders"


def listed(shop, **window):
    pages = connect_woo(shop).list_orders(**window)
    return [str(raw["id"]) for page in pages for raw in page]


def fill(shop, count, apart=timedelta(minutes=1)):
    """Add orders that changed one after the other, the last one an hour ago."""
    last = now() - timedelta(hours=1)
    for place in range(count):
        shop.add_order(created_at=last - (count - place) * apart)


def test_changes_are_asked_for_in_gmt_by_the_header_that_says_who_asks(shop):
    start = now() - timedelta(days=3)

    listed(shop, since=start, until=now())

    (request,) = shop.requests
    assert (request.method, request.path) == ("GET", LIST)
    after = (start - PADDING).strftime("%Y-%m-%dT%H:%M:%S")
    before = request.query.pop("modified_before")
    assert before > now().strftime("%Y-%m-%dT%H:%M:%S")
    assert request.query == {
        "orderby": "modified",
        "order": "asc",
        "dates_are_gmt": "true",
        "per_page": "100",
        "page": "1",
        "modified_after": after,
    }
    assert (request.ways, request.was_let_in) == ({"basic"}, True)


@pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 250])
def test_every_order_comes_once_the_oldest_change_first(shop, count):
    fill(shop, count)

    assert listed(shop) == list(shop.orders)


def test_orders_of_one_second_come_once_too(shop):
    fill(shop, 250, apart=timedelta(0))

    assert sorted(listed(shop)) == sorted(shop.orders)


def test_no_more_is_asked_for_at_once_than_the_shop_gives(shop):
    listed(shop, per_page=1000)

    assert shop.requests[0].query["per_page"] == "100"


def test_without_orders_one_empty_page_comes(shop):
    assert list(connect_woo(shop).list_orders()) == [[]]


@pytest.mark.parametrize("apart", [timedelta(minutes=1), timedelta(0)])
def test_no_order_is_lost_while_others_change(shop, apart):
    fill(shop, 350, apart)
    shop.fault("shifting", times=3, on="rest")

    assert set(listed(shop)) == set(shop.orders)


@pytest.mark.parametrize("apart", [timedelta(minutes=1), timedelta(0)])
def test_no_order_is_lost_while_others_leave_the_list(shop, apart):
    fill(shop, 350, apart)
    shop.fault("shrinking", times=2, on="rest")

    assert set(listed(shop)) >= set(shop.orders)


def test_every_word_of_status_comes(shop):
    words = ["pending", "on-hold", "failed", "refunded", "our-own"]
    for word in words:
        shop.add_order(status=word)

    pages = connect_woo(shop).list_orders()

    assert [raw["status"] for page in pages for raw in page] == words


def test_an_old_order_that_changed_comes_and_one_that_did_not_stays_away(shop):
    old = now() - timedelta(days=90)
    shop.add_order(created_at=old)
    changed = shop.add_order(created_at=old)
    shop.change_order(changed, note="Changed.")

    assert listed(shop, since=now() - timedelta(days=7)) == [changed.id]


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Niue"])
def test_the_shops_own_zone_moves_no_order(zone):
    with Shop(profile="woo-rest", site_zone=zone) as shop:
        created_at = now() - timedelta(minutes=2)
        fill(shop, 120)
        order = shop.add_order(created_at=created_at)

        assert listed(shop, since=now() - timedelta(days=1)) == list(shop.orders)
        raw = connect_woo(shop).retrieve_order(order.id)

    read = connect_woo(shop).parse_order(raw, ZoneInfo("Asia/Tokyo"))
    assert read.ordered_at == created_at


def test_a_page_that_repeats_for_ever_is_no_endless_reading(shop):
    fill(shop, 250)
    shop.fault("repeat_page", times=None, on="rest")

    assert set(listed(shop)) <= set(shop.orders)


def test_a_list_without_end_is_said_to_be_one(shop):
    shop.add_order()
    shop.fault("endless", times=None, on="rest")

    with pytest.raises(MarketplaceUnavailable, match="after 4 pages"):
        list(connect_woo(shop, most_pages=4).list_orders())


def test_an_order_is_read_as_a_person_sees_it(shop):
    order = shop.add_order(
        number="SHOP-7",
        note="Ring <b>twice</b> &amp; wait",
        lines=[
            {"sku": "", "name": "Mug &amp; saucer", "quantity": 2, "price": "9.90"},
            {"sku": "CLOTH", "name": "Cloth", "quantity": "0.375"},
            {"sku": "GONE", "name": "Gone", "quantity": 0},
        ],
        fees={"Gift wrap": 3},
        discounts={"welcome": 2},
        currency="EUR",
    )
    connector = connect_woo(shop)

    raw = connector.retrieve_order(order.id)
    read = connector.parse_order(raw, UTC_ZONE)

    assert read.status == OrderStatus.AWAITING_SHIPMENT
    assert (read.order_id, read.order_number) == (order.id, "SHOP-7")
    assert (read.currency, read.email) == ("EUR", "jane@example.com")
    assert read.buyer_note == "Ring twice & wait"
    assert [line.name for line in read.lines] == ["Mug & saucer", "Cloth"]
    assert [line.line_item_id for line in read.lines] == [
        line.id for line in order.lines[:2]
    ]
    assert read.left_out == ("Gone",)
    assert read.has_ship_to
    titles = {one.title for one in connector.read_amounts(raw)}
    assert {"Gift wrap", "welcome"} <= titles


def test_an_order_without_an_address_goes_nowhere(shop):
    order = shop.add_order(address=None)
    connector = connect_woo(shop)

    read = connector.parse_order(connector.retrieve_order(order.id), UTC_ZONE)

    assert not read.has_any_ship_to


def test_an_order_that_the_shop_does_not_know_is_named(shop):
    with pytest.raises(OrderNotFound, match=r"no order 4711 \(404\)"):
        connect_woo(shop).retrieve_order("4711")


def test_an_orders_number_leads_nowhere_else(shop):
    with pytest.raises(MarketplaceRefused):
        connect_woo(shop).retrieve_order("../products/7?x=1")

    assert shop.requests[0].path.startswith(f"{LIST}/..%2F")


def test_what_came_is_kept_as_it_came_and_told_by_what_lasts(shop):
    order = shop.add_order()
    connector = connect_woo(shop)

    before = connector.retrieve_order(order.id)
    shop.change_order(order, modified_at=now() + timedelta(minutes=5))
    looked_at = connector.retrieve_order(order.id)
    shop.change_order(order, note="Changed.")
    changed = connector.retrieve_order(order.id)

    assert before.text != looked_at.text
    assert before.lasting == looked_at.lasting
    assert "date_created" in before.lasting
    assert changed.lasting != before.lasting


@pytest.mark.parametrize(
    "pasted", ["", "/", "/wp-json/wc/v3/orders", "/?wc-api=wc_shipstation&auth_key=x"]
)
def test_a_pasted_address_is_cut_to_the_root(shop, pasted):
    shop.add_order()

    (orders,) = connect_woo(shop, address=shop.root + pasted).list_orders()

    assert len(orders) == 1
    assert shop.requests[0].path == LIST


def test_the_clock_is_compared_by_each_answer(shop):
    connector = connect_woo(shop)
    assert connector.clock_ahead is None

    list(connector.list_orders())

    assert abs(connector.clock_ahead) < timedelta(seconds=5)


def test_a_shop_that_hangs_is_given_up(shop):
    shop.fault("hanging", times=None, on="rest", seconds=5)

    started = time.monotonic()
    with pytest.raises(MarketplaceUnavailable, match="did not answer"):
        list(connect_woo(shop, read_timeout=0.2, deadline=0.5).list_orders())

    assert time.monotonic() - started < 3
