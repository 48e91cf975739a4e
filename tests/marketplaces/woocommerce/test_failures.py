"""Each failure of a shop is told apart from the others, and from no orders."""

import json
import re

import pytest

from stores.marketplaces.base import (
    MarketplaceBusy,
    MarketplaceError,
    MarketplaceRefused,
    MarketplaceUnavailable,
    NotTheMarketplace,
    OrderNotFound,
    ProductNotFound,
    TokenRefused,
)
from stores.marketplaces.woocommerce.failures import NoRoute
from tests.support.woo_shops import connect_woo, notice_of

HTML = "text/html; charset=UTF-8"
JSON = "application/json"


def failing(shop, **limits):
    """Return what the listing ends with."""
    with pytest.raises(MarketplaceError) as caught:
        list(connect_woo(shop, **limits).list_orders())
    return caught.value


def refusal(status, code, message="Sorry."):
    answer = {"code": code, "message": message, "data": {"status": status}}
    return {"code": status, "text": json.dumps(answer), "kind": JSON}


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (
            refusal(401, "woocommerce_rest_cannot_view"),
            TokenRefused,
            "does not know the consumer key, or its server keeps the header",
        ),
        (
            refusal(401, "woocommerce_rest_authentication_error", "Secret is invalid."),
            TokenRefused,
            r"refused the consumer key and its secret \(401\): Secret is invalid\.",
        ),
        (
            refusal(403, "woocommerce_rest_cannot_view"),
            TokenRefused,
            r"The user .* may not do this in the shop \(403\)",
        ),
        (refusal(404, "rest_no_route"), NoRoute, "WooCommerce is active"),
        (
            refusal(400, "rest_invalid_param", "Invalid parameter(s): orderby"),
            MarketplaceRefused,
            r"Invalid parameter\(s\): orderby",
        ),
        (refusal(429, "too_many"), MarketplaceBusy, "fewer requests"),
        (
            refusal(500, "internal_server_error"),
            MarketplaceUnavailable,
            r"has a problem \(500\)",
        ),
        (
            {"code": 404, "text": "<html>Not found</html>", "kind": HTML},
            NotTheMarketplace,
            r"Nothing at this address answers for WooCommerce \(404, HTML\)",
        ),
        (
            {"code": 403, "text": "<html>Blocked</html>", "kind": HTML},
            NotTheMarketplace,
            r"in front of the shop refused the request \(403, HTML\)",
        ),
        (
            {"code": 406, "text": "<html>Not acceptable</html>", "kind": HTML},
            NotTheMarketplace,
            r"refused the request \(406\): HTML",
        ),
        (
            {"code": 503, "text": "<html>Maintenance</html>", "kind": HTML},
            MarketplaceUnavailable,
            r"has a problem \(503\)",
        ),
        (
            {"code": 401, "text": "<html>Staging</html>", "kind": HTML},
            TokenRefused,
            "401",
        ),
    ],
)
def test_each_refusal_is_said_in_its_own_words(shop, answer, kind, words):
    shop.add_order()
    shop.fault("body", times=None, on="rest", **answer)

    error = failing(shop)

    assert type(error) is kind
    assert re.search(words, str(error))


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("", JSON, "an empty answer"),
        ("<html>Welcome</html>", HTML, "HTML"),
        ("{}", JSON, "object"),
        ("null", JSON, "NoneType"),
        ('[{"id": 1', JSON, "unreadable JSON"),
        ("<br />Notice: undefined []", JSON, "unreadable JSON"),
        ('["x", {"number": "7"}]', JSON, r"nothing is an order \(entries: 2\)"),
    ],
)
def test_what_is_no_list_of_orders_is_never_no_orders(shop, text, kind, words):
    shop.fault("body", times=None, on="rest", text=text, kind=kind)

    error = failing(shop)

    assert type(error) is MarketplaceUnavailable
    assert re.search(words, str(error))


@pytest.mark.parametrize("fault", ["truncated", "reset_body"])
def test_an_answer_that_ends_in_the_middle_is_a_failure(shop, fault):
    shop.add_order()
    shop.fault(fault, times=None, on="rest")

    assert type(failing(shop)) is MarketplaceUnavailable


def test_a_header_that_is_lost_on_the_way_is_said(shop):
    shop.fault("lost_authorization", times=None)

    error = failing(shop)

    assert type(error) is TokenRefused
    assert "have the key sent in the address" in str(error)


def test_a_page_that_fails_later_is_a_failure_too(shop):
    for _ in range(150):
        shop.add_order()
    pages = connect_woo(shop).list_orders()
    assert len(next(pages)) == 100
    shop.fault("html_500", times=None, on="rest")

    with pytest.raises(MarketplaceUnavailable):
        next(pages)


def test_a_redirect_is_not_followed_and_its_host_is_named(shop):
    shop.fault("redirect", times=None, location="https://www.shop.example/x?a=secret")

    error = failing(shop)

    assert "to https://www.shop.example, which is not followed" in str(error)
    assert "secret" not in str(error)


@pytest.mark.parametrize("name", ["consumer_key", "consumer_secret"])
def test_a_wrong_key_or_secret_is_refused(shop, name):
    shop.add_order()
    connector = connect_woo(shop)
    shop.keys[name] = "x" * 40

    with pytest.raises(TokenRefused):
        next(connector.list_orders())


def test_a_shop_that_never_sees_the_header_takes_the_key_in_the_address(shop, caplog):
    shop.add_order()
    caplog.set_level("DEBUG")

    (orders,) = connect_woo(shop, settings={"key_in": "query"}).list_orders()

    (request,) = shop.requests
    assert len(orders) == 1
    assert (request.ways, request.was_let_in) == ({"consumer_key"}, True)
    assert not [one for one in shop.secrets.values() if one in caplog.text]


@pytest.mark.parametrize("call", ["list", "one", "notice", "picture"])
def test_no_failure_shows_key_or_secret(shop, call):
    order = shop.add_order()
    connector = connect_woo(shop)
    secrets = list(shop.secrets.values())
    text = json.dumps({"code": "x", "message": " ".join(secrets)})
    shop.fault("body", times=None, code=400, text=text, kind=JSON)
    calls = {
        "list": lambda: list(connector.list_orders()),
        "one": lambda: connector.retrieve_order(order.id),
        "notice": lambda: connector.fulfill(notice_of(order)),
        "picture": lambda: connector.picture_url("25"),
    }

    with pytest.raises(MarketplaceRefused) as caught:
        calls[call]()

    assert "****" in str(caught.value)
    assert not [one for one in secrets if one in repr(caught.value)]


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (404, "woocommerce_rest_shop_order_invalid_id", OrderNotFound),
        (400, "woocommerce_rest_shop_order_invalid_id", OrderNotFound),
        (404, "woocommerce_rest_order_invalid_id", OrderNotFound),
        (404, "woocommerce_rest_something_else", MarketplaceRefused),
    ],
)
def test_an_order_that_is_not_there_is_told_by_its_code(shop, status, code, kind):
    shop.fault("body", times=None, on="rest", **refusal(status, code))

    with pytest.raises(MarketplaceRefused) as caught:
        connect_woo(shop).retrieve_order("7")

    assert type(caught.value) is kind


def test_a_product_that_is_not_there_is_told_by_its_code(shop):
    code = "woocommerce_rest_product_invalid_id"
    shop.fault("body", times=None, on="rest", **refusal(404, code))

    with pytest.raises(ProductNotFound):
        connect_woo(shop).picture_url("25")


@pytest.mark.parametrize(
    ("images", "url"),
    [
        (
            [{"src": "http://shop.example/a.jpg"}, {"src": "https://shop.example/b"}],
            "https://shop.example/b",
        ),
        ([], ""),
        (None, ""),
        (["x", {"src": 7}], ""),
    ],
)
def test_a_products_picture_is_the_first_at_a_public_address(shop, images, url):
    text = json.dumps({"id": 25, "images": images})
    shop.fault("body", on="rest", text=text, kind=JSON)

    assert connect_woo(shop).picture_url("25") == url
    assert shop.requests[0].path == "/wp-json/wc/v3/products/25"
