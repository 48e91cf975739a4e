"""A pasted column fills the rows of the grid, each line its own row."""

import pytest
from playwright.sync_api import expect

from tests.factories import OrderFactory
from tests.support.browsing import log_in
from tests.support.order_pages import grid

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASTE = """(field, text) => {
    const data = new DataTransfer();
    data.setData("text/plain", text);
    const given = { clipboardData: data, bubbles: true, cancelable: true };
    field.dispatchEvent(new ClipboardEvent("paste", given));
}"""


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("A1\r\nA2\r\nA3\r\n", ["A1", "A2", "A3"]),
        ("\nA2\nA3\n", ["", "A2", "A3"]),
        ("A1\n\nA3", ["A1", "", "A3"]),
        ("USPS\tA1\nFedEx\tA2\n", ["A1", "A2", ""]),
    ],
)
def test_each_line_fills_its_own_row(request, live_server, admin_user, text, filled):
    orders = OrderFactory.create_batch(3)
    page = request.getfixturevalue("page")
    log_in(page, live_server.url)
    page.goto(live_server.url + grid(*orders))
    fields = page.locator("[data-column=tracking_number]")

    fields.first.evaluate(PASTE, text)

    for place, value in enumerate(filled):
        expect(fields.nth(place)).to_have_value(value)
