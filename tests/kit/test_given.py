"""Secrets that could be guessed and a queue open to others keep all from starting."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from environ import Env

from backoffice.kit import given

STRONG = "zE1-vuM6q9oXq0wS7b3LkYtN2cRfHdJgPxT8aVbKmC5iUeOy4n"


@pytest.mark.parametrize(
    "key", ["short", STRONG[:-1], "ab" * 50, f"django-insecure-{STRONG}"]
)
def test_a_key_that_could_be_guessed_is_refused_with_the_remedy(key):
    with pytest.raises(ImproperlyConfigured) as caught:
        given.signing_key(key, may_be_weak=False)

    assert "secrets.token_urlsafe(50)" in str(caught.value)
    assert key not in str(caught.value)
    assert given.signing_key(key, may_be_weak=True) == key


def test_a_random_key_is_taken():
    assert given.signing_key(STRONG, may_be_weak=False) == STRONG


@pytest.mark.parametrize(
    "url",
    [
        "",
        "redis://127.0.0.1:6379/0",
        "redis://localhost",
        "redis://[::1]/2",
        "unix:///run/redis.sock",
        "redis://:secret@redis:6379/0",
        "rediss://worker:secret@redis.example.com/0",
    ],
)
def test_a_redis_that_only_we_reach_is_taken(url):
    assert given.redis_url(url, may_be_open=False) == url


@pytest.mark.parametrize(
    "url", ["redis://redis:6379/0", "redis://10.0.0.2", "rediss://worker@redis/0"]
)
def test_a_redis_elsewhere_without_password_is_refused_unless_allowed(url):
    with pytest.raises(ImproperlyConfigured, match="has no password") as caught:
        given.redis_url(url, may_be_open=False)

    assert "ALLOW_REDIS_WITHOUT_PASSWORD=True" in str(caught.value)
    assert given.redis_url(url, may_be_open=True) == url


def test_what_is_no_address_of_a_redis_is_said_without_it():
    with pytest.raises(ImproperlyConfigured) as caught:
        given.redis_url("redis://:secret@[broken", may_be_open=True)

    assert "REDIS_URL is no address" in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "is_one_of_ours"),
    [
        ("http://127.0.0.1:8700/merchant_api/v1", True),
        ("http://localhost", True),
        ("http://[::1]:8700", True),
        ("https://tophatter.com/merchant_api/v1", False),
        ("https://localhost.example.com", False),
        # The checks say what is wrong with it.
        ("https://[tophatter.com", False),
    ],
)
def test_what_is_on_this_computer_is_told_by_its_address(url, is_one_of_ours):
    assert given.is_own_address(url) is is_one_of_ours


@pytest.mark.parametrize(
    "url", ["foo", "mysql://a:secret@h/x", "postgre://a:secret@h/x", "//", "a:secret@h"]
)
def test_what_is_no_database_of_ours_is_said_without_its_password(url, recwarn):
    with pytest.raises(ImproperlyConfigured) as caught:
        given.database_of(url, Env.db_url_config)

    assert not recwarn

    assert str(caught.value).startswith("DATABASE_URL names no database")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["smtp//x", "foo://x", "mail.example.com", "smtp+tls://a:secret@mail:port"]
)
def test_what_is_no_mail_server_is_said_without_its_password(url):
    with pytest.raises(ImproperlyConfigured) as caught:
        given.mail_server_of(url, Env.email_url_config)

    assert str(caught.value).startswith("EMAIL_URL is no address of a mail server;")
    assert "secret" not in str(caught.value)


def test_databases_and_mail_servers_are_taken():
    database = given.database_of(
        "postgres://a:secret@db.example.com/office", Env.db_url_config
    )
    mail = given.mail_server_of(
        "smtp+tls://a:secret@mail.example.com:587", Env.email_url_config
    )

    assert (database["HOST"], database["NAME"]) == ("db.example.com", "office")
    assert (mail["EMAIL_HOST"], mail["EMAIL_PORT"]) == ("mail.example.com", 587)
