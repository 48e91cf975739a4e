"""Sessions: whose they are, when they end, and how people end them."""

import re
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.conf import settings as django_settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone as clock

from backoffice.models import AuditEntry, UserSession
from backoffice.site.security import browser_in_words
from tests.factories import UserFactory
from tests.support.order_pages import SUBMITTED, staff, words
from tests.support.signing_in import (
    LOGIN,
    PASSWORD,
    age_session,
    is_in,
    log_in,
    somebody,
)

pytestmark = pytest.mark.django_db

SECURITY = reverse("security")
END = reverse("end_sessions")
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
EDGE = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0"
)
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1"
)


@pytest.fixture
def phone():
    """Another browser of the same person."""
    return Client(headers={"User-Agent": IPHONE}, REMOTE_ADDR="203.0.113.9")


def test_a_session_says_whose_it_is_and_from_where(client):
    user = somebody()

    log_in(client, headers={"User-Agent": FIREFOX}, REMOTE_ADDR="198.51.100.7")

    row = UserSession.objects.get()
    assert (row.user, row.address, row.browser) == (user, "198.51.100.7", FIREFOX)
    entry = AuditEntry.objects.get(kind="signed_in")
    assert (entry.user, entry.address) == ("ada", "198.51.100.7")


def test_signing_out_is_in_the_audit_and_ends_the_session(client):
    somebody()
    log_in(client)

    client.post(reverse("admin:logout"))

    assert not is_in(client)
    assert not UserSession.objects.filter(user__isnull=False).exists()
    assert AuditEntry.objects.filter(kind="signed_out", user="ada").count() == 1


def test_a_session_that_nobody_uses_ends_after_the_idle_time(client):
    somebody()
    log_in(client)
    row = UserSession.objects.get()
    lasts = (row.expire_date - clock.now()).total_seconds()

    UserSession.objects.update(expire_date=clock.now())

    assert lasts == pytest.approx(4 * 60 * 60, abs=60)
    assert not is_in(client)


def test_use_prolongs_it_by_a_write_every_five_minutes_and_not_more(client):
    somebody()
    log_in(client)
    age_session(client, used_at=4 * 60)
    first = UserSession.objects.get().session_data
    client.get("/")
    second = UserSession.objects.get().session_data
    age_session(client, used_at=6 * 60)
    UserSession.objects.update(expire_date=clock.now() + clock.timedelta(minutes=1))
    answer = client.get(SECURITY, headers={"User-Agent": FIREFOX})

    row = UserSession.objects.get()
    assert second == first
    assert (row.expire_date - clock.now()).total_seconds() > 3 * 60 * 60
    assert row.browser == FIREFOX
    assert answer.cookies[django_settings.SESSION_COOKIE_NAME]["max-age"] == 14400


def test_no_session_outlives_a_day_however_much_it_is_used(client):
    somebody()
    log_in(client)
    age_session(client, signed_in_at=24 * 60 * 60 + 1)

    answer = client.get(SECURITY)

    assert answer.url.startswith(LOGIN)
    assert not UserSession.objects.filter(user__isnull=False).exists()


def test_the_page_names_ones_sessions_and_none_of_others(client, phone):
    somebody()
    somebody("eve")
    log_in(client, headers={"User-Agent": FIREFOX})
    log_in(phone)
    log_in(Client(headers={"User-Agent": EDGE}), "eve")
    log_in(Client(), "ada", "wrong")

    page = client.get(SECURITY)
    text = words(page.text)

    assert "This browser: Firefox, Linux" in text
    assert "Safari, iPhone" in text
    assert "203.0.113.9" in text
    assert "Edge" not in text
    assert text.count("Signed in") == 2
    assert text.count("Sign-in failed") == 1
    assert not [one for one in UserSession.objects.all() if one.pk in page.text]


def test_one_session_ends_and_the_others_go_on(client, phone):
    somebody()
    log_in(client)
    log_in(phone)
    other = UserSession.objects.get(address="203.0.113.9")

    done = client.post(END, {"session": other.reference}, follow=True)

    assert "1 session has ended." in done.text
    assert not is_in(phone)
    assert is_in(client)
    assert AuditEntry.objects.get(kind="sessions").about == "ada"


def test_all_end_at_once_this_one_too(client, phone):
    somebody()
    log_in(client)
    log_in(phone)

    eve = Client()
    somebody("eve")
    log_in(eve, "eve")

    answer = client.post(END)

    assert answer.url == LOGIN
    assert not is_in(phone)
    assert not is_in(client)
    assert is_in(eve)


def test_who_is_switched_off_is_out_at_once(client):
    user = somebody()
    log_in(client)

    user.is_active = False
    user.save()

    assert not is_in(client)


def test_nobody_ends_a_session_of_somebody_else_but_a_superuser(
    client, phone, admin_client
):
    user = somebody()
    log_in(phone)
    row = UserSession.objects.get(user=user)
    url = reverse("admin:auth_user_end_sessions", args=[user.pk])
    staff(client, "view_user", "change_user")

    client.post(END, {"session": row.reference})
    refused = client.post(url, SUBMITTED)
    still = is_in(phone)
    admin_client.post(url, SUBMITTED)

    assert refused.status_code == 403
    assert still
    assert not is_in(phone)
    assert is_in(admin_client)
    entry = AuditEntry.objects.filter(kind="sessions").first()
    assert (entry.user, entry.about) == ("admin", "ada")


def test_a_new_password_ends_ones_other_sessions_and_is_in_the_audit(client, phone):
    somebody()
    log_in(client)
    log_in(phone)
    new = "another long password"
    fields = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}

    client.post(reverse("admin:password_change"), fields)

    assert not is_in(phone)
    assert is_in(client)
    assert AuditEntry.objects.get(kind="password").about == "ada"


def test_a_password_given_by_an_administrator_ends_the_users_sessions(
    client, admin_client
):
    user = somebody()
    log_in(client)
    new = {"password1": "another long password", "password2": "another long password"}

    url = reverse("admin:auth_user_password_change", args=[user.pk])
    admin_client.post(url, new | {"usable_password": "true"})

    user.refresh_from_db()
    assert user.check_password("another long password")
    assert not UserSession.objects.filter(user=user).exists()
    entry = AuditEntry.objects.get(kind="password")
    assert (entry.user, entry.about) == ("admin", "ada")


def test_sessions_of_an_earlier_version_are_deleted():
    Session.objects.create(session_key="a" * 32, expire_date=clock.now())
    migration = import_module("backoffice.migrations.0005_sign_in")

    migration.end_old_sessions(apps, SimpleNamespace(connection=connection))

    assert not Session.objects.exists()


def test_the_page_of_a_user_says_how_he_signs_in(admin_client):
    user = UserFactory(username="ada")

    text = words(
        admin_client.get(reverse("admin:auth_user_change", args=[user.pk])).text
    )

    assert re.search(r"Second factor since:? -", text)
    assert re.search(r"Open sessions:? 0", text)


@pytest.mark.parametrize(
    ("named", "said"),
    [
        (FIREFOX, "Firefox, Linux"),
        (EDGE, "Edge, Windows"),
        (IPHONE, "Safari, iPhone"),
        ("curl/8.14.1", "curl/8.14.1"),
        ("", ""),
    ],
)
def test_a_browser_is_called_what_people_call_it(named, said):
    assert browser_in_words(named) == said
