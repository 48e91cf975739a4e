"""A list is read to its end: no order is lost, none comes twice, none is made up."""

from datetime import UTC, datetime, timedelta

import pytest

from stores.marketplaces.base import (
    MarketplaceUnavailable,
    OrderNotListed,
    UnreadableOrder,
)
from stores.marketplaces.custom_store.client import CustomStore
from stores.sandbox.shops.server import Shop
from tests.support.custom_stores import (
    DAY,
    connect_shop,
    each_profile,
    ids,
    listed,
    order_xml,
    orders_xml,
)

NOW = datetime.now(UTC)


def shop_of(profile: str, orders: int = 7, page_size: int = 2) -> Shop:
    shop = Shop(profile, page_size=page_size)
    for minute in range(orders):
        shop.add_order(created_at=NOW - timedelta(minutes=minute))
    return shop


def names(shop: Shop) -> list[str]:
    """Return what the orders of a shop go by, which Magento gives no ID."""
    is_magento = shop.name == "magento"
    return sorted(one.number if is_magento else one.id for one in shop.orders.values())


@each_profile
@pytest.mark.parametrize("orders", [1, 2, 7])
def test_every_order_of_every_page_comes_once(profile, orders):
    with shop_of(profile, orders) as shop:
        assert sorted(ids(listed(connect_shop(shop)))) == names(shop)


@each_profile
def test_a_shop_without_orders_has_an_empty_list(profile):
    with Shop(profile) as shop:
        assert list(connect_shop(shop).list_orders(NOW - DAY)) == [[]]


@each_profile
def test_a_day_and_more_is_asked_for_on_both_sides(profile):
    with Shop(profile) as shop:
        since = datetime(2026, 3, 1, 12, 30, 59, tzinfo=UTC)
        until = datetime(2026, 3, 2, 12, 30, 1, tzinfo=UTC)

        list(connect_shop(shop).list_orders(since, until))

        query = shop.requests[-1].query
        assert query["action"] == "export"
        assert query["start_date"] == "02/28/2026 10:30"
        assert query["end_date"] == "03/03/2026 14:31"
        assert query["page"] == "1"


def test_a_list_without_an_end_is_asked_for_into_the_future():
    with Shop("guide") as shop:
        list(connect_shop(shop).list_orders())

        query = shop.requests[0].query
        ends_at = datetime.strptime(query["end_date"], "%m/%d/%Y %H:%M")
        assert query["start_date"].endswith("2000 00:00")
        assert ends_at.replace(tzinfo=UTC) > datetime.now(UTC) + timedelta(hours=25)


@each_profile
def test_no_boundary_is_trusted_to_be_in_utc(profile):
    """Some servers read start and end in another zone, hours away."""
    with Shop(profile) as shop:
        order = shop.add_order(created_at=NOW - timedelta(hours=20))
        shop.fault("window_in_los_angeles", times=None)

        raws = listed(connect_shop(shop), NOW - timedelta(hours=21))

        assert ids(raws) == names(shop)
        assert order.modified_at > NOW - timedelta(hours=21)


@each_profile
def test_what_an_order_is_listed_by_is_what_the_window_is_about(profile):
    with Shop(profile) as shop:
        connector = connect_shop(shop)
        old = shop.add_order(created_at=NOW - 30 * DAY)
        shop.change_order(old, note="Changed")

        found = listed(connector)

        window = connector.abilities({"cart": connector.learned()["cart"]}).window
        assert (window == "modified") == bool(found)
        assert window == ("placed" if profile == "nop" else "modified")


@each_profile
@pytest.mark.parametrize("fault", ["shrinking", "shifting"])
@pytest.mark.parametrize("times", [1, 2])
def test_no_order_is_lost_of_a_list_that_moves_while_it_is_read(profile, fault, times):
    with shop_of(profile, 9) as shop:
        shop.fault(fault, times=times)
        expected = set(names(shop))

        came = ids(listed(connect_shop(shop)))

        assert set(names(shop)) <= set(came) <= expected
        assert len(came) == len(set(came))


@each_profile
def test_a_server_without_pages_is_read_once(profile):
    with shop_of(profile) as shop:
        shop.fault("page_ignored", times=None)

        assert sorted(ids(listed(connect_shop(shop)))) == names(shop)
        assert len(shop.requests) <= 4


@pytest.mark.parametrize("profile", ["guide", "woo", "magento", "craft", "spree"])
@pytest.mark.parametrize("orders", [3, 7, 40])
def test_a_server_that_shows_one_page_as_all_of_them_is_a_failure(profile, orders):
    with shop_of(profile, orders) as shop:
        shop.fault("repeat_page", times=None)

        with pytest.raises(MarketplaceUnavailable, match="repeats itself"):
            listed(connect_shop(shop))


@pytest.mark.parametrize("profile", ["guide", "woo", "craft", "spree"])
def test_a_page_in_the_middle_may_bring_nothing(profile):
    """Of orders that the shop counts and then leaves out."""
    with shop_of(profile) as shop:
        connector = connect_shop(shop)
        shop.on_request = lambda request: (
            shop.fault("body", text='<Orders pages="4"/>')
            if request.query["page"] == "2"
            else None
        )

        came = ids(listed(connector))

        assert len(came) == 5
        assert {one.query["page"] for one in shop.requests} >= {"3", "4"}


def test_a_shop_that_counts_pages_it_does_not_have_is_not_asked_for_all():
    with Shop("guide") as shop:
        shop.fault("body", times=None, text='<Orders pages="900000"/>')

        with pytest.raises(MarketplaceUnavailable, match="5 pages in a row"):
            listed(connect_shop(shop))

        assert len(shop.requests) == 5


@each_profile
def test_a_list_without_an_end_is_a_failure(profile):
    with shop_of(profile) as shop:
        shop.fault("endless", times=None)

        with pytest.raises(MarketplaceUnavailable, match=r"without end.* 4 pages"):
            listed(connect_shop(shop, {"most_pages": 4}))


@each_profile
@pytest.mark.parametrize(
    ("fault", "options"),
    [
        ("html_500", {}),
        ("html_200", {}),
        ("empty", {}),
        ("truncated", {}),
        ("reset_body", {}),
        ("lost_request", {}),
        ("status", {"code": 401}),
        ("status", {"code": 404}),
        ("doctype_bomb", {}),
        ("body", {"text": "<date>date required</date>"}),
        ("body", {"text": "<Orders pages='1'"}),
    ],
)
def test_a_page_that_fails_is_never_the_end_of_a_list(profile, fault, options):
    with shop_of(profile) as shop:
        pages = connect_shop(shop).list_orders(NOW - DAY)
        first = next(pages)
        shop.fault(fault, times=None, **options)

        with pytest.raises(Exception, match="Custom Store") as caught:
            list(pages)

        assert len(first) == 2
        assert type(caught.value).__module__ == "stores.marketplaces.base"


def test_a_big_page_of_a_server_that_counts_none_is_not_taken_for_all():
    with shop_of("nop", 21, page_size=20) as shop:
        shop.fault("shrinking")

        came = ids(listed(connect_shop(shop)))

        assert set(names(shop)) <= set(came)


def test_an_order_that_changed_while_the_list_was_read_comes_as_it_came_first():
    with shop_of("woo", 5) as shop:
        pages = connect_shop(shop).list_orders(NOW - DAY)
        came = next(pages)
        shop.change_order(shop.orders["1001"], note="Changed")

        came += [raw for page in pages for raw in page]

        [raw] = [raw for raw in came if raw["OrderID"] == "1001"]
        assert raw["CustomerNotes"] == ""
        assert sorted(ids(came)) == names(shop)


@each_profile
@pytest.mark.parametrize(
    "fault",
    [
        "blank_line",
        "byte_order_mark",
        "php_notice",
        "control_character",
        "bare_ampersand",
        "bad_byte",
    ],
)
def test_a_page_that_is_no_clean_xml_loses_no_order(profile, fault):
    with shop_of(profile) as shop:
        shop.fault(fault, times=None)

        assert sorted(ids(listed(connect_shop(shop)))) == names(shop)


def test_an_order_that_cannot_be_read_comes_too_and_is_said_once():
    page = orders_xml(
        order_xml(OrderID="1"), order_xml("<Open>", OrderID="2"), order_xml(OrderID="3")
    )
    with Shop("guide") as shop:
        shop.fault("body", times=None, text=page.decode())

        first, broken, last = listed(connect_shop(shop))

        assert ids([first, last]) == ["1", "3"]
        with pytest.raises(UnreadableOrder, match="its number may be ABC-1"):
            CustomStore.order_id(broken)


def test_pages_of_orders_that_cannot_be_read_are_not_the_end():
    with shop_of("nop", 6) as shop:
        for order in shop.orders.values():
            order.id = "9" * 60

        came = listed(connect_shop(shop))

        assert len(came) == 6


def test_a_number_that_two_views_of_a_shop_use_is_not_taken_for_one_order():
    both = [
        order_xml(OrderID="", OrderNumber="12", StoreCode=view, OrderTotal=total)
        for view, total in (("en", "1.00"), ("fr", "2.00"), ("en", "1.00"))
    ]
    with Shop("magento") as shop:
        shop.fault("body", times=None, text=orders_xml(*both).decode())

        first, second = listed(connect_shop(shop))

        assert (CustomStore.order_id(first), first["OrderTotal"]) == ("12", "1.00")
        with pytest.raises(UnreadableOrder, match=r"number 12 .* view, not of fr"):
            CustomStore.order_id(second)


@each_profile
def test_an_order_that_changed_lately_is_found_by_its_id(profile):
    with shop_of(profile) as shop:
        wanted = names(shop)[3]

        raw = connect_shop(shop).retrieve_order(wanted)

        assert ids([raw]) == [wanted]


@pytest.mark.parametrize("profile", ["woo", "magento", "nop"])
def test_the_newest_order_is_found_on_the_first_page(profile):
    with shop_of(profile) as shop:
        connect_shop(shop).retrieve_order(max(names(shop), key=lambda one: -int(one)))

        assert [one.query["page"] for one in shop.requests] == ["1"]


@each_profile
def test_an_order_that_is_not_listed_is_not_said_to_be_missing(profile):
    with shop_of(profile) as shop:
        with pytest.raises(OrderNotListed, match=r"9999.*says nothing") as caught:
            connect_shop(shop).retrieve_order("9999")

        assert isinstance(caught.value, MarketplaceUnavailable)


@pytest.mark.parametrize(
    ("profile", "days", "is_found"),
    [("woo", 3, False), ("woo", 1, True), ("nop", 3, True), ("nop", 40, False)],
)
def test_how_far_back_an_order_is_looked_for(profile, days, is_found):
    with Shop(profile) as shop:
        shop.add_order(created_at=NOW - days * DAY)
        connector = connect_shop(shop)

        if is_found:
            assert connector.retrieve_order("1001")["OrderID"] == "1001"
        else:
            with pytest.raises(OrderNotListed):
                connector.retrieve_order("1001")


@pytest.mark.parametrize("hours", [-25, 0, 25])
def test_an_order_is_found_around_its_day_however_long_ago_that_was(hours):
    with Shop("nop") as shop:
        placed_at = NOW - 400 * DAY
        shop.add_order(created_at=placed_at)
        shop.add_order(created_at=placed_at + 3 * DAY)
        shop.add_order(created_at=placed_at - 3 * DAY)
        connector = connect_shop(shop)

        raw = connector.retrieve_order("1001", placed_at + timedelta(hours=hours))

        assert ids([raw]) == ["1001"]
        with pytest.raises(OrderNotListed):
            connector.retrieve_order("1002", placed_at)
        with pytest.raises(OrderNotListed):
            connector.retrieve_order("1003", placed_at)


def test_a_shipment_that_left_the_list_is_not_listed():
    with Shop("spree") as shop:
        order = shop.add_order()
        shop.change_order(order, status="shipped")

        with pytest.raises(OrderNotListed):
            connect_shop(shop).retrieve_order(order.id)


def test_the_clock_of_the_shop_is_compared_with_ours():
    with Shop("guide") as shop:
        connector = connect_shop(shop)
        assert connector.clock_ahead is None

        listed(connector)

        assert abs(connector.clock_ahead) < timedelta(minutes=1)
