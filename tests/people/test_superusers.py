"""Nobody becomes a superuser, or sees more stores, by changing users."""

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from stores.access import set_limit
from tests.factories import StoreFactory, UserFactory
from tests.support.order_pages import SUBMITTED
from tests.support.signing_in import PASSWORD, log_in, somebody

pytestmark = pytest.mark.django_db

CHOSEN = {"password1": "another long phrase", "password2": "another long phrase"}


def address(step: str, *keys: int) -> str:
    return reverse(f"admin:auth_user_{step}", args=keys)


@pytest.fixture
def keeper(client):
    """Somebody who keeps the users without being a superuser."""
    user = somebody("keeper")
    names = ("view_user", "add_user", "change_user", "delete_user")
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    log_in(client, "keeper")
    return user


def test_who_keeps_users_changes_no_superuser(client, keeper):
    boss = somebody("boss", is_superuser=True)

    answers = [
        client.post(reverse("admin:auth_user_password_change", args=[boss.pk]), CHOSEN),
        client.post(address("change", boss.pk), SUBMITTED | {"username": "me"}),
        client.post(address("delete", boss.pk), {"post": "yes"}),
    ]

    assert [one.status_code for one in answers] == [403, 403, 403]
    boss.refresh_from_db()
    assert boss.username == "boss"
    assert boss.check_password(PASSWORD)


def test_who_keeps_users_makes_no_superuser(client, keeper):
    facts = {"username": "keeper", "is_active": "on", "is_staff": "on"}

    shown = client.get(address("change", keeper.pk)).text
    client.post(
        address("change", keeper.pk),
        SUBMITTED | facts | {"email": "k@example.com", "is_superuser": "on"},
    )

    keeper.refresh_from_db()
    assert 'name="is_superuser"' not in shown
    assert keeper.email == "k@example.com"
    assert not keeper.is_superuser


def test_who_is_limited_to_stores_keeps_no_users(client, keeper):
    """Another user's password would open the stores of that user."""
    set_limit(keeper, [StoreFactory()])
    other = UserFactory()

    answers = [
        client.post(
            reverse("admin:auth_user_password_change", args=[other.pk]), CHOSEN
        ),
        client.get(address("add")),
        client.post(address("change", keeper.pk), SUBMITTED | {"username": "me"}),
        client.post(address("delete", other.pk), {"post": "yes"}),
    ]

    assert [one.status_code for one in answers] == [403, 403, 403, 403]
