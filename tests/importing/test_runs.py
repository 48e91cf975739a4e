"""A refresh brings the last days' orders in, each with exactly one outcome."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from orders import importing
from orders.importing import windows
from orders.models import ImportProblem, ImportRun, LineItem, Order
from stores.models import Store
from tests.factories import OrderFactory
from tests.support.counting import counts, days_ago
from tests.support.queues import refuse_customer


def test_a_paid_order_comes_in_with_what_the_marketplace_says(store, tophatter):
    raw = tophatter.add_order(
        customer_name="Zoë O’Test",
        country="AUS",
        created_at=datetime(2026, 11, 22, 9, 0, tzinfo=UTC),
    )

    run = importing.import_one(store, str(raw["order_id"]))

    order = Order.objects.get()
    assert run.status == "complete"
    assert order.marketplace_order_id == str(raw["order_id"])
    assert order.status == "awaiting_shipment"
    assert order.customer_name == "Zoë O’Test"
    assert order.ship_to_country == "AU"
    assert order.ordered_at == datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
    assert order.payload["created_at"] == "2026-11-22T01:00:00-08:00"
    item = order.line_items.get()
    assert (item.sku, item.quantity) == ("EX-HEADSET-BLACK", 1)
    assert item.unit_price == Decimal("10.00")
    assert item.options == {}


def test_the_variation_becomes_an_option_when_the_store_wants_it(store, tophatter):
    tophatter.add_order()
    importing.refresh_store(store)
    Store.objects.update(import_variation_as_option=True)
    store.refresh_from_db()
    before = Order.objects.get()

    run = importing.refresh_store(store)

    assert counts(run) == {"seen": 1, "updated": 1}
    assert LineItem.objects.get().options == {"Variation ID": "EX-HEADSET-BLACK"}
    # The marketplace's side did not change.
    assert Order.objects.get().changed_at == before.changed_at


def test_upsells_are_lines_because_they_are_in_the_parcel(store, tophatter):
    tophatter.add_order(
        upsells=[
            {"type_description": "accessory", "amount": "7.0", "description": "Case"}
        ]
    )

    importing.refresh_store(store)

    items = LineItem.objects.values_list("name", "quantity", "unit_price")
    assert list(items) == [
        ("Example Headset", 1, Decimal("10.00")),
        ("Case", 1, Decimal("7.00")),
    ]


def test_a_line_that_is_gone_leaves(store, tophatter):
    raw = tophatter.add_order(upsells=[{"description": "Case", "amount": 7}])
    importing.refresh_store(store)
    raw["upsells"] = []

    importing.refresh_store(store)

    assert LineItem.objects.get().name == "Example Headset"


def test_an_unchanged_order_is_not_written(store, tophatter):
    tophatter.add_order()
    importing.refresh_store(store)
    Order.objects.update(changed_at=days_ago(9), customer_name="only here")

    run = importing.refresh_store(store)

    assert counts(run) == {"seen": 1, "unchanged": 1}
    assert Order.objects.get().customer_name == "only here"


def test_an_unreadable_order_does_not_stop_the_others(store, tophatter):
    bad = tophatter.add_order(product_quantity="a dozen")
    tophatter.add_order()

    run = importing.refresh_store(store)

    assert counts(run) == {"seen": 2, "created": 1, "rejected": 1}
    problem = ImportProblem.objects.get()
    assert problem.marketplace_order_id == str(bad["order_id"])
    assert problem.kind == "unreadable"
    assert "product_quantity" in problem.message
    assert problem.payload["product_quantity"] == "a dozen"


def test_an_order_the_database_refuses_costs_only_itself(store, tophatter):
    bad = tophatter.add_order(customer_name="Refused")
    tophatter.add_order()
    refuse_customer("Refused")

    run = importing.refresh_store(store)

    assert counts(run) == {"seen": 2, "created": 1, "rejected": 1}
    assert ImportProblem.objects.get().marketplace_order_id == str(bad["order_id"])


def test_an_order_without_address_waits_and_comes_in_by_itself(store, tophatter):
    raw = tophatter.add_order(address1=None, city="", postal_code=None)
    first = importing.refresh_store(store)
    skipped = ImportProblem.objects.get()
    raw |= {"address1": "1 Example Street", "city": "Los Altos"}

    second = importing.refresh_store(store)

    assert counts(first) == {"seen": 1, "skipped": 1}
    assert skipped.kind == "no_address"
    assert str(raw["order_id"]) in skipped.message
    assert counts(second) == {"seen": 1, "created": 1}
    assert ImportProblem.objects.get().resolved_at


def test_a_blanked_address_does_not_wipe_the_one_that_is_here(store, tophatter):
    raw = tophatter.add_order()
    importing.refresh_store(store)
    raw |= {"address1": None, "city": None, "postal_code": None, "status": "shipped"}

    importing.refresh_store(store)

    order = Order.objects.get()
    assert order.status == "shipped"
    assert order.ship_to_address1 == "1 Example Street"


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("processing_payment", "awaiting_payment"),
        ("pending_verification", "awaiting_payment"),
        ("unpaid", "awaiting_payment"),
        ("paid", "awaiting_shipment"),
        ("shipped", "shipped"),
        ("refunded", "cancelled"),
        ("cancelled", "cancelled"),
        ("canceled", "cancelled"),
        ("pending_consolidation_decision", "on_hold"),
        ("mystery", "needs_review"),
        (None, "needs_review"),
    ],
)
def test_each_status_word_has_its_place(store, tophatter, word, status):
    tophatter.add_order(status=word)

    importing.refresh_store(store)

    order = Order.objects.get()
    assert order.status == status
    assert order.marketplace_status == (word or "")
    unknown = ImportProblem.objects.filter(kind="unknown_status").exists()
    assert unknown == (status == "needs_review")


def test_a_remark_stands_until_the_order_changes(store, tophatter):
    raw = tophatter.add_order(status="mystery")
    importing.refresh_store(store)
    importing.refresh_store(store)
    still_open = ImportProblem.objects.get().resolved_at is None
    raw["status"] = "paid"

    importing.refresh_store(store)

    assert still_open
    assert ImportProblem.objects.get().resolved_at


def test_a_remark_that_stands_is_seen_again_with_the_unchanged_order(store, tophatter):
    for word in ("mystery", "paid"):
        tophatter.add_order(status=word, country="Atlantis")
    importing.refresh_store(store)
    first = dict(ImportProblem.objects.values_list("pk", "last_seen_at"))

    run = importing.refresh_store(store)

    problems = ImportProblem.objects.all()
    assert (len(first), run.unchanged) == (3, 2)
    assert all(one.last_seen_at > first[one.pk] for one in problems)
    assert all(one.first_seen_at < one.last_seen_at for one in problems)
    assert not problems.exclude(resolved_at=None).exists()


def test_a_single_order_that_is_unknown_is_said(store, tophatter):
    run = importing.import_one(store, "404")

    assert counts(run) == {"seen": 1, "rejected": 1}
    assert ImportProblem.objects.get().kind == "not_found"


def test_a_preview_writes_nothing(store, tophatter):
    tophatter.add_order()
    tophatter.add_order(address1="", city="", postal_code="")

    run = importing.preview(windows.plan_refresh(store, "command"))

    assert counts(run) == {"seen": 2, "created": 1, "skipped": 1}
    assert not Order.objects.exists()
    assert not ImportRun.objects.exists()
    assert not ImportProblem.objects.exists()


def test_an_empty_store_is_a_complete_run_of_zero(store, tophatter):
    run = importing.refresh_store(store)

    store.refresh_from_db()
    assert (run.status, run.seen) == ("complete", 0)
    assert store.last_import_at == run.window_end


@pytest.mark.parametrize("code", ["401", "403"])
def test_a_refused_token_is_a_state_of_its_own(store, tophatter, code):
    tophatter.fault(code, times=None)

    run = importing.refresh_store(store)

    store.refresh_from_db()
    assert run.status == "failed"
    assert store.connection == "refused"
    assert store.refused_since
    assert store.is_active
    tophatter.clear_faults()
    importing.refresh_store(store)
    store.refresh_from_db()
    assert store.connection == "connected"
    assert store.connection_error == ""


def test_two_stores_may_have_orders_of_one_number(store, tophatter):
    raw = tophatter.add_order()
    OrderFactory(marketplace_order_id=str(raw["order_id"]))

    importing.refresh_store(store)

    assert Order.objects.count() == 2


def test_a_lost_key_is_said_and_nothing_is_asked(store, tophatter, settings):
    settings.TOKEN_ENCRYPTION_KEYS = ["b3RoZXJvdGhlcm90aGVyb3RoZXJvdGhlcm90aGVyb3Q="]

    run = importing.refresh_store(store)

    assert run.status == "failed"
    assert "cannot be decrypted" in run.error
    assert not tophatter.requests
