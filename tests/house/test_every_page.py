"""The walk of all addresses, which other tests rely on."""

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.urls import path

from orders.models import Order
from tests.support.every_page import UnknownArgument, every_action, every_page, told_by

ROWS = {Order: [Order(pk=7), Order(pk=8)], User: [User(pk=3)]}


def test_the_walk_finds_each_address_with_each_row():
    urls = {page.url for page in every_page(ROWS)}

    assert {"/", "/account/", "/healthz/sync", "/search/", "/orders/"} <= urls
    assert {"/orders/order/7/change/", "/orders/order/8/address/"} <= urls
    assert {"/orders/order/7/ship/", "/auth/user/3/password/"} <= urls
    assert "/stores/store/add/?marketplace=woocommerce" in urls
    assert not any("<" in url or "(" in url for url in urls)


def test_an_address_that_cannot_be_filled_in_is_said():
    new = [path("new/<int:thing_id>/", lambda request: HttpResponse(), name="new")]

    with pytest.raises(UnknownArgument, match=r"“new/.*takes thing_id.*ARGUMENTS"):
        list(every_page(ROWS, new))


def test_the_walk_finds_the_steps_of_lists():
    steps = {(one.model._meta.model_name, one.name) for one in every_action()}

    assert {("order", "ship_chosen"), ("store", "import_now")} <= steps


def test_what_an_answer_tells_is_its_headers_too():
    answer = HttpResponse("Text", headers={"Location": "/there/"})

    assert "/there/" in told_by(answer)
    assert told_by(answer).endswith("Text")
