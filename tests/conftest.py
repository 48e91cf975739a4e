"""The parts every test may use; the sandbox is the only fake."""

import fcntl
import gc
import os
import shutil
import sqlite3
from contextlib import closing

import pytest
from django.conf import settings as django_settings
from django.utils import translation
from django_q.brokers import get_broker
from playwright.sync_api import expect, sync_playwright

from stores.sandbox.server import Sandbox
from tests.factories import StoreFactory
from tests.support.marking import mark, spread
from tests.support.migrated import keep_what_migrations_wrote
from tests.support.programs import PATIENCE, Demo, clear_away, database_url, start

IS_SQLITE = django_settings.DATABASES["default"]["ENGINE"].endswith("sqlite3")
# The first is Chromium without its windows, which takes a quarter less of the time.
BROWSERS = ("chromium-headless-shell", "chromium", "google-chrome")
BROWSER = next(filter(None, map(shutil.which, BROWSERS)), None)


def pytest_sessionstart() -> None:
    # While tests are collected all stays: looking for what goes took 5 of 12 s.
    gc.disable()


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    gc.enable()


def pytest_xdist_auto_num_workers() -> int:
    """Start one process more than there are cores: tests that wait leave one idle."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    mark(items)
    spread(items)
    if BROWSER:
        return
    if os.environ.get("REQUIRE_BROWSER"):
        pytest.exit("Chromium is missing, and REQUIRE_BROWSER is set.", returncode=1)
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.skip("no Chromium on this machine"))


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    tmp_path_factory, django_db_modify_db_settings_parallel_suffix
):
    """Give SQLite a file: in memory it has neither WAL nor several connections."""
    if IS_SQLITE:
        name = tmp_path_factory.mktemp("database") / "test.sqlite3"
        django_settings.DATABASES["default"].setdefault("TEST", {})["NAME"] = str(name)


@pytest.fixture(scope="session")
def django_db_keepdb():
    """Have SQLite's file taken as it is there; its folder goes by itself."""
    return IS_SQLITE


@pytest.fixture(scope="session")
def django_db_setup(
    request,
    tmp_path_factory,
    worker_id,
    django_db_modify_db_settings,
    django_db_blocker,
):
    """Migrate SQLite in the first process alone, for 5 s, and copy it in the others."""
    if IS_SQLITE and worker_id != "master":
        shared = tmp_path_factory.getbasetemp().parent
        first, own = (
            shared / "first.sqlite3",
            django_settings.DATABASES["default"]["TEST"]["NAME"],
        )
        with (shared / "migrating").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if first.exists():
                shutil.copy(first, own)
            else:
                request.getfixturevalue("django_db_setup")
                with closing(sqlite3.connect(own)) as made:
                    made.execute("VACUUM INTO ?", [str(first)])
    request.getfixturevalue("django_db_setup")
    with django_db_blocker.unblock():
        keep_what_migrations_wrote()


@pytest.fixture(autouse=True)
def _english():
    """A page that was asked for in French leaves its language to the thread."""
    with translation.override("en"):
        yield


@pytest.fixture
def tophatter(settings):
    """A practice marketplace; every store of the test talks to it."""
    with Sandbox() as sandbox:
        settings.TOPHATTER_API_URL = sandbox.url
        yield sandbox


@pytest.fixture
def store(db, tophatter):
    """A store that is connected to the practice marketplace."""
    return StoreFactory(access_token=tophatter.token)


@pytest.fixture
def manage(transactional_db, tophatter):
    """Start management commands on the test's own database and marketplace."""
    started = []
    get_broker().purge_queue()

    def begin(*arguments: str, **variables: str):
        settings = {
            "DATABASE_URL": database_url(),
            "TOPHATTER_API_URL": tophatter.url,
        }
        started.append(start(*arguments, **(settings | variables)))
        return started[-1]

    yield begin
    for process in started:
        clear_away(process)
        if not process.stdout.closed:
            # Shown by pytest when the test failed.
            print(process.stdout.read())


@pytest.fixture
def demo(tmp_path):
    """The whole back office as “make run” starts it, in a folder of its own."""
    demo = Demo(tmp_path)
    yield demo
    if demo.process:
        clear_away(demo.process)


@pytest.fixture
def page():
    """A page of a browser of its own, which fails the test on a script error.

    So does what the content policy refuses, on this page or on one that it opens.

    Each test starts its own: a running Playwright keeps an event loop in this thread,
    and Django's database refuses to work beside one.
    """
    errors: list[str] = []
    expect.set_options(timeout=PATIENCE * 1000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=BROWSER,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        context.set_default_timeout(PATIENCE * 1000)
        context.on(
            "console",
            lambda said: (
                errors.append(f"{said.page.url}: {said.text}")
                if "Content Security Policy" in said.text
                else None
            ),
        )
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        yield page
        browser.close()
    assert not errors
