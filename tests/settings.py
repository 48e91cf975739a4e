"""The settings of the tests: their own surroundings, instead of anybody's .env."""

import base64
import os

os.environ |= {
    "SECRET_KEY": "a key for tests alone, long enough to be one of fifty characters",
    "TOKEN_ENCRYPTION_KEYS": base64.urlsafe_b64encode(b"tests" * 6 + b"!!").decode(),
    "DEBUG": "False",
    "SECURE_SSL_REDIRECT": "False",
    "ALLOWED_HOSTS": "*",
    "TOPHATTER_API_URL": "http://127.0.0.1:9/merchant_api/v1",
    "ALLOW_PRIVATE_MARKETPLACE": "True",
    "LANGUAGE_CODE": "en",
    "TIME_ZONE": "UTC",
    "EMAIL_URL": "memorymail://",
    "ALERT_EMAILS": "",
}
os.environ.setdefault("DATABASE_URL", "")
if server := os.environ.setdefault("REDIS_URL", ""):
    # Tests that run side by side must not take one another's tasks.
    place = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    host = server.removeprefix("redis://").partition("/")[0]
    os.environ["REDIS_URL"] = f"redis://{host}/{1 + int(place)}"

from backoffice.settings import *  # noqa: F403
from backoffice.settings import STORAGES as OF_THE_PROGRAM

PASSWORD_HASHERS = ["tests.support.passwords.OneRound"]
# Pages need no collected static files.
WHITENOISE_AUTOREFRESH = True
STORAGES = OF_THE_PROGRAM | {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
}
