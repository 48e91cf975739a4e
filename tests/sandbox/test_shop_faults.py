"""Each fault of a practice shop goes wrong in its own way, as often as armed."""

import gzip
import time
from datetime import UTC, datetime, timedelta
from http.client import HTTPException
from xml.etree.ElementTree import ParseError, fromstring

import pytest

from stores.sandbox.shops.faults import FAULTS
from stores.sandbox.shops.server import Shop
from tests.support.shop_rest import OWN, PLUGIN, ask, content, notification, tell
from tests.support.shops import export, item, notice_body, notify

MOMENT = datetime(2026, 3, 4, 16, 51, tzinfo=UTC)


@pytest.fixture
def shop():
    with Shop("guide", page_size=2) as shop:
        yield shop


@pytest.fixture
def woo():
    with Shop("woo", page_size=2) as woo:
        yield woo


def fill(shop: Shop, count: int) -> list[str]:
    start = datetime.now(UTC) - timedelta(hours=1)
    return [
        shop.add_order(created_at=start + timedelta(minutes=place)).number
        for place in range(count)
    ]


def parses(body: bytes) -> bool:
    try:
        fromstring(body)
    except ParseError:
        return False
    return True


def test_a_fault_is_over_after_as_many_calls_as_were_armed(shop):
    shop.fault("html_500", times=2)

    assert [export(shop).status for _call in range(3)] == [500, 500, 200]


def test_a_fault_may_stay_until_it_is_cleared(shop):
    shop.fault("html_500", times=None)
    during = [export(shop).status for _call in range(4)]

    shop.clear_faults()

    assert during == [500] * 4
    assert export(shop).status == 200


def test_a_fault_of_lists_leaves_notices_alone(shop):
    order = shop.add_order()
    shop.fault("truncated")

    assert notify(shop, order).status == 200
    assert not parses(export(shop).body)


def test_a_fault_may_be_about_other_calls_than_usual(shop):
    order = shop.add_order()
    shop.fault("html_500", on="shipnotify")

    assert export(shop).status == 200
    assert notify(shop, order).status == 500
    assert shop.notices == []


def test_a_fault_that_nobody_knows_is_refused_with_the_known_ones(shop):
    with pytest.raises(ValueError, match="no fault 'earthquake': dates_in_los"):
        shop.fault("earthquake")


def test_dates_are_written_in_los_angeles(shop):
    shop.add_order(created_at=MOMENT)
    shop.fault("dates_in_los_angeles")

    wrong, right = (export(shop, start_date="03/01/2026 00:00") for _call in range(2))

    assert wrong.orders[0].findtext("OrderDate") == "03/04/2026 08:51"
    assert right.orders[0].findtext("OrderDate") == "03/04/2026 16:51"


def test_the_window_is_read_in_los_angeles(shop):
    shop.add_order(created_at=MOMENT)
    window = {"start_date": "03/04/2026 08:50", "end_date": "03/04/2026 08:52"}
    before = export(shop, **window).numbers

    shop.fault("window_in_los_angeles")

    assert before == []
    assert export(shop, **window).numbers == ["1001"]
    assert export(shop, **window).numbers == []


@pytest.mark.parametrize(
    ("name", "beginning"),
    [
        ("blank_line", b"\n\r\n<?xml"),
        ("php_notice", b"<br />\n<b>Notice</b>"),
    ],
)
def test_something_stands_before_the_declaration(shop, name, beginning):
    shop.add_order()
    shop.fault(name)

    body = export(shop).body

    assert body.startswith(beginning)
    assert not parses(body)
    assert parses(body[body.index(b"<?xml") :])


def test_a_byte_order_mark_does_no_harm(shop):
    shop.add_order()
    shop.fault("byte_order_mark")

    body = export(shop).body

    assert body.startswith(b"\xef\xbb\xbf<?xml")
    assert parses(body)


@pytest.mark.parametrize(
    ("name", "junk"),
    [
        ("control_character", b"Ring\x0bthe bell"),
        ("bare_ampersand", b"Salt & pepper"),
        ("bad_byte", b"\xe9t\xe9"),
    ],
)
@pytest.mark.parametrize("profile", ["guide", "magento", "craft", "spree"])
def test_one_order_spoils_the_page(profile, name, junk):
    with Shop(profile) as shop:
        numbers = fill(shop, 3)
        shop.fault(name, place=1)

        body = export(shop).body

        assert body.count(junk) == 1
        assert not parses(body.replace(b"utf-16", b"utf-8"))
        rows = body.split(b"<Order>")[1:]
        assert [junk in row for row in rows] == [False, True, False]
        assert numbers[1].encode() in rows[1]
        assert junk not in export(shop).body


def test_a_document_is_a_bomb(shop):
    shop.fault("doctype_bomb")

    body = export(shop).body

    assert body.startswith(b"<!DOCTYPE")
    assert body.count(b"<!ENTITY") == 9
    assert len(body) < 1000


def test_a_page_is_slow(shop):
    shop.fault("slow", seconds=0.3)
    started = time.monotonic()

    assert export(shop).status == 200
    assert time.monotonic() - started >= 0.3


def test_a_page_comes_byte_by_byte(shop):
    shop.fault("drip", seconds=0.001)
    started = time.monotonic()

    assert export(shop).orders == []
    assert time.monotonic() - started >= 0.1


@pytest.mark.parametrize("name", ["hanging", "lost_request"])
def test_nothing_is_answered_and_nothing_done(shop, name):
    order = shop.add_order()
    shop.fault(name, **({"seconds": 0.1} if name == "hanging" else {}))

    with pytest.raises((HTTPException, ConnectionError)):
        notify(shop, order)

    assert shop.notices == []


def test_pages_shrink_while_they_are_read(shop):
    numbers = fill(shop, 4)
    shop.fault("shrinking")

    read = [*export(shop).numbers, *export(shop, page=2).numbers]

    assert read == [numbers[0], numbers[1], numbers[3]]


def test_pages_shift_while_they_are_read(woo):
    numbers = fill(woo, 4)
    woo.fault("shifting")

    read = [*export(woo).numbers, *export(woo, page=2).numbers]

    assert read == [numbers[3], numbers[2], numbers[2], numbers[0]]
    assert export(woo).numbers[0] == numbers[1]


def test_the_header_with_the_credentials_is_lost(shop):
    shop.fault("lost_authorization")

    assert [export(shop).status, export(shop).status] == [401, 200]
    assert shop.requests[0].has_credentials


def test_a_web_page_comes_instead_with_any_status(shop):
    for name, options, status in (
        ("html_200", {}, 200),
        ("html_500", {}, 500),
        ("status", {"code": 429, "retry_after": "7"}, 429),
    ):
        shop.fault(name, **options)

        answer = export(shop)

        assert answer.status == status
        assert b"<html>" in answer.body
        assert answer.headers["Content-Type"].startswith("text/html")
        assert answer.headers["Retry-After"] == options.get("retry_after")


def test_an_answer_is_empty_or_any_text(shop):
    shop.fault("empty")
    shop.fault("body", text='{"a": 1}', code=418, kind="application/json")

    first, second = export(shop), export(shop)

    assert (first.status, first.body) == (200, b"")
    assert (second.status, second.text) == (418, '{"a": 1}')


def test_a_redirect_names_www_or_any_other_place(shop):
    shop.fault("redirect")
    shop.fault("redirect", location="https://elsewhere.example/", code=302)

    first, second = export(shop), export(shop)

    assert first.status == 301
    target = f"https://www.127.0.0.1:{shop.port}/shop/orders.xml?"
    assert first.headers["Location"].startswith(target)
    assert second.status == 302
    assert second.headers["Location"] == "https://elsewhere.example/"


def test_a_notice_is_answered_and_ignored(shop):
    order = shop.add_order()
    shop.fault("ignored")

    assert notify(shop, order).status == 200
    assert order.status == "paid"
    assert [one.effect for one in shop.notices] == ["ignored"]
    assert shop.notices[0].order_number == order.number


def test_a_notice_takes_effect_and_its_answer_is_lost(shop):
    order = shop.add_order()
    shop.fault("lost_answer", seconds=0.1)

    with pytest.raises((HTTPException, ConnectionError)):
        notify(shop, order)

    assert order.status == "shipped"
    assert [one.effect for one in shop.notices] == ["shipped"]


def test_a_notice_takes_effect_and_is_answered_with_an_error(shop):
    order = shop.add_order()
    shop.fault("error_after_apply", code=502)

    assert notify(shop, order).status == 502
    assert order.status == "shipped"


def test_a_page_ends_too_early_without_a_sign(shop):
    fill(shop, 2)
    shop.fault("truncated")

    body = export(shop).body

    assert not parses(body)
    assert b"</Order>" in body
    assert b"</Orders>" not in body


def test_a_page_ends_too_early_with_a_reset(shop):
    fill(shop, 2)
    shop.fault("reset_body")

    with pytest.raises((HTTPException, ConnectionError)):
        export(shop)


def test_a_server_without_paging_lists_all_every_time(shop):
    numbers = fill(shop, 5)
    shop.fault("page_ignored", times=None)

    for page in (1, 2):
        answer = export(shop, page=page)
        assert answer.numbers == numbers
        assert answer.root.attrib == {}
    shop.clear_faults()
    assert len(export(shop).numbers) == 2


def test_the_first_page_comes_again_and_again(shop):
    numbers = fill(shop, 5)
    shop.fault("repeat_page", times=None)

    assert export(shop, page=3).numbers == numbers[:2]


@pytest.mark.parametrize("profile", ["woo", "nop"])
def test_pages_never_end(profile):
    with Shop(profile, page_size=3) as endless:
        endless.add_order()
        endless.fault("endless", times=None)

        pages = [export(endless, page=page) for page in (1, 2, 70)]

        numbers = [number for page in pages for number in page.numbers]
        assert len(set(numbers)) == 9
        told = [page.root.get("pages") for page in pages]
        assert told == (["2", "3", "71"] if profile == "woo" else [None] * 3)


def test_a_small_answer_becomes_a_large_one(shop):
    shop.fault("gzip_bomb", megabytes=20)

    answer = export(shop)

    assert answer.headers["Content-Encoding"] == "gzip"
    assert len(answer.body) < 100_000
    assert len(gzip.decompress(answer.body)) > 20_000_000


def test_faults_meet_rest_too():
    with Shop("woo-rest") as woo:
        order = woo.add_order()
        woo.fault("html_500", on="rest")
        woo.fault("ignored", on="rest_notice")
        woo.fault("endless", on="rest", times=2)

        assert ask(woo, OWN).status == 500
        [told] = tell(woo, notification(order))
        pages = [content(ask(woo, PLUGIN, per_page=2, page=page)) for page in (1, 2)]

        assert told["status"] == "success"
        assert order.status == "processing"
        assert [one.effect for one in woo.notices] == ["ignored"]
        orders = [one["order_id"] for page in pages for one in page["sales_orders"]]
        assert len(set(orders)) == 4
        assert all(page["pagination"]["has_more"] for page in pages)


def test_an_answer_of_rest_is_lost_after_it_took_effect():
    with Shop("woo-rest") as woo:
        order = woo.add_order()
        woo.fault("lost_answer", on="rest_notice")

        with pytest.raises((HTTPException, ConnectionError)):
            tell(woo, notification(order))

        assert order.status == "completed"


def test_each_fault_is_tried_above():
    with open(__file__, encoding="utf-8") as file:
        text = file.read()

    assert [name for name in FAULTS if f'"{name}"' not in text] == []


def test_a_retry_of_half_completes_the_order_after_a_lost_answer(woo):
    order = woo.add_order(lines=[{"quantity": 2}])
    half = notice_body(order.id, order.number, item(order, 1))
    woo.fault("lost_answer")
    with pytest.raises((HTTPException, ConnectionError)):
        notify(woo, order, half)

    notify(woo, order, half)

    assert order.status == "completed"
    assert len(woo.notices) == 2
