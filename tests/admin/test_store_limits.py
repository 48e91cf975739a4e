"""Limits to stores: how a superuser sets them, and what they leave of each page."""

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone as clock

from backoffice.models import AuditEntry
from orders.models import Job, Order, Shipment, TrackingFile
from orders.tracking_files.files import take_file
from stores.access import kept_limit, set_limit
from stores.models import Store
from tests.factories import OrderFactory, StoreFactory, UserFactory
from tests.support.groups import member
from tests.support.order_pages import LIST, NUMBER, SUBMITTED, page, step, words
from tests.support.tracking_files import as_file, stored

pytestmark = pytest.mark.django_db
USERS = "admin:auth_user_changelist"


def edit(user) -> str:
    return reverse("admin:auth_user_change", args=[user.pk])


def saved(user, **fields) -> dict[str, object]:
    """Return what the user's form posts."""
    when = user.date_joined
    joined = {"date_joined_0": f"{when:%Y-%m-%d}", "date_joined_1": f"{when:%H:%M:%S}"}
    return {
        "username": user.username,
        "is_staff": "on",
        "is_active": "on",
        **joined,
        **fields,
    }


@pytest.fixture
def limited(client, store):
    """A manager kept to one store, who is signed in."""
    user = member("manager")
    set_limit(user, [store])
    client.force_login(user)
    return user


def test_a_superuser_limits_a_user_on_his_page(admin_client, admin_user):
    user, seen, _other = UserFactory(), StoreFactory(), StoreFactory()

    answer = admin_client.post(
        edit(user), saved(user, may_see="some", stores=[seen.pk]), follow=True
    )

    assert kept_limit(user) == [seen]
    note = AuditEntry.objects.get(kind="rights")
    assert (note.user, note.about) == (admin_user.username, user.username)
    assert note.changes == [["stores", "all", seen.name]]
    shown = words(admin_client.get(edit(user)).content.decode())
    assert "Only the stores that are ticked" in shown
    assert answer.status_code == 200


def test_a_limit_ends_on_the_same_page(admin_client):
    user = UserFactory()
    set_limit(user, [StoreFactory()])

    admin_client.post(edit(user), saved(user, may_see="all"))

    assert kept_limit(user) is None


def test_the_list_of_users_names_their_stores_in_as_many_questions_as_ever(
    admin_client, django_assert_num_queries
):
    store = StoreFactory(name="Main store")
    set_limit(UserFactory(), [store])
    admin_client.get(reverse(USERS))
    with CaptureQueriesContext(connection) as few:
        admin_client.get(reverse(USERS))
    for _number in range(5):
        set_limit(UserFactory(), [store])
    set_limit(UserFactory(), [])

    with django_assert_num_queries(len(few)):
        shown = words(admin_client.get(reverse(USERS)).content.decode())

    assert shown.count("Main store") == 6
    assert shown.count("None") == 1


def test_who_is_no_superuser_neither_sees_nor_sets_a_limit(client):
    keeper, user = UserFactory(), UserFactory()
    rights = ["view_user", "change_user"]
    keeper.user_permissions.set(Permission.objects.filter(codename__in=rights))
    set_limit(keeper, [StoreFactory(name="Main store")])
    client.force_login(keeper)

    shown = client.get(edit(keeper)).content.decode()
    client.post(edit(keeper), saved(keeper, may_see="all"))
    client.post(edit(user), saved(user, may_see="some"))

    assert "may_see" not in shown
    assert "Main store" not in client.get(reverse(USERS)).content.decode()
    assert kept_limit(keeper) != []
    assert kept_limit(keeper) is not None
    assert kept_limit(user) is None


def test_a_limited_person_connects_no_store(client, limited, tophatter):
    url = reverse("admin:stores_store_add")
    fields = {"name": "New", "marketplace": "tophatter", "access_token": "x"}

    answers = [client.get(url), client.post(url, fields)]

    assert [one.status_code for one in answers] == [403, 403]
    assert Store.objects.count() == 1


def test_who_may_see_no_store_gets_a_front_page_that_says_so(client, limited):
    set_limit(limited, [])

    shown = words(client.get(reverse("admin:index")).content.decode())

    assert "a manager gives permissions" in shown
    assert "Connect a store" not in shown


def test_a_token_of_another_store_does_not_name_it(client, limited, store, tophatter):
    other = StoreFactory(name="Secret store", access_token="f" * 32)
    url = reverse("admin:stores_store_replace_token", args=[store.pk])

    answer = client.post(url, SUBMITTED | {"access_token": "f" * 32})

    said = words(answer.content.decode())
    assert "This account is already connected as another store." in said
    assert other.name not in said


def test_an_export_holds_the_orders_of_the_stores_seen(client, limited, store):
    mine, other = OrderFactory(store=store), OrderFactory()
    url = f"{reverse('admin:orders_order_export')}?view=all"

    shown = words(client.get(url).content.decode())
    file = b"".join(client.post(url, {"what": "orders", "format": "csv"})).decode()

    assert "Orders: 1" in shown
    assert mine.marketplace_order_id in file
    assert other.marketplace_order_id not in file


def test_a_job_asked_for_before_the_limit_is_out_of_reach(client, limited, store):
    set_limit(limited, None)
    keys = [OrderFactory().pk]
    facts = {"list": "order", "what": "orders", "format": "csv", "name": "n", "rows": 0}
    wide = Job.objects.ask("export", facts, keys, limited)
    set_limit(limited, [store])
    own = Job.objects.ask("export", facts, keys, limited)

    answers = [client.get(step(one, "progress")) for one in (wide, own)]

    assert [one.status_code for one in answers] == [404, 200]
    assert list(Job.objects.seen_by(limited)) == [own]


def test_a_number_on_an_order_of_another_store_is_said_without_naming_it(
    client, limited, store
):
    order, other = OrderFactory(store=store), OrderFactory()
    Shipment.objects.create(
        order=other, carrier="USPS", tracking_number=NUMBER, shipped_at=clock.now()
    )
    fields = {"carrier": "USPS", "tracking_number": NUMBER}
    today = {"shipped_at": clock.localdate().isoformat()}

    client.post(step(order, "ship"), SUBMITTED | fields | today)

    said = words(client.get(page(order)).content.decode())
    assert "is on an order of another store" in said
    assert other.marketplace_order_id not in said


def test_a_line_about_an_order_of_another_store_is_unknown(client, limited, store):
    mine, other = OrderFactory(store=store), OrderFactory()
    rows = [[str(mine), NUMBER, "USPS"], [str(other), "9400111899562173406600", "USPS"]]
    upload = SimpleUploadedFile("carrier.csv", as_file(*rows))

    client.post(reverse("admin:orders_trackingfile_upload"), {"file": upload})
    file = TrackingFile.objects.get()
    before = words(client.get(step(file, "change")).content.decode())
    client.post(step(file, "take"))
    after = words(client.get(step(file, "change")).content.decode())

    assert f"There is no order {other} here." in before
    assert f"There is no order {other} here." in after
    assert not other.shipments.exists()
    assert mine.shipments.get().tracking_number == NUMBER


def test_lines_that_somebody_else_took_stay_unknown(client, limited, store, admin_user):
    other = OrderFactory()
    file = stored([str(other), NUMBER, "USPS"], by=limited)

    take_file(file, admin_user)

    shown = words(client.get(step(file, "change")).content.decode())
    assert other.shipments.exists()
    assert f"There is no order {other} here." in shown
    assert "Shipped with" not in shown


def test_files_that_others_uploaded_are_not_shown(client, limited, admin_user):
    file = stored([str(OrderFactory()), NUMBER, "USPS"], by=admin_user)

    answers = [client.get(step(file, name)) for name in ("change", "refused")]

    assert [one.status_code for one in answers] == [404, 404]


def test_a_store_shows_in_no_filter_of_who_is_kept_from_it(client, limited, store):
    other = StoreFactory(name="Secret store", carriers={"Secret post": "secret"})
    OrderFactory(store=other)
    OrderFactory(store=store)

    shown = client.get(reverse(LIST)).content.decode()

    assert store.name in shown
    assert "Secret" not in shown


def test_a_store_that_is_connected_later_is_seen_without_a_limit_alone(client, store):
    free, kept = member("viewer"), member("viewer")
    set_limit(kept, [store])
    order = OrderFactory()

    found = {}
    for user in (free, kept):
        client.force_login(user)
        found[user] = client.get(page(order)).status_code

    assert found == {free: 200, kept: 302}
    assert Order.objects.count() == 1
