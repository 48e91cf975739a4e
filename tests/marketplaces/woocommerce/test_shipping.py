"""A shop is told of a shipment once, by its plug-in or by a note and a status."""

import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from stores.marketplaces.base import (
    MarketplaceRefused,
    MarketplaceUnavailable,
    OrderNotFound,
    OrderStatus,
    ShipmentNotice,
)
from stores.marketplaces.woocommerce.client import WooCommerce
from tests.support.woo_shops import NUMBER, connect_woo, notice_of

UTC_ZONE = ZoneInfo("UTC")
NO_PLUGIN = {"has_plugin": "no"}


def status_of(shop, order):
    raw = connect_woo(shop).retrieve_order(order.id)
    return WooCommerce.parse_order(raw, UTC_ZONE).status


def told(shop):
    """Return by which door each notice came, and what it did."""
    return [(notice.through, notice.effect) for notice in shop.notices]


def test_the_plug_in_is_told_with_each_line_and_completes_the_order(shop):
    order = shop.add_order(lines=[{"quantity": 2}, {"sku": "MUG", "quantity": 1}])
    connector = connect_woo(shop)
    shipped_at = datetime(2026, 3, 22, 12, tzinfo=UTC)

    answer = connector.fulfill(notice_of(order, shipped_at=shipped_at))

    (notice,) = shop.notices
    assert answer == {}
    assert (notice.through, notice.effect) == ("rest", "shipped")
    assert (notice.order_id, notice.order_number) == (order.id, order.number)
    assert (notice.carrier, notice.tracking_number) == ("USPS", NUMBER)
    assert notice.ship_date == "2026-03-22T12:00:00+00:00"
    assert [(line.line_item_id, line.quantity) for line in notice.lines] == [
        (line.id, line.quantity) for line in order.lines
    ]
    assert status_of(shop, order) == OrderStatus.SHIPPED


def test_the_plug_in_is_remembered(shop, plain_shop):
    with_it, without_it = connect_woo(shop), connect_woo(plain_shop)
    assert "has_plugin" not in with_it.learned()

    with_it.fulfill(notice_of(shop.add_order()))
    without_it.fulfill(notice_of(plain_shop.add_order()))

    assert with_it.learned()["has_plugin"] == "yes"
    assert without_it.learned()["has_plugin"] == "no"
    key = shop.secrets["consumer_key"]
    assert with_it.learned()["consumer_key"] == key


def test_without_the_plug_in_the_buyer_gets_a_note_and_the_order_its_status(plain_shop):
    order = plain_shop.add_order()

    answer = connect_woo(plain_shop).fulfill(notice_of(order))

    assert order.notes == [f"Shipped with USPS, {NUMBER}."]
    assert told(plain_shop) == [("note", "noted"), ("status", "shipped")]
    read = WooCommerce.parse_order(answer, UTC_ZONE)
    assert (read.order_id, read.status) == (order.id, OrderStatus.SHIPPED)


def test_a_plug_in_known_to_be_missing_is_not_asked_again(plain_shop):
    order = plain_shop.add_order()

    connect_woo(plain_shop, settings=NO_PLUGIN).fulfill(notice_of(order))

    assert [request.method for request in plain_shop.requests] == ["GET", "POST", "PUT"]


def test_a_plug_in_that_was_taken_away_is_missed_only_once(plain_shop):
    order = plain_shop.add_order()
    connector = connect_woo(plain_shop, settings={"has_plugin": "yes"})

    connector.fulfill(notice_of(order))

    assert told(plain_shop) == [("note", "noted"), ("status", "shipped")]
    assert connector.learned()["has_plugin"] == "no"


@pytest.mark.parametrize("name", ["shop", "plain_shop"])
def test_a_second_notice_of_the_same_parcel_is_not_sent(name, request):
    shop = request.getfixturevalue(name)
    order = shop.add_order(lines=[{"quantity": 2}])
    connector = connect_woo(shop)
    connector.fulfill(notice_of(order))
    before = list(order.notes)

    connect_woo(shop).fulfill(notice_of(order))

    assert order.notes == before
    assert len([one for one in shop.notices if one.through != "status"]) == 1


def test_a_second_parcel_of_the_order_is_told(shop):
    order = shop.add_order(lines=[{"quantity": 2}])
    connector = connect_woo(shop)

    connector.fulfill(notice_of(order))
    # A longer number, of which the first one is a part.
    connector.fulfill(notice_of(order, number=f"{NUMBER}7"))

    assert [one.tracking_number for one in shop.notices] == [NUMBER, f"{NUMBER}7"]


@pytest.mark.parametrize("fault", ["lost_answer", "error_after_apply"])
def test_a_notice_whose_answer_was_lost_is_not_sent_again(shop, fault):
    order = shop.add_order()
    shop.fault(fault, on="rest_notice")
    with pytest.raises(MarketplaceUnavailable):
        connect_woo(shop).fulfill(notice_of(order))

    answer = connect_woo(shop).fulfill(notice_of(order))

    assert answer == {}
    assert told(shop) == [("rest", "shipped")]


@pytest.mark.parametrize("fault", ["lost_answer", "error_after_apply"])
def test_a_note_whose_answer_was_lost_is_not_mailed_again(plain_shop, fault):
    order = plain_shop.add_order()
    plain_shop.fault(fault, on="rest_notice")
    with pytest.raises(MarketplaceUnavailable):
        connect_woo(plain_shop, settings=NO_PLUGIN).fulfill(notice_of(order))

    connect_woo(plain_shop, settings=NO_PLUGIN).fulfill(notice_of(order))

    assert told(plain_shop) == [("note", "noted"), ("status", "shipped")]


@pytest.mark.parametrize("answer", ["{}", "[]", "<html>Maintenance</html>", ""])
def test_an_order_is_not_completed_before_the_shop_shows_its_note(plain_shop, answer):
    order = plain_shop.add_order()
    connector = connect_woo(plain_shop, settings=NO_PLUGIN)
    kind = "text/html" if "html" in answer else "application/json"
    plain_shop.fault("body", on="rest_notice", text=answer, kind=kind)
    with pytest.raises(MarketplaceUnavailable):
        connector.fulfill(notice_of(order))
    before = status_of(plain_shop, order)

    connector.fulfill(notice_of(order))

    assert before == OrderStatus.AWAITING_SHIPMENT
    assert told(plain_shop) == [("note", "noted"), ("status", "shipped")]


def test_a_kill_between_note_and_status_leaves_one_note(plain_shop):
    order = plain_shop.add_order()
    connector = connect_woo(plain_shop, settings=NO_PLUGIN)
    plain_shop.on_request = lambda request: (
        plain_shop.fault("lost_request") if request.method == "PUT" else None
    )
    with pytest.raises(MarketplaceUnavailable):
        connector.fulfill(notice_of(order))
    assert status_of(plain_shop, order) == OrderStatus.AWAITING_SHIPMENT
    plain_shop.on_request = lambda request: None

    connect_woo(plain_shop, settings=NO_PLUGIN).fulfill(notice_of(order))

    assert told(plain_shop) == [("note", "noted"), ("status", "shipped")]
    assert len(order.notes) == 1


def test_nothing_is_sent_where_the_notes_cannot_be_read(shop):
    order = shop.add_order()
    shop.fault("html_200", times=None, on="rest")

    with pytest.raises(MarketplaceUnavailable):
        connect_woo(shop).fulfill(notice_of(order))

    assert not shop.notices


def test_an_unknown_order_is_named(shop):
    with pytest.raises(OrderNotFound, match="no order 4711"):
        connect_woo(shop).fulfill(ShipmentNotice("4711", "USPS", NUMBER))

    assert not shop.notices


def test_what_the_plug_in_refuses_is_said_in_its_words(shop):
    order = shop.add_order()

    with pytest.raises(
        MarketplaceRefused, match=rf"order {order.id}: Empty order ID or items$"
    ):
        connect_woo(shop).fulfill(notice_of(order, lines=()))

    assert status_of(shop, order) == OrderStatus.AWAITING_SHIPMENT


@pytest.mark.parametrize(
    "answer",
    [
        "{}",
        '{"notification_results": []}',
        '{"notification_results": [{"notification_id": "x", "status": "success"}]}',
        '{"notification_results": ["success"]}',
    ],
)
def test_no_word_on_the_notice_is_no_success(shop, answer):
    order = shop.add_order()
    shop.fault("body", on="rest_notice", text=answer, kind="application/json")

    with pytest.raises(MarketplaceUnavailable, match="without a word"):
        connect_woo(shop).fulfill(notice_of(order))


def test_a_notice_that_the_plug_in_keeps_for_later_is_no_refusal(shop):
    order = shop.add_order()
    result = {"notification_id": f"{order.id}-{NUMBER}", "status": "pending"}
    text = json.dumps({"notification_results": [result]})
    shop.fault("body", on="rest_notice", text=text, kind="application/json")

    with pytest.raises(MarketplaceUnavailable):
        connect_woo(shop).fulfill(notice_of(order))


def test_a_success_that_did_nothing_is_told_by_reading_back(shop):
    order = shop.add_order()
    shop.fault("ignored", on="rest_notice")

    assert connect_woo(shop).fulfill(notice_of(order)) == {}
    assert status_of(shop, order) == OrderStatus.AWAITING_SHIPMENT


def test_half_of_the_pieces_leave_the_order_open(shop):
    order = shop.add_order(lines=[{"quantity": 2}])
    (line,) = notice_of(order).lines
    half = type(line)(line.line_item_id, line.sku, line.name, 1)

    connect_woo(shop).fulfill(notice_of(order, lines=(half,)))
    connect_woo(shop).fulfill(notice_of(order, lines=(half,)))

    assert status_of(shop, order) == OrderStatus.AWAITING_SHIPMENT


def test_any_carrier_goes_and_the_known_ones_are_suggestions(plain_shop):
    order = plain_shop.add_order()
    connector = connect_woo(plain_shop)

    connector.fulfill(ShipmentNotice(order.id, "Our own van", "7"))

    assert order.notes == ["Shipped with Our own van, 7."]
    assert connector.list_carriers()["Royal Mail"] == "RoyalMail"


def test_the_buyer_reads_the_carriers_name(plain_shop):
    order = plain_shop.add_order()

    connect_woo(plain_shop).fulfill(ShipmentNotice(order.id, "RoyalMail", NUMBER))

    assert order.notes == [f"Shipped with Royal Mail, {NUMBER}."]
