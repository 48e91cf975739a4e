"""A notice goes out once, whatever stalls its sender, hides it or turns its clock."""

import time
from contextlib import ExitStack
from datetime import timedelta
from threading import Event

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone as clock

from orders import importing, notifying
from orders.models import Order, Shipment
from orders.models.shipments import READS_BEFORE_REPOST
from orders.notifying import outbox
from orders.shipping import NotAllowed, correct_shipment, ship_order
from tests.factories import StoreFactory
from tests.support.holding import another_session_holds, start
from tests.support.programs import clock_ahead, wait_until

pytestmark = pytest.mark.django_db(transaction=True)

NUMBER = "9400111899562173406594"
OTHER = "9400111899562173406017"
is_sqlite = connection.vendor == "sqlite"


@pytest.fixture
def shipment(transactional_db, tophatter):
    """A parcel whose notice waits; a second notice would be taken without a word."""
    tophatter.takes_twice = True
    store = StoreFactory(access_token=tophatter.token, name="Main store")
    tophatter.add_order()
    importing.refresh_store(store)
    shipment = ship_order(Order.objects.get(), carrier="USPS", tracking_number=NUMBER)
    tophatter.requests.clear()
    return shipment


def posts(tophatter) -> int:
    return sum(request.path == "orders/fulfill" for request in tophatter.requests)


def on_first(tophatter, path: str, act) -> None:
    """Act once, when the first call to a path arrives and before it is answered."""
    seen = []

    def watch(request) -> None:
        if request.path == path and not seen:
            seen.append(request)
            act()

    tophatter.on_request = watch


def test_a_sender_whose_claim_ran_out_while_it_read_posts_nothing(shipment, tophatter):
    other_is_done = Event()
    on_first(tophatter, "orders/retrieve", lambda: other_is_done.wait(30))
    slow = start(
        notifying.send_tracking,
        Shipment.objects.get(),
        claim_time=timedelta(seconds=0.5),
    )
    wait_until(lambda: tophatter.requests, 30, "the slow sender's read")
    wait_until(Shipment.objects.unclaimed().exists, 30, "the end of its claim")

    notifying.send_tracking(shipment)
    other_is_done.set()
    slow.join()

    shipment.refresh_from_db()
    assert posts(tophatter) == 1
    assert (shipment.notification, shipment.attempts) == ("accepted", 2)


@pytest.mark.skipif(is_sqlite, reason="SQLite locks no single row")
def test_a_stalled_order_keeps_no_sender_between_its_read_and_its_post(
    shipment, tophatter
):
    with another_session_holds("orders_order"):
        senders = [
            start(
                notifying.send_tracking,
                Shipment.objects.get(),
                claim_time=timedelta(seconds=1),
            )
        ]
        wait_until(lambda: posts(tophatter), 15, "the post")
        wait_until(
            lambda: Shipment.objects.get().notification == "accepted", 15, "the result"
        )
        senders.append(start(notifying.send_tracking, Shipment.objects.get()))
    for sender in senders:
        sender.join()

    assert posts(tophatter) == 1
    # What was read is stored once the order is free.
    assert Order.objects.get().marketplace_status == "shipped"


@pytest.mark.slow
def test_a_read_that_is_older_than_seconds_is_no_leave_to_post(shipment, tophatter):
    with ExitStack() as holding:
        lock = another_session_holds("orders_shipment")
        on_first(tophatter, "orders/retrieve", lambda: holding.enter_context(lock))
        sender = start(notifying.send_tracking, shipment)
        wait_until(lambda: tophatter.requests, 30, "the read")
        # The fault itself: the database stalls the sender for this long.
        time.sleep(outbox.FRESH + 2)
    sender.join()

    shipment.refresh_from_db()
    assert posts(tophatter) == 0
    assert shipment.notification == "pending"
    assert "read too long ago" in shipment.notification_error

    notifying.send_tracking(shipment)

    assert (posts(tophatter), shipment.notification) == (1, "accepted")


def test_a_notice_that_shows_late_is_posted_once_and_accepted_when_it_shows(
    shipment, tophatter
):
    tophatter.lag = timedelta(hours=1)
    notifying.send_tracking(shipment)
    first, said = shipment.notification, shipment.notification_error
    Shipment.objects.update(posted_at=shipment.posted_at - timedelta(hours=1))

    for _ in range(5):
        notifying.send_tracking(shipment)
    still = shipment.notification
    tophatter.lag = timedelta(0)
    notifying.send_tracking(shipment)

    assert (first, still, shipment.notification) == (
        "unconfirmed",
        "unconfirmed",
        "accepted",
    )
    assert "read and not sent again" in said
    assert posts(tophatter) == 1
    assert shipment.receipt["answer"]["tracking_number"] == NUMBER
    assert shipment.answer is None
    assert shipment.receipt["read_back"]["tracking_number"] == NUMBER


def test_a_notice_that_never_shows_waits_for_a_person_who_cannot_post_it_again(
    shipment, tophatter
):
    tophatter.lag = timedelta(days=1)
    for _ in range(outbox.MAX_ATTEMPTS + 1):
        notifying.send_tracking(shipment)
    given_up, said = shipment.notification, shipment.notification_error

    with pytest.raises(NotAllowed, match="has been sent"):
        correct_shipment(shipment, "USPS", OTHER)
    Shipment.objects.update(posted_at=shipment.posted_at - timedelta(days=1))
    list(notifying.request_sending(Shipment.objects.all(), retry_refused=True))
    notifying.send_tracking(shipment)

    assert given_up == "refused"
    assert "not sent twice" in said
    assert shipment.notification == "unconfirmed"
    assert posts(tophatter) == 1


def test_a_lost_answer_whose_notice_shows_late_is_not_posted_again(shipment, tophatter):
    tophatter.lag = timedelta(minutes=5)
    tophatter.fault("lost_answer", on="orders/fulfill")
    notifying.send_tracking(shipment)

    for _ in range(4):
        notifying.send_tracking(shipment)
    still = shipment.notification
    tophatter.lag = timedelta(0)
    notifying.send_tracking(shipment)

    assert (still, shipment.notification) == ("unconfirmed", "accepted")
    assert posts(tophatter) == 1


def test_a_notice_that_was_lost_on_the_way_is_read_again_within_minutes(
    shipment, tophatter
):
    pauses = []
    for attempts in (0, 2, 5, 10):
        Shipment.objects.update(attempts=attempts, posted_at=None)
        tophatter.fault("500", on="orders/fulfill")
        notifying.send_tracking(shipment)
        pauses.append(shipment.next_attempt_at - shipment.posted_at)

    assert shipment.notification == "unconfirmed"
    assert pauses[0] < timedelta(minutes=2)
    assert timedelta(minutes=2) < min(pauses[1:3])
    assert max(pauses[1:3]) < timedelta(minutes=7)
    # A marketplace that loses every notice has hours before a person is asked.
    assert pauses[3] > timedelta(hours=1)


def test_a_notice_that_was_never_posted_waits_longer_from_failure_to_failure(
    shipment, tophatter
):
    Shipment.objects.update(attempts=5)
    tophatter.fault("500", times=None, on="orders/retrieve")

    notifying.send_tracking(shipment)

    assert shipment.next_attempt_at - clock.now() > timedelta(minutes=15)


CORRECT = f"""
from orders.models import Shipment
from orders.shipping import NotAllowed, correct_shipment
try:
    correct_shipment(Shipment.objects.get(), "USPS", "{OTHER}")
    print("corrected")
except NotAllowed as error:
    print("refused:", error)
"""


def test_a_host_whose_clock_is_ahead_corrects_nothing_that_is_being_posted(
    shipment, tophatter, manage
):
    said = []

    def correct() -> None:
        program = manage("shell", "-c", CORRECT, **clock_ahead("+1h"))
        said.append(program.communicate(timeout=60)[0])

    on_first(tophatter, "orders/fulfill", correct)

    notifying.send_tracking(shipment)

    shipment.refresh_from_db()
    assert "refused: The shipment of order" in said[0]
    assert (shipment.notification, shipment.tracking_number) == ("accepted", NUMBER)
    assert tophatter.orders()[0]["tracking_number"] == NUMBER


def test_a_result_is_not_recorded_for_a_number_that_was_not_posted(shipment, tophatter):
    on_first(
        tophatter,
        "orders/fulfill",
        lambda: (
            Shipment.objects.update(tracking_number=OTHER),
            connection.close(),
        ),
    )

    notifying.send_tracking(shipment)

    shipment.refresh_from_db()
    assert shipment.tracking_number == OTHER
    assert shipment.notification == "pending"
    assert posts(tophatter) == 1


@pytest.mark.sweep
def test_an_unconfirmed_notice_of_an_earlier_version_is_read_before_it_is_posted(
    shipment, tophatter
):
    call_command("migrate", "orders", "0006", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE orders_shipment SET notification = 'unconfirmed'")
    call_command("migrate", "orders", verbosity=0)

    for _ in range(READS_BEFORE_REPOST):
        notifying.send_tracking(shipment)

    assert posts(tophatter) == 0
    assert shipment.notification == "unconfirmed"
