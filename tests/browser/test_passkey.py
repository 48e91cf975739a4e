"""A real browser adds a passkey, and logs in with it."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.support.browsing import log_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def test_a_passkey_is_added_and_logs_in(request, live_server, admin_user):
    page = request.getfixturevalue("page")
    # At a name: browsers give no passkey to an address that is a number.
    url = live_server.url.replace("127.0.0.1", "localhost")
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    log_in(page, url)

    page.goto(url + reverse("add_passkey"))
    page.get_by_label("Name").fill("Phone")
    page.get_by_role("button", name="Add a passkey").click()
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_text("your password and a passkey.")).to_be_visible()

    # The same device has one already.
    page.goto(url + reverse("add_passkey"))
    page.get_by_label("Name").fill("Phone again")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_text("holds a passkey of yours already.")).to_be_visible()

    page.context.clear_cookies()
    log_in(page, url)
    expect(page.locator("[name=code]")).to_have_count(0)
    page.get_by_role("button", name="Use a passkey").click()
    expect(page).to_have_url(f"{url}/")
    page.goto(url + reverse("security"))
    expect(page.get_by_text("Phone", exact=True)).to_be_visible()
    expect(page.get_by_text(", last used").first).to_be_visible()
