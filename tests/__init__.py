"""The surroundings of the tests: their own settings, instead of anybody's .env.

pytest-django reads the settings before any conftest when it knows their module, so it
is told here and not in pyproject.toml.
"""

import os

import django
from cryptography.fernet import Fernet

os.environ |= {
    "DJANGO_SETTINGS_MODULE": "backoffice.settings",
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
django.setup()
