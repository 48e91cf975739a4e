"""A real browser walks the pages, and its content policy refuses nothing on them."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from orders.importing.pictures import record_pictures
from orders.models import Order
from orders.shipping import ship_order
from tests.support.browsing import log_in
from tests.support.order_pages import NUMBER, step
from tests.support.order_pages import page as page_of
from tests.support.simulating import sell

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# What the other tests of the browser do not open; they hold the policy too.
PAGES = [
    *("auth_user_changelist", "auth_user_add", "orders_order_work"),
    *("orders_trackingfile_add", "orders_job_changelist"),
]


@pytest.mark.sweep
def test_the_policy_refuses_nothing_that_a_page_needs(
    request, live_server, store, tophatter, admin_user
):
    tophatter.offset = "none"
    sell(store, tophatter)
    record_pictures(store)
    first, last = Order.objects.earliest("pk"), Order.objects.latest("pk")
    ship_order(last, carrier="USPS", tracking_number=NUMBER)
    page = request.getfixturevalue("page")
    log_in(page, live_server.url)
    expect(page.locator("canvas").first).to_be_visible()
    assert page.evaluate("Chart.getChart(document.querySelector('canvas')).width") > 0

    for address in [
        *(reverse(f"admin:{name}") for name in PAGES),
        *(reverse("account"), reverse("worker"), "/nothing/here/"),
        reverse("admin:stores_store_change", args=[store.pk]),
        reverse("admin:stores_store_mail", args=[store.pk]),
        step(first, "address"),
        page_of(last),
    ]:
        page.goto(live_server.url + address)

    # Pictures come from the marketplace's host, and paper is printed by a button.
    page.goto(live_server.url + page_of(first))
    page.locator(".thumbnail").first.scroll_into_view_if_needed()
    page.wait_for_function("document.querySelector('.thumbnail').naturalWidth > 0")
    page.goto(
        f"{live_server.url}{reverse('admin:orders_order_pick_list')}?orders={first.pk}"
    )
    page.evaluate("window.print = () => { document.title = 'printed' }")
    page.get_by_role("button", name="Print").click()
    expect(page).to_have_title("printed")

    # The bar of actions is as wide as the list, and a dialog opens.
    page.goto(live_server.url + reverse("admin:orders_order_changelist"))
    page.locator("input.action-select").first.check()
    assert page.locator("#changelist-actions").bounding_box()["width"] > 500
