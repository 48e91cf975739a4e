"""A browser beside the test's own database, for pages that need prepared rows."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connections
from playwright.sync_api import Page


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
