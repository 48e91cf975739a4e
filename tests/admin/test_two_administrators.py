"""Two administrators with one form open: neither undoes what the other saved."""

from datetime import time
from html import unescape

import pytest
from django.contrib.auth.models import Group, User
from django.urls import reverse
from django_q.models import Schedule

from backoffice import schedules
from backoffice.models import Preferences
from stores import access
from tests.factories import StoreFactory, UserFactory
from tests.support.forms import filled_in

pytestmark = pytest.mark.django_db


def read(client, url: str) -> str:
    return client.get(url).text


@pytest.fixture
def page_of_jane() -> str:
    """The page of a user who is in no group yet."""
    jane = UserFactory(username="jane")
    return reverse("admin:auth_user_change", args=[jane.pk])


def groups_of(name: str) -> list[str]:
    user = User.objects.get(username=name)
    return list(user.groups.values_list("name", flat=True))


@pytest.mark.parametrize(("before", "theirs"), [([], ["night"]), (["night"], [])])
def test_rights_that_somebody_gave_or_took_meanwhile_stay(
    admin_client, ada, page_of_jane, before, theirs
):
    night = Group.objects.create(name="night")
    User.objects.get(username="jane").groups.set([night] if before else [])
    mine, hers = read(admin_client, page_of_jane), read(ada, page_of_jane)
    ada.post(page_of_jane, filled_in(hers) | {"groups": [night.pk] if theirs else []})

    data = filled_in(mine, first_name="Jane") | {"groups": [night.pk] if before else []}
    answer = admin_client.post(page_of_jane, data)
    kept = groups_of("jane")
    data = filled_in(answer.text) | {"groups": [night.pk] if theirs else []}
    admin_client.post(page_of_jane, data)

    assert "ada changed this at" in answer.text
    assert f"it was “{'night' if before else '–'}”" in answer.text
    assert kept == theirs
    assert groups_of("jane") == theirs
    assert User.objects.get(username="jane").first_name == "Jane"


def test_a_limit_to_stores_that_somebody_set_meanwhile_stays(
    admin_client, ada, page_of_jane
):
    one, other = StoreFactory(), StoreFactory()
    jane = User.objects.get(username="jane")
    access.set_limit(jane, [one])
    mine, hers = read(admin_client, page_of_jane), read(ada, page_of_jane)
    theirs = {"may_see": "some", "stores": [other.pk]}
    ada.post(page_of_jane, filled_in(hers) | theirs)

    answer = admin_client.post(
        page_of_jane,
        filled_in(mine, first_name="Jane") | {"may_see": "some", "stores": [one.pk]},
    )

    assert f"ada saved this meanwhile; it was “{one}”." in unescape(answer.text)
    assert access.kept_limit(jane) == [other]


def test_a_user_is_saved_while_nobody_else_saves(admin_client, client, page_of_jane):
    mine = read(admin_client, page_of_jane)
    # Signing in changes the user's row, which is nobody's change.
    client.force_login(User.objects.get(username="jane"))

    answer = admin_client.post(page_of_jane, filled_in(mine, last_name="Doe"))

    assert answer.status_code == 302
    assert User.objects.get(username="jane").last_name == "Doe"


def test_the_page_of_a_user_brings_no_digest_of_the_password_back(
    admin_client, page_of_jane
):
    jane = User.objects.get(username="jane")
    jane.set_password("correct horse battery")
    jane.save()

    assert jane.password not in read(admin_client, page_of_jane)


def test_permissions_that_somebody_gave_a_group_meanwhile_stay(admin_client, ada):
    night = Group.objects.create(name="night")
    url = reverse("admin:auth_group_change", args=[night.pk])
    mine, theirs = read(admin_client, url), read(ada, url)
    ada.post(url, filled_in(theirs) | {"permissions": [1, 2]})

    answer = admin_client.post(url, filled_in(mine, name="nights"))

    assert "ada changed this at" in answer.text
    assert night.permissions.count() == 2
    assert Group.objects.get(pk=night.pk).name == "night"


def test_a_group_is_made_by_the_same_form(admin_client):
    url = reverse("admin:auth_group_add")

    admin_client.post(url, filled_in(read(admin_client, url), name="night"))

    assert Group.objects.filter(name="night").exists()


@pytest.mark.parametrize(
    ("theirs", "cadence"),
    [({"minutes": "10"}, (10, None)), ({"minutes": "", "daily_at": "03:00"}, (0, 3))],
)
def test_a_cadence_that_somebody_chose_meanwhile_stays(
    admin_client, ada, theirs, cadence
):
    schedules.create("fill gaps")
    schedule = Schedule.objects.get()
    url = reverse("admin:django_q_schedule_change", args=[schedule.pk])
    mine, hers = read(admin_client, url), read(ada, url)
    ada.post(url, filled_in(hers, **theirs))

    untouched = admin_client.post(url, filled_in(mine))
    typed = admin_client.post(url, filled_in(mine, minutes="20"))
    schedule.refresh_from_db()
    kept = schedule.minutes or 0, schedules.time_of_day(schedule)
    admin_client.post(url, filled_in(typed.text, minutes="20", daily_at=""))
    schedule.refresh_from_db()

    assert "ada changed this at" in untouched.text
    assert "ada changed this at" in typed.text
    assert kept[0] == cadence[0]
    assert (kept[1] and kept[1].replace(second=0, microsecond=0)) == (
        time(cadence[1]) if cadence[1] else None
    )
    assert schedule.minutes == 20


def test_what_another_window_saved_of_ones_account_stays(admin_client, admin_user):
    url = reverse("account")
    mine = read(admin_client, url)
    other = filled_in(mine, email="a@example.com", timezone="Europe/Paris")
    admin_client.post(url, other)

    answer = admin_client.post(url, filled_in(mine, first_name="Ann"))
    kept = User.objects.get(pk=admin_user.pk).email
    again = admin_client.post(url, filled_in(answer.text))

    assert "Somebody has changed this meanwhile" in answer.text
    assert "Somebody saved this meanwhile; it was “admin@example.com”." in answer.text
    assert kept == "a@example.com"
    assert again.status_code == 302
    user = User.objects.get(pk=admin_user.pk)
    assert (user.first_name, user.email) == ("Ann", "a@example.com")
    assert Preferences.objects.get(user=user).timezone == "Europe/Paris"
