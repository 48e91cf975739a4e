"""Ship three by the grid, look once more, and send what may go, in a real browser."""

import re
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Page, expect

from stores.management.commands.sandbox import PRACTICE_TOKENS
from tests.support.browsing import at_the_marketplace
from tests.support.browsing import log_in_to_demo as log_in
from tests.support.programs import Demo, wait_until

pytestmark = pytest.mark.browser

GOOD, BAD = "9400111899562173406701", "9400111899562173406702"
ODD = "1Z9999999999999999"


def refund(demo: Demo, number: str) -> None:
    """Cancel an order at the marketplace, as its seller or support may."""
    address = f"http://127.0.0.1:{demo.sandbox_port}/merchant_api/v1/orders/refund.json"
    form = {
        "access_token": PRACTICE_TOKENS[0],
        "order_id": number,
        "type": "full",
        "reason": "buyer_requested_through_ticket",
    }
    with urlopen(Request(address, urlencode(form).encode())) as answer:
        assert answer.status == 200


def keep_notices(page: Page) -> None:
    """Let the store send nothing by itself."""
    page.get_by_role("link", name=re.compile("Stores$")).click()
    page.locator("#result_list tbody th a", has_text="Practice store").click()
    page.get_by_role("button", name="Shipping", exact=True).click()
    page.locator("[name=auto_send_tracking]").uncheck()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("was changed successfully")).to_be_visible()


def choose_three(page: Page) -> list[str]:
    """Lead three orders of the list to the grid and return their numbers."""
    page.get_by_role("link", name=re.compile(r"Orders( \d+)?$")).first.click()
    rows = page.locator("#result_list tr", has_text="Awaiting shipment")
    rows = rows.filter(has_text="Practice store")
    for place in range(3):
        rows.nth(place).locator("input.action-select").check()
    page.locator("select[name=action]").select_option("ship_chosen")
    page.get_by_role("button", name="Run").click()
    orders = page.locator("#ship-grid li a")
    expect(orders).to_have_count(3)
    return orders.all_inner_texts()


def test_ship_three_look_once_more_and_send_what_may_go(demo, page):
    demo.begin()
    introduction = demo.introduction()
    wait_until(lambda: demo.count("orders_order") > 20, 60, "the first import")
    log_in(page, demo, introduction)
    keep_notices(page)

    # The grid: the carrier of the first row fills the others.
    chosen = choose_three(page)
    fields = page.locator("[data-column=tracking_number]")
    for place, number in enumerate([GOOD, ODD, BAD]):
        fields.nth(place).fill(number)
    page.locator("[data-column=carrier]").first.select_option("USPS")
    page.get_by_role("button", name="Mark as shipped").click()
    expect(page.get_by_text("3 orders are shipped.")).to_be_visible()

    # Meanwhile the third is cancelled at the marketplace.
    refund(demo, chosen[2])

    # The last look: a green, an amber and a red one; nothing has been sent.
    page.get_by_role("button", name=re.compile("Send tracking")).click()
    expect(page).to_have_url(re.compile("orders/sending/"))
    expect(page.get_by_text("1 can go, 1 in doubt, 1 cannot go.")).to_be_visible(
        timeout=120_000
    )
    expect(page.get_by_text(f"Order {chosen[2]} is cancelled")).to_be_visible()
    assert at_the_marketplace(demo, chosen[0])["status"] == "paid"
    send = page.get_by_role("button", name=re.compile("^Send"))
    expect(send).to_have_text("Send 1")

    # Enter in the field sends nothing; the button counts what goes.
    reason = page.get_by_label(f"Reason, order {chosen[1]}")
    reason.fill("UPS carries the first mile")
    reason.press("Enter")
    expect(send).to_have_text("Send 2")
    send.click()

    expect(page.get_by_text("2 of 3 accepted")).to_be_visible(timeout=120_000)
    shown = [at_the_marketplace(demo, one) for one in chosen]
    assert [one["status"] for one in shown] == ["shipped", "shipped", "refunded"]
    assert [one["tracking_number"] for one in shown] == [GOOD, ODD, None]
    expect(
        page.get_by_text("Sent despite a doubt: UPS carries the first mile")
    ).to_be_visible()
