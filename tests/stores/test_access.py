"""Who may see which stores."""

import pytest
from django.contrib.auth.models import AnonymousUser, User

from backoffice.models import AuditEntry
from orders.models import Order
from stores.access import is_within, limit_of, seen_by, set_limit, stores_seen_by
from stores.models import Store, StoreLimit
from tests.factories import OrderFactory, StoreFactory, UserFactory

pytestmark = pytest.mark.django_db


def again(user: User) -> User:
    """Return the person as a next request finds him."""
    return User.objects.get(pk=user.pk)


def test_a_person_without_a_limit_sees_every_store():
    store = StoreFactory()

    assert limit_of(UserFactory()) is None
    assert list(stores_seen_by(UserFactory())) == [store]


def test_a_limit_leaves_the_chosen_stores_and_their_rows():
    seen, _other = OrderFactory(), OrderFactory()
    user = UserFactory()

    set_limit(user, [seen.store])

    assert list(stores_seen_by(user)) == [seen.store]
    assert list(seen_by(Order.objects.all(), user)) == [seen]


def test_a_limit_to_no_store_leaves_nothing():
    OrderFactory()
    user = UserFactory()

    set_limit(user, [])

    assert limit_of(user) == frozenset()
    assert not stores_seen_by(user).exists()
    assert not seen_by(Order.objects.all(), user).exists()


def test_a_store_that_goes_widens_nothing():
    kept, other = StoreFactory(), StoreFactory()
    user = UserFactory()
    set_limit(user, [kept])

    kept.delete()

    assert limit_of(again(user)) == frozenset()
    assert list(stores_seen_by(again(user))) == []
    assert Store.objects.get() == other


def test_a_superuser_is_never_limited(admin_user):
    store = StoreFactory()

    set_limit(admin_user, [])

    assert list(stores_seen_by(admin_user)) == [store]


def test_a_stranger_sees_no_store_and_a_command_sees_all():
    StoreFactory()

    assert limit_of(AnonymousUser()) == frozenset()
    assert limit_of(None) is None


def test_a_limit_is_asked_for_once(django_assert_num_queries):
    user = UserFactory()
    set_limit(user, [StoreFactory()])
    user = again(user)

    with django_assert_num_queries(1):
        assert limit_of(user) == limit_of(user) != frozenset()


def test_a_limit_counts_at_once_for_who_was_just_limited():
    user = UserFactory()
    assert limit_of(user) is None

    set_limit(user, [])

    assert limit_of(user) == frozenset()


def test_what_is_of_no_store_is_within_every_limit():
    assert is_within(None, frozenset())
    assert is_within(7, None)
    assert not is_within(7, frozenset({8}))


def test_a_changed_limit_is_noted_and_an_unchanged_one_is_not():
    user, store = UserFactory(username="jane"), StoreFactory(name="Main store")

    set_limit(user, [store])
    set_limit(user, [store])
    set_limit(user, None)

    notes = AuditEntry.objects.order_by("pk").values_list("kind", "about", "changes")
    assert list(notes) == [
        ("rights", "jane", [["stores", "all", "Main store"]]),
        ("rights", "jane", [["stores", "Main store", "all"]]),
    ]
    assert not StoreLimit.objects.exists()
