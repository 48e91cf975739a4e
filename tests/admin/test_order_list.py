"""The list of orders: what to ship next, its lists, filters and search."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone as clock

from orders.models import SHIP_TO, ImportProblem, Order, Shipment
from orders.shipping import addresses, deadlines
from orders.work.order_lists import LISTS
from tests.factories import OrderFactory, StoreFactory, UserFactory
from tests.support.order_pages import LIST, NUMBER
from tests.support.work_causes import reopened_order

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def numbers(client, **filters: str) -> list[str]:
    """Return the order numbers the list shows, in its order."""
    answer = client.get(reverse(LIST), filters)
    return [order.marketplace_order_id for order in answer.context["cl"].result_list]


def shipped(
    order: Order, notification: str, carrier: str = "USPS", **fields: str
) -> Shipment:
    Order.objects.filter(pk=order.pk).update(has_shipment=True)
    return order.shipments.create(
        carrier=carrier,
        tracking_number=NUMBER,
        shipped_at=clock.now(),
        notification=notification,
        **fields,
    )


def test_the_list_opens_with_what_is_to_ship_the_nearest_deadline_first(admin_client):
    now = clock.now()
    fast, slow = StoreFactory(ship_within_days=2), StoreFactory(ship_within_days=9)
    later = OrderFactory(store=slow, paid_at=now - 3 * DAY)
    sooner = OrderFactory(store=fast, paid_at=now - DAY)
    latest = OrderFactory(store=slow, paid_at=now)
    OrderFactory(marketplace_state="shipped")
    OrderFactory(marketplace_state="awaiting_payment", paid_at=None)

    shown = numbers(admin_client)

    assert shown == [str(order) for order in (sooner, later, latest)]


def test_a_search_or_a_status_looks_at_all_orders(admin_client):
    gone = OrderFactory(marketplace_state="shipped", customer_name="Ada Lovelace")

    assert numbers(admin_client) == []
    assert numbers(admin_client, q="Lovelace") == [str(gone)]
    assert numbers(admin_client, status__exact="shipped") == [str(gone)]
    assert numbers(admin_client, view="on_hold", q="Lovelace") == []


@pytest.mark.slow
def test_every_list_shows_the_rows_it_counts(admin_client):
    now = clock.now()
    order = OrderFactory(paid_at=now)
    late = OrderFactory(paid_at=now - 6 * DAY)
    held = OrderFactory(held_at=now)
    unknown = OrderFactory(marketplace_state="needs_review")
    incomplete = OrderFactory(is_address_incomplete=True)
    cancelled = OrderFactory(marketplace_state="cancelled")
    sent = OrderFactory()
    shipped(sent, "refused")
    reopened = reopened_order()
    untold = OrderFactory()
    shipped(untold, "not_sent", not_sent_because="store")
    accepted = OrderFactory(marketplace_state="shipped")
    shipped(accepted, "accepted")
    rows = {
        "to_ship": {order, late},
        "due_today": set(),
        "late": {late},
        "on_hold": {held},
        "needs_review": {unknown, incomplete},
        "address": set(),
        "reopened": {reopened},
        "never_told": {untold},
        "not_accepted": {sent, untold},
        "cancelled": {cancelled},
        "all": set(Order.objects.all()),
    }

    shown = {name: set(numbers(admin_client, view=name)) for name in LISTS}
    links = admin_client.get(reverse(LIST)).context["lists"]

    assert shown == {name: {str(one) for one in some} for name, some in rows.items()}
    assert [link["count"] for link in links] == [len(rows[name]) for name in LISTS]


def test_a_list_is_counted_only_so_far_and_says_so(admin_client, settings):
    settings.COUNTED_ROWS = 60
    OrderFactory.create_batch(61, store=StoreFactory())

    first = admin_client.get(reverse(LIST), {"view": "all"}).content.decode()
    last = admin_client.get(reverse(LIST), {"p": -1}).content.decode()
    settings.COUNTED_ROWS = 61
    counted = admin_client.get(reverse(LIST)).content.decode()

    assert "more than 60 orders" in first
    assert ">60+<" in first
    assert "Page 1" in first
    assert "Next page" in first
    assert "Last page" in first
    assert "Select all 61" not in first
    assert "61 results" not in first
    assert "Last page" in last
    assert "Previous page" in last
    assert "Next page" not in last
    assert "61" in counted
    assert "more than" not in counted
    assert "Select all 61 orders" in counted


def test_only_a_column_that_an_index_sorts_sorts_the_list(admin_client):
    now = clock.now()
    older = OrderFactory(customer_name="Ada", ordered_at=now - DAY)
    newer = OrderFactory(customer_name="Zoe", ordered_at=now)

    assert numbers(admin_client, view="all", o="4") == [str(newer), str(older)]
    assert numbers(admin_client, view="all", o="3") == [str(older), str(newer)]
    assert numbers(admin_client, view="all", o="-3") == [str(newer), str(older)]


def test_orders_paid_on_some_days_come_by_their_payment(admin_client):
    now = clock.now()
    first = OrderFactory(ordered_at=now, paid_at=now - 2 * DAY)
    second = OrderFactory(ordered_at=now - 3 * DAY, paid_at=now - DAY)
    OrderFactory(paid_at=now - 9 * DAY)
    since = (now - 5 * DAY).date().isoformat()

    shown = numbers(admin_client, view="all", paid_at_from=since)

    assert shown == [str(second), str(first)]


def test_stores_of_zones_with_one_midnight_are_all_due_today():
    now = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
    made = [
        OrderFactory(store=StoreFactory(timezone=zone), paid_at=now - 5 * DAY + DAY / 8)
        for zone in ("Europe/Paris", "Europe/Berlin", "Africa/Lagos", "UTC")
    ]

    assert set(deadlines.due_today(Order.objects.all(), now)) == set(made)


def test_the_last_day_is_the_one_of_the_stores_zone():
    store = StoreFactory(timezone="America/Los_Angeles", ship_within_days=5)
    pacific = ZoneInfo("America/Los_Angeles")
    evening = datetime(2026, 11, 24, 22, 0, tzinfo=pacific)
    tonight = OrderFactory(store=store, paid_at=evening - 5 * DAY + DAY / 24)
    tomorrow = OrderFactory(store=store, paid_at=evening - 5 * DAY + DAY / 8)
    over = OrderFactory(store=store, paid_at=evening - 5 * DAY - DAY / 24)

    orders = Order.objects.all()

    assert list(deadlines.due_today(orders, evening)) == [tonight]
    assert list(deadlines.late(orders, evening)) == [over]
    assert deadlines.urgency(tonight, evening) is deadlines.Urgency.TODAY
    assert deadlines.urgency(tomorrow, evening) is deadlines.Urgency.LATER
    assert deadlines.urgency(over, evening) is deadlines.Urgency.LATE


def test_dates_name_the_stores_zone(admin_client):
    ordered_at = datetime(2026, 11, 24, 3, 15, tzinfo=ZoneInfo("UTC"))
    store = StoreFactory(timezone="America/Los_Angeles")
    OrderFactory(store=store, ordered_at=ordered_at, paid_at=clock.now())

    text = admin_client.get(reverse(LIST)).content.decode()

    assert "11/23/2026" in text
    assert "7:15 p.m. PST" in text
    assert "2026-11-24 03:15:00 UTC" in text


@pytest.mark.parametrize(
    ("filters", "fields"),
    [
        ({"country": "FR"}, {"ship_to_country": "FR"}),
        ({"sku": "MUG"}, {}),
        ({"sku": "ug-7"}, {}),
        ({"carrier": "FedEx"}, {}),
    ],
)
def test_the_list_is_narrowed_by_country_sku_and_carrier(admin_client, filters, fields):
    order = OrderFactory(**fields)
    order.line_items.create(position=0, sku="MUG-77", quantity=1)
    shipped(order, "pending", carrier="FedEx")
    other = OrderFactory()
    other.line_items.create(position=0, sku="CUP-1", quantity=1)
    shipped(other, "pending")

    assert numbers(admin_client, view="all", **filters) == [str(order)]


def test_a_corrected_country_is_the_one_that_counts(admin_client):
    order = OrderFactory(ship_to_country="US")
    address = {name: getattr(order, name) for name in SHIP_TO}
    addresses.correct_address(
        order, address | {"ship_to_country": "CA"}, by=UserFactory(), seen=None
    )

    assert numbers(admin_client, country="CA") == [str(order)]
    assert numbers(admin_client, country="US") == []

    addresses.revert_address(order, by=UserFactory())

    assert numbers(admin_client, country="CA") == []
    assert numbers(admin_client, country="US") == [str(order)]


def test_orders_with_a_problem_are_told_from_those_without(admin_client):
    fine = OrderFactory()
    unknown = OrderFactory(marketplace_state="needs_review")
    refused = OrderFactory()
    shipped(refused, "refused")
    remarked = OrderFactory()
    ImportProblem.objects.create(
        store=remarked.store,
        marketplace_order_id=str(remarked),
        kind="unknown_country",
        message="?",
        first_seen_at=clock.now(),
        last_seen_at=clock.now(),
    )

    with_one = numbers(admin_client, view="all", problem="yes")

    assert set(with_one) == {str(one) for one in (unknown, refused, remarked)}
    assert numbers(admin_client, view="all", problem="no") == [str(fine)]


def test_my_orders_are_found(admin_client, admin_user):
    mine = OrderFactory(assigned_to=admin_user)
    nobodys = OrderFactory()
    OrderFactory(assigned_to=UserFactory())

    assert numbers(admin_client, assigned="me") == [str(mine)]
    assert numbers(admin_client, assigned="nobody") == [str(nobodys)]


def test_an_empty_list_says_why_and_what_to_do(admin_client):
    empty = admin_client.get(reverse(LIST)).content.decode()
    searched = admin_client.get(reverse(LIST), {"q": "<b>"}).content.decode()

    assert "Nothing to ship: every paid order has left" in empty
    assert "Nothing is found for “&lt;b&gt;”" in searched
    assert "Show without search and filters" in searched


@pytest.mark.sweep
@pytest.mark.parametrize("view", LISTS)
def test_every_list_costs_the_same_queries_whatever_its_length(
    admin_client, django_assert_max_num_queries, view
):
    def fill(count: int) -> None:
        for order in OrderFactory.create_batch(count, store=store):
            order.line_items.create(position=0, sku="A", quantity=1)
            shipped(order, "refused")
            OrderFactory(store=store, paid_at=clock.now() - 9 * DAY)

    store = StoreFactory()
    fill(2)
    # What is left to do is worked out by the first page of some minutes.
    numbers(admin_client, view=view)
    with django_assert_max_num_queries(35) as few:
        numbers(admin_client, view=view)
    fill(20)

    with django_assert_max_num_queries(35) as many:
        numbers(admin_client, view=view)

    assert len(many) == len(few)
