"""Passkeys: added with a device, asked for at login, removed when lost."""

import re

import pytest
from django.core.management import call_command
from django.urls import reverse

from backoffice.models import AuditEntry, Passkey, SecondFactor
from backoffice.people.second_factor import factor_of
from tests.support.authenticator import Authenticator, add_passkey, give, question
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

ADD = reverse("add_passkey")
SECURITY = reverse("security")
ACCOUNT = reverse("account")


@pytest.fixture
def device():
    return Authenticator()


@pytest.fixture
def ada(client, device):
    """Somebody with a passkey, whose password was just typed."""
    user = somebody()
    log_in(client)
    shown = add_passkey(client, device)
    user.codes = re.findall(r"<code>(\w{5}-\w{5})</code>", shown.text)
    client.logout()
    log_in(client)
    return user


def said() -> list[str]:
    rows = AuditEntry.objects.filter(kind="second_factor").order_by("pk")
    return [str(one.text) for one in rows]


def test_the_first_passkey_is_a_second_factor_and_brings_recovery_codes(client):
    user = somebody()
    log_in(client)

    first = add_passkey(client, Authenticator())
    second = add_passkey(client, Authenticator(), "Computer")
    page = words(client.get(SECURITY).text)

    assert len(set(re.findall(r"<code>(\w{5}-\w{5})</code>", first.text))) == 10
    assert second.url == SECURITY
    assert factor_of(user) is not None
    assert "your password and a passkey. You have 10 recovery codes left." in page
    assert "Phone" in page
    assert "Computer" in page
    assert said() == ["Passkey “Phone” added.", "Passkey “Computer” added."]


def test_nobody_has_more_than_twenty(client):
    user = somebody()
    log_in(client)
    Passkey.objects.bulk_create(
        Passkey(user=user, name=f"Key {n}", credential_id=f"k{n:03}", sign_count=0)
        for n in range(19)
    )

    add_passkey(client, Authenticator(), "The last")
    refused = add_passkey(client, Authenticator(), "One more")

    assert "You have 20 passkeys, and no more are kept; remove one." in refused.text
    assert Passkey.objects.filter(user=user).count() == 20
    assert Passkey.objects.filter(name="The last").exists()


def test_a_passkey_lets_in_and_nothing_else_signed_does(client, ada, device):
    """Each refusal is a failed try; four of them lock nobody out."""
    half = client.get(ACCOUNT)
    shown = client.get(CODE)
    key, credential = device.key, device.credential
    foreign = Authenticator("https://testserver", 5, credential, key)
    stranger = Authenticator(credential=credential)
    for signed in [
        foreign.sign,
        stranger.sign,
        lambda asked: device.sign(asked | {"rpId": "example.com"}),
        lambda _asked: "no answer of a browser",
    ]:
        refused = give(client, signed(question(client)))
        assert refused.url.startswith(CODE)
        assert not is_in(client)
    told = client.get(CODE)

    right = device.sign(question(client))
    answer = client.post(
        f"{reverse('sign_in_passkey')}?next={ACCOUNT}", {"answer": right}
    )

    assert half.status_code == 302
    assert "Use a passkey" in shown.text
    assert 'name="code"' not in shown.text
    assert "This passkey was not taken." in told.text
    assert answer.url == ACCOUNT
    assert is_in(client)
    assert AuditEntry.objects.filter(kind="sign_in_failed").count() == 4
    assert Passkey.objects.get().last_used_at is not None


def test_a_challenge_is_needed_is_used_once_and_expires(client, ada, device):
    """Each answer is signed rightly; what was asked is missing, used, or too old."""
    asked = question(client)
    give(client, "{}")
    used = give(client, device.sign(asked))
    asked = question(client)
    session = client.session
    session["passkey_challenge"] = [session["passkey_challenge"][0], 0]
    session.save()
    late = give(client, device.sign(asked))

    assert (used.url, late.url) == (f"{CODE}?next=%2F",) * 2
    assert not is_in(client)
    give(client, device.sign(question(client)))
    assert is_in(client)


def test_an_answer_that_let_in_lets_in_nobody_again(client, ada, device):
    answer = device.sign(question(client))
    give(client, answer)
    client.logout()
    log_in(client)

    give(client, answer)

    assert not is_in(client)


def test_a_copy_that_counts_behind_is_refused(client, ada, device):
    copy = Authenticator(credential=device.credential, key=device.key)
    device.count = 7
    give(client, device.sign(question(client)))
    client.logout()
    log_in(client)

    give(client, copy.sign(question(client)))

    assert Passkey.objects.get().sign_count == 8
    assert not is_in(client)


def test_somebody_elses_passkey_lets_in_to_no_account_but_its_own(client, ada):
    other = Authenticator()
    somebody("eve")
    log_in(client, "eve")
    add_passkey(client, other)
    client.logout()
    log_in(client)

    asked = question(client)
    give(client, other.sign(asked))

    assert len(asked["allowCredentials"]) == 1
    assert not is_in(client)


def test_a_passkey_is_added_with_a_challenge_of_this_origin_and_once(
    client, ada, device
):
    give(client, device.sign(question(client)))
    foreign = add_passkey(client, Authenticator("http://testserver:8000"))
    again = add_passkey(client, device)
    answer = Authenticator().make(client.post(reverse("passkey_question")).json())
    client.post(ADD, {"name": "", "answer": answer})
    client.post(ADD, {"name": "Stick", "answer": "{}"})
    unasked = client.post(ADD, {"name": "Stick", "answer": answer})

    for refused in (foreign, again, unasked):
        assert "No passkey was added." in refused.text
    assert Passkey.objects.count() == 1


def test_who_guesses_is_locked_out_and_the_right_one_is_not_taken_then(
    client, ada, device
):
    for _try in range(5):
        give(client, "{}")
    asked = question(client)
    give(client, device.sign(asked))
    page = client.get(CODE)

    assert page.status_code == 429
    assert "Too many tries have failed" in page.text
    assert not is_in(client)


def test_nobody_gets_to_the_second_step_without_the_first(client):
    assert client.post(reverse("sign_in_question")).url == LOGIN
    assert give(client, "{}").url == LOGIN


def test_a_recovery_code_stands_in_and_an_app_that_was_not_set_up_does_not(client, ada):
    wrong = client.post(f"{CODE}?recovery=1", {"code": app_code(ada)})
    kept_out = not is_in(client)
    client.post(f"{CODE}?recovery=1", {"code": ada.codes[0]})

    assert wrong.status_code == 200
    assert kept_out
    assert is_in(client)
    assert len(SecondFactor.objects.get().recovery_codes) == 9


def test_beside_an_app_both_are_offered_and_the_recovery_codes_stay(
    client, ada, device
):
    give(client, device.sign(question(client)))
    shown = set_up_second_factor(client, ada)
    client.logout()
    log_in(client)
    page = client.get(CODE)
    client.post(CODE, {"code": app_code(ada)})

    assert shown == []
    assert len(SecondFactor.objects.get().recovery_codes) == 10
    assert 'name="code"' in page.text
    assert "Use a passkey" in page.text
    assert is_in(client)


def test_ones_own_is_removed_by_who_typed_the_password_and_no_other(
    client, ada, device
):
    give(client, device.sign(question(client)))
    mine, url = Passkey.objects.get(), reverse("remove_passkey")
    theirs = Passkey.objects.create(user=somebody("eve"), name="x", credential_id="x")
    foreign = client.post(url, {"passkey": theirs.pk})
    age_session(client, proved_at=3600)
    refused = client.post(url, {"passkey": mine.pk})
    kept = Passkey.objects.filter(pk=mine.pk).exists()
    client.post(refused.url, {"password": "correct horse battery"})
    client.post(url, {"passkey": mine.pk})

    assert foreign.status_code == 404
    assert refused.url.startswith(reverse("password_again"))
    assert kept
    assert list(Passkey.objects.all()) == [theirs]
    assert not SecondFactor.objects.filter(user=ada).exists()
    assert said()[1:] == ["Passkey “Phone” removed.", "Second factor removed."]


def test_superusers_and_the_command_remove_passkeys_too(client, ada, admin_client):
    url = reverse("admin:auth_user_remove_second_factor", args=[ada.pk])
    admin_client.post(url, SUBMITTED)
    by_superuser = factor_of(ada)
    Passkey.objects.create(user=ada, name="x", credential_id="x")

    call_command("remove_second_factor", "ada")

    assert by_superuser is None
    assert not Passkey.objects.exists()
    assert said()[-2:] == ["Second factor removed."] * 2


def test_where_a_second_factor_is_compulsory_a_passkey_is_one(client, settings):
    settings.SECOND_FACTOR_REQUIRED = True
    staff(client, "change_store", "view_order")
    before = client.get("/")
    page = client.get(ADD)

    add_passkey(client, Authenticator())

    assert before.status_code == 302
    assert "set yours up to go on." in words(page.text)
    assert client.get("/").status_code == 200
