"""The second factor: set up with an app, asked for at login, replaced when lost."""

import re

import pytest
from cryptography.fernet import Fernet
from django.core.management import call_command
from django.core.management.base import CommandError
from django.urls import reverse

from backoffice.models import AuditEntry, SecondFactor
from backoffice.people.second_factor import factor_of, secret_of
from tests.support.forms import filled_in
from tests.support.order_pages import SUBMITTED, staff, words
from tests.support.signing_in import (
    CODE,
    LOGIN,
    age_session,
    app_code,
    is_in,
    log_in,
    set_up_second_factor,
    somebody,
)

pytestmark = pytest.mark.django_db

SET_UP = reverse("second_factor")
SECURITY = reverse("security")
ACCOUNT = reverse("account")


@pytest.fixture
def ada(client):
    """Somebody with a second factor, whose password was just typed."""
    user = somebody()
    log_in(client)
    user.codes = set_up_second_factor(client, user)
    client.logout()
    log_in(client)
    return user


def said() -> list[str]:
    return [str(one.text) for one in AuditEntry.objects.filter(kind="second_factor")]


def test_who_has_none_is_asked_for_nothing_more(client):
    somebody()

    answer = log_in(client)

    assert answer.url == reverse("admin:index")
    assert is_in(client)


def test_it_counts_once_a_code_of_the_app_was_typed(client):
    user = somebody()
    log_in(client)
    page = client.get(SET_UP)
    wrong = client.post(SET_UP, {"code": "000000"})

    assert 'src="data:image/svg+xml' in page.text
    assert secret_of(SecondFactor.objects.get())[:4] in page.text
    assert "This code is not right." in wrong.text
    assert factor_of(user) is None
    assert len(set(set_up_second_factor(client, user))) == 10
    assert factor_of(user) is not None
    assert said() == ["Second factor set up."]


def test_the_password_alone_lets_nobody_in_any_more(client, ada):
    half = client.get(ACCOUNT)
    code = client.get(CODE)

    assert half.status_code == 302
    assert "Type the six digits" in code.text
    assert AuditEntry.objects.filter(kind="signed_in").count() == 1


def test_the_code_lets_in_and_leads_where_one_wanted_to_go(client, ada):
    client.get(reverse("admin:logout"))
    step = log_in(client, query_params={"next": ACCOUNT})

    answer = client.post(step.url, {"code": app_code(ada)})

    assert answer.url == ACCOUNT
    assert is_in(client)


def test_no_code_is_taken_twice(client, ada):
    code = app_code(ada)
    client.post(CODE, {"code": code})
    client.logout()
    log_in(client)

    answer = client.post(CODE, {"code": code})

    assert "was used already" in answer.text
    assert not is_in(client)


def test_a_recovery_code_stands_in_once_and_is_kept_as_a_password_is(client, ada):
    code = ada.codes[3]
    page = f"{CODE}?recovery=1"

    shown = client.get(page)
    client.post(page, {"code": code.upper().replace("-", " ")})
    front = client.get("/")
    client.logout()
    log_in(client)
    again = client.post(page, {"code": code})

    assert "each works once" in shown.text
    assert "You have 9 recovery codes left" in front.text
    assert "was used already" in again.text
    kept = SecondFactor.objects.get().recovery_codes
    assert len(kept) == 9
    assert all(one.startswith("pbkdf2_sha256$") for one in kept)


def test_who_guesses_at_codes_is_locked_out_like_who_guesses_at_passwords(client, ada):
    answers = [client.post(CODE, {"code": f"00000{n}"}) for n in range(5)]
    right = client.post(CODE, {"code": app_code(ada)})

    assert [one.status_code for one in answers] == [200] * 4 + [429]
    assert right.status_code == 429
    assert "Too many tries have failed" in right.text
    assert AuditEntry.objects.filter(kind="locked_out", user="ada").count() == 1
    assert not is_in(client)


def test_the_first_step_is_worth_nothing_after_a_while_or_with_another_password(
    client, ada
):
    age_session(client)
    session = client.session
    key, proof, _until = session["half_signed_in"]
    session["half_signed_in"] = [key, proof, 0]
    session.save()
    late = client.post(CODE, {"code": app_code(ada)})
    log_in(client)
    ada.set_password("another long password")
    ada.save()
    changed = client.post(CODE, {"code": app_code(ada)})

    assert (late.url, changed.url) == (LOGIN, LOGIN)
    assert not is_in(client)


def test_nobody_gets_to_the_second_step_without_the_first(client):
    somebody()

    assert client.get(CODE).url == LOGIN
    assert client.post(CODE, {"code": "123456"}).url == LOGIN


def test_the_secret_is_encrypted_under_a_key_that_is_rotated(client, ada, settings):
    row = SecondFactor.objects.get()
    secret, before = secret_of(row), row.secret_ciphertext
    new = Fernet.generate_key().decode()
    settings.TOKEN_ENCRYPTION_KEYS = [new, *settings.TOKEN_ENCRYPTION_KEYS]

    call_command("rotate_tokens")
    settings.TOKEN_ENCRYPTION_KEYS = [new]

    row.refresh_from_db()
    assert secret not in before
    assert row.secret_ciphertext != before
    assert secret_of(row) == secret


def test_without_its_key_a_recovery_code_still_lets_in(client, ada, settings):
    code = app_code(ada)
    settings.TOKEN_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]

    refused = client.post(CODE, {"code": code})
    client.post(f"{CODE}?recovery=1", {"code": ada.codes[0]})

    assert refused.status_code == 200
    assert is_in(client)


def test_one_that_was_begun_under_a_lost_key_is_begun_anew(client, settings):
    somebody()
    log_in(client)
    client.get(SET_UP)
    before = SecondFactor.objects.get().secret_ciphertext

    settings.TOKEN_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    shown = [client.get(SET_UP).status_code for _time in range(2)]

    row = SecondFactor.objects.get()
    assert shown == [200, 200]
    assert row.secret_ciphertext != before
    assert secret_of(row)


def test_it_is_removed_and_codes_are_renewed_by_who_typed_the_password(client, ada):
    client.post(CODE, {"code": app_code(ada)})
    renewed = client.post(reverse("recovery_codes"))
    age_session(client, proved_at=3600)
    refused = client.post(reverse("remove_second_factor"))
    kept = factor_of(ada)
    client.post(refused.url, {"password": "correct horse battery"})
    client.post(reverse("remove_second_factor"))

    codes = re.findall(r"<code>(\w{5}-\w{5})</code>", renewed.text)
    assert len(codes) == 10
    assert not set(codes) & set(ada.codes)
    assert refused.url.startswith(reverse("password_again"))
    assert kept is not None
    assert factor_of(ada) is None
    assert "Second factor removed." in said()


def test_a_superuser_removes_one_that_is_lost_and_nobody_else_does(
    client, ada, admin_client
):
    url = reverse("admin:auth_user_remove_second_factor", args=[ada.pk])
    staff(client, "view_user", "change_user")

    refused = client.post(url, SUBMITTED)
    kept = factor_of(ada)
    admin_client.post(url, SUBMITTED)

    assert refused.status_code == 403
    assert kept is not None
    assert factor_of(ada) is None
    entry = AuditEntry.objects.filter(kind="second_factor").first()
    assert (entry.user, entry.about) == ("admin", "ada")


def test_at_the_server_one_is_removed_when_no_superuser_can(ada, capsys):
    call_command("remove_second_factor", "ada")
    said_then = capsys.readouterr().out
    with pytest.raises(CommandError, match="ada has no second factor"):
        call_command("remove_second_factor", "ada")
    with pytest.raises(CommandError, match="No user is called “bob”"):
        call_command("remove_second_factor", "bob")

    assert said_then == "ada has no second factor any more.\n"
    assert factor_of(ada) is None
    entry = AuditEntry.objects.filter(kind="second_factor").first()
    assert (entry.user, entry.about) == ("manage.py", "ada")


@pytest.mark.parametrize("permission", ["replace_token", "change_store", "change_user"])
def test_where_it_is_compulsory_managers_reach_nothing_before(
    client, settings, permission
):
    settings.SECOND_FACTOR_REQUIRED = True
    user = staff(client, permission, "view_order")

    before = [client.get(url) for url in ("/", ACCOUNT, SECURITY)]
    page = client.get(SET_UP)
    set_up_second_factor(client, user)

    assert [(one.status_code, one["Location"]) for one in before] == [(302, SET_UP)] * 3
    assert "set yours up to go on." in words(page.text)
    assert client.get("/").status_code == 200


def test_where_it_is_compulsory_superusers_are_asked_and_others_are_not(
    client, admin_client, settings
):
    settings.SECOND_FACTOR_REQUIRED = True
    staff(client, "view_order", "ship_order")

    assert client.get("/").status_code == 200
    assert admin_client.get("/").status_code == 302
    assert admin_client.post("/", {}).status_code == 302


def test_the_page_says_how_one_logs_in_in_ones_own_language(client, ada):
    client.post(CODE, {"code": app_code(ada)})
    english = words(client.get(SECURITY).text)
    french = words(client.get(SECURITY, headers={"Accept-Language": "fr"}).text)

    assert "You have 10 recovery codes left." in english
    assert "Il vous reste 10 codes de secours." in french
    assert filled_in(client.get(SECURITY).text)
