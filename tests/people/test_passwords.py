"""Passwords: which are taken, and how a forgotten one is chosen anew by mail."""

import re
import threading

import pytest
from django.core import mail
from django.urls import reverse

from backoffice.models import AuditEntry, FailedTries, Preferences
from tests.support.order_pages import words
from tests.support.signing_in import (
    CODE,
    LOGIN,
    is_in,
    log_in,
    set_up_second_factor,
    somebody,
)

pytestmark = pytest.mark.django_db

ASK = reverse("password_reset")
NEW = "a quite different phrase"


@pytest.fixture
def ada():
    return somebody(email="ada@example.com")


def ask(client, address: str = "ada@example.com", **options):
    answer = client.post(ASK, {"email": address}, **options)
    for thread in threading.enumerate():
        if thread.name == "password link":
            thread.join()
    return answer


def link() -> str:
    return re.search(r"http://testserver(/\S+)", mail.outbox[-1].body)[1]


def choose(client, url: str, new: str = NEW):
    form = client.get(url, follow=True).redirect_chain[-1][0]
    return client.post(form, {"new_password1": new, "new_password2": new}, follow=True)


def test_a_link_by_mail_lets_choose_a_new_password_once(client, ada):
    log_in(client)
    asked = ask(client)
    done = choose(client, link())
    again = client.get(link())

    ada.refresh_from_db()
    assert "a link is on its way" in words(asked.text)
    assert ada.check_password(NEW)
    assert "Your new password is saved" in done.text
    assert "This link does not work" in again.text
    assert not is_in(client)
    kinds = AuditEntry.objects.order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["signed_in", "password_link", "password", "sessions"]


def test_the_same_is_said_whether_there_is_an_account_or_not(client, ada):
    known = ask(client)
    unknown = ask(client, "bob@example.com")

    assert known.text.replace("ada@", "") == unknown.text.replace("bob@", "")
    assert [one.to for one in mail.outbox] == [["ada@example.com"]]


def test_links_are_mailed_seldom_to_one_account_and_not_often_from_one_address(client):
    for number in range(12):
        somebody(f"user{number}", email=f"user{number}@example.com")

    for number in [0, 0, *range(1, 12)]:
        ask(client, f"user{number}@example.com")

    assert len(mail.outbox) == 10
    assert len({one.to[0] for one in mail.outbox}) == 10


def test_a_link_ends_a_lock_out(client, ada):
    for _try in range(5):
        log_in(client, password="wrong")

    ask(client)
    choose(client, link())
    log_in(client, password=NEW)

    assert is_in(client)
    assert not FailedTries.objects.exists()


def test_a_link_does_not_get_around_the_second_factor(client, ada):
    log_in(client)
    set_up_second_factor(client, ada)
    client.logout()

    ask(client)
    choose(client, link())
    half = log_in(client, password=NEW)

    assert half.url.startswith(CODE)
    assert not is_in(client)


def test_a_link_lets_nobody_guess_on_at_the_second_factor(client, ada):
    log_in(client)
    set_up_second_factor(client, ada)
    client.logout()
    log_in(client)
    for _try in range(5):
        client.post(CODE, {"code": "000000"})

    ask(client)
    choose(client, link())

    assert log_in(client, password=NEW).status_code == 429


def test_a_link_works_for_an_hour(client, ada, settings):
    ask(client)
    assert settings.PASSWORD_RESET_TIMEOUT == 3600
    settings.PASSWORD_RESET_TIMEOUT = -1

    answer = client.get(link())

    assert "is older than an hour" in answer.text
    assert "Ask for a new link" in answer.text


def test_the_mail_is_in_the_language_of_its_reader(client, ada):
    Preferences.objects.create(user=ada, language="fr")

    ask(client)

    assert mail.outbox[0].subject == "Un nouveau mot de passe pour le back-office"
    assert "Choisissez-en un" in mail.outbox[0].body


def test_an_account_that_is_switched_off_gets_no_link(client):
    somebody(email="ada@example.com", is_active=False)

    ask(client)

    assert mail.outbox == []


def test_without_a_mail_server_nothing_is_offered(client, settings):
    offered = client.get(LOGIN).text
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"

    assert ASK in offered
    assert ASK not in client.get(LOGIN).text
    assert client.get(ASK).status_code == 404


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("short one", "at least 12 characters"),
        ("password1234", "too common"),
        ("749201837465", "entirely numeric"),
        ("ada-lovelace-", "too similar"),
    ],
)
def test_a_password_that_is_easily_guessed_is_refused(client, password, said):
    somebody("ada-lovelace", email="ada@example.com")
    ask(client)

    refused = choose(client, link(), password)

    assert said in refused.text


@pytest.mark.parametrize(
    "password", ["correct horse battery", "ünïcödé schlüssel 漢字"]
)
def test_length_is_enough_whatever_it_is_made_of(client, ada, password):
    ask(client)
    choose(client, link(), password)

    ada.refresh_from_db()
    assert ada.check_password(password)
