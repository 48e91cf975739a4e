"""Tracking reaches the marketplace at least once, and never twice."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.utils import timezone as clock

from orders import importing, notifying
from orders.models import Order, Shipment
from orders.models.shipments import READS_BEFORE_REPOST, REPOST_AFTER
from orders.notifying import outbox
from orders.shipping import ship_order
from stores.models import Store

NUMBER = "9400111899562173406594"


@pytest.fixture
def shipment(store, tophatter):
    """A parcel whose notice waits, of an order that is paid at the marketplace."""
    tophatter.add_order()
    importing.refresh_store(store)
    shipment = ship_order(Order.objects.get(), carrier="usps", tracking_number=NUMBER)
    tophatter.requests.clear()
    return shipment


def let_pass(time: timedelta) -> None:
    """Let the time since the last post go by, without the waiting."""
    Shipment.objects.update(posted_at=F("posted_at") - time)


def posts(tophatter) -> int:
    return sum(request.path == "orders/fulfill" for request in tophatter.requests)


def test_the_marketplace_learns_carrier_and_number(shipment, tophatter):
    notifying.send_tracking(shipment)

    raw = tophatter.orders()[0]
    assert (raw["status"], raw["carrier"]) == ("shipped", "usps")
    assert raw["tracking_number"] == NUMBER
    assert shipment.notification == "accepted"
    assert shipment.notified_at
    order = Order.objects.get()
    assert order.marketplace_status == "shipped"
    assert order.marketplace_tracking_number == NUMBER


def test_the_order_is_read_before_and_after_and_posted_once(shipment, tophatter):
    notifying.send_tracking(shipment)

    calls = [request.path for request in tophatter.requests]
    assert calls == ["orders/retrieve", "orders/fulfill", "orders/retrieve"]
    assert tophatter.requests[1].body == {
        "order_id": str(tophatter.orders()[0]["order_id"]),
        "carrier": "USPS",
        "tracking_number": NUMBER,
    }


def test_a_number_that_the_marketplace_writes_in_capitals_is_the_same(store, tophatter):
    raw = tophatter.add_order()
    importing.refresh_store(store)
    number = "rr123456785us"
    shipment = ship_order(Order.objects.get(), carrier="USPS", tracking_number=number)
    raw.update(status="shipped", carrier="usps", tracking_number=number.upper())

    notifying.send_tracking(shipment)

    assert (shipment.notification, posts(tophatter)) == ("accepted", 0)


def test_an_accepted_notice_is_not_sent_again(shipment, tophatter):
    notifying.send_tracking(shipment)

    notifying.send_tracking(shipment)

    assert len(tophatter.fulfillments) == 1
    assert posts(tophatter) == 1


@pytest.mark.parametrize("fault", ["lost_answer", "error_after_apply"])
def test_a_lost_answer_of_a_done_notice_is_found_by_reading(shipment, tophatter, fault):
    tophatter.fault(fault, on="orders/fulfill")

    notifying.send_tracking(shipment)

    assert shipment.notification == "accepted"
    assert len(tophatter.fulfillments) == 1


@pytest.mark.parametrize("fault", ["lost_request", "500", "503", "html", "not_stored"])
def test_a_notice_that_was_not_stored_goes_again_after_reads_over_minutes(
    shipment, tophatter, fault
):
    tophatter.fault(fault, on="orders/fulfill")
    notifying.send_tracking(shipment)
    first = shipment.notification

    for _ in range(READS_BEFORE_REPOST):
        notifying.send_tracking(shipment)
    soon = posts(tophatter), shipment.notification
    let_pass(REPOST_AFTER)
    notifying.send_tracking(shipment)

    assert first == "unconfirmed"
    assert soon == (1, "unconfirmed")
    assert shipment.notification == "accepted"
    assert posts(tophatter) == 2
    assert len(tophatter.fulfillments) == 1


def test_minutes_alone_are_no_leave_to_post_again(shipment, tophatter):
    tophatter.fault("lost_request", on="orders/fulfill")
    notifying.send_tracking(shipment)
    let_pass(REPOST_AFTER)

    for _ in range(READS_BEFORE_REPOST - 1):
        notifying.send_tracking(shipment)
    early = posts(tophatter)
    notifying.send_tracking(shipment)

    assert early == 1
    assert (posts(tophatter), shipment.notification) == (2, "accepted")


@pytest.mark.parametrize("fault", ["429", "422", "401"])
def test_what_the_marketplace_turned_away_is_no_post(shipment, tophatter, fault):
    tophatter.fault(fault, on="orders/fulfill")
    notifying.send_tracking(shipment)
    Store.objects.update(connection="connected")

    list(notifying.request_sending(Shipment.objects.all(), retry_refused=True))
    notifying.send_tracking(shipment)

    assert (posts(tophatter), shipment.notification) == (2, "accepted")


def test_an_answer_that_claims_what_is_not_stored_is_not_believed(shipment, tophatter):
    tophatter.fault("claims_not_stored", on="orders/fulfill")

    notifying.send_tracking(shipment)

    assert shipment.notification == "unconfirmed"
    assert "does not show it" in shipment.notification_error
    assert not tophatter.fulfillments


def test_an_answer_that_names_another_order_is_read_back(shipment, tophatter):
    tophatter.fault("other_order", on="orders/fulfill")

    notifying.send_tracking(shipment)

    assert shipment.notification == "accepted"
    assert posts(tophatter) == 1


def test_another_number_at_the_marketplace_needs_a_person(shipment, tophatter):
    tophatter.fault("other_number", on="orders/fulfill")

    notifying.send_tracking(shipment)

    assert shipment.notification == "refused"
    assert "OTHER-NUMBER" in shipment.notification_error


@pytest.mark.parametrize(
    ("carrier", "ours", "theirs"),
    [
        ("Yanwen", "ug-1234.56", "UG123456"),
        ("USPS", "420940229400111899562173406600", "9400111899562173406600"),
        ("USPS", "4209402212349400111899562173406600", "9400111899562173406600"),
    ],
)
def test_a_number_that_the_marketplace_tidied_is_ours(
    store, tophatter, carrier, ours, theirs
):
    tophatter.add_order()
    importing.refresh_store(store)
    shipment = ship_order(Order.objects.get(), carrier=carrier, tracking_number=ours)
    tophatter.fault("tidied_number", on="orders/fulfill")

    notifying.send_tracking(shipment)

    assert tophatter.fulfillments[0]["tracking_number"] == ours
    assert tophatter.orders()[0]["tracking_number"] == theirs
    assert shipment.notification == "accepted"
    assert shipment.receipt["read_back"]["tracking_number"] == theirs


def test_a_notice_that_was_lost_and_shows_tidied_is_not_posted_again(store, tophatter):
    tophatter.add_order()
    importing.refresh_store(store)
    shipment = ship_order(
        Order.objects.get(), carrier="Yanwen", tracking_number="ug-1234.56"
    )
    tophatter.orders()[0].update(
        status="shipped", carrier="yanwen", tracking_number="UG123456"
    )

    notifying.send_tracking(shipment)

    assert shipment.notification == "accepted"
    assert posts(tophatter) == 0


def test_too_many_requests_wait_as_long_as_the_marketplace_asks(shipment, tophatter):
    tophatter.fault("429", on="orders/fulfill", retry_after="120")

    notifying.send_tracking(shipment)

    assert shipment.notification == "pending"
    wait = shipment.next_attempt_at - clock.now()
    assert timedelta(seconds=110) < wait <= timedelta(seconds=120)


def test_no_answer_before_posting_changes_nothing_but_the_next_attempt(
    shipment, tophatter
):
    tophatter.fault("503", times=None, on="orders/retrieve")

    notifying.send_tracking(shipment)

    assert shipment.notification == "pending"
    assert shipment.next_attempt_at > clock.now()
    assert "503" in shipment.notification_error
    assert posts(tophatter) == 0


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("refunded", "cancelled"),
        ("pending_verification", "not paid"),
        ("pending_consolidation_decision", "on hold"),
        ("mystery", "not known"),
    ],
)
def test_an_order_that_changed_meanwhile_is_not_sent(shipment, tophatter, word, reason):
    tophatter.orders()[0]["status"] = word

    notifying.send_tracking(shipment)

    assert shipment.notification == "refused"
    assert reason in shipment.notification_error
    assert posts(tophatter) == 0
    assert Order.objects.get().marketplace_status == word


def test_an_order_shipped_elsewhere_is_not_sent(shipment, tophatter):
    tophatter.orders()[0].update(status="shipped", tracking_number="ELSEWHERE1")

    notifying.send_tracking(shipment)

    assert shipment.notification == "refused"
    assert "ELSEWHERE1" in shipment.notification_error
    assert posts(tophatter) == 0


def test_a_refusal_waits_for_a_person_with_the_marketplaces_words(shipment, tophatter):
    tophatter.fault("422", on="orders/fulfill", message="No such label.")

    notifying.send_tracking(shipment)

    assert shipment.notification == "refused"
    assert shipment.next_attempt_at is None
    assert "No such label." in shipment.notification_error
    assert shipment.order.marketplace_order_id in shipment.notification_error


def test_an_order_that_vanished_waits_for_a_person(shipment, tophatter):
    tophatter.accounts[tophatter.token].clear()

    notifying.send_tracking(shipment)

    assert shipment.notification == "refused"
    assert "knows no order" in shipment.notification_error


def test_a_carrier_that_left_the_list_is_said_before_posting(shipment, tophatter):
    store = shipment.order.store
    store.carriers = {"FedEx": "fedex"}
    store.save()

    notifying.send_tracking(Shipment.objects.get())

    shipment.refresh_from_db()
    assert shipment.notification == "refused"
    assert "no longer accepts the carrier USPS" in shipment.notification_error
    assert posts(tophatter) == 0


def test_a_refused_token_keeps_the_notice_waiting(shipment, tophatter):
    tophatter.fault("401", times=None)

    notifying.send_tracking(shipment)

    shipment.order.store.refresh_from_db()
    assert shipment.notification == "pending"
    assert shipment.order.store.connection == "refused"
    assert not Shipment.objects.due(clock.now() + timedelta(days=1)).exists()


def test_a_notice_that_kills_its_worker_stops_and_shows(shipment, tophatter):
    Shipment.objects.update(attempts=outbox.MAX_ATTEMPTS)

    notifying.send_tracking(shipment)

    assert shipment.notification == "refused"
    assert "12 attempts" in shipment.notification_error
    assert posts(tophatter) == 0


def test_the_delay_grows_and_stays_below_nine_hours(shipment, tophatter):
    tophatter.fault("503", times=None)
    waits = []
    for _ in range(outbox.MAX_ATTEMPTS):
        notifying.send_tracking(shipment)
        waits.append((shipment.next_attempt_at - clock.now()).total_seconds())

    assert 25 < waits[0] < 95
    assert waits[6] > 20 * 60
    assert max(waits) <= 9 * 60 * 60


@pytest.mark.django_db(transaction=True)
def test_four_senders_at_once_send_once(shipment, tophatter):
    tophatter.fault("slow", times=1, on="orders/fulfill", seconds=0.5)

    def send(_):
        try:
            notifying.send_tracking(Shipment.objects.get())
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(send, range(4)))

    shipment.refresh_from_db()
    assert shipment.notification == "accepted"
    assert posts(tophatter) == 1
    assert len(tophatter.fulfillments) == 1


def test_a_refused_notice_goes_again_when_a_person_asks(shipment, tophatter):
    tophatter.fault("422", on="orders/fulfill")
    notifying.send_tracking(shipment)

    without = list(notifying.request_sending(Shipment.objects.all()))
    again = list(notifying.request_sending(Shipment.objects.all(), retry_refused=True))
    notifying.send_tracking(again[0])

    assert not without
    assert again[0].notification == "accepted"


def test_an_accepted_notice_stays_when_a_person_asks(shipment, tophatter):
    notifying.send_tracking(shipment)

    chosen = list(notifying.request_sending(Shipment.objects.all(), retry_refused=True))

    assert not chosen
    shipment.refresh_from_db()
    assert shipment.notification == "accepted"
