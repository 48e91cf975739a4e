"""A job's page fills by itself, stops, goes on, and hands over the file."""

from datetime import timedelta

import pytest
from django.utils import timezone as clock
from playwright.sync_api import expect

from backoffice.kit.admin import row_url
from orders import jobs
from orders.exporting import KEYS_A_TIME
from orders.models import Job, Order
from tests.factories import OrderFactory, StoreFactory
from tests.support.browsing import aside, log_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_job_is_watched_stopped_gone_on_with_and_downloaded(
    request, live_server, admin_user, tmp_path
):
    orders = OrderFactory.build_batch(2 * KEYS_A_TIME, store=StoreFactory())
    Order.objects.bulk_create(orders)
    job = jobs.ask_for_export(
        Order.objects.all(), "orders", "csv", "orders", admin_user
    )

    def work(until=timedelta(minutes=1), **options) -> None:
        jobs.work_on(job, clock.now() + until, **options)

    page = request.getfixturevalue("page")
    log_in(page, live_server.url)
    page.goto(live_server.url + row_url(job))
    bar = page.get_by_role("progressbar")
    expect(bar).to_have_attribute("aria-valuenow", "0")

    # Half of it is done, and the page shows it without being loaded again.
    def stop(job: Job) -> None:
        Job.objects.update(stop_asked_at=clock.now())

    aside(lambda: work(on_batch=stop))
    expect(bar).to_have_attribute("aria-valuenow", "50")
    expect(page.get_by_text("Stopped", exact=True)).to_be_visible()

    page.get_by_role("button", name="Go on", exact=True).click()
    expect(page.get_by_text("You can leave this page")).to_be_visible()
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("Stopped", exact=True)).to_be_visible()
    page.get_by_role("button", name="Go on", exact=True).click()
    page.get_by_role("button", name="Go on here and now").click()
    expect(bar).to_have_attribute("aria-valuenow", "100")

    with page.expect_download() as download:
        page.locator("#job-progress").get_by_role("link").click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    assert file.name == "orders.csv"
    assert len(file.read_text("utf-8-sig").splitlines()) == 2 * KEYS_A_TIME + 1
