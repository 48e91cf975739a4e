"""What each answer tells the browser: its policy, its cookies, and to keep nothing."""

import pytest
from django.urls import reverse
from django.utils import timezone as clock

from orders.models import LineItem, ProductPicture
from tests.factories import OrderFactory, StoreFactory
from tests.support.order_pages import page


def policy(answer) -> dict[str, list[str]]:
    """Return the sources of each directive of an answer's content policy."""
    directives = answer.headers["Content-Security-Policy"].split(";")
    return {one.split()[0]: one.split()[1:] for one in directives}


def test_the_policy_lets_run_only_what_comes_from_here(admin_client):
    told = policy(admin_client.get(reverse("admin:index")))

    assert told == {
        "default-src": ["'none'"],
        "script-src": ["'self'", "'unsafe-eval'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "object-src": ["'none'"],
    }


def test_only_the_page_that_shows_pictures_names_their_hosts(admin_client):
    order = OrderFactory()
    facts = {"product_id": "MUG-1"}
    LineItem.objects.create(order=order, position=0, sku="MUG", quantity=1, **facts)
    url = "https://pictures.example.com:8443/mug.jpg"
    facts |= {"store": order.store, "read_at": clock.now()}
    ProductPicture.objects.create(url=url, **facts)

    with_picture = policy(admin_client.get(page(order)))
    without = policy(admin_client.get(page(OrderFactory())))

    hosts = ["'self'", "data:", "https://pictures.example.com:8443"]
    assert with_picture["img-src"] == hosts
    assert without["img-src"] == hosts[:2]


@pytest.mark.parametrize("host", ["*", "a.example;sandbox", "a.example,x", "*.example"])
def test_no_pictures_address_writes_into_the_policy(admin_client, host):
    order = OrderFactory()
    facts = {"product_id": "MUG-1"}
    LineItem.objects.create(order=order, position=0, sku="MUG", quantity=1, **facts)
    facts |= {"store": order.store, "read_at": clock.now()}
    ProductPicture.objects.create(url=f"https://{host}/mug.jpg", **facts)

    told = policy(admin_client.get(page(order)))

    assert told["img-src"] == ["'self'", "data:"]
    assert "sandbox" not in told


def test_only_the_preview_of_a_mail_has_style_in_attributes(admin_client):
    preview = reverse("admin:stores_store_mail", args=[StoreFactory().pk])

    told = policy(admin_client.get(preview))

    assert told["style-src-attr"] == ["'unsafe-inline'"]
    assert told["style-src"] == ["'self'"]
    assert told["script-src"] == ["'self'", "'unsafe-eval'"]


def test_paper_has_one_style_of_its_own_by_a_number_used_once(admin_client):
    paper = f"{reverse('admin:orders_order_pick_list')}?orders={OrderFactory().pk}"

    answers = [admin_client.get(paper) for _ in range(2)]

    nonces = [policy(answer)["style-src"][1] for answer in answers]
    assert nonces[0] != nonces[1]
    assert f'<style nonce="{nonces[0][7:-1]}">' in answers[0].text


def test_a_page_in_place_of_one_that_fails_loads_nothing(client):
    answer = client.get("/nothing/here/")
    told = policy(answer)

    assert answer.status_code in {302, 404}
    assert told["default-src"] == ["'none'"]


@pytest.mark.parametrize("name", ["admin:index", "admin:jsi18n", "account", "healthz"])
def test_no_answer_is_kept_or_lent_to_another_site(admin_client, name):
    headers = admin_client.get(reverse(name)).headers

    assert {"private", "no-store"} <= set(headers["Cache-Control"].split(", "))
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert "camera=(), " in headers["Permissions-Policy"]


def test_an_exported_file_is_not_kept_either(admin_client):
    file = reverse("admin:orders_order_accounting_file")
    query = {"store": StoreFactory().pk, "what": "days"}

    answer = admin_client.get(file, query)

    assert "attachment" in answer.headers["Content-Disposition"]
    assert "no-store" in answer.headers["Cache-Control"]


def test_cookies_are_of_this_host_alone(client, admin_user):
    client.get(reverse("admin:login"))
    login = {"username": "admin", "password": "password"}
    client.post(reverse("admin:login"), login)
    client.post(reverse("set_language"), {"language": "fr"})

    assert {"__Host-sessionid", "__Host-csrftoken"} <= set(client.cookies)
    for cookie in client.cookies.values():
        assert cookie.key.startswith("__Host-")
        assert cookie["secure"]
        assert cookie["httponly"]
        assert cookie["path"] == "/"
        assert not cookie["domain"]
        assert cookie["samesite"] == "Lax"


def test_browsers_are_told_to_stay_with_tls_on_this_name_alone(client, db):
    answer = client.get(reverse("admin:login"), secure=True)

    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
