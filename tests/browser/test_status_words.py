"""A word nobody knows gets its meaning, from the page of an order that waits for it."""

import pytest
from playwright.sync_api import expect

from orders.models import Order
from tests.support.browsing import aside, log_in
from tests.support.order_pages import page as page_of
from tests.support.replaying import bring, naive

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_word_gets_its_meaning_from_an_order_that_waits(
    request, live_server, store, admin_user
):
    bring(store, naive(1, status="Mystery"), naive(2))
    order = Order.objects.get(marketplace_order_id="1")
    page = request.getfixturevalue("page")
    log_in(page, live_server.url)

    page.goto(live_server.url + page_of(order))
    page.get_by_role("link", name="This word means …").click()
    # Without a person in front of it, a browser may not give the focus it is asked for.
    expect(page.get_by_label("mystery")).to_have_attribute("autofocus", "autofocus")
    page.get_by_label("mystery").select_option("Awaiting shipment")
    page.get_by_role("button", name="See what would change").click()
    expect(page.get_by_role("status")).to_contain_text("This is about 1 stored order")
    page.get_by_role("button", name="Save and apply to 2 stored orders").click()

    expect(page.get_by_text("1 stored order says something else now")).to_be_visible()
    assert aside(lambda: Order.objects.get(pk=order.pk)).status == "awaiting_shipment"
    page.goto(live_server.url + page_of(order))
    expect(page.get_by_role("link", name="This word means …")).to_have_count(0)
