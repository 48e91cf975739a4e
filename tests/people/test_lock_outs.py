"""Who guesses at passwords is locked out, and both sides are told."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from axes.models import AccessAttempt
from django.contrib.auth import authenticate, hashers
from django.core import mail
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone as clock

from backoffice.models import AuditEntry, FailedTries, Preferences
from orders import pruning, tasks
from tests.factories import UserFactory
from tests.support.signing_in import LOGIN, PASSWORD, is_in, log_in, somebody

pytestmark = pytest.mark.django_db

LIST = reverse("admin:backoffice_failedtries_changelist")
HERE, ELSEWHERE = {"REMOTE_ADDR": "198.51.100.7"}, {"REMOTE_ADDR": "203.0.113.9"}


def fail(client, times: int, name: str = "ada", **options) -> object:
    for _try in range(times):
        answer = log_in(client, name, "wrong", **options)
    return answer


def kinds() -> list[str]:
    return list(AuditEntry.objects.order_by("pk").values_list("kind", flat=True))


def test_five_failed_tries_lock_out_the_account_at_this_address_alone(client):
    somebody()

    fourth = fail(client, 4, **HERE)
    fifth = fail(client, 1, **HERE)
    right = log_in(client, **HERE)

    assert (fourth.status_code, fifth.status_code, right.status_code) == (200, 429, 429)
    assert "nobody can log in as “ada” from here for 20 minutes" in right.text
    assert "ask a superuser to end the lock-out." in right.text
    assert not is_in(client)
    log_in(client, **ELSEWHERE)
    assert is_in(client)


def test_a_lock_out_is_in_the_audit_once_and_fails_are_too(client):
    somebody()

    fail(client, 7, **HERE)

    assert kinds() == ["sign_in_failed"] * 5 + ["locked_out"]
    entry = AuditEntry.objects.get(kind="locked_out")
    assert (entry.user, entry.address) == ("ada", "198.51.100.7")
    assert entry.text == "Locked out for 20 minutes."


MANY = 12


class NotedHasher(hashers.MD5PasswordHasher):
    """As Django's; keeps which passwords were checked against one of ours."""

    algorithm = "noted"
    checked: list[str] = []

    def verify(self, password: str, encoded: str) -> bool:
        self.checked.append(password)
        return super().verify(password, encoded)


def at_once(password: str) -> list[int]:
    """Have twelve try to log in at the same moment; return how they were answered."""
    start = Barrier(MANY)

    def try_it(_one: int) -> int:
        try:
            start.wait()
            return log_in(Client(), "ada", password, **HERE).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(MANY) as pool:
        return sorted(pool.map(try_it, range(MANY)))


@pytest.mark.django_db(transaction=True)
def test_of_many_tries_at_once_no_more_are_checked_and_one_locks_out(settings):
    here = f"{__name__}.NotedHasher"
    settings.PASSWORD_HASHERS = [here, *settings.PASSWORD_HASHERS]
    NotedHasher.checked.clear()
    somebody()

    answers = at_once("wrong")

    assert NotedHasher.checked == ["wrong"] * 5
    assert answers == [200] * 4 + [429] * (MANY - 4)
    assert sorted(kinds()) == ["locked_out"] + ["sign_in_failed"] * 5
    assert sum(row.failures_since_start for row in FailedTries.objects.all()) == 5


@pytest.mark.django_db(transaction=True)
def test_a_right_password_leaves_no_failed_try_behind_however_many_come(settings):
    somebody()

    answers = at_once(PASSWORD)

    assert 302 in answers
    assert not FailedTries.objects.exists()
    assert kinds() == ["signed_in"] * answers.count(302)


def test_a_password_typed_as_a_user_name_is_kept_in_no_audit(client):
    log_in(client, "my-secret-phrase", "x")

    entry = AuditEntry.objects.get()
    assert (entry.user, entry.about, entry.changes) == ("", "", [])
    assert entry.text == "Nobody has the user name that was typed."


def test_it_is_over_after_twenty_minutes_and_going_on_does_not_prolong_it(client):
    somebody()
    fail(client, 5, **HERE)
    long_ago = clock.now() - timedelta(minutes=19)
    AccessAttempt.objects.update(attempt_time=long_ago)

    still = fail(client, 1, **HERE)
    long_ago -= timedelta(minutes=2)
    AccessAttempt.objects.update(attempt_time=long_ago)
    log_in(client, **HERE)

    assert "for 1 minute." in still.text
    assert is_in(client)
    assert not AccessAttempt.objects.exists()


def test_a_name_nobody_has_is_answered_alike(client):
    known, unknown = somebody(), "stranger"

    answers = [fail(client, 5, name) for name in (known.username, unknown)]

    texts = [
        one.text.replace(name, "X")
        for one, name in zip(answers, ("ada", unknown), strict=True)
    ]
    errors = [text[text.index("errornote") :].split("</div>")[0] for text in texts]
    assert errors[0] == errors[1]


def test_one_address_may_fail_thirty_times_whatever_the_names(client):
    somebody()
    for number in range(7):
        fail(client, 4, f"user{number}", **HERE)

    before = fail(client, 1, "more", **HERE)
    fail(client, 1, "more", **HERE)
    locked = log_in(client, **HERE)

    assert before.status_code == 200
    assert locked.status_code == 429
    log_in(client, **ELSEWHERE)
    assert is_in(client)


def test_one_account_may_fail_thirty_times_wherever_from(client):
    somebody()
    for number in range(10):
        fail(client, 3, REMOTE_ADDR=f"192.0.2.{number}")

    assert log_in(client, **HERE).status_code == 429


def test_signing_in_makes_nobody_elses_failed_tries_forgotten(client):
    """Or whoever has an account could guess at all others for ever."""
    somebody()
    somebody("eve")
    fail(client, 4, "ada", **HERE)

    log_in(client, "eve", **HERE)
    client.logout()

    assert fail(client, 1, "ada", **HERE).status_code == 429


def test_of_an_ipv6_address_the_network_counts(client):
    somebody()
    for number in range(1, 6):
        answer = fail(client, 1, REMOTE_ADDR=f"2001:db8:1:2::{number}")

    assert answer.status_code == 429
    assert FailedTries.objects.get().ip_address == "2001:db8:1:2::"


def test_an_ipv4_address_in_the_dress_of_ipv6_counts_alone(client):
    """A server that listens on [::] names IPv4 visitors so."""
    somebody()
    fail(client, 5, REMOTE_ADDR="::ffff:198.51.100.7")

    log_in(client, REMOTE_ADDR="::ffff:203.0.113.9")

    assert FailedTries.objects.get().ip_address == "198.51.100.7"
    assert is_in(client)


def test_behind_a_proxy_the_last_address_counts_which_no_client_can_write(
    client, settings
):
    settings.BEHIND_PROXY = True
    somebody()
    for number in range(5):
        forged = f"192.0.2.{number}, 198.51.100.7"
        answer = fail(client, 1, REMOTE_ADDR="127.0.0.1", HTTP_X_FORWARDED_FOR=forged)

    assert answer.status_code == 429
    entry = AuditEntry.objects.get(kind="locked_out")
    assert entry.address == "198.51.100.7"


def test_without_a_proxy_nobody_is_believed_where_he_is(client):
    somebody()
    for number in range(5):
        answer = fail(client, 1, HTTP_X_FORWARDED_FOR=f"192.0.2.{number}")

    assert answer.status_code == 429
    assert FailedTries.objects.get().ip_address == "127.0.0.1"


def test_an_administrator_is_told_by_mail_once_for_many(client, settings):
    settings.ALERT_EMAILS = ["boss@example.com", "chef@example.com"]
    chef = UserFactory(username="chef", email="chef@example.com")
    Preferences.objects.create(user=chef, language="fr")
    for name in ("ada", "bob"):
        fail(client, 5, name, **HERE)

    for entry in AuditEntry.objects.filter(kind="locked_out").order_by("pk"):
        tasks.mail_lock_out(entry.pk)

    bodies = {one.to[0]: one.body for one in mail.outbox}
    assert len(mail.outbox) == 2
    assert "nobody can log in as “ada” from 198.51.100.7" in bodies["boss@example.com"]
    assert "plus personne ne peut se connecter" in bodies["chef@example.com"]


def test_a_lock_out_is_handed_to_the_queue(client, django_capture_on_commit_callbacks):
    fail(client, 4)

    with django_capture_on_commit_callbacks() as queued:
        fail(client, 1)

    assert len(queued) == 1


def test_a_superuser_ends_a_lock_out(client, admin_client):
    somebody()
    fail(client, 5, **HERE)
    row = FailedTries.objects.get()

    shown = admin_client.get(LIST)
    chosen = {"action": "end_lock_outs", "_selected_action": [row.pk]}
    done = admin_client.post(LIST, chosen, follow=True)

    assert "198.51.100.7" in shown.text
    assert "1 row is forgotten: who it was may try again at once." in done.text
    entry = AuditEntry.objects.get(kind="unlocked")
    assert (entry.user, entry.about) == ("admin", "ada")
    log_in(client, **HERE)
    assert is_in(client)


def test_staff_neither_see_nor_end_lock_outs(client):
    somebody()
    fail(client, 5, "bob", **HERE)
    log_in(client)
    row = FailedTries.objects.get(username="bob")
    chosen = {"action": "end_lock_outs", "_selected_action": [row.pk]}

    answers = [client.get(LIST), client.post(LIST, chosen)]

    assert [one.status_code for one in answers] == [403, 403]
    assert FailedTries.objects.filter(pk=row.pk).exists()


def test_tries_that_count_no_more_are_deleted(client):
    fail(client, 1, "ada")
    fail(client, 1, "bob")
    long_ago = clock.now() - timedelta(minutes=21)
    FailedTries.objects.filter(username="ada").update(attempt_time=long_ago)

    deleted = pruning.prune(clock.now())

    assert deleted["failed_logins"] == 1
    assert FailedTries.objects.get().username == "bob"


def test_no_password_is_kept_of_a_failed_try(client):
    log_in(client, "ada", "a secret of mine")

    row = AccessAttempt.objects.get()
    assert "a secret of mine" not in f"{row.post_data} {row.get_data}"
    assert LOGIN in row.path_info


def test_without_a_page_a_password_is_right_or_wrong_and_locks_nobody_out(client):
    """As `authenticate` in a shell, and Django's own test client, ask."""
    user = somebody()

    assert not any(client.login(username="ada", password="wrong") for _ in range(6))
    assert authenticate(username="ada", password=PASSWORD) == user
    assert client.login(username="ada", password=PASSWORD)
    assert not AccessAttempt.objects.exists()
