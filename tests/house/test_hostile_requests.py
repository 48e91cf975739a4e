"""Addresses and headers that somebody sends us: no page leads or speaks elsewhere."""

import pytest
from django.urls import reverse, reverse_lazy

from tests.factories import OrderFactory
from tests.support.order_pages import LIST

ORDERS = reverse_lazy(LIST)
ELSEWHERE = [
    "https://evil.example/",
    "//evil.example/",
    "///evil.example",
    "\\\\evil.example",
    "/\\evil.example",
    "https:evil.example",
    "javascript:alert(1)",
    "http://testserver@evil.example/",
    "\thttps://evil.example/",
]

pytestmark = pytest.mark.django_db


def place(answer) -> str:
    return answer.headers.get("Location", "") + answer.headers.get("HX-Redirect", "")


@pytest.mark.parametrize("address", ELSEWHERE)
def test_no_next_leads_elsewhere(client, admin_user, address):
    admin_user.set_password("correct horse")
    admin_user.save()
    login, language = reverse("admin:login"), reverse("set_language")
    who = {"username": admin_user.username, "password": "correct horse"}

    answers = [
        client.post(language, {"language": "fr", "next": address}),
        client.post(f"{language}?next={address}", {"language": "fr"}),
        client.post(language, {"language": "fr"}, headers={"referer": address}),
        client.post(login, who | {"next": address}, follow=False),
        client.post(reverse("admin:logout"), {"next": address}),
        client.post(f"{login}?next={address}", who),
        client.get(login, {"next": address}),
    ]

    assert not [one for one in answers if "evil" in place(one)]
    assert not [one for one in answers if "javascript" in place(one)]
    assert {answers[0].status_code, answers[3].status_code} == {302}


@pytest.mark.parametrize("address", ELSEWHERE)
def test_no_page_links_to_where_its_address_says(admin_client, address):
    """Names that our pages, the theme or Django might take for the way back."""
    names = ("next", "back", "back_url", "return", "url", "_popup", "_to_field", "q")
    wishes = dict.fromkeys(names, address) | {"_changelist_filters": f"next={address}"}
    order = OrderFactory()
    addresses = [
        ORDERS,
        reverse("admin:orders_order_change", args=[order.pk]),
        reverse("admin:orders_order_export"),
        reverse("admin:stores_store_change", args=[order.store_id]),
        reverse("account"),
        reverse("admin:orders_trackingfile_upload"),
    ]

    for url in addresses:
        answer = admin_client.get(url, wishes, headers={"referer": address})
        text = answer.content.decode()

        assert f'href="{address}"' not in text
        assert f'action="{address}"' not in text
        assert "evil.example" not in place(answer).partition("?")[0]


@pytest.mark.parametrize(
    "host",
    ["evil.example", "localhost@evil.example", "localhost:80:80", "a b", "\u202e"],
)
def test_another_hosts_name_is_refused_by_every_page(settings, admin_client, host):
    settings.ALLOWED_HOSTS = ["testserver"]
    addresses = ["/", reverse("admin:login"), ORDERS, reverse("account"), "/nowhere/"]

    answers = [
        *(admin_client.get(url, headers={"host": host}) for url in addresses),
        admin_client.post(reverse("set_language"), headers={"host": host}),
    ]

    assert {answer.status_code for answer in answers} == {400}
    assert not [one for one in answers if b"evil.example" in one.content]


def test_a_forwarded_host_is_not_believed(settings, client):
    settings.ALLOWED_HOSTS = ["testserver"]
    headers = {"x-forwarded-host": "evil.example", "forwarded": "host=evil.example"}

    answer = client.get("/", headers=headers)

    assert answer.status_code == 302
    assert "evil" not in place(answer) + answer.content.decode()


@pytest.mark.parametrize(
    "header",
    ["accept-language", "cookie", "referer", "user-agent", "content-type", "accept"],
)
def test_an_endless_or_odd_header_hurts_no_page(admin_client, header):
    for value in ("a" * 60_000, "fr;q=" * 9000, "é;=,\\" * 5000, "\x00", "<x-evil>"):
        answer = admin_client.get(ORDERS, headers={header: value})

        assert answer.status_code in {200, 302, 400}
        assert b"<x-evil>" not in answer.content


def test_odd_addresses_are_answered_by_a_page_of_ours(admin_client):
    odd = ["%00", "%FF%FE", "9" * 400, "..%2f..%2fetc", "%E2%80%AE", "1'--", "<x-evil>"]
    addresses = [
        *(f"/orders/order/{one}/change/" for one in odd),
        *(f"/stores/store/{one}/change/" for one in odd),
        *(f"/orders/trackingfile/{one}/change/" for one in odd),
        *(f"{ORDERS}?{name}={one}" for name in ("q", "p", "o", "e") for one in odd),
    ]

    answers = {url: admin_client.get(url) for url in addresses}

    assert {one.status_code for one in answers.values()} <= {200, 302, 400, 404}
    assert not [url for url, one in answers.items() if b"<x-evil>" in one.content]
