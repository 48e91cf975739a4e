"""Paper in a real browser: three slips and a pick list from the list of orders."""

import re
from io import BytesIO

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from tests.support.browsing import log_in_to_demo as log_in
from tests.support.programs import wait_until

pytestmark = pytest.mark.browser

CHOSEN = 3


def opened(page: Page, button: str) -> Page:
    """Press a button that answers in a new window."""
    with page.context.expect_page() as window:
        page.get_by_role("button", name=button).click()
    window.value.wait_for_load_state()
    return window.value


def printed(page: Page, button: str) -> list[str]:
    """Fetch what a button's form answers with: a PDF, as the text of its pages."""
    form = page.locator("form", has=page.get_by_role("button", name=button))
    target = page.get_by_role("button", name=button)
    url = target.get_attribute("formaction") or form.get_attribute("action")
    fields = {
        name: form.locator(f"[name={name}]").first.input_value()
        for name in ("csrfmiddlewaretoken", "orders", "paper")
    }
    origin = re.match(r"https?://[^/]+", page.url)[0]
    answer = page.request.post(
        origin + url, form=fields | {"as": "pdf"}, headers={"Referer": page.url}
    )
    assert answer.headers["content-type"] == "application/pdf"
    return [one.extract_text() for one in PdfReader(BytesIO(answer.body())).pages]


@pytest.mark.sweep
def test_three_slips_and_a_pick_list_are_printed(demo, page):
    demo.begin()
    log_in(page, demo, demo.introduction())
    wait_until(lambda: demo.count("orders_order") > 20, 60, "the first import")

    # Choose three orders to ship, in the order of the list.
    page.goto(f"http://127.0.0.1:{demo.port}/orders/order/")
    rows = page.locator("#result_list tbody tr", has_text="Awaiting shipment")
    numbers = [
        rows.nth(place).get_by_role("link").first.inner_text()
        for place in range(CHOSEN)
    ]
    for place in range(CHOSEN):
        rows.nth(place).locator("input.action-select").check()
    page.locator("select[name=action]").select_option("print_chosen")
    page.get_by_role("button", name="Run").click()
    expect(page.get_by_text("printing again is a reprint")).to_have_count(0)
    for number in numbers:
        expect(page.get_by_role("link", name=number)).to_be_visible()

    # The pick list names each order's place in the pile, and marks nothing.
    pick = "\n".join(printed(page, "Pick list as PDF"))
    assert f"{CHOSEN} orders" in pick
    places = [pick.index(number) for number in numbers]
    assert places == sorted(places)
    assert demo.count("orders_packingslip") == 0

    # One page a slip, in the same order.
    slips = printed(page, "Slips as PDF")
    assert len(slips) == CHOSEN
    for place, (number, slip) in enumerate(zip(numbers, slips, strict=True), start=1):
        assert f"Order {number}" in slip
        assert f"Place in the pile: {place}" in slip
    assert demo.count("orders_packingslip") == CHOSEN

    # The print page shows the same, now as reprints.
    window = opened(page, "Slips to print")
    expect(window.get_by_role("heading", name="Packing slip")).to_have_count(CHOSEN)
    expect(window.get_by_text("Reprint")).to_have_count(CHOSEN)
    expect(window.get_by_role("button", name="Print")).to_be_visible()
    window.emulate_media(media="print")
    expect(window.get_by_role("button", name="Print")).to_be_hidden()
    paper = PdfReader(BytesIO(window.pdf(prefer_css_page_size=True)))
    assert len(paper.pages) == CHOSEN
    assert demo.count("orders_packingslip") == 2 * CHOSEN
