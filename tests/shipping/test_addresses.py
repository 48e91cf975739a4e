"""Staff correct where an order goes; the marketplace's address stays beside it."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone as clock

from orders import importing, shipping
from orders.models import SHIP_TO, Correction, Order, OrderEvent
from orders.shipping import addresses
from tests.factories import OrderFactory, UserFactory
from tests.support.addresses import GIVEN, again, corrected_and_changed, kinds
from tests.support.payloads import ORDER_2021

pytestmark = pytest.mark.django_db


def marketplaces_address(order: Order) -> dict[str, str]:
    return Order.objects.values(*SHIP_TO).get(pk=order.pk)


@pytest.fixture
def changed(store, tophatter):
    return corrected_and_changed(store, tophatter)


def test_a_correction_counts_and_the_marketplaces_address_stays():
    order, user = OrderFactory(), UserFactory()
    before = marketplaces_address(order)

    addresses.correct_address(
        order, GIVEN | {"ship_to_city": " Los  Altos "}, user, None
    )

    order = again(order)
    assert order.ship_to.address == (
        "Jane Example\n1 Example Street\nApt 4\nLos Altos CA 94022\nUS"
    )
    assert marketplaces_address(order) == before
    event = order.events.get()
    assert (event.kind, event.by) == ("address", user)
    assert event.changes == [["ship_to_address2", "", "Apt 4"]]
    assert order.correction.made_by == user


def test_a_correction_is_corrected_again():
    order, first, second = OrderFactory(), UserFactory(), UserFactory()
    addresses.correct_address(order, GIVEN, first, None)

    addresses.correct_address(
        order, GIVEN | {"ship_to_address2": "Apt 5"}, second, None
    )

    correction = Correction.objects.get()
    assert (correction.ship_to_address2, correction.made_by) == ("Apt 5", second)
    assert order.events.last().changes == [["ship_to_address2", "Apt 4", "Apt 5"]]


def test_a_correction_that_is_saved_twice_is_noted_once():
    order = OrderFactory()

    addresses.correct_address(order, GIVEN, None, None)
    addresses.correct_address(order, GIVEN, None, None)

    assert kinds(order) == ["address"]


def test_a_country_may_be_named():
    order = OrderFactory()

    addresses.correct_address(order, GIVEN | {"ship_to_country": "Germany"}, None, None)

    assert again(order).ship_to.ship_to_country == "DE"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"ship_to_name": " "}, "Give a name, a street"),
        ({"ship_to_address1": ""}, "Give a name, a street"),
        ({"ship_to_city": "", "ship_to_postal_code": ""}, "a city or a postal code"),
        ({"ship_to_country": "XX"}, "“XX” is not a country"),
        ({"ship_to_country": ""}, "is not a country"),
        ({"ship_to_address2": ""}, "the marketplace’s own address"),
    ],
)
def test_an_address_no_parcel_needs_is_refused_in_words(fields, words):
    order = OrderFactory()

    with pytest.raises(shipping.NotAllowed, match=words):
        addresses.correct_address(order, GIVEN | fields, None, None)

    assert not Correction.objects.exists()
    assert not OrderEvent.objects.exists()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"marketplace_state": "shipped"}, "has shipped already"),
        ({"has_shipment": True}, "has shipped already"),
        (
            {"has_shipment": True, "marketplace_state": "needs_review"},
            "has shipped already",
        ),
        ({"marketplace_state": "cancelled"}, "is cancelled"),
    ],
)
def test_the_address_of_an_order_that_left_is_settled(fields, words):
    order = OrderFactory()
    addresses.correct_address(order, GIVEN, None, None)
    Order.objects.update(**fields)

    for decide in (
        lambda: addresses.correct_address(
            order, GIVEN | {"ship_to_city": "X"}, None, None
        ),
        lambda: addresses.keep_address(order, None, None),
        lambda: addresses.revert_address(order, None),
    ):
        with pytest.raises(shipping.NotAllowed, match=words):
            decide()

    assert kinds(order) == ["address"]
    assert Correction.objects.get().ship_to_city == "Los Altos"


def test_a_refresh_leaves_the_correction_and_asks_for_a_decision(changed):
    assert changed.ship_to_city == "Reno"
    assert changed.ship_to.ship_to_city == "Los Altos"
    assert changed.ship_to.ship_to_address2 == "Apt 4"
    assert changed.has_undecided_address
    assert list(Order.objects.with_undecided_address()) == [changed]
    assert addresses.changed_since(changed) == {"ship_to_city": "Los Altos"}


def test_a_refresh_that_changes_something_else_asks_for_nothing(store, tophatter):
    raw = tophatter.add_order()
    importing.refresh_store(store)
    addresses.correct_address(Order.objects.get(), GIVEN, None, None)
    raw["annotation"] = "new"
    raw["refund_amount"] = "1"

    importing.refresh_store(store)

    assert not Order.objects.with_undecided_address().exists()
    assert Order.objects.get().ship_to.ship_to_address2 == "Apt 4"


def test_a_correction_made_without_seeing_the_newer_address_is_refused(changed):
    wanted = GIVEN | {"ship_to_address2": "Apt 5"}

    with pytest.raises(shipping.NotAllowed, match="look at it again"):
        addresses.correct_address(changed, wanted, None, None)
    with pytest.raises(shipping.NotAllowed, match="look at it again"):
        addresses.keep_address(
            changed, None, changed.ship_to_changed_at - timedelta(days=1)
        )
    addresses.correct_address(changed, wanted, None, changed.ship_to_changed_at)

    assert not Order.objects.with_undecided_address().exists()
    assert again(changed).ship_to.ship_to_address2 == "Apt 5"


def test_keeping_ours_settles_it_until_the_marketplace_changes_again(
    store, tophatter, changed
):
    user = UserFactory()

    addresses.keep_address(changed, user, changed.ship_to_changed_at)
    addresses.keep_address(changed, user, changed.ship_to_changed_at)

    kept = changed.events.get(kind="address_kept")
    assert kept.by == user
    assert not Order.objects.with_undecided_address().exists()
    assert again(changed).ship_to.ship_to_city == "Los Altos"
    tophatter.orders()[0]["city"] = "Austin"
    importing.refresh_store(store)
    assert Order.objects.with_undecided_address().exists()
    assert addresses.changed_since(again(changed)) == {"ship_to_city": "Reno"}


def test_saving_ours_unchanged_keeps_it(changed):
    addresses.correct_address(changed, GIVEN, None, changed.ship_to_changed_at)

    assert kinds(changed) == ["address", "changed", "address_kept"]
    assert not Order.objects.with_undecided_address().exists()


def test_a_decision_holds_though_the_clock_runs_behind_the_imports(changed):
    ahead = clock.now() + timedelta(minutes=5)
    Order.objects.update(ship_to_changed_at=ahead)

    addresses.keep_address(changed, None, ahead)

    assert not again(changed).has_undecided_address


@pytest.mark.django_db(transaction=True)
def test_a_correction_made_while_the_import_waits_is_asked_about(store):
    raw = ORDER_2021 | {"city": "Reno"}
    order = OrderFactory(store=store, marketplace_order_id=str(raw["order_id"]))

    def import_it():
        try:
            importing.import_page(store, [raw])
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            Order.objects.select_for_update().get()
            waiting = pool.submit(import_it)
            time.sleep(0.5)
            addresses.correct_address(order, GIVEN, None, None)
        waiting.result()

    assert list(Order.objects.with_undecided_address()) == [order]


def test_what_is_not_corrected_cannot_be_kept():
    with pytest.raises(shipping.NotAllowed, match="is not corrected here"):
        addresses.keep_address(OrderFactory(), None, None)


def test_taking_the_marketplaces_address_ends_the_correction(changed):
    user = UserFactory()

    addresses.revert_address(changed, user)
    addresses.revert_address(changed, user)

    assert again(changed).ship_to.ship_to_city == "Reno"
    event = changed.events.get(kind="address_reverted")
    assert event.by == user
    assert event.changes == [
        ["ship_to_address2", "Apt 4", ""],
        ["ship_to_city", "Los Altos", "Reno"],
    ]


def test_nothing_staff_do_changes_what_the_marketplace_said(changed):
    before = marketplaces_address(changed)

    addresses.keep_address(changed, None, changed.ship_to_changed_at)
    addresses.correct_address(
        changed, GIVEN | {"ship_to_city": "Y"}, None, changed.ship_to_changed_at
    )
    during = marketplaces_address(changed)
    addresses.revert_address(changed, None)

    assert during == before == marketplaces_address(changed)
