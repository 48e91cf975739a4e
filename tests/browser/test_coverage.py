"""A gap in what was read is seen on the store's page and closed with one click."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from orders import tasks
from orders.models import ImportRun, Order
from tests.support.browsing import aside, log_in
from tests.support.coverage import days_ago, was_read

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_gap_is_seen_and_closed(request, live_server, store, tophatter, admin_user):
    was_read(store, 12, 9)
    was_read(store, 3, 0)
    tophatter.add_order(created_at=days_ago(6))
    page = request.getfixturevalue("page")
    log_in(page, live_server.url)

    # The bar shows what is missing.
    settings = live_server.url + reverse("admin:stores_store_change", args=[store.pk])
    page.goto(settings)
    expect(page.locator(".coverage-gap")).to_have_count(1)
    box = page.locator(".coverage-gap").bounding_box()
    assert box["width"] > 100
    expect(page.get_by_text(re.compile("1 stretch of time since"))).to_be_visible()

    # One click asks for it, and the page of the import fills.
    page.get_by_role("button", name="Import this gap").click()
    page.wait_for_url("**/importrun/*/change/")
    waiting = aside(lambda: ImportRun.objects.get(started_at=None).pk)
    aside(lambda: tasks.run_import(waiting))
    expect(page.get_by_text(re.compile("1 order seen|orders? seen"))).to_be_visible()
    assert aside(Order.objects.count) == 1

    # The bar is whole.
    page.goto(settings)
    expect(page.get_by_text(re.compile("without a gap"))).to_be_visible()
    expect(page.locator(".coverage-gap")).to_have_count(0)
