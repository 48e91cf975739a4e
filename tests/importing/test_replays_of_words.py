"""What a word of status means is changed: stored orders follow, and go back again."""

from datetime import timedelta

import pytest
from django.utils import timezone as clock

from backoffice.models import AuditEntry
from orders import importing, jobs
from orders.auditing import accounting
from orders.importing import replays, rereading, status_words
from orders.importing.rereading import Settings
from orders.importing.status_words import Counted
from orders.models import (
    ImportProblem,
    LineItem,
    Order,
    OrderEvent,
    Reconciliation,
    Shipment,
    StoreChange,
)
from orders.shipping import NotAllowed
from stores.models import Store
from tests.factories import StoreFactory
from tests.support.order_pages import NUMBER
from tests.support.replaying import LINE, ROW, bring, everything, naive

pytestmark = pytest.mark.django_db

NOT_COMPARED = {"id", "order_id", "store_id", "imported_at", "changed_at"}


def meaning(**words: str) -> Settings:
    return Settings("UTC", False, words)


def mystery(order_id: int, **fields) -> dict:
    return naive(order_id, status="Mystery", **fields)


def state_of(store: Store, order_id: int) -> str:
    return store.orders.get(marketplace_order_id=order_id).marketplace_state


def as_read(store: Store) -> list:
    names = [name for name in ROW if name not in NOT_COMPARED]
    lines = LineItem.objects.filter(order__store=store).order_by("order_id", "position")
    return [
        *store.orders.order_by("marketplace_order_id").values_list(*names),
        *lines.values_list(*LINE[1:]),
    ]


def test_an_unknown_word_that_gets_a_meaning_is_rehearsed_and_then_read():
    store = StoreFactory()
    bring(store, mystery(1), naive(2))
    wanted = meaning(mystery="awaiting_shipment")
    (one,) = rereading.rehearse(store, wanted)
    before = store.orders.get(marketplace_order_id="1").status

    replay = replays.apply(store, wanted, None)

    assert [(change.title, change.before, change.after) for change in one.changes] == [
        ("status at the marketplace", "Needs review", "Awaiting shipment")
    ]
    assert before == "needs_review"
    assert (replay.changed, one.order.marketplace_order_id) == (1, "1")
    order = store.orders.get(marketplace_order_id="1")
    assert (order.status, order.marketplace_status) == ("awaiting_shipment", "Mystery")
    assert store.orders.get(marketplace_order_id="2").status == "awaiting_shipment"


@pytest.mark.parametrize("paid_at", ["2021-03-20T22:31:00", None])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, {"mystery": "awaiting_shipment"}),
        ({}, {"mystery": "on_hold", "paid": "awaiting_payment"}),
        ({"mystery": "awaiting_shipment"}, {}),
        ({"mystery": "shipped"}, {"mystery": "cancelled", "paid": "needs_review"}),
    ],
)
def test_an_order_read_with_other_words_equals_one_that_comes_in_now(
    before, after, paid_at
):
    store, fresh = StoreFactory(status_words=before), StoreFactory(status_words=after)
    for shop in (store, fresh):
        bring(shop, mystery(1, paid_at=paid_at), naive(2, paid_at=paid_at))
    was = everything(store)
    foretold = rereading.rehearse(store, meaning(**after))

    replay = replays.apply(store, meaning(**after), None)

    assert as_read(store) == as_read(fresh)
    assert replay.changed == sum(bool(one.changes) for one in foretold) > 0
    replays.undo(replay, None)
    assert everything(store) == was
    assert Store.objects.get(pk=store.pk).status_words == before


def test_zone_and_words_change_together_and_the_deadline_follows_both():
    wanted = Settings("America/Los_Angeles", False, {"mystery": "awaiting_shipment"})
    store = StoreFactory()
    fresh = StoreFactory(timezone=wanted.timezone, status_words=wanted.status_words)
    for shop in (store, fresh):
        bring(shop, mystery(1, paid_at=None), mystery(2))
    was = everything(store)

    replay = replays.apply(store, wanted, None)

    assert as_read(store) == as_read(fresh)
    assert store.orders.exclude(ship_by=None).count() == 2
    replays.undo(replay, None)
    assert everything(store) == was


def test_undoing_gives_back_what_each_of_several_tables_had_made_of_an_order():
    store = StoreFactory()
    bring(store, mystery(1), mystery(2))
    replays.apply(store, meaning(mystery="on_hold"), None)
    # Left behind by the next changes: what was kept of it cannot be read for a while.
    kept = store.orders.get(marketplace_order_id="1").payload
    store.orders.filter(marketplace_order_id="1").update(payload={"order_id": 1})
    replays.apply(store, meaning(mystery="shipped"), None)
    store.orders.filter(marketplace_order_id="1").update(payload=kept)
    before = everything(store)

    replay = replays.apply(store, meaning(mystery="cancelled"), None)
    states = {order.marketplace_state for order in store.orders.all()}
    replays.undo(replay, None)

    assert states == {"cancelled"}
    assert everything(store) == before
    assert (state_of(store, 1), state_of(store, 2)) == ("on_hold", "shipped")


def test_the_problem_of_a_word_is_closed_once_it_is_known_and_comes_back():
    store = StoreFactory()
    bring(store, mystery(1), mystery(2, refund_amount="many"), naive(3))
    opened = ImportProblem.objects.filter(resolved_at=None).order_by("pk")
    before = [(one.marketplace_order_id, one.kind, one.message) for one in opened]

    replay = replays.apply(store, meaning(mystery="on_hold"), None)
    left = [(one.marketplace_order_id, one.kind) for one in opened.all()]
    replays.undo(replay, None)

    assert len(before) == 3
    assert left == [("2", "partly_read")]
    after = [(one.marketplace_order_id, one.kind, one.message) for one in opened.all()]
    assert after == before


def test_a_known_word_that_a_person_has_to_look_at_is_told_of():
    store = StoreFactory()
    bring(store, naive(1))
    Order.objects.update(erased_at=clock.now())

    replays.apply(store, meaning(paid="needs_review"), None)

    problem = ImportProblem.objects.get()
    assert (problem.kind, problem.resolved_at) == ("unknown_status", None)
    assert "“paid”" in problem.message
    assert problem.payload is None


def test_the_history_says_what_the_order_was_and_is_and_the_figures_are_noted():
    store = StoreFactory()
    bring(store, mystery(1), naive(2))
    StoreChange.objects.all().delete()

    replays.apply(store, meaning(mystery="shipped"), None)

    event = OrderEvent.objects.get()
    assert event.order.marketplace_order_id == "1"
    assert event.changes == [["marketplace_state", "needs_review", "shipped"]]
    assert event.text == "Read in another way; the marketplace changed nothing."
    assert StoreChange.objects.filter(store=store).exists()


def test_what_has_shipped_here_and_its_notice_are_left_alone():
    store = StoreFactory()
    bring(store, mystery(1))
    order = store.orders.get()
    Shipment.objects.create(
        order=order,
        carrier="USPS",
        tracking_number=NUMBER,
        shipped_at=clock.now(),
        queued_at=clock.now(),
    )
    store.orders.update(has_shipment=True)
    before = Shipment.objects.values().get()
    was = store.orders.get().status

    replays.apply(store, meaning(mystery="awaiting_shipment"), None)

    order = store.orders.get()
    assert was == "needs_review"
    assert (order.marketplace_state, order.status) == ("awaiting_shipment", "shipped")
    assert Shipment.objects.values().get() == before


def test_what_was_listed_by_the_same_word_is_no_difference_afterwards():
    store = StoreFactory()
    bring(store, mystery(1), mystery(2))
    now = clock.now()
    listing = Reconciliation.objects.create(
        store=store,
        window_start=now - timedelta(days=9999),
        started_at=now,
        finished_at=now,
        status="complete",
    )
    for number, state in (("1", "needs_review"), ("2", "cancelled")):
        listing.orders.create(
            marketplace_order_id=number,
            ordered_at=store.orders.first().ordered_at,
            marketplace_state=state,
        )

    replay = replays.apply(store, meaning(mystery="on_hold"), None)
    found = accounting.open_differences(store)
    replays.undo(replay, None)

    assert [one.marketplace_order_id for one in found] == ["2"]
    states = dict(
        listing.orders.values_list("marketplace_order_id", "marketplace_state")
    )
    assert states == {"1": "needs_review", "2": "cancelled"}


def test_the_next_import_of_the_same_finds_nothing_to_change():
    store = StoreFactory()
    bring(store, mystery(1))
    replays.apply(store, meaning(mystery="on_hold"), None)
    store.refresh_from_db()
    before = everything(store)

    page = importing.import_page(store, [mystery(1), mystery(2)])

    assert page.unchanged == ["1"]
    assert state_of(store, 2) == "on_hold"
    assert everything(store)[0] == before[0]


def test_the_kept_word_counts_where_the_payload_has_lost_a_character_of_it():
    store = StoreFactory()
    bring(store, naive(1, status="mys\0tery"))

    replays.apply(store, meaning(mystery="on_hold"), None)

    assert state_of(store, 1) == "on_hold"


def test_a_change_of_zone_leaves_words_and_states_alone():
    store = StoreFactory(status_words={"mystery": "on_hold"})
    bring(store, mystery(1))
    store.orders.update(read_with="1 UTC plain " + store.orders.get().read_with[-8:])

    wanted = Settings("Asia/Kolkata", False, store.status_words)
    replays.apply(store, wanted, None)

    assert Store.objects.get().status_words == {"mystery": "on_hold"}
    assert state_of(store, 1) == "on_hold"


def test_the_audit_names_each_word_with_what_it_meant_and_means():
    store = StoreFactory(status_words={"mystery": "on_hold", "odd": "shipped"})

    replays.apply(store, meaning(mystery="shipped", new="cancelled"), None)

    entry = AuditEntry.objects.get(kind="settings")
    assert sorted(entry.changes) == [
        ["status_words", "", "new: cancelled"],
        ["status_words", "mystery: on_hold", "mystery: shipped"],
        ["status_words", "odd: shipped", ""],
    ]


def test_words_that_somebody_changed_since_they_were_seen_are_not_replaced():
    store = StoreFactory()
    bring(store, mystery(1))
    replays.apply(store, meaning(mystery="on_hold"), None)

    with pytest.raises(NotAllowed, match="Somebody changed how orders"):
        replays.apply(store, meaning(mystery="shipped"), None, meaning())

    assert state_of(store, 1) == "on_hold"


def test_a_job_reads_many_orders_with_the_words_in_statements_of_many(
    django_assert_max_num_queries,
):
    store = StoreFactory()
    bring(store, *(mystery(number) for number in range(1, 201)))
    keys = list(store.orders.values_list("pk", flat=True))
    Store.objects.update(status_words={"mystery": "awaiting_shipment"})
    store.refresh_from_db()

    with django_assert_max_num_queries(16):
        done = rereading.read_again(store, keys)

    assert done.changed == 200
    assert store.orders.to_ship().count() == 200


def test_a_job_of_words_is_undone_by_a_job():
    store = StoreFactory()
    bring(store, mystery(1), mystery(2))
    before = everything(store)
    wanted = meaning(mystery="shipped")

    for ask in (
        lambda: replays.begin_replay(store, wanted, None),
        lambda: replays.begin_undo(replays.last_replay(store), None),
    ):
        jobs.work_on(ask(), clock.now() + timedelta(minutes=1))
        store.refresh_from_db()
        if store.status_words:
            changed = {order.status for order in store.orders.all()}

    assert changed == {"shipped"}
    assert everything(store) == before
    assert store.status_words == {}


def test_words_are_counted_whatever_their_case_and_the_empty_one_is_none():
    store = StoreFactory()
    bring(store, mystery(1), naive(2, status="MYSTERY"), naive(3, status="odd"))
    bring(store, naive(4, status=None), naive(5))
    store.orders.filter(marketplace_order_id="1").update(held_at=clock.now())
    ImportProblem.objects.filter(marketplace_order_id="2").update(
        resolved_at=clock.now()
    )

    counted = status_words.count_waiting(store)

    assert counted == {"mystery": Counted(2, 1), "odd": Counted(1, 1)}
    assert list(counted) == ["mystery", "odd"]


def test_a_word_that_means_what_it_means_anyway_is_none_of_the_store():
    store = StoreFactory()

    own = status_words.own_words(
        store, {"paid": "awaiting_shipment", "odd": "needs_review", "x": "shipped"}
    )

    assert own == {"x": "shipped"}


@pytest.mark.parametrize(
    "given",
    [
        None,
        {"": "shipped"},
        {"Upper": "shipped"},
        {"a" * 51: "shipped"},
        {"odd": "unheard of"},
        {str(number): "shipped" for number in range(201)},
    ],
)
def test_a_table_of_words_has_its_bounds(given):
    assert not status_words.are_words(given)
    assert status_words.are_words({"a" * 50: "shipped"})
