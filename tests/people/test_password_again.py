"""Before tokens, exports and rights, the password is asked for again."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.models import Group, User
from django.urls import reverse
from django.utils import timezone as clock

from orders import jobs
from orders.jobs import working
from orders.models import Order
from tests.factories import OrderFactory, StoreFactory, UserFactory
from tests.support.order_pages import SUBMITTED, staff
from tests.support.signing_in import PASSWORD, age_session, log_in, somebody

pytestmark = pytest.mark.django_db

AGAIN = reverse("password_again")
MINUTE = 60


@pytest.fixture
def boss(client):
    user = somebody("boss", is_superuser=True)
    log_in(client, "boss")
    return user


def asked(answer) -> str:
    """Return where the page that asks for the password leads on to."""
    assert answer.status_code == 302, answer.status_code
    assert urlsplit(answer.url).path == AGAIN
    return parse_qs(urlsplit(answer.url).query)["next"][0]


def guarded() -> dict[str, str]:
    user = reverse("admin:auth_user_change", args=[UserFactory().pk])
    group = Group.objects.get(name="viewer")
    return {
        "connect": reverse("admin:stores_store_add"),
        "token": reverse("admin:stores_store_replace_token", args=[StoreFactory().pk]),
        "orders": f"{reverse('admin:orders_order_export')}?view=all",
        "shipments": reverse("admin:orders_shipment_export"),
        "user": user,
        "new user": reverse("admin:auth_user_add"),
        "password": user.replace("change", "password"),
        "delete": user.replace("change", "delete"),
        "group": reverse("admin:auth_group_change", args=[group.pk]),
        "new group": reverse("admin:auth_group_add"),
        "buyers": reverse("admin:orders_order_buyers"),
        "second factor": reverse("second_factor"),
        "passkey": reverse("add_passkey"),
    }


def test_each_page_that_could_do_harm_asks_and_leads_back(client, boss):
    pages = guarded()
    fresh = {name: client.get(url).status_code for name, url in pages.items()}

    age_session(client, proved_at=11 * MINUTE)
    old = {name: asked(client.get(url)) for name, url in pages.items()}

    assert fresh == dict.fromkeys(pages, 200)
    assert old == pages


def test_a_file_of_an_export_asks_too(client, boss):
    OrderFactory()
    job = jobs.ask_for_export(Order.objects.all(), "orders", "csv", "orders", boss)
    working.work_on(job, clock.now() + timedelta(minutes=1))
    url = reverse("admin:orders_job_file", args=[job.pk])
    fresh = client.get(url)

    age_session(client, proved_at=11 * MINUTE)

    assert fresh.headers["Content-Disposition"].startswith("attachment")
    assert asked(client.get(url)) == url


def test_the_right_password_leads_back_and_is_not_asked_for_at_once(client, boss):
    url = guarded()["orders"]
    age_session(client, proved_at=11 * MINUTE)
    question = client.get(url).url

    wrong = client.post(question, {"password": "wrong"})
    still = client.get(url)
    right = client.post(question, {"password": PASSWORD})

    assert "This is not your password." in wrong.text
    assert asked(still) == url
    assert right.url == url
    assert client.get(url).status_code == 200


def test_a_form_filled_in_slowly_is_taken_and_one_left_lying_is_refused(client, boss):
    url = reverse("admin:auth_group_add")
    age_session(client, proved_at=29 * MINUTE)
    client.post(url, {"name": "slow"})
    age_session(client, proved_at=31 * MINUTE)

    refused = client.post(url, {"name": "left lying"})
    told = client.get(refused.url)

    assert Group.objects.filter(name="slow").exists()
    assert not Group.objects.filter(name="left lying").exists()
    assert asked(refused) == url
    assert "Nothing was stored, because you typed your password more" in told.text


def test_a_dialog_leads_back_to_the_page_below_it(client, boss):
    store = StoreFactory()
    page = reverse("admin:stores_store_change", args=[store.pk])
    url = reverse("admin:stores_store_replace_token", args=[store.pk])
    age_session(client, proved_at=3600)
    htmx = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{page}"}

    answer = client.post(url, SUBMITTED | {"access_token": "x"}, headers=htmx)
    back = client.post(answer["HX-Redirect"], {"password": PASSWORD})

    assert answer["HX-Redirect"].startswith(AGAIN)
    assert back.url == f"http://testserver{page}"


@pytest.mark.parametrize(
    "url", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""]
)
def test_it_leads_to_no_other_host(client, boss, url):
    answer = client.post(f"{AGAIN}?next={url}", {"password": PASSWORD})

    assert answer.url == reverse("admin:index")


def test_users_chosen_in_the_list_are_not_deleted_by_a_session_left_open(client, boss):
    other = UserFactory()
    chosen = {
        "action": "delete_selected",
        "_selected_action": [other.pk],
        "post": "yes",
    }
    url = reverse("admin:auth_user_changelist")
    age_session(client, proved_at=3600)

    refused = client.post(url, chosen)
    kept = User.objects.filter(pk=other.pk).exists()
    client.post(refused.url, {"password": PASSWORD})
    client.post(url, chosen)

    assert kept
    assert not User.objects.filter(pk=other.pk).exists()


def test_who_guesses_at_the_password_here_is_locked_out_as_well(client, boss):
    answers = [client.post(AGAIN, {"password": "wrong"}) for _try in range(5)]

    assert answers[-1].status_code == 429
    assert "Too many tries have failed" in answers[-1].text
    assert client.post(AGAIN, {"password": PASSWORD}).status_code == 429


def test_who_guesses_at_it_to_change_it_is_locked_out_as_well(client, boss):
    url = reverse("admin:password_change")
    new = {
        "new_password1": "another long phrase",
        "new_password2": "another long phrase",
    }

    answers = [client.post(url, new | {"old_password": "wrong"}) for _try in range(5)]
    right = client.post(url, new | {"old_password": PASSWORD})

    assert "Your old password was entered incorrectly" in answers[0].text
    assert [one.status_code for one in (answers[-1], right)] == [429, 429]
    assert "Too many tries have failed" in right.text
    boss.refresh_from_db()
    assert boss.check_password(PASSWORD)


def test_a_new_mail_address_asks_for_the_password_and_a_language_does_not(client):
    """The address is where a link for a new password goes."""
    user = somebody()
    log_in(client)
    age_session(client, proved_at=3600)
    client.post(reverse("account"), {"language": "fr"})
    language = user.preferences.language
    refused = client.post(reverse("account"), {"email": "eve@example.com"})
    kept = User.objects.get(pk=user.pk).email
    client.post(refused.url, {"password": PASSWORD})
    client.post(reverse("account"), {"email": "ada@example.com"})

    assert language == "fr"
    assert asked(refused) == reverse("account")
    assert kept == ""
    assert User.objects.get(pk=user.pk).email == "ada@example.com"


def test_daily_work_is_not_asked_for_a_password(client):
    order = OrderFactory()
    staff(client, "view_order", "ship_order", "view_shipment")
    age_session(client, proved_at=3 * 3600)

    page = client.get(reverse("admin:orders_order_change", args=[order.pk]))

    assert page.status_code == 200
