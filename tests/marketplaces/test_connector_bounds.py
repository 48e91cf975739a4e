"""No answer takes the connector's time or memory, and none gets its token."""

import gzip
import logging
import socket
import time
import traceback

import pytest

from stores.marketplaces.base import MarketplaceUnavailable
from stores.marketplaces.http import check_base_url
from stores.marketplaces.tophatter.client import Tophatter
from stores.sandbox.server import Sandbox
from tests.support.connector_calls import CALLS, ORDER, connect, each_call, failure

HEAD = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@pytest.fixture
def tophatter(tophatter: Sandbox) -> Sandbox:
    """A practice marketplace with one paid order."""
    tophatter.add_order(order_id=int(ORDER))
    return tophatter


@each_call
def test_an_answer_that_takes_too_long_is_for_later(tophatter, call):
    tophatter.fault("slow", times=None, seconds=0.4)

    error = failure(tophatter, call, read_timeout=0.1)

    assert type(error) is MarketplaceUnavailable
    assert "(ReadTimeout)" in str(error)


def test_a_connection_that_is_not_taken_is_for_later():
    with socket.socket() as deaf, socket.socket() as first, socket.socket() as second:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        for caller in (first, second):
            caller.setblocking(False)
            caller.connect_ex(deaf.getsockname())
        address = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        connector = Tophatter(
            "0" * 32, address, may_be_private=True, connect_timeout=0.1
        )

        with pytest.raises(MarketplaceUnavailable, match="ConnectTimeout"):
            connector.retrieve_order(ORDER)


def test_nobody_at_the_address_is_for_later():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"

        with pytest.raises(MarketplaceUnavailable, match="did not answer"):
            Tophatter("0" * 32, address, may_be_private=True).retrieve_order(ORDER)


@pytest.mark.parametrize("call", ["orders", "orders/fulfill"])
@pytest.mark.parametrize("part", ["headers", "body"])
def test_an_answer_that_drips_is_cut_at_the_deadline(tophatter, call, part):
    tophatter.fault("drip", times=None, seconds=0.02, part=part)
    started = time.monotonic()

    error = failure(tophatter, call, deadline=0.3)

    assert type(error) is MarketplaceUnavailable
    assert "Timeout" in str(error)
    assert time.monotonic() - started < 8


@pytest.mark.parametrize(
    "answer",
    [
        "HTTP/1.1 100 Continue\r\n\r\n" * 200,
        f"{HEAD}Transfer-Encoding: chunked\r\n\r\n" + "1\r\n \r\n" * 1000,
        f"{HEAD}Connection: close\r\n\r\n[]" + " " * 5000,
        # A compressed file's name may be as long as it likes, and decodes to nothing.
        f"{HEAD}Connection: close\r\nContent-Encoding: gzip\r\n\r\n"
        "\x1f\x8b\x08\x08\0\0\0\0\0\x03" + "n" * 5000,
    ],
    ids=["go on", "chunks", "until it closes", "gzip"],
)
def test_no_form_of_dripping_outlasts_the_deadline(tophatter, answer):
    tophatter.fault("wire", times=None, text=answer, seconds=0.002)
    started = time.monotonic()

    error = failure(tophatter, "orders/fulfill", deadline=0.3)

    assert "Timeout" in str(error)
    assert time.monotonic() - started < 8


@pytest.mark.parametrize("fault", ["huge", "gzip_bomb"])
def test_an_answer_above_the_limit_is_not_read_to_its_end(tophatter, fault):
    tophatter.fault(fault, megabytes=5)

    error = failure(tophatter, "orders", max_bytes=100_000)

    assert type(error) is MarketplaceUnavailable
    assert "AnswerTooLarge" in str(error)


def test_an_answer_may_be_as_large_as_the_limit(tophatter):
    tophatter.fault("body", text="[    ]")

    assert list(connect(tophatter, max_bytes=6).list_orders()) == [[]]


def test_a_redirects_body_is_under_the_limit_too(tophatter):
    packed = gzip.compress(b" " * 5_000_000).decode("latin-1")
    text = (
        "HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Encoding: gzip\r\n"
        f"Content-Length: {len(packed)}\r\n\r\n{packed}"
    )
    tophatter.fault("wire", text=text)

    error = failure(tophatter, "orders", max_bytes=100_000)

    assert "AnswerTooLarge" in str(error)


@each_call
@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_a_redirect_to_another_host_is_refused(tophatter, call, code):
    with Sandbox(tokens=[tophatter.token]) as elsewhere:
        location = f"{elsewhere.url}/{call}.json"
        tophatter.fault("redirect", location=location, code=code)

        error = failure(tophatter, call)

        assert type(error) is MarketplaceUnavailable
        assert f"redirect ({code})" in str(error)
        assert len(tophatter.requests) == 1
        assert not elsewhere.requests


@pytest.mark.parametrize("location", ["/merchant_api/v1/orders", "http://[::bad", ""])
def test_a_redirect_is_refused_wherever_it_leads(tophatter, location):
    tophatter.fault("redirect", location=location)

    error = failure(tophatter, "orders")

    assert type(error) is MarketplaceUnavailable
    assert "redirect (302)" in str(error)
    assert len(tophatter.requests) == 1


@pytest.mark.parametrize(
    "address",
    [
        "http://tophatter.com/merchant_api/v1",
        "http://127.0.0.1.example.com/",
        "http://10.0.0.1/",
        "http://localhost.example.com/",
        "ftp://tophatter.com/",
        "tophatter.com/merchant_api/v1",
        "https://",
        "https://user:password@tophatter.com/",
        "https://tophatter.com/?access_token=1",
        "https://tophatter.com/#top",
        "https://[broken/",
        "",
    ],
)
def test_an_address_that_would_betray_the_token_is_refused(address):
    with pytest.raises(ValueError, match=r"address|URL"):
        Tophatter("0" * 32, address, may_be_private=True)


@pytest.mark.parametrize(
    "address",
    [
        "https://tophatter.com/merchant_api/v1",
        "http://127.0.0.1:8700/merchant_api/v1",
        "http://localhost:8700",
        "http://[::1]:8700",
    ],
)
def test_https_and_this_computer_are_accepted(address):
    assert check_base_url(address + "/", may_be_private=True) == address


@pytest.mark.parametrize(
    "host",
    [
        *("localhost", "127.0.0.1", "[::1]", "0.0.0.0", "[::]", "[::ffff:127.0.0.1]"),
        *("10.0.0.1", "172.16.0.1", "192.168.0.1", "100.64.0.1", "[fd00::1]"),
        *("169.254.169.254", "[fe80::1]", "224.0.0.1", "[2002:7f00:1::]"),
        *("[fec0::1]", "[::127.0.0.1]", "[64:ff9b::10.0.0.1]"),
        *("2130706433", "0x7f.1", "127.1", "redis", "db.internal", "tv.local."),
    ],
)
def test_a_private_address_is_refused_outside_practice(host):
    with pytest.raises(ValueError, match="is in a private network; name a public"):
        Tophatter("0" * 32, f"https://{host}/merchant_api/v1")


def test_a_name_that_leads_into_a_private_network_is_sent_nothing(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as server:
        # As a name server answers, that somebody else may have.
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", server.getsockname())]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
        connector = Tophatter("0" * 32, "https://marketplace.example.com")

        with pytest.raises(MarketplaceUnavailable, match="leads into a private"):
            connector.retrieve_order(ORDER)

        caller, _ = server.accept()
        with caller:
            assert caller.recv(1) == b""


@pytest.mark.parametrize(
    "call", ["orders/retrieve", "orders/fulfill", "products/retrieve"]
)
@pytest.mark.parametrize(
    ("fault", "options"),
    [
        *[(code, {}) for code in ("401", "403", "404", "400", "429", "500", "503")],
        ("html", {}),
        ("truncated", {}),
        ("reset", {}),
        ("reset_body", {}),
        ("slow", {"seconds": 0.3}),
        ("redirect", {}),
        ("huge", {"megabytes": 1}),
        ("wire", {}),
    ],
)
def test_no_error_holds_the_token_or_the_address(tophatter, call, fault, options):
    tophatter.fault(fault, times=None, **options)

    error = failure(tophatter, call, read_timeout=0.1, max_bytes=100_000)

    told = "".join(traceback.format_exception(error))
    told += f"{error}{error!r}{error.args}{vars(error)}"
    assert tophatter.token not in told
    assert "127.0.0.1" not in told
    assert str(tophatter.port) not in told
    assert f"/{call}" not in f"{error}{error!r}{vars(error)}"


@pytest.mark.parametrize("call", ["orders/retrieve", "orders/fulfill"])
@pytest.mark.parametrize("fault", ["reset", "reset_body", "slow"])
def test_an_error_does_not_remember_what_knew_the_token(tophatter, call, fault):
    options = {"seconds": 0.3} if fault == "slow" else {}
    tophatter.fault(fault, times=None, **options)

    error = failure(tophatter, call, read_timeout=0.1)

    assert (error.__cause__, error.__context__) == (None, None)
    assert tophatter.token not in f"{error!r} {vars(error)}"


@each_call
@pytest.mark.parametrize("code", ["400", "401", "404"])
def test_a_token_the_marketplace_repeats_is_masked(tophatter, call, code):
    tophatter.fault(code, message=f"The token {tophatter.token} is old.")

    error = failure(tophatter, call)

    assert "The token **** is old." in str(error)
    assert tophatter.token not in repr(error)


def test_a_message_is_cut_to_one_short_line(tophatter):
    tophatter.fault("400", message="a\x00b\n" + "c" * 10_000)

    error = failure(tophatter, "orders")

    assert "ab cccc" in str(error)
    assert len(str(error)) < 300


def test_a_connector_does_not_show_its_token(tophatter):
    connector = connect(tophatter)

    assert tophatter.token not in f"{connector!r} {connector}"


def test_the_most_talkative_log_does_not_hold_the_token(tophatter, caplog):
    tophatter.fault("500", on="orders")

    with caplog.at_level(logging.DEBUG, logger="urllib3"):
        for call in CALLS.values():
            call(connect(tophatter))

    assert "orders" in caplog.text
    assert tophatter.token not in caplog.text
