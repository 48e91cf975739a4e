"""What the connector asks the marketplace, and how often."""

import gzip
import json
from decimal import Decimal
from itertools import islice
from zoneinfo import ZoneInfo

import pytest

from stores.marketplaces.base import (
    MarketplaceError,
    MarketplaceUnavailable,
    OrderStatus,
    ShipmentNotice,
)
from stores.marketplaces.tophatter.carriers import CARRIERS
from stores.marketplaces.tophatter.client import Tophatter
from stores.sandbox.server import Sandbox
from tests.support.connector_calls import (
    CALLS,
    NUMBER,
    ORDER,
    PRODUCT,
    connect,
    each_call,
    each_read,
    failure,
)

HEAD = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
UTC_ZONE = ZoneInfo("UTC")


@pytest.fixture
def tophatter(tophatter: Sandbox) -> Sandbox:
    """A practice marketplace with one paid order."""
    tophatter.add_order(order_id=int(ORDER))
    return tophatter


def test_orders_are_listed_with_page_and_size_in_the_form_body(tophatter):
    next(connect(tophatter).list_orders())

    (request,) = tophatter.requests
    assert (request.method, request.path) == ("GET", "orders")
    assert request.body == {"page": "1", "per_page": "1000"}
    assert request.query == {}


def test_an_order_is_retrieved_by_its_id_in_the_form_body(tophatter):
    connect(tophatter).retrieve_order(ORDER)

    (request,) = tophatter.requests
    assert (request.method, request.path) == ("GET", "orders/retrieve")
    assert request.body == {"order_id": ORDER}
    assert request.query == {}


def test_a_shipment_is_posted_with_order_carrier_and_number(tophatter):
    connect(tophatter).fulfill(ShipmentNotice(ORDER, "China Post", NUMBER))

    (request,) = tophatter.requests
    assert (request.method, request.path) == ("POST", "orders/fulfill")
    assert request.body == {
        "order_id": ORDER,
        "carrier": "China Post",
        "tracking_number": NUMBER,
    }
    assert request.query == {}


def test_a_picture_is_asked_for_by_the_products_identifier_alone(tophatter):
    connect(tophatter).picture_url(PRODUCT)

    (request,) = tophatter.requests
    assert (request.method, request.path) == ("GET", "products/retrieve")
    assert request.body == {"identifier": PRODUCT}
    assert request.query == {}


def test_carriers_are_asked_for_without_any_parameter(tophatter):
    connect(tophatter).list_carriers()

    (request,) = tophatter.requests
    assert (request.method, request.path) == ("GET", "metadata/carriers")
    assert request.body == {}
    assert request.query == {}


@each_call
def test_the_token_travels_in_the_body_and_never_in_the_url(tophatter, call):
    CALLS[call](connect(tophatter))

    (request,) = tophatter.requests
    assert request.has_token
    assert not request.token_in_url


def test_special_characters_arrive_as_they_were_typed(tophatter):
    number = "A&B=C+D é%41"

    connect(tophatter).fulfill(ShipmentNotice(ORDER, "Asendia USA / USPS", number))

    assert tophatter.order(ORDER)["tracking_number"] == number
    assert tophatter.order(ORDER)["carrier"] == "asendia-usa"


def test_a_proxy_in_the_environment_is_not_used(tophatter, monkeypatch):
    with Sandbox() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        connect(tophatter).list_carriers()

        assert len(tophatter.requests) == 1
        assert not proxy.requests


@pytest.mark.parametrize("profile", ["2017", "2021"])
def test_an_order_of_either_profile_is_listed_read_and_shipped(profile):
    with Sandbox(profile=profile) as tophatter:
        raw = tophatter.add_order(product_name="Ceramic Mug, Blue")
        connector = connect(tophatter)
        ((listed,),) = connector.list_orders()
        retrieved = connector.retrieve_order(str(raw["order_id"]))
        answer = connector.fulfill(ShipmentNotice(str(raw["order_id"]), "USPS", NUMBER))

    before = connector.parse_order(listed, UTC_ZONE)
    after = connector.parse_order(answer, UTC_ZONE)
    assert listed == retrieved
    assert before.status == OrderStatus.AWAITING_SHIPMENT
    assert before.ship_to_country == "US"
    assert before.lines[0].name == "Ceramic Mug, Blue"
    assert before.lines[0].unit_price == Decimal("10.00")
    assert after.order_id == before.order_id
    assert after.status == OrderStatus.SHIPPED
    assert (after.carrier, after.tracking_number) == ("usps", NUMBER)


def test_amounts_are_read_as_exact_decimals(tophatter):
    tophatter.order(ORDER)["refund_amount"] = 19.99

    raw = connect(tophatter).retrieve_order(ORDER)

    assert isinstance(raw["refund_amount"], Decimal)
    assert raw["refund_amount"] == Decimal("19.99")


def test_the_carriers_are_the_recorded_ones_by_label(tophatter):
    assert connect(tophatter).list_carriers() == dict(CARRIERS)


def test_carriers_without_label_or_identifier_are_left_out(tophatter):
    tophatter.carriers = {"USPS": "usps", " ": "x", "Null": None, "Blank": "", "Two": 2}

    assert connect(tophatter).list_carriers() == {"USPS": "usps"}


def test_a_compressed_answer_is_read(tophatter):
    packed = gzip.compress(b'{"USPS": "usps"}').decode("latin-1")
    head = f"{HEAD}Content-Encoding: gzip\r\nContent-Length: {len(packed)}\r\n\r\n"
    tophatter.fault("wire", text=head + packed)

    assert connect(tophatter).list_carriers() == {"USPS": "usps"}


def test_pages_come_newest_first_until_an_empty_one(tophatter):
    for _ in range(4):
        tophatter.add_order()

    pages = list(connect(tophatter).list_orders(per_page=2))

    ids = [[raw["order_id"] - int(ORDER) for raw in page] for page in pages]
    assert ids == [[4, 3], [2, 1], [0]]
    pages_asked_for = [request.body["page"] for request in tophatter.requests]
    assert pages_asked_for == ["1", "2", "3", "4"]


@pytest.mark.parametrize("largest", [1, 2, 3, 50])
def test_a_page_shorter_than_asked_is_not_the_end(tophatter, largest):
    tophatter.largest_page = largest
    for _ in range(4):
        tophatter.add_order()

    pages = list(connect(tophatter).list_orders())

    assert sum(len(page) for page in pages) == 5
    assert len(pages) == -(-5 // largest)


def test_a_page_of_which_some_were_left_out_is_not_the_end(tophatter):
    for _ in range(5):
        tophatter.add_order()
    given = {"1": ("1", "2"), "2": ("3", "1"), "3": ("2", "2"), "4": ("3", "2")}
    end = ("9", "9")
    tophatter.on_request = lambda request: request.body.update(
        zip(["page", "per_page"], given.get(request.body["page"], end), strict=True)
    )

    pages = list(connect(tophatter).list_orders())

    assert [len(page) for page in pages] == [2, 1, 2, 2]


@pytest.mark.parametrize(("largest", "orders"), [(1000, 3), (60, 130), (1000, 49)])
def test_a_last_page_that_comes_for_ever_is_the_end(tophatter, largest, orders):
    tophatter.largest_page = largest
    for _ in range(orders - 1):
        tophatter.add_order()
    last = -(-orders // largest)
    tophatter.on_request = lambda request: request.body.update(
        page=str(min(int(request.body["page"]), last))
    )

    pages = list(connect(tophatter).list_orders())

    found = {raw["order_id"] for page in pages for raw in page}
    assert len(found) == orders
    assert len(pages) == last + 3


def test_a_page_of_the_marketplaces_own_size_may_come_twice(tophatter):
    tophatter.largest_page = 2
    for _ in range(5):
        tophatter.add_order()
    tophatter.list_as("page_twice")

    pages = list(connect(tophatter).list_orders())

    assert [len(page) for page in pages] == [2, 2, 2, 2]


def test_a_full_page_of_the_marketplaces_own_size_that_repeats_is_no_end(tophatter):
    tophatter.largest_page = 60
    for _ in range(99):
        tophatter.add_order()
    tophatter.fault("repeat_page", times=None)

    error = failure_of_pages(tophatter, per_page=1000)

    assert "repeats itself: 3 pages in a row" in str(error)


def test_an_account_without_orders_is_one_empty_page(tophatter):
    token = tophatter.add_account()
    connector = Tophatter(token, tophatter.url, may_be_private=True)

    assert list(connector.list_orders()) == [[]]


def test_a_page_is_fetched_only_when_it_is_wanted(tophatter):
    tophatter.fault("endless", times=None)

    pages = list(islice(connect(tophatter).list_orders(per_page=3), 4))

    assert [len(page) for page in pages] == [3, 3, 3, 3]
    assert len(tophatter.requests) == 4


def test_a_page_that_repeats_for_ever_ends_with_an_error(tophatter):
    tophatter.add_order()
    tophatter.fault("repeat_page", times=None)

    error = failure_of_pages(tophatter, per_page=1)

    assert isinstance(error, MarketplaceUnavailable)
    assert "repeats itself: 3 pages in a row" in str(error)
    assert len(tophatter.requests) == 4


def test_a_page_that_comes_twice_or_three_times_is_not_the_end(tophatter):
    for _ in range(2):
        tophatter.add_order()
    given = dict(zip("12345678", "11122234", strict=True))
    tophatter.on_request = lambda request: request.body.update(
        page=given[request.body["page"]]
    )

    pages = list(connect(tophatter).list_orders(per_page=1))

    ids = [raw["order_id"] - int(ORDER) for page in pages for raw in page]
    assert ids == [2, 2, 2, 1, 1, 1, 0]


def test_a_list_without_end_is_said_to_have_none(tophatter):
    tophatter.fault("endless", times=None)

    with pytest.raises(MarketplaceUnavailable) as caught:
        list(connect(tophatter, most_pages=5).list_orders(per_page=2))

    assert "without end; the reading stopped after 5 pages" in str(caught.value)


@pytest.mark.parametrize(
    "page", ['[null, {"order_id": null}]', '[1, "x", null]', "[{}]", "[[]]"]
)
def test_a_page_in_which_nothing_is_an_order_is_a_failed_read(tophatter, page):
    tophatter.fault("body", text=page)

    error = failure_of_pages(tophatter, per_page=1000)

    assert isinstance(error, MarketplaceUnavailable)
    assert "nothing is an order" in str(error)
    assert len(tophatter.requests) == 1


def test_junk_among_the_orders_is_handed_on_as_received(tophatter):
    tophatter.fault("junk")

    (*before, order, deep, nameless) = next(connect(tophatter).list_orders())

    assert before == [7, "junk", None]
    assert order["order_id"] == int(ORDER)
    assert (deep, nameless) == (["deep"], {"order_id": None})


def failure_of_pages(sandbox: Sandbox, per_page: int) -> MarketplaceError:
    with pytest.raises(MarketplaceError) as caught:
        list(connect(sandbox).list_orders(per_page=per_page))
    return caught.value


@each_read
@pytest.mark.parametrize("fault", ["500", "502", "504", "reset"])
def test_a_read_is_tried_again_on_the_spot(tophatter, call, fault):
    tophatter.fault(fault)

    answer = CALLS[call](connect(tophatter))

    assert answer
    assert len(tophatter.requests) == 2


def test_a_read_that_takes_too_long_is_tried_again(tophatter):
    tophatter.fault("slow", seconds=5)

    raw = connect(tophatter, read_timeout=2).retrieve_order(ORDER)

    assert raw["order_id"] == int(ORDER)
    assert len(tophatter.requests) == 2


def test_a_read_is_given_up_after_the_third_try(tophatter):
    tophatter.fault("500", times=None)

    failure(tophatter, "orders/retrieve")

    assert len(tophatter.requests) == 3


@pytest.mark.parametrize(
    "fault",
    ["408", "429", "500", "502", "503", "504", "reset", "reset_body", "slow", "html"],
)
def test_a_shipment_is_posted_once_whatever_happens(tophatter, fault):
    options = {"seconds": 5} if fault == "slow" else {}
    tophatter.fault(fault, times=None, **options)

    failure(tophatter, "orders/fulfill", read_timeout=3)

    assert len(tophatter.requests) == 1


def test_each_order_brings_the_text_it_came_as(tophatter):
    texts = ['{"order_id": 7,\n "fee": 10.00}', '{"order_id":8,"name":"Zoë ]}, 🎧"}']
    tophatter.fault("body", text=f" [ {texts[0]}\t,\n{texts[1]} ]\r\n", on="orders")

    page = next(connect(tophatter).list_orders())

    assert [order.text for order in page] == texts
    assert [order["order_id"] for order in page] == [7, 8]


def test_a_single_order_brings_its_text(tophatter):
    raw = tophatter.add_order()
    text = json.dumps(raw, indent=1)
    tophatter.fault("body", text=f"{text}\n", on="orders/retrieve")

    assert connect(tophatter).retrieve_order("120000001").text == text


@pytest.mark.parametrize("text", ["[{},", "[{} {}]", "[{},]", "[", "[,]", "[{}] []"])
def test_a_list_that_is_no_whole_one_is_none(tophatter, text):
    tophatter.fault("body", text=text, on="orders", times=None)

    with pytest.raises(MarketplaceUnavailable, match="unreadable JSON"):
        next(connect(tophatter).list_orders())
