"""Pieces that were paid back are asked for, while the order may still be shipped."""

import json
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from stores.marketplaces.base import MarketplaceUnavailable
from stores.marketplaces.woocommerce.refunds import refunded_pieces
from tests.support.woo_shops import connect_woo

UTC_ZONE = ZoneInfo("UTC")


def refund(quantity, line_id):
    metas = [{"id": 2076, "key": "_refunded_item_id", "value": line_id}]
    return {"id": 724, "line_items": [{"quantity": quantity, "meta_data": metas}]}


def with_refunds(shop, refunds):
    """Have the shop answer with these whenever refunds are asked for."""

    def answer(request):
        if request.path.endswith("/refunds"):
            text = json.dumps(refunds)
            shop.fault("body", on="rest", text=text, kind="application/json")

    shop.on_request = answer


def test_pieces_of_several_refunds_are_added_up_by_line():
    refunds = [refund(-1, "311"), refund(-2, "311"), refund(Decimal("-0.5"), "312")]

    assert refunded_pieces(refunds) == {"311": "3", "312": "0.5"}


@pytest.mark.parametrize(
    "given",
    [
        [{"id": 1, "line_items": []}],
        [refund(0, "311")],
        [refund("many", "311")],
        [refund(-(10**9), "311")],
        [{"line_items": [{"quantity": -1, "meta_data": []}]}],
        ["x", {"line_items": ["x"]}, {"line_items": [{"meta_data": [7]}]}],
    ],
)
def test_money_paid_back_for_no_piece_takes_none_away(given):
    assert refunded_pieces(given) == {}


def test_an_order_comes_with_the_pieces_that_were_paid_back(shop):
    order = shop.add_order(
        lines=[{"sku": "MUG", "quantity": 3}, {"sku": "TIE", "quantity": 1}],
        refunded=20,
    )
    first, second = (line.id for line in order.lines)
    with_refunds(shop, [refund(-1, first), refund(-1, second)])
    connector = connect_woo(shop)

    raw = connector.retrieve_order(order.id)
    ((listed,),) = connector.list_orders()

    read = connector.parse_order(raw, UTC_ZONE)
    assert [(line.sku, line.quantity) for line in read.lines] == [("MUG", 2)]
    assert read.left_out == ("Example Headset",)
    assert json.loads(raw.text)["refunded_pieces"] == {first: "1", second: "1"}
    assert json.loads(raw.text).keys() == raw.keys()
    assert listed == raw
    assert listed.text == raw.text


@pytest.mark.parametrize("status", ["shipped", "cancelled", "refunded"])
def test_of_an_order_that_is_done_with_no_pieces_are_asked_for(shop, status):
    order = shop.add_order(status=status, refunded=5)

    connect_woo(shop).retrieve_order(order.id)

    assert len(shop.requests) == 1


def test_without_a_refund_nothing_more_is_asked_for(shop):
    shop.add_order()

    list(connect_woo(shop).list_orders())

    assert len(shop.requests) == 1


def test_refunds_that_cannot_be_read_are_a_failure_and_never_none(shop):
    order = shop.add_order(refunded=5)
    with_refunds(shop, {"refunds": []})

    with pytest.raises(MarketplaceUnavailable):
        connect_woo(shop).retrieve_order(order.id)


def test_a_shop_that_has_no_such_list_gives_the_order_all_the_same(shop):
    order = shop.add_order(refunded=5)

    raw = connect_woo(shop).retrieve_order(order.id)

    assert str(raw["id"]) == order.id
    assert "refunded_pieces" not in raw


def test_refunds_of_what_has_no_number_stop_no_list(shop):
    kept = shop.add_order()
    rows = [{"id": None, "status": "processing", "refunds": [{}]}, {"id": int(kept.id)}]
    shop.fault("body", on="rest", text=json.dumps(rows), kind="application/json")

    (listed,) = connect_woo(shop).list_orders()

    assert [raw["id"] for raw in listed] == [None, int(kept.id)]
