"""Answers that are made to hurt: an error in words, in bounded time and room."""

import gzip
import json
import resource
import time
import zlib

import pytest

from backoffice.kit.logs import JsonFormatter, ScrubbingFormatter
from stores.marketplaces.base import MarketplaceBusy, MarketplaceUnavailable
from stores.tokens import Secret
from tests.support.connector_calls import connect, failure

MANY = 90
ODD_HEADERS = {
    "kind": f"Content-Type: text/html; charset=utf-7; boundary={'x' * 60_000}",
    "bytes": "Content-Type: \xff\xfe\x00",
    "no colon": "garbage",
    "less than nothing": "Content-Length: -5",
    "cookies": "\r\n".join(["Set-Cookie: a=b; expires=x; domain=.evil"] * MANY),
    "place": "Location: http://[::bad",
    "date": f"Date: {'1 ' * 30_000}",
    "later": f"Retry-After: {'9' * 60_000}",
    "folded": "X-A: b" + "\r\n c" * MANY,
}


def answer(headers: str, status: str = "200 OK", body: str = "[]") -> str:
    return f"HTTP/1.1 {status}\r\n{headers}\r\nConnection: close\r\n\r\n{body}"


@pytest.mark.parametrize("header", ODD_HEADERS.values(), ids=ODD_HEADERS)
def test_an_odd_header_is_no_trouble(tophatter, header):
    tophatter.fault("wire", text=answer(header))
    tophatter.fault("wire", text=answer(header, "429 Slow down"))
    tophatter.fault("wire", text=answer(header, "302 Found"))

    pages = list(connect(tophatter).list_orders())
    errors = [failure(tophatter, "orders") for _ in range(2)]

    assert pages == [[]]
    assert [type(error) for error in errors] == [
        MarketplaceBusy,
        MarketplaceUnavailable,
    ]
    assert getattr(errors[0], "retry_after", None) in {None, 6 * 60 * 60}


@pytest.mark.parametrize(
    "headers",
    [
        "X-A: b\r\n" * 100_000,
        f"X-A: {'b' * 5_000_000}",
        "Content-Length: 2\r\n" * 2 + "Content-Length: 3",
    ],
    ids=["many", "long", "two lengths"],
)
def test_endless_headers_are_not_read_to_their_end(tophatter, headers):
    tophatter.fault("wire", times=None, text=answer(headers))
    started = time.process_time()

    error = failure(tophatter, "orders/fulfill")

    assert type(error) is MarketplaceUnavailable
    assert "did not answer" in str(error)
    assert time.process_time() - started < 5


def packed(megabytes: int, times: int) -> str:
    """Return blanks, packed again and again, as they go over the wire."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    data = b"".join(packer.compress(b" " * 1_000_000) for _ in range(megabytes))
    data += packer.flush()
    for _ in range(times - 1):
        data = gzip.compress(data, 9)
    return data.decode("latin-1")


@pytest.mark.parametrize("times", [1, 2, 3])
def test_what_is_packed_several_times_takes_no_room(tophatter, times):
    body = packed(250, times)
    kinds = ", ".join(["gzip"] * times)
    text = answer(
        f"Content-Encoding: {kinds}\r\nContent-Length: {len(body)}", body=body
    )
    tophatter.fault("wire", times=None, text=text)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    error = failure(tophatter, "orders")

    more = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert "AnswerTooLarge" in str(error)
    assert more < 150_000  # kilobytes, of 250,000


def test_a_list_of_millions_that_are_no_orders_is_not_looked_at_one_by_one(tophatter):
    order = json.dumps(tophatter.add_order())
    tophatter.fault("body", text=f"[{order}{',1' * 2_000_000}]")
    started = time.process_time()

    error = failure(tophatter, "orders")

    assert type(error) is MarketplaceUnavailable
    assert "unreadable JSON" in str(error)
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    "label", ["\u202eSPU", "US\u200bPS", "x" * 101, " ", "\x00"], ids=ascii
)
def test_a_carrier_has_a_name_that_can_be_seen(tophatter, label):
    tophatter.carriers = {"USPS": "usps", label: "evil", "Evil": label}

    assert connect(tophatter).list_carriers() == {"USPS": "usps"}


@pytest.mark.parametrize("formatter", [ScrubbingFormatter(), JsonFormatter()])
def test_the_log_of_a_broken_header_hides_a_token_in_it(tophatter, caplog, formatter):
    token = Secret("canary+that/must-never-sing").reveal()
    tophatter.fault("wire", text=answer(f"garbage {token}\r\nX-Token: {token}"))

    list(connect(tophatter).list_orders())

    lines = [formatter.format(record) for record in caplog.records]
    assert any("unparsed data" in line and "****" in line for line in lines)
    assert token not in "".join(lines)
