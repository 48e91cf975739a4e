"""Everything that needs a person is one list; an item is there as long as its cause."""

from datetime import timedelta

import pytest
from django.utils import timezone as clock

from orders import importing, pruning, shipping, tasks
from orders.auditing import listings
from orders.models import ImportProblem, Order, Shipment, WorkMark
from orders.work import causes, figures, to_do
from orders.work.to_do import advise
from stores.models import Store
from tests.factories import UserFactory
from tests.support.counting import days_ago
from tests.support.coverage import was_read
from tests.support.order_pages import NUMBER
from tests.support.work_causes import (
    CAUSES,
    CLOSED,
    refused_notice,
    refused_token,
    undecided_address,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def store(store) -> Store:
    """A store that was read for weeks."""
    was_read(store, 40, 1)
    return store


def kinds() -> list[str]:
    return [one.kind for one in to_do.standing(clock.now())]


def test_every_kind_is_said_and_explained():
    assert set(CAUSES) == set(CLOSED) == set(causes.CAUSES) - {"difference"}


@pytest.mark.parametrize("kind", CAUSES)
def test_a_cause_is_an_item_until_it_is_gone(kind):
    row = CAUSES[kind]()

    (item,) = to_do.standing(clock.now())
    finding = advise(item)

    assert item.kind == kind
    assert to_do.count(clock.now()) == 1
    assert item.since < clock.now()
    assert finding.sentence.endswith(".")
    assert "%(" not in finding.sentence

    CLOSED[kind](row)
    figures.forget()

    assert kinds() == []
    assert to_do.count(clock.now()) == 0


def test_an_order_that_differs_is_an_item_until_it_was_imported(store, tophatter):
    importing.refresh_store(store)
    raw = tophatter.add_order(created_at=days_ago(20))
    listings.reconcile(store)

    assert kinds() == ["difference"]
    assert to_do.count(clock.now()) == 1

    importing.import_one(store, str(raw["order_id"]))

    assert kinds() == []
    assert to_do.count(clock.now()) == 0


def test_the_number_on_a_page_follows_a_difference_within_minutes(store, tophatter):
    importing.refresh_store(store)
    raw = tophatter.add_order(created_at=days_ago(20))
    listings.reconcile(store)
    assert to_do.count(clock.now()) == 1
    importing.import_one(store, str(raw["order_id"]))

    patience = figures.FIGURES["differences"].patience
    assert to_do.count(clock.now() + patience) == 0


def test_an_order_is_one_item_however_much_is_wrong_with_it(store, tophatter):
    raw = tophatter.add_order(status="odd", created_at=days_ago(2))
    importing.refresh_store(store)
    raw["status"] = "refunded"
    listings.reconcile(store)

    assert kinds() == ["review"]


def test_a_switched_off_store_needs_nobody():
    for make in CAUSES.values():
        make()

    Store.objects.update(is_active=False)

    assert kinds() == []
    assert to_do.count(clock.now()) == 0


def test_the_most_urgent_comes_first_and_then_the_oldest():
    for make in reversed(CAUSES.values()):
        make()
    older = refused_token()
    Store.objects.filter(pk=older.pk).update(refused_since=days_ago(5))

    found = to_do.standing(clock.now())

    assert [one.kind for one in found] == ["token", *CAUSES]
    assert found[0].cause == str(older.pk)
    assert to_do.count(clock.now()) == len(found)


@pytest.mark.parametrize("kind", CAUSES)
def test_a_snoozed_item_is_not_counted_until_its_time_is_over(kind):
    CAUSES[kind]()
    now = clock.now()
    (item,) = to_do.standing(now)

    to_do.snooze(item.kind, item.cause, now + timedelta(days=1))

    assert to_do.count(now) == 0
    assert to_do.standing(now)[0].snoozed_until == now + timedelta(days=1)
    assert to_do.count(now + timedelta(days=2)) == 1

    to_do.wake(item.kind, item.cause)

    assert to_do.count(now) == 1


def test_one_person_takes_an_item():
    refused_notice()
    (item,) = to_do.standing(clock.now())
    one, other = UserFactory(), UserFactory()

    assert to_do.take_item(item.kind, item.cause, one)
    assert to_do.take_item(item.kind, item.cause, one)
    assert not to_do.take_item(item.kind, item.cause, other)
    assert to_do.standing(clock.now())[0].owner == one

    to_do.give_up(item.kind, item.cause, other)
    assert to_do.standing(clock.now())[0].owner == one

    to_do.give_up(item.kind, item.cause, one)

    assert to_do.take_item(item.kind, item.cause, other)


def test_what_somebody_who_left_has_taken_is_free():
    refused_notice()
    (item,) = to_do.standing(clock.now())
    gone, other = UserFactory(), UserFactory()
    to_do.take_item(item.kind, item.cause, gone)
    gone.is_active = False
    gone.save()

    assert to_do.standing(clock.now())[0].owner is None
    assert to_do.take_item(item.kind, item.cause, other)


def test_a_difference_is_as_old_as_the_listing_that_first_showed_it(store, tophatter):
    importing.refresh_store(store)
    tophatter.add_order(created_at=days_ago(20))
    tasks.reconcile_store(store.pk)
    WorkMark.objects.update(seen_at=days_ago(4))

    tasks.reconcile_store(store.pk)

    (item,) = to_do.standing(clock.now())
    assert item.kind == "difference"
    assert clock.now() - item.since > timedelta(days=3)


def test_what_was_taken_before_it_was_noted_has_an_age_too(store, tophatter):
    tophatter.add_order(created_at=days_ago(2))
    listings.reconcile(store)
    (item,) = to_do.standing(clock.now())
    to_do.take_item(item.kind, item.cause, UserFactory())

    to_do.note_new(days_ago(1))
    tasks.reconcile_store(store.pk)

    (item,) = to_do.standing(clock.now())
    assert item.since < days_ago(0.9)


def test_a_parcel_that_is_not_known_there_is_as_old_as_it_is(store, tophatter):
    raw = tophatter.add_order(created_at=days_ago(9))
    importing.import_one(store, str(raw["order_id"]))
    left = days_ago(8)
    parcel = {"carrier": "USPS", "tracking_number": NUMBER, "shipped_at": left}
    shipping.ship_order(Order.objects.get(), **parcel)
    Shipment.objects.update(notification="accepted")

    tasks.reconcile_store(store.pk)

    (item,) = to_do.standing(clock.now())
    assert (item.kind, item.since) == ("difference", left)


def test_a_sentence_is_about_the_problem_that_is_left():
    order = undecided_address()
    Order.objects.update(ship_to_changed_at=None)
    facts = {
        "store": order.store,
        "marketplace_order_id": order.marketplace_order_id,
        "first_seen_at": days_ago(3),
        "last_seen_at": days_ago(1),
    }
    kind = ImportProblem.Kind
    ImportProblem.objects.create(kind=kind.UNKNOWN_COUNTRY, message="Where?", **facts)
    ImportProblem.objects.create(kind=kind.NOT_FOUND, message="Not there.", **facts)

    (item,) = to_do.standing(clock.now())

    assert "Not there." in advise(item).sentence


def test_what_comes_back_begins_anew():
    shipment = refused_notice()
    (item,) = to_do.standing(clock.now())
    to_do.take_item(item.kind, item.cause, UserFactory())
    Shipment.objects.update(notification="accepted")

    pruning.prune(clock.now())
    Shipment.objects.filter(pk=shipment.pk).update(notification="refused")

    assert not WorkMark.objects.exists()
    assert to_do.standing(clock.now())[0].owner is None


def test_a_mark_whose_cause_stands_is_kept():
    refused_notice()
    (item,) = to_do.standing(clock.now())
    to_do.take_item(item.kind, item.cause, UserFactory())

    pruning.prune(clock.now())

    assert WorkMark.objects.count() == 1


def test_the_number_costs_as_many_queries_for_many_items(django_assert_num_queries):
    for make in CAUSES.values():
        make()
        make()
    to_do.count(clock.now())

    with django_assert_num_queries(6):
        assert to_do.count(clock.now()) == 2 * len(CAUSES)
