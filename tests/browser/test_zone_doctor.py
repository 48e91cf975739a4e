"""A wrong zone is seen in the list of things to do, looked at, mended, and undone."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone as clock
from playwright.sync_api import expect

from orders import tasks
from orders.models import Order
from stores.models import Store
from tests.support.browsing import aside, log_in
from tests.support.simulating import sell

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def newest() -> Order:
    return aside(lambda: Order.objects.order_by("-pk").first())


@pytest.mark.sweep
def test_the_doctor_finds_the_zone_and_dates_the_orders_anew(
    request, live_server, store, tophatter, admin_user
):
    tophatter.offset = "none"
    sell(store, tophatter)
    tasks.examine_zones()
    page = request.getfixturevalue("page")
    log_in(page, live_server.url)

    # The header counts it, the list says what it means, the button leads to the store.
    expect(page.locator("[data-work-count]")).to_have_text("1")
    page.get_by_role("link", name="To do: 1").click()
    expect(
        page.get_by_text(f"The server of {store} looks like America/Los_Angeles")
    ).to_be_visible()
    page.get_by_role("link", name="See the evidence").click()

    # The evidence: an order a line, the zone that is set and the one that fits.
    expect(page.locator("#doctor-sentence")).to_contain_text(
        re.compile(r"looks like UTC−[78] \(America/Los_Angeles\), not UTC")
    )
    expect(page.locator(".doctor-bar")).to_have_count(5)
    fits = page.locator(".doctor-fits").bounding_box()
    for bar in page.locator(".doctor-bar").all():
        box = bar.bounding_box()
        assert box["x"] - 2 <= fits["x"] <= box["x"] + box["width"] + 2
    assert fits["x"] < page.locator(".doctor-set").bounding_box()["x"]

    # Before and after; then it is done, and nothing is left to do.
    wrong = newest().ordered_at
    page.get_by_role("link", name="See the new dates").click()
    expect(page.get_by_role("status")).to_contain_text("5 would get another date")
    expect(page.get_by_text(re.compile(r"\+[78] h")).first).to_be_visible()
    page.get_by_role("button", name="Save and apply to 5 stored orders").click()
    expect(page.locator("#doctor-sentence")).to_contain_text(
        "America/Los_Angeles is right"
    )
    expect(page.locator("[data-work-count]")).to_have_text("0")
    right = newest().ordered_at
    assert abs(clock.now() - right) < timedelta(minutes=3)
    assert right - wrong in {timedelta(hours=7), timedelta(hours=8)}

    # Undone, all is as it was.
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#doctor-sentence")).to_contain_text("not UTC")
    assert newest().ordered_at == wrong
    assert aside(Store.objects.get).timezone == "UTC"
