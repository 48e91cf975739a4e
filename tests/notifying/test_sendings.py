"""A sending by hand begins with a last look at each of its shipments."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection
from django.utils import timezone as clock

from orders import importing, pruning, tasks
from orders.models import Order, Sending, SendingLine, Shipment
from orders.notifying import sendings
from orders.shipping import NotAllowed, ship_order
from tests.factories import OrderFactory, StoreFactory
from tests.support import queues
from tests.support.connected_shops import connected_shop
from tests.support.sendings import NUMBERS, ODD, begin, looks, person, ship_unsent, soon

pytestmark = pytest.mark.django_db


@pytest.fixture
def ship(store, tophatter):
    return partial(ship_unsent, store, tophatter)


def test_a_sending_has_a_line_for_each_shipment_that_is_not_accepted(ship):
    first, second, _ = ship(*NUMBERS[:3])
    Shipment.objects.filter(pk=first.pk).update(notification="accepted")
    Shipment.objects.filter(pk=second.pk).update(notification="refused")
    by = person()

    one = sendings.start_sending(Shipment.objects.all(), by)

    assert one.asked_by == by
    assert looks(one) == ["waiting", "waiting"]
    assert not one.lines.filter(shipment=first).exists()


def test_asking_queues_the_look(ship, django_capture_on_commit_callbacks):
    ship(NUMBERS[0])
    queues.purge()

    with django_capture_on_commit_callbacks(execute=True):
        one = sendings.start_sending(Shipment.objects.all(), None)

    assert [(task["func"], task["args"]) for task in queues.waiting()] == [
        ("orders.tasks.look_over_sending", (one.pk,))
    ]


def test_nothing_to_send_is_said(ship):
    ship(NUMBERS[0])
    Shipment.objects.update(notification="accepted")

    with pytest.raises(NotAllowed, match="nothing to send"):
        sendings.start_sending(Shipment.objects.all(), None)

    assert not Sending.objects.exists()


def test_at_most_five_hundred_are_sent_at_a_time():
    store = StoreFactory()
    Order.objects.bulk_create(OrderFactory.build_batch(501, store=store))
    Shipment.objects.bulk_create(
        Shipment(
            order=order,
            carrier="USPS",
            tracking_number="A12345",
            shipped_at=clock.now(),
            notification="not_sent",
            not_sent_because="store",
        )
        for order in Order.objects.all()
    )

    with pytest.raises(NotAllowed, match="At most 500 shipments"):
        sendings.start_sending(Shipment.objects.all(), None)

    pks = Shipment.objects.values_list("pk", flat=True)[:500]
    one = sendings.start_sending(Shipment.objects.filter(pk__in=list(pks)), None)
    assert one.lines.count() == 500


def test_a_look_sorts_the_shipments(ship, tophatter):
    ship(NUMBERS[0], ODD, NUMBERS[1])
    tophatter.orders()[2]["status"] = "refunded"

    one = begin()

    assert looks(one) == ["green", "amber", "red"]
    assert one.looked_at
    assert "does not look like" in one.lines.get(look="amber").words
    assert "is cancelled" in one.lines.get(look="red").words
    assert not tophatter.fulfillments


def test_a_look_stops_when_its_time_is_over_and_goes_on_later(ship, tophatter):
    ship(*NUMBERS[:3])
    one = sendings.start_sending(Shipment.objects.all(), None)

    in_time = sendings.look_over(one, clock.now())
    one.refresh_from_db()
    waiting = (in_time, one.looked_at, sendings.summary(one).waiting)
    done = sendings.look_over(one, soon())

    assert waiting == (False, None, 3)
    assert done
    assert sendings.summary(one).green == 3


def test_a_task_without_time_left_hands_over_to_the_next(
    ship, django_capture_on_commit_callbacks
):
    ship(NUMBERS[0])
    one = sendings.start_sending(Shipment.objects.all(), None)
    queues.purge()

    with django_capture_on_commit_callbacks(execute=True):
        tasks.look_over_sending(one.pk, timedelta(0))

    assert [task["args"] for task in queues.waiting()] == [(one.pk,)]


def test_each_look_is_kept_at_once(ship, tophatter):
    ship(*NUMBERS[:2])
    one = sendings.start_sending(Shipment.objects.all(), None)
    tophatter.fault("slow", times=None, seconds=3)

    sendings.look_over(one, clock.now() + timedelta(seconds=2))

    assert sorted(looks(one)) == ["green", "waiting"]


def test_a_store_that_wants_to_be_left_alone_is_asked_for_no_further_look(
    ship, tophatter
):
    with connected_shop("woo-rest") as (shop, other):
        shop.add_order()
        importing.refresh_store(other)
        parcel = Order.objects.get()
        ship_order(parcel, carrier="UPS", tracking_number=NUMBERS[9], send=False)
        ship(*NUMBERS[:8])
        tophatter.fault("429", times=None, retry_after="60")

        one = begin()

        words = one.lines.filter(look="red").values_list("words", flat=True)
        assert sorted(looks(one)) == ["green", *["red"] * 8]
        assert all("look again" in said and "(429)" in said for said in words)
        assert len(tophatter.requests) == 1
        tophatter.clear_faults()
        sendings.look_again(one, None)
        sendings.look_over(one, soon())
        assert looks(one) == ["green"] * 9


@pytest.mark.django_db(transaction=True)
def test_two_looks_at_once_share_the_work(ship, tophatter):
    ship(*NUMBERS[:8])
    one = sendings.start_sending(Shipment.objects.all(), None)
    tophatter.fault("slow", times=None, seconds=0.05)

    def look(_) -> bool:
        try:
            return sendings.look_over(Sending.objects.get(), soon())
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        ended = list(pool.map(look, range(2)))

    assert ended == [True, True]
    assert looks(one) == ["green"] * 8
    assert len(tophatter.requests) < 16


def test_looking_again_asks_for_what_did_not_go_alone(ship, tophatter):
    ship(NUMBERS[0], ODD, NUMBERS[1])
    tophatter.fault("503", times=None, on="orders/retrieve")
    one = begin()
    tophatter.clear_faults()
    sendings.look_again(one, None)
    waiting = looks(one)
    sendings.look_over(one, soon())
    tophatter.requests.clear()
    amber = one.lines.get(look="amber")

    again = sendings.look_again(one, None, {amber.pk: "Typed"})
    sendings.look_over(one, soon())

    assert waiting == ["waiting"] * 3
    assert again == one
    assert looks(one) == ["green", "amber", "green"]
    assert len(tophatter.requests) == 1
    assert one.lines.get(look="amber").reason == "Typed"


def test_the_minutes_sweep_finds_sendings_that_nobody_looked_at(
    ship, django_capture_on_commit_callbacks
):
    ship(NUMBERS[0])
    one = sendings.start_sending(Shipment.objects.all(), None)
    old = Sending.objects.create()
    Sending.objects.filter(pk=old.pk).update(asked_at=clock.now() - timedelta(hours=2))
    queues.purge()

    with django_capture_on_commit_callbacks(execute=True):
        tasks.send_due_notices()
    found = [task["args"] for task in queues.waiting()]
    tasks.look_over_sending(one.pk)
    queues.purge()
    with django_capture_on_commit_callbacks(execute=True):
        tasks.send_due_notices()

    assert found == [(one.pk,)]
    assert not queues.waiting()


def test_old_sendings_are_deleted_and_their_shipments_stay(ship, settings):
    ship(NUMBERS[0])
    sendings.start_sending(Shipment.objects.all(), None)
    now = clock.now()

    kept = pruning.prune(now)
    later = now + timedelta(days=settings.RUN_RETENTION_DAYS, hours=1)
    deleted = pruning.prune(later)

    assert kept["sendings"] == 0
    assert deleted["sendings"]
    assert not SendingLine.objects.exists()
    assert Shipment.objects.exists()
