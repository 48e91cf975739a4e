"""Each kind of shop is told in its own way, once, and believed as far as it shows."""

from datetime import timedelta

import pytest
from django.utils import timezone as clock

from orders import importing, notifying, shipping
from orders.importing import runs, windows
from orders.models import Order, Shipment
from orders.models.shipments import READS_BEFORE_REPOST, REPOST_AFTER
from orders.notifying.judging import fetch
from orders.notifying.outbox import keep
from tests.support.connected_shops import CARTS, connected_shop

pytestmark = pytest.mark.django_db

# What each shop can show of a notice.
PROOFS = dict.fromkeys(CARTS, "status") | {"spree": "answered"}


@pytest.fixture(params=CARTS)
def connected(request):
    with connected_shop(request.param) as (shop, store):
        yield shop, store


def ship(store, number="1Z999AA10123456784", carrier="UPS"):
    order = Order.objects.get(store=store)
    return shipping.ship_order(
        order=order, carrier=carrier, tracking_number=number, send=True
    )


def test_an_order_comes_in_ships_and_is_proven_as_far_as_the_shop_shows(connected):
    shop, store = connected
    shop.add_order()

    run = importing.refresh_store(store)
    shipment = ship(store)
    notifying.send_tracking(shipment)

    shipment.refresh_from_db()
    assert (run.status, run.created) == ("complete", 1), run.error
    assert shipment.notification == "accepted", shipment.notification_error
    assert shipment.proof == PROOFS[shop.name]
    assert len(shop.notices) == 1


def test_what_is_shipped_there_already_is_not_told_again(connected):
    shop, store = connected
    theirs = shop.add_order()
    importing.refresh_store(store)
    shipment = ship(store)
    shop.change_order(theirs, status="shipped")

    notifying.send_tracking(shipment)

    shipment.refresh_from_db()
    if shop.name == "spree":
        pytest.skip("It lists no order that is shipped.")
    assert shipment.notification == "refused"
    assert "look there whether it is this parcel" in shipment.notification_error
    assert not shop.notices


def attempt(shipment, reads=1):
    """Have the notice tried so often, as the sweep would over the hours."""
    for _ in range(reads):
        notifying.send_tracking(shipment)
    shipment.refresh_from_db()
    return shipment


def test_a_notice_whose_answer_is_lost_is_believed_by_the_status_alone(connected):
    shop, store = connected
    shop.add_order()
    importing.refresh_store(store)
    shop.fault("error_after_apply")

    shipment = attempt(ship(store), reads=2)

    if shop.name == "spree":
        assert (shipment.notification, len(shop.notices)) == ("unconfirmed", 1)
    else:
        assert shipment.notification == "accepted", shipment.notification_error
        assert [one.effect for one in shop.notices] == ["shipped"]


def test_where_a_second_notice_does_no_harm_it_is_sent_after_a_while():
    with connected_shop("spree") as (shop, store):
        shop.add_order()
        importing.refresh_store(store)
        shop.fault("error_after_apply")

        shipment = attempt(ship(store), reads=READS_BEFORE_REPOST)
        Shipment.objects.update(posted_at=clock.now() - REPOST_AFTER)
        shipment = attempt(shipment)

    assert (shipment.notification, shipment.proof) == ("accepted", "answered")
    assert [one.effect for one in shop.notices] == ["shipped", "repeated"]


def test_an_answer_is_not_believed_while_the_order_is_shown_as_open():
    with connected_shop("spree") as (shop, store):
        shop.add_order()
        importing.refresh_store(store)
        shop.fault("ignored")

        shipment = attempt(ship(store))
        before = shipment.notification
        shipment = attempt(shipment, reads=READS_BEFORE_REPOST - 1)
        Shipment.objects.update(posted_at=clock.now() - REPOST_AFTER)
        shipment = attempt(shipment)

    assert before == "unconfirmed"
    assert (shipment.notification, shipment.proof) == ("accepted", "answered")
    assert [one.effect for one in shop.notices] == ["ignored", "shipped"]


def test_a_web_page_is_no_answer_to_a_notice():
    with connected_shop("spree") as (shop, store):
        shop.add_order()
        importing.refresh_store(store)
        shop.fault("html_200", on="shipnotify")

        shipment = attempt(ship(store))
        before = shipment.notification, str(shipment.notification_error)
        shipment = attempt(shipment, reads=READS_BEFORE_REPOST - 1)
        Shipment.objects.update(posted_at=clock.now() - REPOST_AFTER)
        shipment = attempt(shipment)

    assert before[0] == "unconfirmed"
    assert "with a web page" in before[1]
    assert (shipment.notification, shipment.proof) == ("accepted", "answered")
    assert [one.effect for one in shop.notices] == ["shipped"]


@pytest.mark.parametrize("profile", ["guide", "woo", "magento"])
def test_where_a_second_notice_does_harm_a_person_decides_on_it(profile):
    with connected_shop(profile) as (shop, store):
        shop.add_order()
        importing.refresh_store(store)
        shop.fault("ignored")

        shipment = attempt(ship(store), reads=READS_BEFORE_REPOST + 1)
        sent_by_itself = [one.effect for one in shop.notices]
        why = str(shipment.notification_error)
        list(notifying.request_sending(Shipment.objects.all(), retry_refused=True))
        shipment = attempt(shipment)

    assert sent_by_itself == ["ignored"]
    assert "sent only when you ask for it" in why
    assert (shipment.notification, shipment.proof) == ("accepted", "status")
    assert [one.effect for one in shop.notices] == ["ignored", "shipped"]


def test_a_sender_that_died_after_the_post_never_sends_twice():
    with connected_shop("woo") as (shop, store):
        theirs = shop.add_order()
        importing.refresh_store(store)
        shipment = ship(store)
        # As the row is left by a process that is killed between post and answer.
        Shipment.objects.update(posted_at=clock.now() - timedelta(hours=3))

        shipment = attempt(Shipment.objects.get(), reads=5)
        told = len(shop.notices)
        shop.change_order(theirs, status="shipped")
        notifying.request_sending(Shipment.objects.all(), retry_refused=True)
        shipment = attempt(shipment)

    assert told == 0
    assert (shipment.notification, shipment.proof) == ("accepted", "status")
    assert len(shop.notices) == 0


def test_a_number_that_was_corrected_is_not_proven_by_the_notice_of_the_wrong_one():
    with connected_shop("woo") as (shop, store):
        theirs = shop.add_order()
        importing.refresh_store(store)
        shop.fault("ignored")
        shipment = attempt(ship(store), reads=READS_BEFORE_REPOST + 1)
        # The first notice took its effect after all.
        shop.change_order(theirs, status="shipped")

        shipping.correct_shipment(shipment, "UPS", "1Z12345E0291980793")
        shipment = attempt(shipment)

    assert (shipment.notification, shipment.proof) == ("refused", "")
    assert "look there whether it is this parcel" in shipment.notification_error
    assert [one.effect for one in shop.notices] == ["ignored"]


def test_a_number_that_was_corrected_goes_to_a_shop_that_still_waits_for_one():
    with connected_shop("woo") as (shop, store):
        shop.add_order()
        importing.refresh_store(store)
        shop.fault("ignored")
        shipment = attempt(ship(store), reads=READS_BEFORE_REPOST + 1)

        shipping.correct_shipment(shipment, "UPS", "1Z12345E0291980793")
        shipment = attempt(shipment)

    assert (shipment.notification, shipment.proof) == ("accepted", "status")
    assert [one.effect for one in shop.notices] == ["ignored", "shipped"]
    assert shop.notices[-1].tracking_number == "1Z12345E0291980793"


def import_old_order(shop, store, days):
    """Have an order in that was placed so long ago that no refresh sees it."""
    placed_at = clock.now() - timedelta(days=days)
    theirs = shop.add_order(created_at=placed_at)
    until = placed_at + timedelta(days=1)
    runs.execute(windows.plan_range(store, placed_at, until, "manual"))
    importing.refresh_store(store)
    return theirs


@pytest.mark.parametrize("days", [10, 40, 400])
def test_an_order_listed_by_its_day_is_read_before_it_is_told(days):
    with connected_shop("nop") as (shop, store):
        theirs = import_old_order(shop, store, days)
        shop.change_order(theirs, status="cancelled")
        importing.refresh_store(store)
        before = Order.objects.get().marketplace_state

        shipment = attempt(ship(store))

    assert (before, Order.objects.get().marketplace_state) == (
        "awaiting_shipment",
        "cancelled",
    )
    assert shipment.notification == "refused"
    assert "cancelled" in shipment.notification_error
    assert not shop.notices


@pytest.mark.parametrize("days", [10, 40])
def test_an_order_listed_by_its_day_is_told_and_looked_for_around_it_alone(days):
    with connected_shop("nop") as (shop, store):
        import_old_order(shop, store, days)
        for day in range(days - 3):
            shop.add_order(created_at=clock.now() - timedelta(days=day))
        shop.page_size = 5
        shipment = ship(store)
        shop.requests.clear()

        shipment = attempt(shipment)

        assert (shipment.notification, shipment.proof) == ("accepted", "status")
        assert [one.effect for one in shop.notices] == ["shipped"]
        asked = [(one.action, one.query.get("page")) for one in shop.requests]
        read = ("export", "1")
        assert asked == [read, ("shipnotify", None), read]


def test_any_carrier_goes_where_the_list_is_open():
    with connected_shop("woo") as (shop, store):
        shop.add_order()
        importing.refresh_store(store)

        attempt(ship(store, carrier="Aunt  Mary’s van"))

    assert shop.notices[0].carrier == "Aunt Mary’s van"


def test_a_notice_names_the_items_as_the_shop_does():
    with connected_shop("woo") as (shop, store):
        theirs = shop.add_order()
        importing.refresh_store(store)

        attempt(ship(store))

    [line] = shop.notices[0].lines
    assert line.line_item_id == theirs.lines[0].id


@pytest.mark.parametrize("profile", ["guide", "nop", "woo-rest"])
def test_what_a_sender_has_read_is_not_put_over_newer_news(profile):
    with connected_shop(profile) as (shop, store):
        theirs = shop.add_order()
        importing.refresh_store(store)
        read = fetch(Order.objects.get(), store.connect())
        shop.change_order(theirs, status="cancelled")
        importing.refresh_store(store)

        keep(store, [read])

    assert Order.objects.get().marketplace_state == "cancelled"
