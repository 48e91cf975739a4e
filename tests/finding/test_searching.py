"""Searches find what is there to find, by an index, and never read all orders."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone as clock

from backoffice.kit.folding import folded
from orders import search_index
from orders.finding import searching
from orders.finding.here import find_here
from orders.finding.words import words_of
from orders.models import Order, Shipment
from orders.search_text import parcel_keys
from tests.factories import OrderFactory, StoreFactory
from tests.support.plans import count_rows

pytestmark = pytest.mark.django_db

COUNT = 1200
CITIES = ["Köln", "London", "Łódź", "Montréal", "東京"]
SKUS = ["TOTE-NATURAL-L", "MUG-01", "CT3"]
# What is typed, for each way to search.
TYPED = {
    "number": "#120 000 777",
    "beginning of a number": "1200007",
    "middle of a number": "00077",
    "parcel": "9405-5118-9912-0000-7774-56",
    "parcel with ZIP code": "420940229405511899120000777456",
    "SKU": "mug-01",
    "rare": "zoe777",
    "common": "tote",
    "in all": "9405511899",
    "two common words, together rare": "london totenatural",
    "two common words, never together": "koln london",
    "common and rare": "natural zoe777",
    "accents": "montreal",
    "letters of their own": "lodz",
    "two letters": "ln",
    "two letters of another script": "東京",
    "two letters beside a rare word": "zoe777 ko",
    "two letters beside a common word": "tote ko",
    "not the old ones": "novelty",
    "only the old ones": "discontinued",
    "all in none": "totebag",
    "nothing": "nobody of that name",
    "a store": "Store 07",
}


def text(number: int) -> str:
    """Return what an order is found by; the highest number is the newest order."""
    name = 120_000_000 + number
    parts = [str(name), f"Zoë {number}", CITIES[number % 5], SKUS[number % 3]]
    if number > COUNT * 0.9:
        parts.append("novelty")
    if number < COUNT * 0.3:
        parts.append("discontinued")
    keys = parcel_keys(f"9405511899{name}456")
    parts = [folded(part) for part in parts] + [f"={key}" for key in keys]
    return "".join(f"{part} " for part in parts)


@pytest.fixture
def orders(monkeypatch) -> dict[int, str]:
    """Fill the database, and return the texts of the orders, the newest first."""
    for name, few in (("MOST_KEYS", 50), ("NEWEST", 200), ("SAMPLE", 100)):
        monkeypatch.setattr(searching, name, few)
    now, store = clock.now(), StoreFactory()
    # In another order than that of their keys.
    numbers = sorted(range(COUNT), key=lambda number: number * 7919 % COUNT)
    made = Order.objects.bulk_create(
        OrderFactory.build(
            store=store,
            marketplace_order_id=str(120_000_000 + number),
            ordered_at=now - timedelta(minutes=COUNT - number),
            search_text=text(number),
            has_shipment=True,
        )
        for number in numbers
    )
    Shipment.objects.bulk_create(
        Shipment(
            order=order,
            carrier="USPS",
            tracking_number=f"9405511899{order}456",
            shipped_at=order.ordered_at,
        )
        for order in made
    )
    count_rows()
    newest = sorted(made, key=lambda order: order.ordered_at, reverse=True)
    return {order.pk: order.search_text for order in newest}


def newest_first():
    return Order.objects.order_by("-ordered_at", "-pk")


def holding(orders: dict[int, str], words: list[str]) -> list[int]:
    return [key for key, one in orders.items() if all(word in one for word in words)]


def test_all_orders_with_the_words_are_found_in_the_order_of_the_list(orders):
    for kind, typed in TYPED.items():
        words = words_of(typed)

        found = searching.search(newest_first(), words)

        keys = list(found.rows.values_list("pk", flat=True))
        among = dict(list(orders.items())[:200]) if found.is_of_newest else orders
        assert keys == holding(among, words), kind
        assert found.rows.count() == len(keys), kind
        assert found.rows.order_by()[:COUNT].count() == len(keys), kind
        last = found.rows.reverse().values_list("pk", flat=True)[:5]
        assert list(last) == keys[::-1][:5], kind


def test_shipments_are_found_by_the_words_of_their_orders(orders):
    shipments = Shipment.objects.order_by("-shipped_at", "-pk")
    for kind, typed in TYPED.items():
        words = words_of(typed)

        found = searching.search(shipments, words, "order__")

        keys = list(found.rows.values_list("order", flat=True))
        among = dict(list(orders.items())[:200]) if found.is_of_newest else orders
        assert keys == holding(among, words), kind


def test_only_words_too_short_for_the_index_may_miss_old_orders(orders):
    def is_of_newest(typed: str) -> bool:
        return searching.search(Order.objects.all(), words_of(typed)).is_of_newest

    assert all(map(is_of_newest, ["ln", "東京", "tote qx", "tote ko"]))
    assert not any(map(is_of_newest, ["zoe777 ko", "zo", "tote", "zoe777", "london"]))


def test_where_all_orders_are_among_the_newest_nothing_is_missed():
    wanted, _other = OrderFactory(customer_name="Xu"), OrderFactory()

    found = searching.search(Order.objects.all(), ["xu"])

    assert list(found.rows) == [wanted]
    assert not found.is_of_newest


def test_no_search_reads_or_sorts_all_orders(orders):
    for kind, typed in TYPED.items():
        are_many = searching.search(newest_first(), words_of(typed)).rows.count() > 50
        with CaptureQueriesContext(connection) as asked:
            found = searching.search(newest_first().defer("payload"), words_of(typed))
            list(found.rows[:10])
            if not are_many:
                found.rows.order_by().values("pk")[:51].count()
        statements = [one["sql"] for one in asked if "orders_order" in one["sql"]]

        assert len(statements) >= 2, kind
        for statement in statements:
            assert reads_all(statement) == [], (kind, statement)


def test_common_words_are_met_on_the_way_and_not_asked_of_the_index(orders):
    with CaptureQueriesContext(connection) as asked:
        rows = searching.search(newest_first(), words_of("zoe")).rows
        assert len(rows[:10]) == 10
        assert rows.order_by().count() == COUNT
    statements = [one["sql"] for one in asked][-2:]

    for statement in statements:
        assert search_index.NAME not in "".join(plan(statement))


def test_a_parcel_is_found_by_an_index(orders):
    with CaptureQueriesContext(connection) as asked:
        found = find_here("9405511899120000777456", clock.now())

    assert [one.order_id for one in found] == ["120000777"]
    for one in asked:
        if "search_text" in one["sql"]:
            assert reads_all(one["sql"]) == []


def test_the_index_itself_answers(orders):
    with CaptureQueriesContext(connection) as asked:
        searching.search(newest_first(), ["zoe777"])

    plans = [line for one in asked for line in plan(one["sql"])]
    wanted = "orders_search VIRTUAL TABLE" if is_sqlite() else "on orders_search"
    assert any(wanted in line for line in plans)


def test_a_search_costs_the_same_queries_however_much_is_found(orders):
    counts = set()
    for typed in ("zoe777", "tote", "novelty", "discontinued"):
        with CaptureQueriesContext(connection) as asked:
            found = searching.search(newest_first(), words_of(typed))
            list(found.rows[:10])
        counts.add(len(asked))

    assert len(counts) == 1


def is_sqlite() -> bool:
    return connection.vendor == "sqlite"


def plan(statement: str) -> list[str]:
    """Return how the database answers a statement, by an index wherever it can."""
    with connection.cursor() as cursor:
        if is_sqlite():
            cursor.execute(f"EXPLAIN QUERY PLAN {statement}")
            return [row[-1] for row in cursor.fetchall()]
        # A few thousand rows are read as fast without.
        cursor.execute("SET enable_seqscan = off")
        cursor.execute(f"EXPLAIN {statement}")
        lines = [row[0] for row in cursor.fetchall()]
        cursor.execute("SET enable_seqscan = on")
        return lines


def reads_all(statement: str) -> list[str]:
    """Return the parts of its plan that read or sort all orders."""
    lines = plan(statement)
    bad = re.compile(
        r"SCAN orders_(order|shipment)$|Seq Scan on orders_(order|shipment)"
    )
    found = [line for line in lines if bad.search(line)]
    # What the index found may be sorted.
    is_of_found = '"id" IN (' in statement or any("orders_search" in it for it in lines)
    if not is_of_found:
        found += [line for line in lines if re.search(r"Sort Key|TEMP B-TREE", line)]
    return found


def test_without_the_index_searches_find_the_same(orders):
    with connection.cursor() as cursor:
        if is_sqlite():
            cursor.execute(f"DROP TRIGGER {search_index.NAME}_insert")
        else:
            cursor.execute(f"DROP INDEX {search_index.NAME}")

    for typed in TYPED.values():
        words = words_of(typed)
        found = searching.search(newest_first(), words)
        assert list(found.rows.values_list("pk", flat=True)) == holding(orders, words)
    assert [one.order_id for one in find_here("9405511899120000777456", clock.now())]
