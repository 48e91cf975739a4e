"""Everything that needs a person is one list; an item is there as long as its cause."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone as clock

from orders import addressing, importing, pruning, reconciling, work
from orders.models import ImportProblem, ImportRun, Order, Shipment, WorkMark
from orders.work import Kind
from orders.work_words import MEANINGS, tell
from stores.models import Store
from tests.addresses import GIVEN
from tests.counting import days_ago
from tests.factories import OrderFactory, StoreFactory, UserFactory
from tests.pages import NUMBER, staff
from tests.test_coverage import was_read

pytestmark = pytest.mark.django_db
PAGE = "admin:orders_order_work"
MARK = "admin:orders_order_work_mark"


def refused_token() -> Store:
    return StoreFactory(
        connection="refused", connection_error="Go away.", refused_since=days_ago(1)
    )


def suspected_zone() -> Store:
    return StoreFactory(
        suspected_timezone="America/Los_Angeles", suspected_since=days_ago(1)
    )


def gap() -> Store:
    store = StoreFactory()
    was_read(store, 10, 8)
    was_read(store, 3, 0)
    return store


def undecided_address() -> Order:
    order = OrderFactory()
    addressing.correct(order, GIVEN, None, None)
    Order.objects.filter(pk=order.pk).update(ship_to_changed_at=clock.now())
    return order


def refused_notice() -> Shipment:
    return Shipment.objects.create(
        order=OrderFactory(),
        carrier="USPS",
        tracking_number=NUMBER,
        shipped_at=days_ago(1),
        notification="refused",
        notification_error="unknown carrier.",
    )


def unknown_status() -> Order:
    return OrderFactory(marketplace_state="needs_review", marketplace_status="odd")


def import_problem() -> ImportProblem:
    return ImportProblem.objects.create(
        store=StoreFactory(),
        marketplace_order_id="7",
        kind=ImportProblem.Kind.UNREADABLE,
        message="The date makes no sense.",
        first_seen_at=days_ago(2),
        last_seen_at=days_ago(1),
    )


def unsent_mail() -> Shipment:
    store = StoreFactory(mail_customers=True, mail_customers_since=days_ago(3))
    return Shipment.objects.create(
        order=OrderFactory(store=store, customer_email="jane@example.com"),
        carrier="USPS",
        tracking_number=NUMBER,
        shipped_at=days_ago(1),
        notification="accepted",
        notified_at=days_ago(1),
        customer_mail_attempts=5,
        customer_mail_error="The mail could not leave.",
    )


CAUSES = {
    Kind.TOKEN: refused_token,
    Kind.ZONE: suspected_zone,
    Kind.GAP: gap,
    Kind.ADDRESS: undecided_address,
    Kind.NOTICE: refused_notice,
    Kind.REVIEW: unknown_status,
    Kind.PROBLEM: import_problem,
    Kind.MAIL: unsent_mail,
}
CLOSED = {
    Kind.TOKEN: lambda row: Store.objects.update(connection="connected"),
    Kind.ZONE: lambda row: Store.objects.update(suspected_timezone=""),
    Kind.GAP: lambda row: was_read(row, 9, 2),
    Kind.ADDRESS: lambda row: Order.objects.update(ship_to_changed_at=None),
    Kind.NOTICE: lambda row: Shipment.objects.update(notification="accepted"),
    Kind.REVIEW: lambda row: Order.objects.update(marketplace_state="cancelled"),
    Kind.PROBLEM: lambda row: ImportProblem.objects.update(resolved_at=clock.now()),
    Kind.MAIL: lambda row: Shipment.objects.update(customer_mailed_at=clock.now()),
}


def kinds() -> list[str]:
    return [one.kind for one in work.items(clock.now())]


def test_every_kind_is_said_and_explained():
    assert set(MEANINGS) == set(Kind)
    assert set(CAUSES) == set(CLOSED) == set(Kind) - {Kind.DIFFERENCE}


@pytest.mark.parametrize("kind", CAUSES)
def test_a_cause_is_an_item_until_it_is_gone(kind):
    row = CAUSES[kind]()

    ((item, finding),) = tell(work.items(clock.now()))

    assert item.kind == kind
    assert work.count(clock.now()) == 1
    assert item.since < clock.now()
    assert finding.sentence.endswith(".")
    assert "%(" not in finding.sentence

    CLOSED[kind](row)

    assert kinds() == []
    assert work.count(clock.now()) == 0


def test_an_order_that_differs_is_an_item_until_it_was_imported(store, tophatter):
    importing.refresh_store(store)
    raw = tophatter.add_order(created_at=days_ago(20))
    reconciling.reconcile(store)

    assert kinds() == [Kind.DIFFERENCE]
    assert work.count(clock.now()) == 1

    importing.import_one(store, str(raw["order_id"]))

    assert kinds() == []
    assert work.count(clock.now()) == 0


def test_the_number_on_a_page_follows_a_difference_within_minutes(store, tophatter):
    importing.refresh_store(store)
    raw = tophatter.add_order(created_at=days_ago(20))
    reconciling.reconcile(store)
    assert work.count(clock.now()) == 1
    importing.import_one(store, str(raw["order_id"]))

    assert work.count(clock.now() + work.REMEMBERED) == 0


def test_an_order_is_one_item_however_much_is_wrong_with_it(store, tophatter):
    raw = tophatter.add_order(status="odd", created_at=days_ago(2))
    importing.refresh_store(store)
    raw["status"] = "refunded"
    reconciling.reconcile(store)

    assert kinds() == [Kind.REVIEW]


def test_a_switched_off_store_needs_nobody():
    for make in CAUSES.values():
        make()

    Store.objects.update(is_active=False)

    assert kinds() == []
    assert work.count(clock.now()) == 0


def test_the_most_urgent_comes_first_and_then_the_oldest():
    for make in reversed(CAUSES.values()):
        make()
    older = refused_token()
    Store.objects.filter(pk=older.pk).update(refused_since=days_ago(5))

    found = work.items(clock.now())

    assert [one.kind for one in found] == [Kind.TOKEN, *CAUSES]
    assert found[0].cause == str(older.pk)
    assert work.count(clock.now()) == len(found)


@pytest.mark.parametrize("kind", CAUSES)
def test_a_snoozed_item_is_not_counted_until_its_time_is_over(kind):
    CAUSES[kind]()
    now = clock.now()
    (item,) = work.items(now)

    work.snooze(item.kind, item.cause, now + timedelta(days=1))

    assert work.count(now) == 0
    assert work.items(now)[0].snoozed_until == now + timedelta(days=1)
    assert work.count(now + timedelta(days=2)) == 1

    work.wake(item.kind, item.cause)

    assert work.count(now) == 1


def test_one_person_takes_an_item():
    refused_notice()
    (item,) = work.items(clock.now())
    one, other = UserFactory(), UserFactory()

    assert work.take(item.kind, item.cause, one)
    assert work.take(item.kind, item.cause, one)
    assert not work.take(item.kind, item.cause, other)
    assert work.items(clock.now())[0].owner == one

    work.give_up(item.kind, item.cause)

    assert work.take(item.kind, item.cause, other)


def test_what_comes_back_begins_anew():
    shipment = refused_notice()
    (item,) = work.items(clock.now())
    work.take(item.kind, item.cause, UserFactory())
    Shipment.objects.update(notification="accepted")

    pruning.prune(clock.now())
    Shipment.objects.filter(pk=shipment.pk).update(notification="refused")

    assert not WorkMark.objects.exists()
    assert work.items(clock.now())[0].owner is None


def test_a_mark_whose_cause_stands_is_kept():
    refused_notice()
    (item,) = work.items(clock.now())
    work.take(item.kind, item.cause, UserFactory())

    pruning.prune(clock.now())

    assert WorkMark.objects.count() == 1


def test_the_number_costs_as_many_queries_for_many_items(django_assert_num_queries):
    for make in CAUSES.values():
        make()
        make()
    work.count(clock.now())

    with django_assert_num_queries(3):
        assert work.count(clock.now()) == 2 * len(CAUSES)


# The page


def test_the_page_shows_all_with_what_to_do_and_every_page_the_number(admin_client):
    for make in CAUSES.values():
        make()

    text = admin_client.get(reverse(PAGE)).content.decode()
    start = admin_client.get("/").content.decode()

    for kind in CAUSES:
        assert str(kind.label) in text
    assert "First read why; then correct the shipment" in text
    assert "Import this gap" in text
    assert "Replace token" in text
    assert f"data-work-count>{len(CAUSES)}<" in start


def test_nothing_to_do_is_said(admin_client):
    text = admin_client.get(reverse(PAGE)).content.decode()

    assert "Nothing needs a person." in text
    assert "data-work-count>0<" in text


def mark(client, step: str, **fields):
    (item,) = work.items(clock.now())
    data = {"kind": item.kind, "cause": item.cause, "step": step, **fields}
    return client.post(reverse(MARK), data, follow=True)


def test_an_item_is_taken_snoozed_woken_and_given_up(client):
    refused_notice()
    user = staff(client, "view_order", "ship_order")

    mark(client, "take")
    assert WorkMark.objects.get().owner == user
    mine = client.get(reverse(PAGE), {"show": "mine"}).content.decode()
    assert f"taken by {user}" in mine

    mark(client, "snooze", days="3")
    assert WorkMark.objects.get().snoozed_until > clock.now() + timedelta(days=2)
    assert "Nothing needs a person." in client.get(reverse(PAGE)).content.decode()

    mark(client, "wake", show="snoozed")
    mark(client, "give_up")
    assert WorkMark.objects.get().owner is None
    assert "nobody has taken it" in client.get(reverse(PAGE)).content.decode()


def test_what_another_has_taken_is_not_taken_away(client):
    refused_notice()
    other = UserFactory(username="other")
    (item,) = work.items(clock.now())
    work.take(item.kind, item.cause, other)
    staff(client, "view_order", "ship_order")

    text = mark(client, "take").content.decode()

    assert "other has taken this already." in text
    assert WorkMark.objects.get().owner == other


@pytest.mark.parametrize("fields", [{"days": "400"}, {"days": "x"}, {}])
def test_a_snooze_has_one_of_three_lengths(client, fields):
    refused_notice()
    staff(client, "view_order", "ship_order")

    assert mark(client, "snooze", **fields).status_code == 400
    assert not WorkMark.objects.exists()


def test_what_is_done_already_is_said(client):
    staff(client, "view_order", "ship_order")

    data = {"kind": "notice", "cause": "7", "step": "take"}
    text = client.post(reverse(MARK), data, follow=True).content.decode()

    assert "its cause is gone" in text
    assert not WorkMark.objects.exists()


def test_who_may_only_look_marks_nothing(client):
    refused_notice()
    staff(client, "view_order")

    text = client.get(reverse(PAGE)).content.decode()

    assert "The tracking of order" in text
    assert 'value="take"' not in text
    assert client.post(reverse(MARK), {}).status_code == 403


def test_who_may_see_no_orders_sees_no_list_and_no_number(client):
    staff(client, "view_store")

    assert client.get(reverse(PAGE)).status_code == 403
    assert "data-work-count" not in client.get("/").content.decode()


def test_the_page_costs_as_many_queries_for_many_items(
    admin_client, django_assert_max_num_queries
):
    for make in CAUSES.values():
        for _ in range(3):
            make()
    admin_client.get(reverse(PAGE))

    with django_assert_max_num_queries(45):
        admin_client.get(reverse(PAGE))


def test_a_gap_is_imported_from_the_list(admin_client):
    store = gap()
    text = admin_client.get(reverse(PAGE)).content.decode()
    start = text.split('name="start" value="')[1].split('"')[0]

    url = reverse("admin:stores_store_gap", args=[store.pk])
    admin_client.post(url, {"start": start})

    assert ImportRun.objects.filter(started_at=None, store=store).exists()
