"""What staff may do, and how it looks: hold, be refused, narrow screens, keyboard."""

import os
import re
import subprocess
import sys

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.support.browsing import log_in_to_demo as log_in
from tests.support.programs import MANAGE, Demo, wait_until

pytestmark = pytest.mark.browser

NUMBER = "9400111899562173406778"
PHONE = {"width": 390, "height": 844}
MOST_TABS = 80

MAKE_VIEWER = """
from django.contrib.auth.models import Group, User
viewer = User.objects.create_user("viewer", password="see-but-not-touch", is_staff=True)
viewer.groups.add(Group.objects.get(name="viewer"))
"""


def begin(demo: Demo, page: Page) -> str:
    """Start the demo, log in once its orders are there, and return its address."""
    demo.begin()
    introduction = demo.introduction()
    wait_until(lambda: demo.count("orders_order") > 20, 60, "the first import")
    log_in(page, demo, introduction)
    expect(page).to_have_title(re.compile("Back office"))
    return f"http://127.0.0.1:{demo.port}"


def first_page(page: Page, list_url: str) -> str:
    """Return the address of the first row's page."""
    page.goto(list_url)
    return page.locator("#result_list tbody th a").first.evaluate("link => link.href")


@pytest.mark.sweep
@pytest.mark.timeout(300)
def test_orders_are_held_and_released_and_a_viewer_is_refused(demo, page):
    home = begin(demo, page)
    orders = f"{home}/orders/order/"

    # Hold one from its page.
    held = first_page(page, orders)
    page.goto(held)
    page.get_by_role("link", name=re.compile(" Hold$")).click()
    page.get_by_label("Reason").fill("The buyer asked to wait")
    page.get_by_role("button", name="Hold").click()
    expect(page.get_by_text("is on hold.")).to_be_visible()
    history = page.locator("ol > li", has_text="The buyer asked to wait")
    expect(history).to_contain_text(re.compile("Held.*admin", re.DOTALL))

    # It is in the list of those on hold, and no longer in the one to ship.
    link = f"a[href*='{held.removeprefix(home).partition('?')[0]}']"
    page.goto(f"{orders}?view=on_hold")
    expect(page.locator("#result_list").locator(link)).to_be_visible()
    page.goto(orders)
    expect(page.locator("#result_list").locator(link)).to_have_count(0)

    # Released, it is to ship again.
    page.goto(held)
    page.get_by_role("link", name=re.compile(" Release$")).click()
    page.get_by_role("button", name="Release").click()
    expect(page.get_by_text("is released.")).to_be_visible()
    expect(page.locator("ol > li", has_text="Released")).to_contain_text("admin")
    page.goto(orders)
    expect(page.locator("#result_list").locator(link)).to_be_visible()

    # Hold two from the list: each has its result.
    rows = page.locator("#result_list tr", has_text="Awaiting shipment")
    numbers = [rows.nth(place).locator("th a").inner_text() for place in range(2)]
    for place in range(2):
        rows.nth(place).locator("input.action-select").check()
    page.locator("select[name=action]").select_option("hold_chosen")
    page.get_by_role("button", name="Run").click()
    expect(page.get_by_text("2 orders will be held")).to_be_visible()
    page.get_by_label("Reason").fill("Out of boxes")
    page.get_by_role("button", name="Hold").click()
    expect(page.get_by_text("2 of 2 orders are done.")).to_be_visible()
    for number in numbers:
        row = page.locator("li", has=page.get_by_role("link", name=number))
        expect(row).to_contain_text("Held.")
    page.goto(f"{orders}?view=on_hold")
    for number in numbers:
        expect(page.locator("#result_list", has_text=number)).to_be_visible()

    the_viewer_is_refused(demo, page, home)


def the_viewer_is_refused(demo: Demo, page: Page, home: str) -> None:
    make_viewer(demo)
    page.context.clear_cookies()
    page.goto(f"{home}/")
    page.get_by_label("Username").fill("viewer")
    page.get_by_label("Password").fill("see-but-not-touch")
    page.get_by_role("button", name="Log in").click()
    expect(
        page.get_by_role("link", name=re.compile(r"Orders( \d+)?$")).first
    ).to_be_visible()
    order = first_page(page, f"{home}/orders/order/")
    store = first_page(page, f"{home}/stores/store/")

    # What a viewer may not do is not there.
    for url in (f"{home}/", f"{home}/orders/order/", order, store):
        page.goto(url)
        for name in ("Ship", "Hold", "Send tracking", "Import now", "Correct address"):
            # Before a button's words stands the name of its icon.
            name = re.compile(rf"(^|\s){name}$")
            expect(page.get_by_role("link", name=name)).to_have_count(0)
            expect(page.get_by_role("button", name=name)).to_have_count(0)
        expect(page.locator("select[name=action] option[value]")).to_have_count(0)
    page.goto(order)
    expect(page.get_by_role("heading", name="Ship to")).to_be_visible()

    # And a hand-made POST is refused.
    for url in (order, store):
        page.goto(url)
        for step in ("ship", "hold") if url == order else ("import",):
            assert post(page, url.replace("/change/", f"/{step}/")) == 403
    # Not for a wrong token: with the same one, a harmless POST is let in.
    assert post(page, f"{home}/i18n/setlang/") == 200


def make_viewer(demo: Demo) -> None:
    subprocess.run(
        [sys.executable, str(MANAGE), "shell", "-c", MAKE_VIEWER],
        env=os.environ
        | {
            "DJANGO_SETTINGS_MODULE": "backoffice.settings",
            "DATABASE_URL": f"sqlite:///{demo.database}",
            "REDIS_URL": "",
        },
        check=True,
        timeout=120,
    )


def post(page: Page, url: str) -> int:
    """Post from within the page as its own forms do, and return the status."""
    return page.evaluate(
        """async (url) => {
            const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
            const body = new URLSearchParams({
                csrfmiddlewaretoken: token, _form_submitted: "True", language: "en",
                carrier: "USPS", tracking_number: "9400111899562173406779",
                shipped_at: new Date().toISOString().slice(0, 10), reason: "None",
            });
            return (await fetch(url, {method: "POST", body})).status;
        }""",
        url,
    )


@pytest.mark.sweep
@pytest.mark.timeout(300)
def test_staff_ship_by_keyboard_on_pages_that_fit_and_can_be_read(demo, page):
    home = begin(demo, page)
    order = ship_by_keyboard(page, home)

    pages = every_page(page, home, order)
    login = page.context.storage_state()
    # No page is wider for its colours, so each language is looked at in one theme.
    for language, theme in (("en", "light"), ("fr", "dark")):
        context = page.context.browser.new_context(
            viewport=PHONE,
            locale=language,
            color_scheme=theme,
            storage_state=login,
        )
        assert too_wide(context.new_page(), pages, language) == []
        context.close()

    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        looked_at = [f"{home}/", f"{home}/orders/order/", order]
        assert unreadable(page, looked_at, theme) == []


def ship_by_keyboard(page: Page, home: str) -> str:
    """Ship the first order of the list without a mouse and return its page."""
    # Of the store whose carriers are chosen from a list.
    page.goto(f"{home}/orders/order/?store__id__exact=1")
    tab_to(page, "#result_list tbody th a")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/orders/order/\d+/change/"))
    order = page.url
    tab_to(page, "a[href$='/ship/']")
    page.keyboard.press("Enter")

    # The dialog has taken the focus.
    carrier = page.get_by_label("Carrier")
    expect(carrier).to_be_focused()
    for _press in range(MOST_TABS):
        if carrier.locator("option:checked").inner_text() == "USPS":
            break
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Tracking number")).to_be_focused()
    page.keyboard.type(NUMBER)
    page.keyboard.press("Enter")
    expect(page.get_by_text(f"is shipped: USPS {NUMBER}")).to_be_visible()

    # The receipt of what was sent comes with the marketplace's answer.
    def has_receipt() -> bool:
        page.goto(order)
        return page.get_by_text("Receipt").count() > 0

    wait_until(has_receipt, 30, "the sending")
    return order


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the focus is on such an element."""
    page.wait_for_load_state()
    for _press in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate("what => document.activeElement?.matches(what)", selector):
            return
    raise AssertionError(f"{MOST_TABS} presses of Tab do not lead to {selector}.")


def every_page(page: Page, home: str, order: str) -> list[str]:
    """Return the side bar's pages, those of an order, a store, an import, one's own."""
    page.goto(f"{home}/")
    links = page.locator("#nav-sidebar a").evaluate_all("all => all.map(a => a.href)")
    listed = {link for link in links if link.startswith(home)}
    assert len(listed) > 8
    to_ship = first_page(page, f"{home}/orders/order/")
    number = re.search(r"/order/(\d+)/", to_ship)[1]
    store = first_page(page, f"{home}/stores/store/")
    return [
        *sorted(listed),
        order,
        to_ship,
        f"{home}/orders/order/{number}/address/",
        f"{home}/orders/order/ship/?orders={number}",
        store,
        store.partition("change/")[0] + "mail/",
        f"{home}/account/",
        first_page(page, f"{home}/orders/importrun/"),
    ]


def too_wide(page: Page, urls: list[str], language: str) -> list[str]:
    """Return the pages that scroll sideways, and the dialog if it is cut off."""
    found = []
    for url in urls:
        page.goto(url)
        assert page.locator("html").get_attribute("lang") == language
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append(page.url)
        if url.endswith("/change/") and page.locator("a[href$='/ship/']").count():
            page.get_by_role("link", name="more_horiz").click()
            page.locator("a[href$='/ship/']").click()
            box = page.locator("#modal-content:visible").bounding_box()
            if box["x"] < 0 or box["x"] + box["width"] > PHONE["width"]:
                found.append(f"{page.url}: dialog")
    return found


def unreadable(page: Page, urls: list[str], theme: str) -> list[str]:
    """Return the elements whose contrast is below WCAG's AA."""
    found = []
    for url in urls:
        page.goto(url)
        is_dark = "document.documentElement.classList.contains('dark')"
        assert page.evaluate(is_dark) == (theme == "dark")
        # What is folded up is read too.
        page.locator("details").evaluate_all("all => all.forEach(d => d.open = true)")
        results = Axe().run(page, options={"runOnly": ["color-contrast"]})
        assert results.response["passes"]
        found += [
            f"{url}: {node['html']} {node['failureSummary']}"
            for violation in results.response["violations"]
            for node in violation["nodes"]
        ]
    return found
