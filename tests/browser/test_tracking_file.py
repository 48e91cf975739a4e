"""What is ticked on the page of a tracking file is lost by none of its buttons."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from orders.models import Shipment, TrackingFile
from tests.factories import OrderFactory
from tests.support.browsing import aside, log_in
from tests.support.tracking_files import stored

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_what_is_ticked_stays_on_every_way(request, live_server, admin_user):
    orders = OrderFactory.create_batch(3)
    rows = [[str(order), f"A{order}", "OnTrac"] for order in orders]
    file = stored(*rows, *([f"9{number}", "B1", "OnTrac"] for number in range(99)))
    page = request.getfixturevalue("page")
    log_in(page, live_server.url)
    page.goto(
        live_server.url + reverse("admin:orders_trackingfile_change", args=[file.pk])
    )

    page.get_by_label("Leave out line 2", exact=True).check()
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_text("Page 2 of 2")).to_be_visible()
    page.get_by_role("button", name="Previous").click()
    page.get_by_label("Leave out line 3", exact=True).check()
    page.get_by_role("button", name="Ready").click()
    expect(page.get_by_text("Ships with OnTrac")).to_have_count(1)
    page.get_by_role("button", name="102 lines").click()
    page.get_by_label("Leave out line 3", exact=True).uncheck()
    page.get_by_role("button", name="Look at the lines again").click()
    expect(page.get_by_role("button", name="Take 2 lines")).to_be_visible()
    page.get_by_role("button", name="Take 2 lines").click()
    expect(page.get_by_text("2 lines are taken. 1 line is left out.")).to_be_visible()

    assert aside(lambda: TrackingFile.objects.get().left_out) == [2]
    assert aside(lambda: set(Shipment.objects.values_list("order", flat=True))) == {
        order.pk for order in orders[1:]
    }
