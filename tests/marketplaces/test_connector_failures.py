"""What the connector makes of a refusal, a failure, and an answer that is none."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stores.marketplaces.answers import retry_after
from stores.marketplaces.base import (
    MarketplaceBusy,
    MarketplaceRefused,
    MarketplaceUnavailable,
    NotTheMarketplace,
    OrderNotFound,
    ProductNotFound,
    TokenRefused,
)
from stores.marketplaces.tophatter.client import Tophatter
from stores.sandbox.server import Sandbox
from tests.support.connector_calls import (
    CALLS,
    ORDER,
    PRODUCT,
    connect,
    each_call,
    failure,
)

HEAD = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@pytest.fixture
def tophatter(tophatter: Sandbox) -> Sandbox:
    """A practice marketplace with one paid order."""
    tophatter.add_order(order_id=int(ORDER))
    return tophatter


@each_call
@pytest.mark.parametrize("code", ["401", "403"])
def test_a_refused_token_is_an_error_of_its_own(tophatter, call, code):
    tophatter.fault(code, message="No such token.")

    error = failure(tophatter, call)

    assert type(error) is TokenRefused
    assert code in str(error)
    assert "No such token." in str(error)


# What the marketplace's metadata says, it says to everybody.
@pytest.mark.parametrize("call", [one for one in CALLS if "metadata" not in one])
def test_a_token_the_marketplace_does_not_know_is_refused(tophatter, call):
    with pytest.raises(TokenRefused):
        CALLS[call](Tophatter("0" * 32, tophatter.url, may_be_private=True))

    assert len(tophatter.requests) == 1


@pytest.mark.parametrize("call", ["orders/retrieve", "orders/fulfill"])
def test_an_order_the_marketplace_does_not_know_is_named(tophatter, call):
    tophatter.accounts[tophatter.token].clear()

    error = failure(tophatter, call)

    assert type(error) is OrderNotFound
    assert ORDER in str(error)


def test_a_product_the_marketplace_does_not_know_is_an_error_of_its_own(tophatter):
    tophatter.accounts[tophatter.token].clear()

    error = failure(tophatter, "products/retrieve")

    assert type(error) is ProductNotFound
    assert f"There is no product with the unique ID {PRODUCT}." in str(error)


@pytest.mark.parametrize("call", ["orders/retrieve", "products/retrieve"])
def test_a_page_that_is_not_there_is_no_unknown_order_or_product(tophatter, call):
    text = "HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\nContent-Length: 6\r\n"
    tophatter.fault("wire", text=f"{text}\r\n<html>")

    error = failure(tophatter, call)

    assert type(error) is NotTheMarketplace
    assert "HTML" in str(error)


@each_call
@pytest.mark.parametrize("code", ["400", "422"])
def test_a_refused_request_carries_the_marketplaces_words(tophatter, call, code):
    tophatter.fault(code, message="unknown carrier.")

    error = failure(tophatter, call)

    assert type(error) is MarketplaceRefused
    assert code in str(error)
    assert "unknown carrier" in str(error)


def test_a_refused_shipment_names_its_order(tophatter):
    tophatter.order(ORDER)["status"] = "refunded"

    error = failure(tophatter, "orders/fulfill")

    assert type(error) is MarketplaceRefused
    assert f"order {ORDER}" in str(error)
    assert "The order is refunded, not paid." in str(error)


@each_call
@pytest.mark.parametrize("code", ["408", "500", "502", "503", "504"])
def test_a_problem_of_the_marketplace_is_for_later(tophatter, call, code):
    tophatter.fault(code, times=None)

    error = failure(tophatter, call)

    assert type(error) is MarketplaceUnavailable
    assert code in str(error)


@each_call
def test_too_many_requests_are_an_error_of_their_own(tophatter, call):
    tophatter.fault("429")

    error = failure(tophatter, call)

    assert type(error) is MarketplaceBusy
    assert error.retry_after is None
    assert len(tophatter.requests) == 1


@pytest.mark.parametrize("code", ["408", "429", "503"])
@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        ("0", 0),
        ("99999999999999999999", 6 * 60 * 60),
        ("-5", None),
        ("soon", None),
        ("1.5", None),
    ],
)
def test_the_wish_to_wait_is_handed_on_and_not_waited_for(
    tophatter, code, header, seconds
):
    tophatter.fault(code, retry_after=header)

    error = failure(tophatter, "orders")

    assert error.retry_after == seconds
    assert len(tophatter.requests) == 1


@pytest.mark.parametrize("code", ["408", "429", "503"])
def test_the_wish_to_wait_may_be_a_date(tophatter, code):
    until = datetime.now(UTC) + timedelta(minutes=10)
    tophatter.fault(code, retry_after=format_datetime(until, usegmt=True))

    error = failure(tophatter, "orders")

    assert 590 <= error.retry_after <= 600


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("Tue, 24 Nov 2026 12:01:30 GMT", 90),
        ("Tue, 24 Nov 2026 04:01:30 -0800", 90),
        ("Tuesday, 24-Nov-26 12:01:30 GMT", 90),
        ("Tue Nov 24 12:01:30 2026", 90),
        ("Tue, 24 Nov 2026 11:59:59 GMT", None),
        ("Tue, 24 Nov 2099 12:00:00 GMT", 6 * 60 * 60),
        ("Tue, 99 Nov 2026 12:00:00 GMT", None),
    ],
)
def test_a_date_to_wait_for_is_counted_from_now(header, seconds):
    now = datetime(2026, 11, 24, 12, tzinfo=UTC)

    assert retry_after(header, now) == seconds


@given(st.text())
def test_any_wish_to_wait_is_sensible_or_none(header):
    seconds = retry_after(header)

    assert seconds is None or 0 <= seconds <= 6 * 60 * 60


@each_call
@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("html", "HTML"),
        ("empty", "an empty answer"),
        ("null", "NoneType"),
        ("nan", "unreadable JSON"),
        ("truncated", "unreadable JSON"),
    ],
)
def test_an_answer_that_is_no_json_of_orders_is_for_later(
    tophatter, call, fault, words
):
    tophatter.fault(fault, times=None)

    error = failure(tophatter, call)

    assert type(error) is MarketplaceUnavailable
    assert words in str(error)


@pytest.mark.parametrize(
    ("call", "text", "words"),
    [
        ("orders", '{"orders": []}', "object"),
        ("orders", '"orders"', "str"),
        ("orders", "0", "int"),
        ("orders/retrieve", "[]", "array"),
        ("orders/fulfill", "[]", "array"),
        ("orders/fulfill", "true", "bool"),
        ("metadata/carriers", '["USPS"]', "array"),
        ("products/retrieve", "[]", "array"),
    ],
)
def test_json_of_another_shape_is_for_later(tophatter, call, text, words):
    tophatter.fault("body", text=text)

    error = failure(tophatter, call)

    assert type(error) is MarketplaceUnavailable
    assert f"({words})" in str(error)


@pytest.mark.parametrize("brackets", ["[", '{"a":'])
def test_json_nested_without_end_is_unreadable(tophatter, brackets):
    tophatter.fault("body", text=brackets * 100_000)

    error = failure(tophatter, "orders")

    assert type(error) is MarketplaceUnavailable
    assert "unreadable JSON" in str(error)


@pytest.mark.parametrize("number", ["1e99999999999999999999", "9" * 5000, "-0.0e-1"])
def test_an_absurd_number_does_not_stop_the_page(tophatter, number):
    text = f'[{{"order_id": 1, "refund_amount": {number}}}, {{"order_id": 2}}]'
    tophatter.fault("body", text=text)

    (page,) = connect(tophatter).list_orders()

    assert [raw["order_id"] for raw in page] == [1, 2]


@each_call
@pytest.mark.parametrize("fault", ["reset", "reset_body"])
def test_a_reset_connection_is_for_later(tophatter, call, fault):
    tophatter.fault(fault, times=None)

    error = failure(tophatter, call)

    assert type(error) is MarketplaceUnavailable
    assert "did not answer" in str(error)


@pytest.mark.parametrize(
    "answer",
    [
        "nonsense\r\n\r\n",
        f"{HEAD}Content-Length: 99\r\n\r\n[]",
        f"{HEAD}Content-Length: 2\r\nContent-Length: 3\r\n\r\n[]",
        f"{HEAD}Transfer-Encoding: chunked\r\n\r\nzz\r\n[]\r\n",
        f"{HEAD}Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n[]",
        f"{HEAD}X: {'1' * 70_000}\r\n\r\n[]",
        HEAD + "X: 1\r\n" * 200 + "\r\n[]",
    ],
    ids=["words", "short", "two lengths", "chunks", "gzip", "long header", "headers"],
)
def test_an_answer_that_breaks_http_is_for_later(tophatter, answer):
    tophatter.fault("wire", times=None, text=answer)

    error = failure(tophatter, "orders")

    assert type(error) is MarketplaceUnavailable
    assert "did not answer" in str(error)
