"""The main job in a real browser: connect, import, ship, and the marketplace knows."""

import re

import pytest
from playwright.sync_api import expect

from stores.management.commands.sandbox import PRACTICE_TOKENS
from tests.support.browsing import at_the_marketplace
from tests.support.browsing import log_in_to_demo as log_in
from tests.support.programs import wait_until

pytestmark = pytest.mark.browser

NUMBER = "9400111899562173406777"


def test_connect_import_ship_and_the_marketplace_knows(demo, page):
    demo.begin()
    log_in(page, demo, demo.introduction())

    # Connect: a wrong token is said beside its field, a right one opens the settings.
    page.get_by_role("link", name=re.compile("Stores$")).click()
    page.goto(page.url + "add/")
    page.get_by_role("link", name=re.compile("Tophatter")).click()
    page.get_by_label("Name").fill("Second store")
    page.get_by_label("Access token").fill("0" * 32)
    page.get_by_role("button", name="Connect", exact=True).click()
    expect(page.get_by_text("refused the access token")).to_be_visible()
    page.get_by_label("Access token").fill(PRACTICE_TOKENS[1])
    page.get_by_role("button", name="Connect", exact=True).click()
    expect(page.get_by_text("Second store is connected")).to_be_visible()
    expect(page.locator("[name=timezone]")).to_have_value("UTC")

    # Import now: the page of the import fills by itself.
    page.get_by_role("link", name=re.compile("Import now$")).click()
    page.get_by_role("button", name="Import now").click()
    expect(page).to_have_url(re.compile("importrun"))
    expect(page.get_by_text("orders seen")).to_be_visible(timeout=120_000)

    # Ship the first order to ship.
    page.get_by_role("link", name="Orders of this store").click()
    row = page.locator("tr", has_text="Awaiting shipment").first
    number = row.get_by_role("link").first.inner_text()
    row.get_by_role("link").first.click()
    page.get_by_role("link", name=re.compile(" Ship$")).click()
    page.get_by_label("Carrier").select_option("USPS")
    page.get_by_label("Tracking number").fill(NUMBER)
    page.get_by_role("button", name="Mark as shipped").click()
    expect(
        page.get_by_text(f"Order {number} is shipped: USPS {NUMBER}")
    ).to_be_visible()

    # The queue tells the marketplace, and the page shows that it took it.
    wait_until(
        lambda: at_the_marketplace(demo, number)["status"] == "shipped",
        30,
        "the sending",
    )
    order = at_the_marketplace(demo, number)
    assert (order["carrier"], order["tracking_number"]) == ("usps", NUMBER)
    # It shows the number a moment before the worker has read it back.
    accepted = page.get_by_text("Accepted", exact=True)
    wait_until(lambda: page.reload() and accepted.is_visible(), 10, "the receipt")
    expect(accepted).to_be_visible()
