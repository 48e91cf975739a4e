"""The parts every test may use; the sandbox is the only fake."""

import os
import shutil

from cryptography.fernet import Fernet

# Before Django reads its settings, and instead of anybody's .env.
os.environ |= {
    "SECRET_KEY": "a key for tests alone, long enough to be one of fifty characters",
    "TOKEN_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
    "DEBUG": "False",
    "SECURE_SSL_REDIRECT": "False",
    "ALLOWED_HOSTS": "*",
    "TOPHATTER_API_URL": "http://127.0.0.1:9/merchant_api/v1",
    "LANGUAGE_CODE": "en",
    "TIME_ZONE": "UTC",
    "EMAIL_URL": "memorymail://",
    "ALERT_EMAILS": "",
}
os.environ.setdefault("DATABASE_URL", "")
os.environ.setdefault("REDIS_URL", "")

import pytest
from django.conf import settings as django_settings

from stores.sandbox.server import Sandbox
from tests.factories import StoreFactory

BROWSER = shutil.which("chromium") or shutil.which("google-chrome")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
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
    database = django_settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        name = tmp_path_factory.mktemp("database") / "test.sqlite3"
        database.setdefault("TEST", {})["NAME"] = str(name)


@pytest.fixture(autouse=True)
def _plain_static_files(settings):
    """Pages need no collected static files."""
    settings.WHITENOISE_AUTOREFRESH = True
    settings.STORAGES = {
        **django_settings.STORAGES,
        "staticfiles": {
            "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        },
    }


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
