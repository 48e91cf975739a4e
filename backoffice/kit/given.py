"""Judge what the environment gives: whole, or refused in a sentence with the remedy."""

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from warnings import catch_warnings, simplefilter
from zoneinfo import available_timezones

from django.core.exceptions import ImproperlyConfigured

# As Django's own check of a deployment counts it.
SHORTEST_KEY, LEAST_LETTERS = 50, 5
HERE = {"localhost", "127.0.0.1", "::1"}
# Makes of an address what Django's settings are made of.
Reader = Callable[[str], Any]


def spoken(code: str, languages: Sequence[tuple[str, str]]) -> str:
    """Return the language of a code: of fr-CA and fr_FR.UTF-8 it is fr."""
    language = re.split("[-_.]", code.strip().lower())[0]
    if language in dict(languages):
        return language
    known = ", ".join(f"{one} ({name})" for one, name in languages)
    raise ImproperlyConfigured(
        f"LANGUAGE_CODE is “{code}”, which the back office does not speak; set it to "
        f"one of {known}."
    )


def whole_number(name: str, given: str, default: int, least: int) -> int:
    """Return the number a setting was given, or the default where it was left out."""
    given = given.strip() or str(default)
    if given.isdecimal() and int(given) >= least:
        return int(given)
    raise ImproperlyConfigured(
        f"{name} is “{given}”, which is no whole number from {least} up; set it to "
        f"one, or leave it out for {default}."
    )


def known_zone(name: str) -> str:
    """Return the name of a zone that Python and, for local times, the system know."""
    name, system = name.strip(), Path("/usr/share/zoneinfo")
    if name in available_timezones() and (
        not system.exists() or (system / name).exists()
    ):
        return name
    raise ImproperlyConfigured(
        f"TIME_ZONE is “{name}”, which is no time zone here; set it to a name like "
        "Europe/Paris or UTC."
    )


def signing_key(key: str, may_be_weak: bool) -> str:
    """Return the key that signs sessions and tasks, unless it could be guessed."""
    is_weak = (
        len(key) < SHORTEST_KEY
        or len(set(key)) < LEAST_LETTERS
        or key.startswith("django-insecure-")
    )
    if may_be_weak or not is_weak:
        return key
    raise ImproperlyConfigured(
        f"SECRET_KEY could be guessed, and with it sessions and tasks be made: give it "
        f"{SHORTEST_KEY} random characters or more. This prints such a key: python -c "
        "'import secrets; print(secrets.token_urlsafe(50))'"
    )


def database_of(url: str, read: Reader) -> dict[str, Any]:
    """Return the database of an address, of a kind that the back office uses."""
    facts: dict[str, Any] = {}
    with catch_warnings(), suppress(ImproperlyConfigured, ValueError, KeyError):
        # They would show the password.
        simplefilter("ignore")
        facts = read(url)
    if facts.get("ENGINE", "").rpartition(".")[2] in {"sqlite3", "postgresql"}:
        return facts
    # Without the address: it may hold a password.
    raise ImproperlyConfigured(
        "DATABASE_URL names no database that the back office uses; it looks like "
        "postgres://user:password@host/name or sqlite:////folder/db.sqlite3."
    )


def mail_server_of(url: str, read: Reader) -> dict[str, Any]:
    """Return Django's settings of the mail server with this address, if any."""
    try:
        return dict(read(url or "consolemail://"))
    except (ImproperlyConfigured, ValueError, KeyError):
        raise ImproperlyConfigured(
            "EMAIL_URL is no address of a mail server; it looks like "
            "smtp+tls://user:password@mail.example.com:587."
        ) from None


def is_own_address(url: str) -> bool:
    """Return whether an address, which may be none, is plainly on this computer."""
    try:
        return urlsplit(url).hostname in HERE
    except ValueError:
        return False


def redis_url(url: str, may_be_open: bool) -> str:
    """Return the address of the queue, unless anybody on the way to it could write."""
    try:
        parts = urlsplit(url)
        is_own = parts.scheme == "unix" or parts.hostname in HERE
    except ValueError:
        raise ImproperlyConfigured(
            "REDIS_URL is no address; it looks like redis://:password@host:6379/0."
        ) from None
    if not url or parts.password or is_own or may_be_open:
        return url
    raise ImproperlyConfigured(
        f"REDIS_URL has no password, and Redis is on another computer "
        f"({parts.hostname}): whoever reaches it can have the worker run anything. Set "
        "“requirepass” there and write redis://:password@host:6379/0, or, where "
        "nobody else reaches it, set ALLOW_REDIS_WITHOUT_PASSWORD=True."
    )
