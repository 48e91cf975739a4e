"""What is no list of orders is never taken for an empty one, and shows no secret."""

import logging
import traceback
from html import escape
from urllib.parse import quote, quote_plus

import pytest

from stores.marketplaces.base import (
    MarketplaceBusy,
    MarketplaceError,
    MarketplaceRefused,
    MarketplaceUnavailable,
    NotTheMarketplace,
    TokenRefused,
)
from stores.sandbox.shops.server import Shop
from tests.support.custom_stores import (
    account,
    connect_shop,
    each_profile,
    failure_to_list_orders,
    listed,
    notice_for,
    understood,
)
from tests.support.shops import basic

FAULT = "<fault><faultcode>{}</faultcode><faultstring>{}</faultstring></fault>"
CANARY = "canary0123456789abcdef"


@pytest.fixture
def shop():
    with Shop("guide") as shop:
        shop.add_order()
        yield shop


def failure(shop: Shop, fault: str, limits=None, **options) -> MarketplaceError:
    shop.fault(fault, times=None, **options)
    return failure_to_list_orders(connect_shop(shop, limits))


@pytest.mark.parametrize(
    ("options", "kind", "words"),
    [
        ({"text": FAULT.format(401, "No.")}, TokenRefused, "key (200): No."),
        (
            {"text": FAULT.format(500, "Broken.")},
            MarketplaceUnavailable,
            "something else than orders (Broken.)",
        ),
        (
            {"text": FAULT.format(400, "Bad.").encode("utf-8").decode(), "code": 400},
            MarketplaceRefused,
            "refused the request (400): Bad.",
        ),
        (
            {"text": "<date>date required</date>"},
            MarketplaceUnavailable,
            "(date required)",
        ),
        (
            {"text": "<error><code>internal_server_error</code></error>"},
            MarketplaceUnavailable,
            "(internal_server_error)",
        ),
        (
            {"text": "<Error><message>No such thing</message></Error>"},
            MarketplaceUnavailable,
            "(No such thing)",
        ),
        ({"text": "<orders/>"}, MarketplaceUnavailable, "(XML of another kind)"),
        ({"text": "<Orders"}, MarketplaceUnavailable, "(unreadable XML)"),
        ({"text": "<html><p>Hi</p></html>"}, MarketplaceUnavailable, "(HTML)"),
        ({"text": "[]"}, MarketplaceUnavailable, "(array)"),
        ({"text": "{}"}, MarketplaceUnavailable, "(object)"),
        (
            {"text": '{"success":false,"data":"Invalid request"}', "code": 400},
            MarketplaceRefused,
            "refused the request (400): Invalid request",
        ),
        (
            {"text": '{"data":"Authentication key is required!"}', "code": 400},
            TokenRefused,
            "(400): Authentication key is required!",
        ),
        ({"text": "", "code": 401}, TokenRefused, "(401): an empty answer"),
        ({"text": "<p>No", "code": 403}, TokenRefused, "(403): unreadable XML"),
        ({"text": "", "code": 404}, NotTheMarketplace, "no such thing (404)"),
        ({"text": "", "code": 429}, MarketplaceBusy, "fewer requests"),
        ({"text": "", "code": 500}, MarketplaceUnavailable, "a problem (500)"),
        ({"text": "", "code": 503}, MarketplaceUnavailable, "a problem (503)"),
        ({"text": "<Orders/>", "code": 500}, MarketplaceUnavailable, "(500)"),
        ({"text": "<Orders/>", "code": 206}, MarketplaceUnavailable, "(206)"),
        ({"text": "a\nb", "kind": "text/plain"}, MarketplaceUnavailable, "(a b)"),
    ],
)
def test_each_failure_is_told_apart_in_words(shop, options, kind, words):
    error = failure(shop, "body", **options)

    assert type(error) is kind
    assert words in str(error)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("html_500", "a problem (500)"),
        ("html_200", "(HTML)"),
        ("truncated", "(a list of orders that breaks off)"),
        ("doctype_bomb", "(XML with a DOCTYPE or entities, which is refused)"),
        ("lost_request", "did not answer"),
        ("reset_body", "did not answer"),
    ],
)
def test_each_fault_of_a_server_is_for_later(shop, fault, words):
    error = failure(shop, fault)

    assert type(error) is MarketplaceUnavailable
    assert words in str(error)


def test_an_answer_has_its_time_and_its_size(shop):
    late = failure(shop, "slow", {"read_timeout": 0.1}, seconds=0.5)
    shop.faults.clear()
    large = failure(shop, "gzip_bomb", {"max_bytes": 100_000}, megabytes=5)

    assert "(ReadTimeout)" in str(late)
    assert "(AnswerTooLarge)" in str(large)


def test_a_slow_page_is_waited_for(shop):
    shop.fault("slow", seconds=1.2)

    assert len(listed(connect_shop(shop))) == 1
    assert connect_shop(shop)._client.timeout[1] >= 60


@each_profile
def test_a_redirect_is_said_with_the_host_to_connect(profile):
    with Shop(profile) as shop:
        location = f"https://www.shop.example/?auth_key={CANARY}"

        error = failure(shop, "redirect", location=location)

        assert type(error) is MarketplaceUnavailable
        assert "redirect (301) to https://www.shop.example, which" in str(error)
        assert "connect it with that address" in str(error)
        assert CANARY not in repr(error)
        assert len(shop.requests) == 1


@each_profile
@pytest.mark.parametrize("answer", ["Key {} is old", "<Error>No {}</Error>", '"{} no"'])
def test_a_secret_that_the_shop_repeats_is_masked(profile, answer):
    with Shop(profile) as shop:
        text = answer.format(next(iter(shop.secrets.values())))

        error = failure(shop, "body", text=text, code=400, kind="text/plain")

        assert "****" in str(error)
        assert not any(one in repr(error) for one in shop.secrets.values())


PASSWORD, KEY = "hunter2&more", "k3y+of/the-address"
# One that is long and no more than a word, and one that is short.
WORDS = "status=awaiting-fulfilment&shop=shop1"


def test_an_order_is_kept_without_the_secrets_that_it_repeats():
    written = [PASSWORD, KEY, quote(KEY, ""), escape(PASSWORD)]
    with Shop("guide", secrets={"password": PASSWORD}) as shop:
        written.append(basic(shop.keys["user"], PASSWORD)["Authorization"])
        shop.add_order(note=" ".join([*written, "awaiting-fulfilment shop1"]))
        address = f"{shop.address}?key={quote_plus(KEY)}&{WORDS}"

        [raw] = listed(connect_shop(shop, address=address))

    masked = "**** **** **** **** Basic **** awaiting-fulfilment shop1"
    assert raw["CustomerNotes"] == masked
    assert masked in raw.text


def test_a_short_password_is_masked_too():
    with Shop("guide", secrets={"password": "p&ss"}) as shop:
        error = failure(shop, "body", text='"No p&ss, p&amp;ss, p%26ss"', code=400)

        assert "No ****, ****, ****" in str(error)


@each_profile
@pytest.mark.parametrize(
    ("fault", "options"),
    [
        ("html_500", {}),
        ("status", {"code": 401}),
        ("body", {"text": "<Orders>"}),
        ("doctype_bomb", {}),
        ("lost_request", {}),
        ("slow", {"seconds": 0.3}),
        ("redirect", {}),
    ],
)
def test_no_log_line_error_or_name_holds_a_secret(profile, fault, options, caplog):
    key = "auth_key" if profile == "woo" else "password"
    with Shop(profile, secrets={key: CANARY}) as shop:
        shop.add_order()
        shop.fault(fault, times=None, **options)
        query = "&" if "?" in shop.address else "?"
        connector = connect_shop(
            shop, {"read_timeout": 0.1}, address=f"{shop.address}{query}more={CANARY}2"
        )

        with caplog.at_level(logging.DEBUG, logger="urllib3"):
            error: BaseException | None = failure_to_list_orders(connector)

        told = f"{connector!r} {caplog.text}"
        while error:
            told += "".join(traceback.format_exception(error)) + f"{vars(error)}"
            error = error.__cause__ or error.__context__
        assert shop.requests
        assert "urllib3" in caplog.text
        assert CANARY not in told


def test_an_account_shows_neither_its_secrets_nor_its_address():
    with Shop("woo") as shop:
        shown = repr(account(shop))

        assert "wc-api" not in shown
        assert shop.secrets["auth_key"] not in shown


@pytest.mark.parametrize(
    "fault", ["html_500", "status", "empty", "lost_request", "redirect"]
)
def test_a_failed_search_for_an_order_is_not_an_order_that_is_missing(shop, fault):
    shop.fault(fault, times=None)

    with pytest.raises(MarketplaceError) as caught:
        connect_shop(shop).retrieve_order("1001")

    assert type(caught.value) in {MarketplaceUnavailable, TokenRefused}


def test_a_notice_that_nobody_lets_in_is_a_refusal_of_who_asks(shop):
    connector = connect_shop(shop)
    [told] = understood(connector, listed(connector))
    shop.fault("status", on="shipnotify", code=401)

    with pytest.raises(TokenRefused):
        connector.fulfill(notice_for(told))

    assert not shop.notices
