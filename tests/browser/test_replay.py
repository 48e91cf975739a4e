"""A store's zone is changed: what it would do, the change itself, and its undoing."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone as clock
from playwright.sync_api import expect

from orders import importing
from orders.models import Order
from stores.models import Store
from tests.support.browsing import aside, log_in
from tests.support.order_pages import page as page_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.sweep
def test_a_zone_is_rehearsed_applied_and_undone(
    request, live_server, store, tophatter, admin_user
):
    tophatter.offset = "none"
    tophatter.add_order(created_at=clock.now() - timedelta(hours=12))
    importing.refresh_store(store)
    as_utc = Order.objects.get().ordered_at
    settings = live_server.url + reverse("admin:stores_store_change", args=[store.pk])
    page = request.getfixturevalue("page")
    log_in(page, live_server.url)

    # The settings: another zone is looked at first.
    page.goto(settings)
    page.evaluate(
        "select => { document.querySelector('[name=timezone]').value = select }",
        "America/Los_Angeles",
    )
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("1 would get another date")
    expect(page.get_by_text("Time zone: UTC → America/Los_Angeles.")).to_be_visible()
    expect(page.get_by_text(re.compile(r"\+[78] h")).first).to_be_visible()
    assert aside(Order.objects.get).ordered_at == as_utc

    # Applied, the order has another date.
    page.get_by_role("button", name="Save and apply to 1 stored order").click()
    expect(page.get_by_text("1 stored order says something else now")).to_be_visible()
    order = aside(Order.objects.get)
    assert order.ordered_at - as_utc in {timedelta(hours=7), timedelta(hours=8)}
    page.goto(live_server.url + page_of(order))
    expect(page.get_by_text(re.compile("P[SD]T")).first).to_be_visible()

    # Undone, it has its own again.
    page.goto(settings)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("The change is undone")).to_be_visible()
    assert aside(Order.objects.get).ordered_at == as_utc
    assert aside(Store.objects.get).timezone == "UTC"
