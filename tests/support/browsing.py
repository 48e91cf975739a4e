"""A browser beside the test's own database, for pages that need prepared rows."""

import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.request import urlopen

from django.db import connections
from playwright.sync_api import Page

from tests.support.programs import Demo


def aside(work: Callable[[], Any]) -> Any:
    """Do it in another thread: Playwright's event loop keeps this one's database."""

    def done() -> Any:
        try:
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(done).result()


def log_in(page: Page, url: str) -> None:
    """Log in as the `admin_user` of pytest-django."""
    page.goto(url)
    page.locator("[name=username]").fill("admin")
    page.locator("[name=password]").fill("password")
    page.locator("form button[type=submit]").click()
    page.wait_for_load_state()


def log_in_to_demo(page: Page, demo: Demo, introduction: str) -> None:
    password = re.search(r"Password +(\S+)", introduction)[1]
    page.goto(f"http://127.0.0.1:{demo.port}/")
    page.get_by_label("Username").fill("admin")
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()


def at_the_marketplace(demo: Demo, number: str) -> dict:
    with urlopen(f"http://127.0.0.1:{demo.sandbox_port}/sandbox/state.json") as answer:
        accounts = json.load(answer)["accounts"]
    orders = (order for account in accounts for order in account["orders"])
    return next(order for order in orders if str(order["order_id"]) == number)
