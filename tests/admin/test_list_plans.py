"""Lists of many orders: an index for each, no sort and no scan of all the orders."""

import json
from datetime import timedelta
from itertools import chain

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone as clock

from orders.models import LineItem, Order, Shipment
from orders.work.about import kinds_about
from orders.work.order_lists import LISTS
from stores.access import set_limit
from stores.models import Store
from tests.factories import OrderFactory, StoreFactory
from tests.support.groups import member
from tests.support.order_pages import LIST
from tests.support.plans import count_rows

MANY = 4000
STATES = ["awaiting_shipment"] + ["shipped"] * 17 + ["cancelled"] * 2
COUNTRIES = ["US", "DE", "FR", "GB"]
BIG = {"orders_order", "orders_shipment", "orders_lineitem"}
SHIPMENTS = "admin:orders_shipment_changelist"


@pytest.fixture(scope="module")
def many_orders(django_db_setup, django_db_blocker):
    """Fill the database for all tests of this file, and empty it after them."""
    with django_db_blocker.unblock():
        stores = [StoreFactory() for _ in range(5)]
        now = clock.now()
        orders = Order.objects.bulk_create(
            OrderFactory.build(
                store=stores[number % 5],
                marketplace_order_id=str(number),
                marketplace_state=STATES[number % 20],
                ordered_at=now - timedelta(minutes=number),
                ship_by=now + timedelta(days=5) - timedelta(minutes=number),
                ship_to_country=COUNTRIES[number % 4],
                has_shipment=STATES[number % 20] == "shipped",
            )
            for number in range(MANY)
        )
        LineItem.objects.bulk_create(
            LineItem(order=order, position=0, sku=f"MUG-{order.pk % 40}", quantity=1)
            for order in orders
        )
        Shipment.objects.bulk_create(
            Shipment(
                order=order,
                carrier="USPS",
                tracking_number=str(order),
                shipped_at=order.ordered_at,
                notification="accepted",
                notified_at=now,
            )
            for order in orders
            if order.has_shipment
        )
        count_rows()
        yield stores[0]
        for model in (Shipment, LineItem, Order):
            model.objects.all().delete()
        for store in stores:
            store.delete()
        count_rows()


@pytest.fixture
def plans(many_orders, db, admin_client, settings):
    """Return what asks for a page and explains how its own rows were found."""
    settings.COUNTED_ROWS = 100

    def ask(page: str, query: str, client: Client = admin_client) -> list[str]:
        with CaptureQueriesContext(connection) as done:
            answer = client.get(f"{reverse(page)}?{query}")
            assert answer.status_code == 200, query
        listed = answer.context["cl"]
        table = listed.model._meta.db_table
        own = [
            one["sql"]
            for one in done.captured_queries
            if one["sql"].startswith("SELECT") and f'FROM "{table}"' in one["sql"]
        ]
        steps = chain.from_iterable(map(costly, own))
        # Whatever is not more than a few may be sorted.
        is_long = listed.paginator.is_more
        return [one for one in steps if is_long or not one.startswith("sort")]

    return ask


def costly(sql: str) -> list[str]:
    """Return the steps of a plan that read or sort all rows of a big table."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
            return list(costly_on_sqlite([step for *_ids, step in cursor], sql))
        # So few rows it would rather scan and sort, the sooner where earlier tests
        # left its indexes loose; what no index answers it scans and sorts even so.
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}")
        (found,) = cursor.fetchone()
    plan = found if isinstance(found, list) else json.loads(found)
    return list(costly_on_postgresql(plan[0]["Plan"]))


def costly_on_sqlite(steps: list[str], sql: str):
    for step in steps:
        # The rows of a page come by their keys, which the list's order has found.
        if "ORDER BY" in step and 'AS "pk"' in sql.split(" FROM ")[0]:
            yield f"sort: {step}"
        is_scan = step.startswith("SCAN") and "USING" not in step
        if is_scan and step.split()[1] in BIG:
            yield f"scan: {step}"


def rows_below(node) -> int:
    return node["Plans"][0]["Actual Rows"]


def costly_on_postgresql(node):
    rows = node["Actual Rows"] * node["Actual Loops"]
    read = rows + node.get("Rows Removed by Filter", 0)
    is_scan = node["Node Type"] == "Seq Scan" and node["Relation Name"] in BIG
    if is_scan and read >= MANY / 2:
        yield f"scan of {read} rows of {node['Relation Name']}"
    if node["Node Type"] == "Sort" and rows_below(node) >= MANY / 2:
        yield f"sort of {rows_below(node)} rows"
    for below in node.get("Plans", []):
        yield from costly_on_postgresql(below)


OTHER_PAGES = [pytest.param(page, marks=pytest.mark.sweep) for page in ("20", "-1")]


@pytest.mark.parametrize("view", LISTS)
@pytest.mark.parametrize("page", ["1", *OTHER_PAGES])
def test_no_list_reads_or_sorts_all_orders(plans, view, page):
    assert plans(LIST, f"view={view}&p={page}") == []


@pytest.mark.parametrize(
    "query",
    [
        "status__exact=shipped",
        "status__exact=awaiting_shipment",
        "ordered_at_from=2026-06-01",
        "ordered_at_to=2020-06-01",
        "paid_at_to=2020-06-01",
        "country=DE",
        "country=ZZ",
        "carrier=USPS",
        "carrier=none",
        "sku=mug-7",
        "sku=MUG",
        "assigned=me",
        "assigned=nobody",
        "problem=yes",
        "problem=no",
        "o=3",
        "o=-3",
        *(f"problem={kind}" for kind in kinds_about(Order)),
    ],
)
def test_no_filter_reads_or_sorts_all_orders(plans, query):
    assert plans(LIST, f"view=all&{query}") == []


def test_neither_does_the_filter_of_a_store(plans, many_orders):
    assert plans(LIST, f"view=all&store__id__exact={many_orders.pk}") == []
    assert plans(LIST, f"store__id__exact={many_orders.pk}") == []


@pytest.mark.parametrize(
    "query",
    [
        "",
        "p=20",
        "p=-1",
        "o=5",
        "notification__exact=accepted",
        "notification__exact=not_sent",
        "notification__in=pending,unconfirmed",
        "not_sent_because__exact=doubt",
        "shipped_at_to=2020-06-01",
        "problem=yes",
        "problem=no",
        *(f"problem={kind}" for kind in kinds_about(Shipment)),
    ],
)
def test_no_list_of_shipments_reads_or_sorts_them_all(plans, query):
    assert plans(SHIPMENTS, query) == []


@pytest.fixture
def limited(many_orders, db, client):
    """Return the client of somebody who sees one, two or three of the five stores."""

    def limit(number: int) -> Client:
        user = member("manager")
        set_limit(user, list(Store.objects.order_by("pk")[:number]))
        client.force_login(user)
        return client

    return limit


@pytest.mark.sweep
@pytest.mark.parametrize("number", [1, 2, 3])
def test_no_list_of_who_is_limited_reads_or_sorts_all_orders(plans, limited, number):
    client = limited(number)

    costly = {
        query: found
        for query in (*(f"view={view}" for view in LISTS), "view=all&p=-1")
        if (found := plans(LIST, query, client))
    }
    costly |= {
        query: found
        for query in ("", "p=-1", "notification__exact=accepted")
        if (found := plans(SHIPMENTS, query, client))
    }

    assert costly == {}


def test_what_a_list_shows_costs_no_column_that_is_not_shown(many_orders, admin_client):
    for page in (LIST, SHIPMENTS):
        with CaptureQueriesContext(connection) as done:
            admin_client.get(reverse(page), {"view": "all"} if page == LIST else {})

        text = " ".join(one["sql"] for one in done.captured_queries)
        for heavy in ("payload", "search_text", "answer", "receipt"):
            assert f'"{heavy}"' not in text


@pytest.mark.parametrize("marketplace", ["tophatter", "custom_store"])
def test_no_list_of_one_marketplace_reads_or_sorts_all_orders(plans, marketplace):
    some = Store.objects.order_by("pk").values_list("pk", flat=True)[:2]
    Store.objects.filter(pk__in=list(some)).update(marketplace="custom_store")
    chosen = f"marketplace={marketplace}"

    costly = {
        view: found for view in LISTS if (found := plans(LIST, f"view={view}&{chosen}"))
    }

    assert costly == {}
    assert plans(SHIPMENTS, chosen) == []
