"""The practice shops list their orders, each in the way that was read or measured."""

from datetime import UTC, datetime, timedelta

import pytest

from stores.sandbox.shops.profiles import PROFILES
from stores.sandbox.shops.server import Shop
from tests.support.shops import basic, call, export, notify, send_raw, stamp

KINDS = [name for name in PROFILES if name != "woo-rest"]
SIZES = {"guide": 50, "woo": 100, "magento": 100, "nop": 200, "craft": 25, "spree": 50}


def fill(shop: Shop, count: int) -> list[str]:
    """Add orders an hour apart, the oldest first; return their numbers."""
    start = datetime.now(UTC) - timedelta(hours=count / 2)
    return [
        shop.add_order(created_at=start + timedelta(minutes=30 * place)).number
        for place in range(count)
    ]


@pytest.mark.parametrize("profile", KINDS)
def test_every_shop_lists_an_order_and_takes_its_notice(profile):
    with Shop(profile) as shop:
        order = shop.add_order()

        [listed] = export(shop).orders
        answer = notify(shop, order)

        assert listed.findtext("OrderNumber") == order.number
        assert listed.findtext("Items/Item/SKU") == "EX-HEADSET"
        assert answer.status == 200
        assert order.status == shop.words["shipped"]
        assert [notice.effect for notice in shop.notices] == ["shipped"]
        assert shop.notices[0].order is order


@pytest.mark.parametrize("profile", KINDS)
def test_pages_have_the_size_and_the_order_of_the_profile(profile):
    with Shop(profile) as shop:
        numbers = fill(shop, SIZES[profile] + 3)
        if profile in {"woo", "magento", "nop"}:
            numbers.reverse()

        first, second = export(shop), export(shop, page=2)

        assert first.numbers == numbers[: SIZES[profile]]
        assert second.numbers == numbers[SIZES[profile] :]
        pages = None if profile == "nop" else "2"
        assert {first.root.get("pages"), second.root.get("pages")} == {pages}


@pytest.mark.parametrize("page", ["0", "-1", "junk", ""])
def test_a_page_that_is_no_number_is_the_first(page):
    with Shop("woo", page_size=2) as shop:
        fill(shop, 3)

        assert export(shop, page=page).root.get("page") == "1"


@pytest.mark.parametrize(
    ("profile", "ending"),
    [
        ("guide", '<Orders pages="0"/>'),
        ("woo", '<Orders page="1" pages="0"/>'),
        ("magento", '<Orders pages="1"/>'),
        ("nop", "<Orders/>"),
        ("craft", '<Orders pages="0"/>'),
        ("spree", '<Orders pages="0"/>'),
    ],
)
def test_no_orders_are_an_empty_element(profile, ending):
    with Shop(profile) as shop:
        assert export(shop).text.strip().endswith(ending)


def test_woocommerce_has_nothing_beyond_its_last_page():
    with Shop("woo", page_size=2) as shop:
        fill(shop, 6)

        answer = export(shop, page=4)

        assert answer.orders == []
        assert answer.root.attrib == {"page": "4", "pages": "3"}


def test_magento_repeats_its_last_page():
    with Shop("magento", page_size=2) as shop:
        fill(shop, 3)

        assert export(shop, page=9).numbers == export(shop, page=2).numbers
        assert len(export(shop, page=9).numbers) == 1


@pytest.mark.parametrize(
    ("profile", "status", "word"),
    [
        ("guide", 401, "Unauthorized"),
        ("woo", 400, "Invalid authentication key"),
        ("magento", 200, "<faultcode>401</faultcode>"),
        ("nop", 200, ""),
        ("craft", 401, "Invalid credentials"),
        ("spree", 401, "Access denied"),
    ],
)
def test_wrong_credentials_are_refused_in_the_shop_s_own_way(profile, status, word):
    with Shop(profile) as shop:
        shop.add_order()

        answer = call(shop, action="export", is_open=False)

        assert answer.status == status
        assert word in answer.text
        assert "EX-HEADSET" not in answer.text
        assert profile != "nop" or answer.body == b""
        assert not shop.requests[-1].has_credentials
        assert not shop.requests[-1].was_let_in


ALL = "all orders"


@pytest.mark.parametrize(
    ("profile", "dates", "status", "content"),
    [
        ("guide", {}, 400, "start_date"),
        ("woo", {}, 400, '"success": false'),
        ("magento", {}, 200, "<date>date required</date>"),
        ("nop", {}, 200, ALL),
        ("craft", {}, 200, ALL),
        ("spree", {}, 200, ALL),
        ("guide", {"start_date": "never", "end_date": "ever"}, 400, "cannot be read"),
        ("woo", {"start_date": "never", "end_date": "ever"}, 200, ALL),
        ("magento", {"start_date": "never", "end_date": "ever"}, 200, "<date>"),
        ("nop", {"start_date": "never", "end_date": "ever"}, 500, "Internal Server"),
        ("craft", {"start_date": "never", "end_date": "ever"}, 200, ALL),
        ("spree", {"start_date": "never", "end_date": "ever"}, 200, ALL),
    ],
)
def test_without_dates_that_can_be_read_shops_differ(profile, dates, status, content):
    with Shop(profile) as shop:
        order = shop.add_order(created_at=datetime(2015, 1, 1, tzinfo=UTC))

        answer = call(shop, action="export", **dates)

        assert answer.status == status
        if content == ALL:
            assert answer.numbers == [order.number]
        else:
            assert content in answer.text
            assert order.number not in answer.text


def test_woocommerce_s_plug_in_of_2026_refuses_nonsense_dates():
    with Shop("woo", version="5") as shop:
        answer = call(shop, action="export", start_date="never", end_date="ever")

        assert answer.status == 400


@pytest.mark.parametrize(
    ("profile", "status"),
    [
        ("guide", 400),
        ("woo", 400),
        ("magento", 400),
        ("nop", 200),
        ("craft", 400),
        ("spree", 404),
    ],
)
def test_an_unknown_action_lists_nothing(profile, status):
    with Shop(profile) as shop:
        order = shop.add_order()

        answer = call(shop, action="dance")

        assert answer.status == status
        assert order.number not in answer.text


def test_only_nopcommerce_takes_an_action_in_another_case():
    for profile, is_taken in (("nop", True), ("woo", False), ("spree", False)):
        with Shop(profile) as shop:
            order = shop.add_order()

            text = export(shop, action="EXPORT").text

            assert (order.number in text) is is_taken


@pytest.mark.parametrize("profile", KINDS)
def test_the_window_is_about_changes_except_at_nopcommerce(profile):
    with Shop(profile) as shop:
        old = datetime.now(UTC) - timedelta(days=60)
        order = shop.add_order(created_at=old)
        before = export(shop).numbers

        shop.change_order(order, note="Ring the bell")

        assert before == []
        assert export(shop).numbers == ([] if profile == "nop" else [order.number])


def test_both_ends_of_the_window_are_to_the_minute_and_in_utc():
    moment = datetime(2026, 3, 4, 16, 51, tzinfo=UTC)
    with Shop("woo") as shop:
        shop.add_order(created_at=moment)

        def count(start: str, end: str) -> int:
            window = {"start_date": f"03/04/2026 {start}"}
            return len(export(shop, end_date=f"03/04/2026 {end}", **window).orders)

        assert count("16:40", "23:59") == 1
        assert count("08:40", "09:30") == 0
        assert count("16:51", "16:51") == 1
        assert count("16:52", "23:59") == 0


def test_only_ticked_words_of_status_come_from_woocommerce():
    with Shop("woo") as shop:
        for word in ("pending", "processing", "on-hold", "completed", "cancelled"):
            shop.add_order(status=word)
        shop.add_order(status="refunded")
        shop.add_order(status="failed")

        words = {order.findtext("OrderStatus") for order in export(shop).orders}

        assert words == {"processing", "on-hold", "completed", "cancelled"}
        assert len(export(shop).orders) == 4


def test_woocommerce_sends_refunded_as_cancelled_once_it_is_ticked():
    with Shop("woo", exported=("refunded",)) as shop:
        shop.add_order(status="refunded")

        [order] = export(shop).orders

        assert order.findtext("OrderStatus") == "cancelled"


def test_a_shipped_order_never_comes_again_from_spree():
    with Shop("spree") as shop:
        order = shop.add_order()
        before = export(shop).numbers

        notify(shop, order)

        assert before == [order.number]
        assert export(shop).numbers == []


def test_an_order_without_lines_is_left_out_by_woocommerce_and_craft():
    for profile, count in (("woo", 0), ("craft", 0), ("guide", 1)):
        with Shop(profile) as shop:
            shop.add_order(lines=[])

            assert len(export(shop).orders) == count


def test_magento_takes_parameters_headers_or_a_token():
    with Shop("magento") as shop:
        keys = shop.keys
        window = f"start_date={stamp(datetime.now(UTC))}&end_date=01/01/2030+00:00"
        target = f"/auctane?action=export&{window}".replace(" ", "+")
        parameters = f"&SS-UserName={keys['user']}&SS-Password={keys['password']}"
        named = {"SS-UserName": keys["user"], "SS-Password": keys["password"]}
        token = {"ShipStation-Access-Token": keys["token"]}

        assert send_raw(shop, "GET", target + parameters).orders == []
        assert send_raw(shop, "GET", target, headers=named).orders == []
        assert send_raw(shop, "GET", target, headers=token).orders == []
        only_basic = basic(keys["user"], keys["password"])
        assert b"<fault>" in send_raw(shop, "GET", target, headers=only_basic).body
        ways = [set(request.ways) for request in shop.requests]
        assert ways == [{"parameters"}, {"headers"}, {"token"}, {"basic"}]


def test_a_request_is_kept_without_the_values_that_open_the_shop():
    for profile in ("woo", "nop"):
        with Shop(profile) as shop:
            export(shop)

            [request] = shop.requests

            assert request.was_let_in
            assert request.query["start_date"]
            for secret in shop.secrets.values():
                assert secret not in repr(request)


def test_a_request_is_told_as_it_comes():
    with Shop() as shop:
        seen = []
        shop.on_request = seen.append

        export(shop)

        assert [(one.method, one.action) for one in seen] == [("GET", "export")]


def test_an_order_takes_a_kind_of_status_or_the_shop_s_own_word():
    with Shop("magento") as shop:
        assert shop.add_order(status="held").status == "holded"
        assert shop.add_order(status="fraud").status == "fraud"
        with pytest.raises(TypeError, match="An order has no 'colour'"):
            shop.add_order(colour="red")


def test_a_shop_that_nobody_knows_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match="no profile 'amazon': guide, woo"):
        Shop("amazon")


def test_the_orders_are_there_again_from_the_file_of_the_state(tmp_path):
    place = tmp_path / "shop.json"
    with Shop("woo", state_file=place) as shop:
        order = shop.add_order(lines=[{"quantity": 2}], discounts={"a": 1})
        notify(shop, order)
    with Shop("woo", state_file=place) as again:
        assert again.orders == {"1001": order}
        assert again.add_order().id == "1002"


def test_a_file_that_holds_something_else_is_refused(tmp_path):
    place = tmp_path / "shop.json"
    place.write_text('[{"order_id": 1}]')

    with pytest.raises(ValueError, match=r"shop\.json"):
        Shop("woo", state_file=place)
