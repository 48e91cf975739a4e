"""The only settings file; everything variable comes from the environment or .env."""

import os
from datetime import timedelta
from math import ceil
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse_lazy

from backoffice.kit import given
from backoffice.theme import CONTENT_SECURITY_POLICY, UNFOLD  # noqa: F401 (settings)

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
ENV_FILE = BASE_DIR / ".env"
env.read_env(ENV_FILE)


def required(name: str) -> str:
    if value := env.str(name, ""):
        return value
    if ENV_FILE.exists() and not os.access(ENV_FILE, os.R_OK):
        raise ImproperlyConfigured(
            f"{ENV_FILE} belongs to another user and cannot be read; give it to "
            "the user of the back office with chown."
        )
    raise ImproperlyConfigured(
        f"Set {name} in the environment or in .env; “make run” writes a first .env, "
        "and .env.example explains each line."
    )


def number(name: str, default: int, least: int = 0) -> int:
    return given.whole_number(name, env.str(name, ""), default, least)


DEBUG = env.bool("DEBUG", False)
SECRET_KEY = given.signing_key(required("SECRET_KEY"), may_be_weak=DEBUG)
TOKEN_ENCRYPTION_KEYS = [
    key.strip() for key in required("TOKEN_ENCRYPTION_KEYS").split(",") if key.strip()
]
TOPHATTER_API_URL = (
    env.str("TOPHATTER_API_URL", "") or "https://tophatter.com/merchant_api/v1"
)

# A marketplace on this very computer is one to practise with.
ALLOW_PRIVATE_MARKETPLACE = (
    env.bool("ALLOW_PRIVATE_MARKETPLACE")
    if env.str("ALLOW_PRIVATE_MARKETPLACE", "")
    else DEBUG or given.is_own_address(TOPHATTER_API_URL)
)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_FAILURE_VIEW = "backoffice.site.error_pages.form_expired"
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "django.contrib.admin",
    # Before those whose commands it replaces: createsuperuser, qcluster.
    "backoffice",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "axes",
    "django_q",
    "stores",
    "orders",
]

MIDDLEWARE = [
    "backoffice.kit.proxies.as_the_proxy_says",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "backoffice.kit.policy.private_answers",
    "backoffice.kit.policy.ContentPolicy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "backoffice.kit.zones.in_viewers_zone",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "backoffice.site.typed_texts.WithoutUnseen",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "backoffice.people.sessions.within_time",
    "backoffice.site.account.as_the_user_likes",
    "django.contrib.messages.middleware.MessageMiddleware",
    "backoffice.site.error_pages.never_blank",
    "backoffice.site.sign_in.second_factor_first",
    "backoffice.site.sign_in.back_where_it_was",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "backoffice.site.broken_pages.DatabaseTroubles",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "backoffice.urls"
WSGI_APPLICATION = "backoffice.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "backoffice" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "backoffice.site.dashboard.urgent_alarms",
                "backoffice.site.dashboard.work_count",
            ]
        },
    }
]
# Ours of a select draws 500 time zones in a tenth of the time of Django's.
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# Storage


def database(url: str) -> dict[str, Any]:
    """Return how the database of this address is talked to."""
    facts = given.database_of(url, env.db_url_config)
    if facts["ENGINE"].endswith("sqlite3"):
        # Without these, one write in eight failed under load ("database is locked").
        # FULL, because NORMAL may lose the last commits, that is sent tracking.
        facts["OPTIONS"] = {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; "
            "PRAGMA cache_size=-32000;",
        }
        return facts
    # Nothing may wait without end: a task has TASK_TIMEOUT. The last -c wins, so what
    # the address brings itself (?options=…) goes behind.
    options = facts.setdefault("OPTIONS", {})
    options.setdefault("connect_timeout", 10)
    options["options"] = (
        "-c lock_timeout=20s -c statement_timeout=120s "
        "-c idle_in_transaction_session_timeout=120s "
        # Compiling a query took 0.3 s, of one that found no row in a millisecond.
        f"-c jit=off {options.get('options', '')}"
    ).strip()
    return facts | {"CONN_HEALTH_CHECKS": True, "CONN_MAX_AGE": 60}


DATABASES = {
    "default": database(
        env.str("DATABASE_URL", "") or f"sqlite:///{BASE_DIR / 'db.sqlite3'}"
    )
}
IS_SQLITE = DATABASES["default"]["ENGINE"].endswith("sqlite3")

REDIS_URL = given.redis_url(
    env.str("REDIS_URL", ""),
    may_be_open=env.bool("ALLOW_REDIS_WITHOUT_PASSWORD", False),
)
if REDIS_URL:
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": REDIS_URL,
        }
    }

# The queue (why each line is as it is: docs/reliability.md)

TASK_TIMEOUT = 300
# A cluster through which nothing came for so many seconds ends itself.
CLUSTER_PATIENCE = number("Q_PATIENCE", 60, least=1)
WORKERS = number("Q_WORKERS", 1 if IS_SQLITE else 2, least=1)
Q_CLUSTER: dict[str, Any] = {
    "name": "backoffice",
    "workers": WORKERS,
    "timeout": TASK_TIMEOUT,
    "queue_limit": 1,
    "bulk": 1,
    # Counts from the moment a task is fetched, not from its start: it must cover the
    # tasks that wait in front of it, or one task runs twice at the same time.
    "retry": TASK_TIMEOUT * (1 + ceil(2 / WORKERS)) + 10,
    "max_attempts": 1,
    "ack_failures": True,
    "catch_up": False,
    "poll": 0.5,
    "recycle": 100,
    "max_rss": 300_000,
    "save_limit": 200,
    "save_limit_per": "func",
    **({"redis": REDIS_URL} if REDIS_URL else {"orm": "default"}),
}

# How many days to keep what grows with time: imports, resolved problems, done tasks.
RUN_RETENTION_DAYS = number("RUN_RETENTION_DAYS", 90)
PROBLEM_RETENTION_DAYS = number("PROBLEM_RETENTION_DAYS", 90)
QUEUE_RETENTION_DAYS = number("QUEUE_RETENTION_DAYS", 7)
# 0 keeps the audit for ever.
AUDIT_RETENTION_DAYS = number("AUDIT_RETENTION_DAYS", 730)

# People, languages, times

AUTHENTICATION_BACKENDS = [
    # Ahead of the other, whom it does not let ask while somebody is locked out.
    "backoffice.people.lock_outs.Doorkeeper",
    "django.contrib.auth.backends.ModelBackend",
]
# Length and lists instead of rules on what a password is made of, as ASVS has it.
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
] + [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    }
]
# Of a link in a mail, in seconds.
PASSWORD_RESET_TIMEOUT = 60 * 60
# Whether superusers, and who may manage stores, must have a second factor.
SECOND_FACTOR_REQUIRED = env.bool("SECOND_FACTOR_REQUIRED", False)

# Seconds a session lasts that nobody uses: a long lunch, and no night. And how long
# one lasts at most, because an open page keeps asking for news by itself.
SESSION_ENGINE = "backoffice.people.sessions"
SESSION_COOKIE_AGE = 60 * number("SESSION_IDLE_MINUTES", 4 * 60, least=15)
SESSION_LONGEST = 60 * 60 * number("SESSION_HOURS", 24, least=1)

# Lock-outs: by account and address, by account, by address (people/lock_outs.py).
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"], "username", "ip_address"]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=20)
# Who goes on trying is not locked out for ever.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_HANDLER = "backoffice.people.lock_outs.BoundedTries"
AXES_CLIENT_IP_CALLABLE = "backoffice.people.lock_outs.counted_address"
AXES_LOCKOUT_CALLABLE = "backoffice.people.lock_outs.answer_locked_out"
AXES_ENABLE_ADMIN = False
# The audit says who signed in.
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False
AXES_SENSITIVE_PARAMETERS = [
    *("username", "ip_address", "code", "answer", "csrfmiddlewaretoken"),
]

# Lists are counted as far as this: past it nobody needs the number, and it costs.
COUNTED_ROWS = 10_000
LOGIN_URL = reverse_lazy("admin:login")
LOGIN_REDIRECT_URL = reverse_lazy("admin:index")
LANGUAGES = [("en", "English"), ("fr", "Français")]
LANGUAGE_CODE = given.spoken(env.str("LANGUAGE_CODE", "") or "en", LANGUAGES)
LOCALE_PATHS = [BASE_DIR / "backoffice" / "locale"]
TIME_ZONE = given.known_zone(env.str("TIME_ZONE", "") or "UTC")
USE_TZ = True
FORMAT_MODULE_PATH = "backoffice.formats"

# Web

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_ALLOW_ALL_ORIGINS = False
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
FILE_UPLOAD_HANDLERS = [
    "backoffice.kit.bounded_bodies.BoundedBody",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
if not DEBUG:
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", True)
    SECURE_REDIRECT_EXEMPT = [r"^healthz"]
    SECURE_HSTS_SECONDS = number("SECURE_HSTS_SECONDS", 365 * 24 * 60 * 60)
    # Other names of the same domain are not ours to close.
    SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("SECURE_HSTS_INCLUDE_SUBDOMAINS", False)
    SECURE_HSTS_PRELOAD = env.bool("SECURE_HSTS_PRELOAD", False)
    SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = True
    # A browser takes such a name only from this very host, over TLS.
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"
    LANGUAGE_COOKIE_NAME = "__Host-language"
CSRF_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
# One proxy, which sets X-Forwarded-Proto and adds to X-Forwarded-For itself.
BEHIND_PROXY = env.bool("BEHIND_PROXY", False)
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# Mail and logs

vars().update(given.mail_server_of(env.str("EMAIL_URL", ""), env.email_url_config))
# A mail server that hangs must not hold a worker or a page.
EMAIL_TIMEOUT = 20
ALERT_EMAILS = env.list("ALERT_EMAILS", default=[])
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str("FROM_EMAIL", "backoffice@localhost")

# Of an unexpected error, on the debug page and in mails to ADMINS.
DEFAULT_EXCEPTION_REPORTER = "backoffice.kit.reports.Reporter"
DEFAULT_EXCEPTION_REPORTER_FILTER = "backoffice.kit.reports.ReportFilter"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "text": {
            "()": "backoffice.kit.logs.ScrubbingFormatter",
            "format": "{asctime} {levelname} {name}: {message}",
            "style": "{",
        },
        "json": {"()": "backoffice.kit.logs.JsonFormatter"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "json" if env.bool("LOG_JSON", False) else "text",
        }
    },
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        # urllib3's debug lines show addresses with their queries.
        "urllib3": {"level": "INFO"},
        # What it notes of each try, without saying whose, the audit has.
        "axes": {"level": "ERROR"},
        # Hundreds of lines for each document.
        "fontTools": {"level": "WARNING"},
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "django-q": {"handlers": [], "level": "INFO", "propagate": True},
    },
}
