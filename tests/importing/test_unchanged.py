"""An order that says the same is unchanged, however it is written."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orders import importing
from orders.importing.payloads import canonical_digest, digest_of
from orders.importing.runs import preview
from orders.importing.triage import reader_settings
from orders.importing.windows import plan_refresh
from orders.models import ImportProblem, Order, OrderEvent
from stores.marketplaces.base import Received
from tests.factories import OrderFactory
from tests.support.counting import counts, days_ago
from tests.support.payloads import ORDER_2021
from tests.support.plans import plans_naming


def came_as(text: str) -> Received:
    raw = Received(json.loads(text))
    raw.text = text
    return raw


def test_a_digest_of_earlier_days_is_renewed_and_nothing_else(store, tophatter):
    tophatter.add_order(customer_name="Zoë O’Test", refund_amount=10.10)
    importing.refresh_store(store)
    order = Order.objects.get()
    (raw,) = next(store.connect().list_orders())
    long_ago = days_ago(2)
    Order.objects.update(digest=canonical_digest(raw), changed_at=long_ago)

    runs = [importing.refresh_store(store) for _ in range(2)]

    assert [counts(run) for run in runs] == [{"seen": 1, "unchanged": 1}] * 2
    again = Order.objects.get()
    assert (again.digest, again.changed_at) == (order.digest, long_ago)
    assert order.digest != canonical_digest(raw)
    assert not OrderEvent.objects.exists()


def test_keys_in_another_order_and_white_space_change_nothing(store, tophatter):
    tophatter.add_order(upsells=[{"description": "Case", "amount": 7.50}])
    importing.refresh_store(store)
    before = Order.objects.get()
    (raw,) = tophatter.orders()
    turned = {key: raw[key] for key in reversed(raw)}
    tophatter.fault("body", text=json.dumps([turned], indent=2), on="orders")

    run = importing.refresh_store(store)

    assert counts(run) == {"seen": 1, "unchanged": 1}
    after = Order.objects.get()
    assert (after.changed_at, after.payload) == (before.changed_at, before.payload)
    assert after.digest != before.digest
    assert not OrderEvent.objects.exists()


def test_a_preview_renews_no_digest(store, tophatter):
    tophatter.add_order()
    importing.refresh_store(store)
    Order.objects.update(digest="of earlier days")

    run = preview(plan_refresh(store, "manual"))

    assert counts(run) == {"seen": 1, "unchanged": 1}
    assert Order.objects.get().digest == "of earlier days"


def test_an_order_of_earlier_days_read_in_another_way_has_not_changed(store, tophatter):
    raw = tophatter.add_order(created_at="2026-03-20T10:15:00")
    importing.import_page(store, [raw])
    long_ago = days_ago(2)
    Order.objects.update(
        digest="of earlier days", changed_at=long_ago, ship_to_changed_at=None
    )
    store.timezone = "Asia/Tokyo"

    page = importing.import_page(store, [raw])

    assert len(page.updated) == 1
    order = Order.objects.get()
    assert (order.changed_at, order.ship_to_changed_at) == (long_ago, None)
    assert order.digest == digest_of(raw)
    event = OrderEvent.objects.get()
    assert event.text == "Read in another way; the marketplace changed nothing."


@pytest.mark.parametrize(
    ("before", "after"),
    [("1", "true"), ("null", '""'), ('"1.0"', "1.0"), ("[]", "{}"), ('"a"', '"a "')],
)
def test_any_other_value_is_a_change(store, before, after):
    text = json.dumps(ORDER_2021, default=str)[:-1] + ', "annotation": %s}'
    importing.import_page(store, [came_as(text % before)])

    page = importing.import_page(store, [came_as(text % after)])

    assert len(page.updated) == 1
    assert Order.objects.get().payload["annotation"] == json.loads(after)


@pytest.mark.parametrize("digest", ["of what came", "of earlier days"])
def test_an_unchanged_order_is_not_parsed(store, digest):
    raw = came_as('{"order_id": 5, "created_at": "never"}')
    order = OrderFactory(
        store=store,
        marketplace_order_id="5",
        payload=dict(raw),
        digest=digest_of(raw) if digest == "of what came" else digest,
        read_with=reader_settings(store),
    )

    page = importing.import_page(store, [raw])

    assert page.counts == {
        "created": 0,
        "updated": 0,
        "unchanged": 1,
        "skipped": 0,
        "rejected": 0,
    }
    assert not ImportProblem.objects.exists()
    order.refresh_from_db()
    assert order.digest == digest_of(raw)


def test_a_digest_is_not_renewed_on_what_changed_meanwhile(store):
    raw = came_as(json.dumps(ORDER_2021, default=str))
    importing.import_page(store, [raw])
    Order.objects.update(digest="of earlier days")

    def meanwhile() -> None:
        Order.objects.update(digest="of the newest")

    page = importing.import_page(store, [raw], guard=meanwhile)

    assert page.unchanged == ["120000001"]
    assert Order.objects.get().digest == "of the newest"


@pytest.mark.skipif(
    connection.vendor == "postgresql", reason="PostgreSQL plans few rows differently"
)
def test_the_orders_of_a_page_are_found_by_their_numbers(store, tophatter):
    """Not by walking all orders of the store, which SQLite does to have them sorted."""
    for _ in range(3):
        tophatter.add_order()
    with CaptureQueriesContext(connection) as first:
        importing.refresh_store(store)
    with CaptureQueriesContext(connection) as second:
        importing.refresh_store(store)

    plans = [
        plan
        for asked in (first, second)
        for plan in plans_naming(asked, "marketplace_order_id")
        if "orders_order " in plan
    ]
    assert len(plans) >= 3
    walking = [plan for plan in plans if "marketplace_order_id=?" not in plan]
    assert not walking, "\n\n".join(walking)
