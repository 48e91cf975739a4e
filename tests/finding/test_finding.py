"""Where is that order: one sentence and one step, whatever became of it."""

import time
from datetime import timedelta

import pytest
from django.utils import timezone as clock

from orders import importing
from orders.finding.here import NotANumber, clean_number, find_order
from orders.finding.live import find_live
from orders.importing import windows
from orders.models import ImportProblem, ImportRun, Shipment
from stores.models import Store
from tests.factories import OrderFactory, StoreFactory
from tests.support.order_pages import NUMBER

NOW = clock.now()

pytestmark = pytest.mark.django_db


def answer(order_id, **options) -> tuple[str, str]:
    """Return the sentence and the step of the only finding."""
    [found] = find_order(str(order_id), NOW, **options)
    return found.sentence, found.step.value


def ship(order, notification: str, **fields) -> Shipment:
    return Shipment.objects.create(
        order=order,
        carrier="USPS",
        tracking_number=NUMBER,
        shipped_at=NOW,
        notification=notification,
        not_sent_because="store" if notification == "not_sent" else "",
        **fields,
    )


def problem(store, kind: str, **fields) -> ImportProblem:
    return ImportProblem.objects.create(
        store=store,
        marketplace_order_id="77",
        kind=kind,
        first_seen_at=NOW - timedelta(days=2),
        last_seen_at=NOW,
        **fields,
    )


def window(store, start: timedelta, end: timedelta, **fields) -> ImportRun:
    """Note a complete import of a window, given by its distances from now."""
    facts = {"status": "complete", "started_at": NOW, "finished_at": NOW} | fields
    return ImportRun.objects.create(
        store=store, window_start=NOW - start, window_end=NOW - end, **facts
    )


@pytest.mark.parametrize(
    "typed",
    ["120000001", " #120000001 ", "# 120 000 001", "１２０００００01\n", "120000001\t"],
)
def test_what_was_pasted_is_cleaned(typed):
    assert clean_number(typed) == "120000001"


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "Enter an order number"),
        (" # ", "Enter an order number"),
        ("9" * 51, "is not an order number"),
        ("9" * 100_000, "is not an order number"),
        ("12\x0034", "is not an order number"),
        ("<script>", "is not an order number"),
        ("' OR 1=1", "is not an order number"),
        ("--", "Enter an order number|is not an order number"),
    ],
)
def test_an_absurd_number_is_refused_in_a_short_sentence(typed, words):
    with pytest.raises(NotANumber) as caught:
        clean_number(typed)

    assert any(part in str(caught.value) for part in words.split("|"))
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    ("facts", "words", "step"),
    [
        ({}, "paid and waiting to be shipped", "open"),
        ({"marketplace_state": "awaiting_payment"}, "not paid yet", "open"),
        (
            {"marketplace_state": "cancelled", "marketplace_status": "refunded"},
            "cancelled at Tophatter (“refunded”)",
            "open",
        ),
        (
            {"marketplace_state": "needs_review", "marketplace_status": "odd"},
            "calls its status “odd”",
            "open",
        ),
        (
            {"is_address_incomplete": True, "ship_to_address1": ""},
            "because its address lacks a street",
            "complete",
        ),
        (
            {"held_at": NOW, "hold_reason": "Ask the buyer"},
            "because of “Ask the buyer”",
            "release",
        ),
        (
            {"marketplace_state": "on_hold", "marketplace_status": "pending"},
            "on hold at Tophatter (“pending”)",
            "open",
        ),
        (
            {
                "marketplace_state": "shipped",
                "marketplace_carrier": "UPS",
                "marketplace_tracking_number": "1Z9",
            },
            "shows it as shipped with UPS 1Z9",
            "open",
        ),
        ({"marketplace_state": "shipped"}, "shipped without a number", "open"),
    ],
)
def test_an_order_here_is_said_with_its_state(facts, words, step):
    order = OrderFactory(**facts)

    sentence, offered = answer(order)

    assert sentence.startswith(f"Order {order} of {order.store} is here")
    assert words in sentence
    assert offered == step


@pytest.mark.parametrize(
    ("notification", "words", "step"),
    [
        ("accepted", "which Tophatter has accepted", "open"),
        ("pending", "its notice waits to be sent", "send"),
        ("unconfirmed", "has not confirmed its notice yet", "send"),
        ("not_sent", "its notice has not been sent", "send"),
        ("refused", "its notice is refused: Unknown carrier.", "open"),
    ],
)
def test_a_shipped_order_is_said_with_its_notice(notification, words, step):
    order = OrderFactory(has_shipment=True)
    ship(order, notification, notification_error="Unknown carrier.")

    sentence, offered = answer(order)

    assert f"USPS {NUMBER}" in sentence
    assert words in sentence
    assert offered == step


@pytest.mark.parametrize(
    ("facts", "words", "step"),
    [
        (
            {"connection": "refused"},
            "refuses the store's access token",
            "replace_token",
        ),
        ({"is_active": False}, "the store is switched off", "open"),
    ],
)
def test_a_waiting_notice_says_what_it_waits_for(facts, words, step):
    order = OrderFactory(has_shipment=True, store=StoreFactory(**facts))
    ship(order, "pending")

    sentence, offered = answer(order)

    assert words in sentence
    assert offered == step


def test_the_same_number_in_two_stores_is_found_twice():
    orders = [OrderFactory(marketplace_order_id="5") for _ in range(2)]

    found = find_order("5", NOW)

    assert {one.order for one in found} == set(orders)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("no_address", "has had no ship-to address since"),
        ("unreadable", "has been rejected since"),
        ("not_stored", "has been rejected since"),
    ],
)
def test_an_order_among_the_problems_is_said_with_its_reason(store, kind, words):
    noted = problem(store, kind, message="The price is odd.")

    [found] = find_order("77", NOW)

    assert words in found.sentence
    assert kind == "no_address" or found.sentence.endswith("The price is odd.")
    assert (found.step.value, found.problem) == ("open_problem", noted)


def test_an_order_of_a_store_that_is_off_is_not_said_to_come_in_by_itself():
    problem(StoreFactory(is_active=False), "no_address")

    sentence, _step = answer(77)

    assert "switched off, so it does not come in by itself" in sentence


def test_a_resolved_problem_is_no_answer(store, tophatter):
    problem(store, "no_address", resolved_at=NOW)

    assert "does not know it" in answer(77)[0]


def test_an_order_that_was_not_found_once_is_asked_for_again(store, tophatter):
    problem(store, "not_found", message="Tophatter knows no order 77.")
    tophatter.add_order(order_id=77)

    assert "was last asked for it" in answer(77, live=False)[0]
    assert answer(77)[1] == "import"


def test_without_asking_nothing_is_claimed_of_the_stores(store, tophatter):
    sentence, step = answer(5, live=False)

    assert "the stores were not asked" in sentence
    assert step == "none"
    assert not tophatter.requests


@pytest.mark.parametrize(
    ("placed", "words"),
    [
        (timedelta(days=40), "before any window read"),
        (timedelta(days=20), "outside every window read"),
        (timedelta(days=3), "in a window that was read, and yet not here"),
        (timedelta(minutes=5), "placed after the last complete import"),
    ],
)
def test_a_paid_order_not_here_is_held_against_the_windows_read(
    store, tophatter, placed, words
):
    window(store, timedelta(days=30), timedelta(days=25))
    window(store, timedelta(days=4), timedelta(hours=1))
    window(store, timedelta(days=50), timedelta(0), status="failed")
    window(store, timedelta(days=50), timedelta(0), kind="orders")
    raw = tophatter.add_order(created_at=NOW - placed, paid_at=NOW - placed)

    sentence, step = answer(raw["order_id"])

    assert words in sentence
    assert "(Awaiting shipment)" in sentence
    assert step == "import"


def test_a_store_without_a_complete_import_says_so(store, tophatter):
    raw = tophatter.add_order()

    assert "no import of the store has been complete yet" in answer(raw["order_id"])[0]


@pytest.mark.parametrize(
    ("facts", "words", "step"),
    [
        ({"status": "unpaid", "paid_at": None}, "not paid yet", "import"),
        (
            {"address1": "", "city": None, "postal_code": ""},
            "has no ship-to address",
            "none",
        ),
        ({"address1": ""}, "no import of the store has been complete yet", "import"),
        ({"product_quantity": "many"}, "cannot be read", "import"),
    ],
)
def test_an_order_at_the_marketplace_says_what_it_lacks(
    store, tophatter, facts, words, step
):
    raw = tophatter.add_order(**facts)

    sentence, offered = answer(raw["order_id"])

    assert words in sentence
    assert offered == step


def test_an_order_of_two_accounts_is_found_at_both(store, tophatter):
    token = tophatter.add_account()
    other = StoreFactory(access_token=token)
    tophatter.add_order(order_id=5)
    tophatter.add_order(token, order_id=5)

    found = find_order("5", NOW)

    assert {one.store for one in found} == {store, other}


def test_an_unknown_order_is_said_to_be_unknown_under_every_token(store, tophatter):
    sentence, step = answer(5)

    assert sentence.endswith(f"does not know it under any token: {store}.")
    assert step == "none"


def test_a_store_that_does_not_answer_keeps_the_absence_from_being_claimed(
    store, tophatter
):
    StoreFactory(access_token=tophatter.add_account(), name="Broken")
    tophatter.fault("503", on="orders/retrieve", times=None)

    found = find_order("5", NOW)

    assert len(found) == 2
    assert all("is not known" in one.sentence for one in found)


def test_stores_that_cannot_be_asked_are_named(store, tophatter):
    StoreFactory(name="Off", is_active=False)
    StoreFactory(name="Shut", connection="refused")
    StoreFactory(name="Wrong", access_token="f" * 32)

    found = find_order("5", NOW)

    said = {one.sentence: one.step.value for one in found}
    assert [step for text, step in said.items() if "Shut" in text] == ["replace_token"]
    assert [step for text, step in said.items() if "Wrong" in text] == ["replace_token"]
    assert any("Switched off" in text and "Off" in text for text in said)
    assert any("the tokens that could be asked with" in text for text in said)
    assert not Store.objects.filter(name="Wrong", connection="refused").exists()


def test_a_token_that_cannot_be_decrypted_is_said(tophatter):
    StoreFactory(token_ciphertext="broken")

    sentence, step = answer(5)

    assert "cannot be decrypted" in sentence
    assert step == "replace_token"


def test_without_a_store_nothing_is_asked(tophatter):
    assert "no store is connected" in answer(5)[0]


def test_ten_stores_are_asked_and_the_others_named(tophatter):
    for number in range(12):
        StoreFactory(access_token=tophatter.add_account(), name=f"Store {number:02}")

    found = find_live("5")

    assert len(tophatter.requests) == 10
    assert "Store 10, Store 11" in found[-1].sentence


def test_slow_stores_cost_a_bounded_time_together(tophatter):
    for _number in range(4):
        StoreFactory(access_token=tophatter.add_account())
    tophatter.fault("slow", on="orders/retrieve", times=None, seconds=6)
    began = time.monotonic()

    found = find_live("5", patience=1)

    assert time.monotonic() - began < 20
    assert len(found) == 4
    assert all("did not answer" in one.sentence for one in found)


def test_looking_writes_nothing(store, tophatter):
    raw = tophatter.add_order()

    find_order(str(raw["order_id"]), NOW)

    assert not ImportRun.objects.exists()
    assert not ImportProblem.objects.exists()
    assert not store.orders.exists()


def test_an_import_of_the_missed_order_brings_the_answer(store, tophatter):
    raw = tophatter.add_order()
    number = str(raw["order_id"])

    missed = answer(number)[1]
    run = windows.plan_orders(store, [number], ImportRun.Trigger.MANUAL)
    run.save()
    importing.execute(run)

    assert (missed, answer(number)[1]) == ("import", "open")
