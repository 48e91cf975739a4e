"""Stored orders are read in another way from what was kept of them, and back again."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial

import pytest
from django.utils import timezone as clock

from orders import importing, shipping
from orders.importing import replays, rereading
from orders.importing.rereading import Settings
from orders.models import Correction, LineItem, Order, OrderEvent, Replay
from orders.shipping import NotAllowed
from stores import leases
from stores.models import Store
from tests.factories import StoreFactory
from tests.support.payloads import ORDER_2017, ORDER_2021
from tests.support.replaying import LINE, ROW, bring, everything, naive

pytestmark = pytest.mark.django_db

LOS_ANGELES = Settings("America/Los_Angeles", False)
PACIFIC_WITH_OPTION = Settings("America/Los_Angeles", True)


def test_a_naive_time_moves_with_the_zone():
    store = StoreFactory()
    bring(store, naive(1))

    (one,) = rereading.rehearse(store, LOS_ANGELES)

    moved = {change.title: change.moved for change in one.changes}
    assert moved == {"ordered": timedelta(hours=7), "paid": timedelta(hours=7)}
    assert store.orders.get().ordered_at == datetime(2021, 3, 20, 22, 30, tzinfo=UTC)


def test_a_time_with_an_offset_stays_in_every_zone():
    store = StoreFactory()
    bring(store, ORDER_2017, ORDER_2021)

    rehearsals = rereading.rehearse(store, LOS_ANGELES)

    assert [one.changes for one in rehearsals] == [[], []]
    assert rereading.have_offsets(rehearsals)


def test_the_preview_shows_what_applying_does():
    store = StoreFactory()
    bring(store, naive(1), naive(2, created_at="2021-03-21T01:00:00"), ORDER_2017)
    foretold = {
        one.order.pk: {change.title: change.after for change in one.changes}
        for one in rereading.rehearse(store, PACIFIC_WITH_OPTION)
    }

    replay = replays.apply(store, PACIFIC_WITH_OPTION, None)

    assert replay.changed == 2
    for order in store.orders.all():
        wanted = foretold[order.pk]
        assert wanted.get("ordered", order.ordered_at) == order.ordered_at
        assert wanted.get("paid", order.paid_at) == order.paid_at
        options = order.line_items.first().options.values()
        assert wanted.get("options", "") == "".join(
            f"Variation ID: {value}" for value in options
        )


@pytest.mark.parametrize("wanted", [LOS_ANGELES, PACIFIC_WITH_OPTION])
def test_an_order_read_again_equals_one_that_comes_in_now(wanted):
    store = StoreFactory()
    other = StoreFactory(
        timezone=wanted.timezone,
        import_variation_as_option=wanted.import_variation_as_option,
    )
    payloads = [ORDER_2017, naive(1, refund_amount="4.50", product_quantity=3)]
    bring(store, *payloads)
    bring(other, *payloads)

    replays.apply(store, wanted, None)

    left_out = {"id", "order_id", "store_id", "imported_at", "changed_at"}
    facts = [name for name in ROW if name not in left_out]
    ours, theirs = (
        [
            (*row, list(LineItem.objects.filter(order_id=pk).values_list(*LINE[1:])))
            for pk, *row in shop.orders.values_list("pk", *facts)
        ]
        for shop in (store, other)
    )
    assert ours == theirs


def test_undoing_gives_back_every_row_as_it_was():
    store = StoreFactory()
    bring(store, naive(1), naive(2), ORDER_2017)
    # One that had been read with yet other settings.
    Store.objects.update(timezone="Asia/Kolkata", import_variation_as_option=True)
    store.refresh_from_db()
    bring(store, naive(3))
    Store.objects.update(timezone="UTC", import_variation_as_option=False)
    store.refresh_from_db()
    before = everything(store)

    replay = replays.apply(store, LOS_ANGELES, None)
    changed = everything(store) != before
    replays.undo(replay, None)

    assert changed
    assert everything(store) == before
    assert Settings.of(Store.objects.get()) == Settings("UTC", False)


def test_undoing_reads_what_came_again_since_with_the_earlier_settings():
    store = StoreFactory()
    bring(store, naive(1), naive(2))
    Order.objects.filter(marketplace_order_id="2").update(payload={"order_id": 2})
    replay = replays.apply(store, LOS_ANGELES, None)
    left_out = store.orders.get(marketplace_order_id="2")
    bring(store, naive(2, customer_name="Ada"))
    came_again = store.orders.get(pk=left_out.pk)

    replays.undo(replay, None)

    again = store.orders.get(pk=left_out.pk)
    assert came_again.ordered_at - left_out.ordered_at == timedelta(hours=7)
    assert again.ordered_at == left_out.ordered_at


def test_undoing_leaves_what_the_wanted_zone_had_dated_before_alone():
    store = StoreFactory(timezone="America/Los_Angeles")
    bring(store, naive(1))
    Store.objects.update(timezone="UTC")
    store.refresh_from_db()
    bring(store, naive(2))
    before = everything(store)

    replays.undo(replays.apply(store, LOS_ANGELES, None), None)

    assert everything(store) == before


def test_applying_twice_leaves_one_change_to_undo():
    store = StoreFactory()
    bring(store, naive(1))
    replay = replays.apply(store, LOS_ANGELES, None)

    replays.apply(store, LOS_ANGELES, None)

    assert replays.last_replay(store) == replay


def test_what_was_saved_for_orders_to_come_can_be_applied_later():
    store = StoreFactory()
    bring(store, naive(1))
    replays.save(store, LOS_ANGELES, None)

    replay = replays.apply(store, LOS_ANGELES, None)

    assert (replay.changed, replays.last_replay(store)) == (1, replay)
    assert not rereading.read_otherwise(store).exists()


def test_the_zone_that_was_suspected_is_looked_at_anew():
    store = StoreFactory(
        suspected_timezone="America/Los_Angeles", suspected_since=clock.now()
    )

    replays.apply(store, LOS_ANGELES, None)

    store = Store.objects.get()
    assert (store.suspected_timezone, store.suspected_since) == ("", None)


@pytest.mark.parametrize("bad", ["\0", "\ud800"])
def test_the_kept_payload_changes_no_word_of_an_order(bad):
    store = StoreFactory()
    words = {"customer_name": f"Ja{bad}ne", "status": f"pa{bad}id", "city": f"A{bad}"}
    bring(store, naive(1, postal_code=Decimal("1E+3"), **words))
    facts = [
        name for name in ROW if name not in {*rereading.DATES, "ship_by", "read_with"}
    ]
    before = store.orders.values(*facts).get()

    replays.apply(store, LOS_ANGELES, None)

    assert store.orders.values(*facts).get() == before


def test_an_order_of_an_earlier_reader_is_still_read_anew_by_the_next_import():
    store = StoreFactory()
    bring(store, naive(1))
    store.orders.update(read_with="1 UTC plain")
    store.orders.get().line_items.filter(position=1).delete()
    before = everything(store)
    (one,) = rereading.rehearse(store, LOS_ANGELES)

    replay = replays.apply(store, LOS_ANGELES, None)

    assert [change.title for change in one.changes] == ["ordered", "paid"]
    order = store.orders.get()
    assert order.read_with == "1 America/Los_Angeles plain"
    assert order.line_items.count() == 1
    replays.undo(replay, None)
    assert everything(store) == before


def test_an_order_that_came_since_goes_back_to_the_stores_zone():
    store = StoreFactory()
    bring(store, naive(1))
    replay = replays.apply(store, LOS_ANGELES, None)
    bring(store, naive(2))

    replays.undo(replay, None)

    late = datetime(2021, 3, 20, 22, 30, tzinfo=UTC)
    assert {order.ordered_at for order in store.orders.all()} == {late}


def test_only_the_last_change_is_undone_and_only_while_it_stands():
    store = StoreFactory()
    bring(store, naive(1))
    first = replays.apply(store, LOS_ANGELES, None)
    second = replays.apply(store, Settings("Asia/Kolkata", False), None)

    with pytest.raises(NotAllowed, match="cannot be undone any more"):
        replays.undo(first, None)
    replays.undo(second, None)
    with pytest.raises(NotAllowed):
        replays.undo(second, None)
    replays.undo(first, None)

    assert Store.objects.get().timezone == "UTC"


def test_what_staff_decided_stays():
    store = StoreFactory()
    bring(store, naive(1))
    order = store.orders.get()
    shipping.hold(order, "Stock is short")
    Correction.objects.create(
        order=order,
        ship_to_name="Ada",
        made_at=clock.now(),
        decided_at=clock.now(),
    )

    replays.apply(store, LOS_ANGELES, None)

    order = store.orders.get()
    assert (order.status, order.hold_reason) == ("on_hold", "Stock is short")
    assert order.ship_to.ship_to_name == "Ada"
    assert not order.has_undecided_address


def test_the_history_says_that_the_marketplace_changed_nothing():
    store = StoreFactory()
    bring(store, naive(1), ORDER_2017)
    changed_at = {order.pk: order.changed_at for order in store.orders.all()}

    replays.apply(store, LOS_ANGELES, None)

    event = OrderEvent.objects.get()
    assert event.order.marketplace_order_id == "1"
    assert event.text == "Read in another way; the marketplace changed nothing."
    assert {order.pk: order.changed_at for order in store.orders.all()} == changed_at


def test_an_order_that_cannot_be_read_stays_and_says_why():
    store = StoreFactory()
    bring(store, naive(1), naive(2))
    Order.objects.filter(marketplace_order_id="2").update(payload={"order_id": 2})
    (problem,) = (
        one.problem for one in rereading.rehearse(store, LOS_ANGELES) if one.problem
    )

    replay = replays.apply(store, LOS_ANGELES, None)

    assert "Order 2 cannot be read" in problem
    assert replay.changed == 1
    kept = store.orders.get(marketplace_order_id="2")
    assert kept.ordered_at == datetime(2021, 3, 20, 22, 30, tzinfo=UTC)
    assert kept.read_with.endswith(" UTC plain")


def test_a_refresh_afterwards_finds_nothing_to_change(store, tophatter):
    tophatter.offset = "none"
    tophatter.add_order(created_at=clock.now() - timedelta(hours=12))
    importing.refresh_store(store)

    replays.apply(store, LOS_ANGELES, None)
    run = importing.refresh_store(store)

    assert (run.unchanged, run.updated) == (1, 0)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("step", ["apply", "undo"])
def test_a_failure_in_the_middle_leaves_everything_as_it_was(step):
    store = StoreFactory()
    bring(store, naive(1), naive(2))
    work = partial(replays.apply, store, LOS_ANGELES, None)
    if step == "undo":
        work = partial(replays.undo, work(), None)
    # No import stores this; the order before it is written by then.
    Order.objects.filter(marketplace_order_id="2").update(read_with="")
    before = everything(store), Store.objects.values().get(), OrderEvent.objects.count()

    with pytest.raises(IndexError):
        work()

    after = everything(store), Store.objects.values().get(), OrderEvent.objects.count()
    assert after == before
    assert not Replay.objects.exclude(undone_at=None).exists()
    assert leases.acquire(store)


def test_nothing_is_read_again_while_an_import_runs():
    store = StoreFactory()
    bring(store, naive(1))
    leases.acquire(store)

    with pytest.raises(importing.AlreadyRunning):
        replays.apply(store, LOS_ANGELES, None)

    assert Store.objects.get().timezone == "UTC"
