"""The practice WooCommerce speaks REST, its own and that of its ShipStation plug-in."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from stores.sandbox.shops.server import Shop
from tests.support.shop_rest import OWN, PLUGIN, ask, content, notification, tell
from tests.support.shops import NUMBER, Reply, basic, send_raw


@pytest.fixture
def woo():
    with Shop("woo-rest") as shop:
        yield shop


def ids(answer: Reply) -> list[int]:
    return [order["order_id"] for order in content(answer)["sales_orders"]]


def test_it_is_connected_by_the_site_s_root_with_key_and_secret(woo):
    assert woo.url == woo.rest_address == f"http://127.0.0.1:{woo.port}/"
    assert sorted(woo.secrets) == ["consumer_key", "consumer_secret"]
    assert woo.settings == {}


@pytest.mark.parametrize("path", [OWN, PLUGIN, f"{PLUGIN}/shipments"])
def test_without_the_right_keys_it_answers_401(woo, path):
    wrong = basic(woo.keys["consumer_key"], "wrong")

    answer = send_raw(woo, "GET", f"/wp-json/{path}", headers=wrong)

    assert answer.status == 401
    assert json.loads(answer.body)["code"] == "woocommerce_rest_cannot_view"
    assert not woo.requests[-1].was_let_in


def test_keys_in_the_query_open_it_too_and_are_not_kept(woo):
    target = f"/wp-json/{OWN}?{urlencode(woo.secrets)}"

    assert content(send_raw(woo, "GET", target)) == []
    assert woo.requests[-1].query == {"consumer_key": "", "consumer_secret": ""}


def test_an_order_has_real_times_in_the_plug_in_and_site_and_gmt_in_its_own(woo):
    moment = datetime(2026, 3, 4, 16, 51, 7, tzinfo=UTC)
    woo.add_order(created_at=moment, discounts={"SPRING": 2}, fees={"Wrap": 1})

    [plugin] = content(ask(woo, PLUGIN))["sales_orders"]
    [own] = content(ask(woo, OWN))

    assert plugin["created_date_time"] == "2026-03-04T16:51:07.000Z"
    assert plugin["status"] == "AwaitingShipment"
    assert plugin["payment"]["adjustments"][0]["amount"] == -2
    [fulfillment] = plugin["requested_fulfillments"]
    assert fulfillment["ship_to"]["city"] == "Los Altos"
    line, fee = fulfillment["items"]
    assert line["product"]["identifiers"]["sku"] == "EX-HEADSET"
    assert line["product"]["weight"] == {"unit": "Gram", "value": 250}
    assert "product" not in fee
    assert own["date_created"] == "2026-03-04T08:51:07"
    assert own["date_created_gmt"] == "2026-03-04T16:51:07"
    assert (own["status"], own["total"]) == ("processing", "13.00")
    assert own["line_items"][0]["id"] == line["line_item_id"]
    assert own["fee_lines"][0]["id"] == fee["line_item_id"]


def test_the_plug_in_lists_ticked_words_newest_change_first_by_page(woo):
    start = datetime.now(UTC) - timedelta(hours=9)
    for place in range(3):
        woo.add_order(created_at=start + timedelta(hours=place))
    woo.add_order(status="pending")

    first = ask(woo, PLUGIN, per_page=2)
    second = ask(woo, PLUGIN, per_page=2, page=2)

    assert (ids(first), ids(second)) == ([1003, 1002], [1001])
    pagination = content(first)["pagination"]
    assert (pagination["total"], pagination["total_pages"]) == (3, 2)
    assert pagination["has_more"]
    assert not content(second)["pagination"]["has_more"]
    assert ids(ask(woo, PLUGIN, page=3)) == []


def test_the_plug_in_lists_by_change_and_by_number(woo):
    old = woo.add_order(created_at=datetime.now(UTC) - timedelta(days=9))
    new = woo.add_order()
    since = (datetime.now(UTC) - timedelta(days=1)).isoformat()

    assert ids(ask(woo, PLUGIN, modified_after=since)) == [int(new.id)]
    assert ids(ask(woo, PLUGIN, **{"order_ids[]": [old.id]})) == [int(old.id)]
    assert ids(ask(woo, PLUGIN, **{"order_ids[]": ["7"]})) == []


@pytest.mark.parametrize(("version", "is_bumped"), [("4", True), ("5", False)])
def test_marking_as_exported_once_made_an_order_a_changed_one(version, is_bumped):
    with Shop("woo-rest", version=version) as shop:
        order = shop.add_order(created_at=datetime(2026, 3, 4, tzinfo=UTC))
        before = order.modified_at

        ask(shop, PLUGIN)

        assert (order.modified_at > before) is is_bumped
        assert order.notes == ["Order has been exported to Shipstation"]


def test_its_own_list_reads_times_in_the_site_s_zone_unless_told_gmt(woo):
    moment = datetime(2026, 3, 4, 16, 51, tzinfo=UTC)
    woo.add_order(created_at=moment)

    def count(**query: Any) -> int:
        return len(content(ask(woo, OWN, **query)))

    assert count(modified_after="2026-03-04T16:50:00", dates_are_gmt="true") == 1
    assert count(modified_after="2026-03-04T16:51:00", dates_are_gmt="true") == 0
    assert count(modified_after="2026-03-04T16:50:00") == 0
    assert count(modified_after="2026-03-04T08:50:00") == 1
    assert count(modified_before="2026-03-04T08:52:00") == 1


def test_its_own_list_has_pages_with_totals_in_the_headers(woo):
    for _place in range(5):
        woo.add_order()

    answer = ask(woo, OWN, per_page=2, orderby="id", order="asc", page=3)

    assert [order["id"] for order in content(answer)] == [1005]
    assert answer.headers["X-WP-Total"] == "5"
    assert answer.headers["X-WP-TotalPages"] == "3"
    assert ask(woo, OWN, per_page=101).status == 400
    assert content(ask(woo, OWN, page=9)) == []


def test_its_own_list_has_any_word_of_status_or_those_asked_for(woo):
    woo.add_order(status="pending")
    woo.add_order(status="processing")

    assert len(content(ask(woo, OWN))) == 2
    assert len(content(ask(woo, OWN, status="pending"))) == 1
    assert len(content(ask(woo, OWN, include="1001,1002"))) == 2


def test_one_order_is_read_by_its_id(woo):
    order = woo.add_order()

    assert content(ask(woo, f"{OWN}/{order.id}"))["number"] == order.number
    missing = ask(woo, f"{OWN}/7")
    assert missing.status == 404
    code = json.loads(missing.body)["code"]
    assert code == "woocommerce_rest_shop_order_invalid_id"


def test_the_plug_in_completes_an_order_once_all_pieces_were_told(woo):
    order = woo.add_order(lines=[{"quantity": 2}])

    first = tell(woo, notification(order))
    between = order.status
    second = tell(woo, notification(order))

    good = {"notification_id": "n1", "status": "success", "order_id": 1001}
    assert first == second == [good]
    assert (between, order.status) == ("processing", "completed")
    assert [one.effect for one in woo.notices] == ["noted", "shipped"]
    assert [one.through for one in woo.notices] == ["rest", "rest"]
    assert len(order.tracking) == 2


def test_the_plug_in_answers_for_each_notification(woo):
    order = woo.add_order()

    results = tell(
        woo,
        notification(order, notification_id="good"),
        notification(order, notification_id="unknown", order_id="7"),
        notification(order, notification_id="empty", items=[]),
        notification(order, notification_id="word", order_id="x7"),
        notification(order, notification_id=""),
    )

    reasons = [one.get("failure_reason", one["status"]) for one in results]
    assert reasons == [
        "success",
        "Order not found",
        "Empty order ID or items",
        "Order ID is not numeric",
    ]
    assert [one.effect for one in woo.notices] == [
        "shipped",
        "unknown",
        "refused",
        "refused",
    ]


def test_the_plug_in_refuses_what_holds_no_notification(woo):
    answer = ask(woo, f"{PLUGIN}/shipments", "POST", {"notifications": []})

    assert answer.status == 400


def test_without_the_plug_in_there_is_woocommerce_s_own_rest_alone():
    with Shop("woo-rest", has_plugin=False) as shop:
        order = shop.add_order()

        missing = ask(shop, PLUGIN)

        assert missing.status == 404
        assert json.loads(missing.body)["code"] == "rest_no_route"
        told = ask(
            shop,
            f"{PLUGIN}/shipments",
            "POST",
            {"notifications": [notification(order)]},
        )
        assert told.status == 404
        assert shop.notices == []
        assert len(content(ask(shop, OWN))) == 1


def test_a_note_tells_the_buyer_and_a_status_ships(woo):
    order = woo.add_order()

    note = ask(woo, f"{OWN}/{order.id}/notes", "POST", {"note": f"Sent: {NUMBER}"})
    between = order.status
    answer = ask(woo, f"{OWN}/{order.id}", "PUT", {"status": "completed"})

    assert note.status == 201
    assert content(note)["note"] == f"Sent: {NUMBER}"
    assert (between, content(answer)["status"]) == ("processing", "completed")
    assert [(one.through, one.effect) for one in woo.notices] == [
        ("note", "noted"),
        ("status", "shipped"),
    ]
    [listed] = content(ask(woo, f"{OWN}/{order.id}/notes"))
    assert NUMBER in listed["note"]


def test_a_call_that_is_wrong_changes_no_order(woo):
    order = woo.add_order()

    assert ask(woo, f"{OWN}/{order.id}/notes", "POST", {}).status == 400
    assert ask(woo, f"{OWN}/7", "PUT", {"status": "completed"}).status == 404
    assert order.status == "processing"
    assert woo.notices == []


def test_rest_is_served_beside_the_older_way_and_nowhere_else():
    with Shop("woo") as woo, Shop("guide") as guide:
        woo.add_order()

        assert len(content(ask(woo, OWN))) == 1
        assert ask(guide, OWN).status == 404
