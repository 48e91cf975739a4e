"""Each user's own page: name and address, language and time zone."""

from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.urls import reverse

from backoffice.models import Preferences
from orders.models import ImportRun
from tests.factories import StoreFactory, UserFactory
from tests.support.order_pages import page, staff

pytestmark = pytest.mark.django_db

ACCOUNT = reverse("account")
NIGHT = datetime(2026, 11, 4, 6, 30, tzinfo=UTC)
WISHES = {
    "first_name": "Ada",
    "last_name": "Example",
    "email": "ada@example.com",
    "language": "fr",
    "timezone": "Asia/Tokyo",
}


def run_at_night() -> ImportRun:
    run = ImportRun.objects.create(store=StoreFactory(), asked_at=NIGHT)
    ImportRun.objects.update(asked_at=NIGHT, window_start=NIGHT)
    return run


def test_users_say_who_they_are_and_how_they_read(client):
    user = staff(client)

    saved = client.post(ACCOUNT, WISHES, follow=True)

    user.refresh_from_db()
    assert (user.get_full_name(), user.email) == ("Ada Example", "ada@example.com")
    assert user.preferences.language == "fr"
    assert user.preferences.timezone == "Asia/Tokyo"
    assert "Votre compte est enregistré." in saved.text
    assert saved.headers["Content-Language"] == "fr"
    assert 'value="Ada"' in saved.text


def test_pages_are_in_the_language_and_the_zone_of_who_reads(client):
    run = run_at_night()
    user = staff(client, "view_importrun")
    client.cookies["zone"], client.cookies[settings.LANGUAGE_COOKIE_NAME] = (
        "Europe/Paris",
        "en",
    )
    before = client.get(page(run)).text

    Preferences.objects.create(user=user, language="fr", timezone="Asia/Tokyo")
    after = client.get(page(run)).text

    assert "Nov. 4, 2026, 7:30 a.m. CET" in before
    assert "4 novembre 2026 15:30 JST" in after


def test_what_nobody_chose_the_browser_says(client):
    run = run_at_night()
    staff(client, "view_importrun")
    client.cookies["zone"], client.cookies[settings.LANGUAGE_COOKIE_NAME] = (
        "Asia/Tokyo",
        "fr",
    )

    client.post(ACCOUNT, WISHES)
    client.post(ACCOUNT, {"email": "ada@example.com"})

    assert "4 novembre 2026 15:30 JST" in client.get(page(run)).text
    assert Preferences.objects.values("language", "timezone").get() == {
        "language": "",
        "timezone": "",
    }


def test_a_zone_that_is_no_more_is_the_browsers(client):
    run = run_at_night()
    user = staff(client, "view_importrun")
    Preferences.objects.create(user=user, timezone="Mars/Olympus")
    client.cookies["zone"] = "Asia/Tokyo"

    assert "3:30 p.m. JST" in client.get(page(run)).text


@pytest.mark.parametrize(
    "wrong",
    [{"email": "ada@"}, {"language": "xx"}, {"timezone": "Mars/Olympus"}],
)
def test_what_makes_no_sense_is_refused_and_nothing_kept(client, wrong):
    user = staff(client)

    answer = client.post(ACCOUNT, WISHES | wrong)

    user.refresh_from_db()
    assert answer.status_code == 200
    assert answer.context["form"].errors.keys() == wrong.keys()
    assert user.first_name == ""
    assert not Preferences.objects.exists()


def test_nobody_reaches_more_than_their_own(client):
    other = UserFactory(username="other", first_name="Grace")
    staff(client)
    more = {"id": other.pk, "user": other.pk, "username": "x", "is_superuser": "on"}

    client.post(ACCOUNT, WISHES | more)

    other.refresh_from_db()
    assert other.first_name == "Grace"
    assert not User.objects.filter(is_superuser=True).exists()
    assert not User.objects.filter(username="x").exists()
    assert not Preferences.objects.filter(user=other).exists()


def test_who_has_not_signed_in_is_asked_to(client):
    answer = client.post(ACCOUNT, WISHES)

    assert answer.status_code == 302
    assert answer.url.startswith(reverse("admin:login"))


def test_the_menu_leads_to_ones_own_page_and_password(client):
    staff(client)

    text = client.get(reverse("admin:index")).text

    assert f'href="{ACCOUNT}"' in text
    assert f'href="{reverse("admin:password_change")}"' in text


def test_a_language_from_the_menu_is_kept_for_good(client):
    user = staff(client)
    Preferences.objects.create(user=user, language="fr", timezone="Asia/Tokyo")

    client.post(reverse("set_language"), {"language": "en", "next": ACCOUNT})
    client.post(reverse("set_language"), {"language": "xx", "next": ACCOUNT})

    text = client.get(ACCOUNT, headers={"Accept-Language": "fr"}).text
    assert "My account" in text
    kept = Preferences.objects.get()
    assert (kept.language, kept.timezone) == ("en", "Asia/Tokyo")


def test_before_signing_in_a_language_is_the_browsers(client):
    client.post(reverse("set_language"), {"language": "fr"})

    assert "Connexion" in client.get(reverse("admin:login")).text
    assert not Preferences.objects.exists()
