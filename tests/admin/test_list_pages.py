"""Every list page costs the same queries whatever its length, and never many."""

import pytest
from django.urls import reverse
from django.utils import timezone as clock
from unfold.templatetags.unfold_list import result_headers

from orders.models import ImportProblem, ImportRun, Sending, TrackingFile
from tests.factories import OrderFactory, StoreFactory

pytestmark = pytest.mark.django_db

LISTS = [
    "orders_order",
    "orders_shipment",
    "orders_sending",
    "orders_trackingfile",
    "orders_importrun",
    "orders_importproblem",
    "stores_store",
]


def add_rows(count: int) -> None:
    now = clock.now()
    for _ in range(count):
        order = OrderFactory(store=StoreFactory())
        number = str(order)
        order.line_items.create(position=0, sku="A", quantity=1)
        shipment = order.shipments.create(
            carrier="USPS", tracking_number=number, shipped_at=now
        )
        Sending.objects.create().lines.create(shipment=shipment)
        TrackingFile.objects.create(name=number)
        ImportRun.objects.create(store=order.store, started_at=now, finished_at=now)
        ImportProblem.objects.create(
            store=order.store,
            marketplace_order_id=number,
            kind="no_address",
            message="No address.",
            first_seen_at=now,
            last_seen_at=now,
        )


@pytest.mark.parametrize("name", LISTS)
def test_a_list_costs_the_same_whatever_its_length(
    admin_client, django_assert_max_num_queries, name
):
    url = reverse(f"admin:{name}_changelist")
    add_rows(2)
    # What is kept of new stores is counted by the first page that shows it.
    admin_client.get(url)
    with django_assert_max_num_queries(35) as few:
        admin_client.get(url)
    add_rows(20)
    admin_client.get(url)

    with django_assert_max_num_queries(35) as many:
        text = admin_client.get(url).content.decode()

    assert 'id="result_list"' in text
    assert len(many) == len(few)


def test_the_side_bar_counts_what_waits(admin_client, client):
    add_rows(3)

    context = admin_client.get(reverse("admin:index")).context
    groups = context["sidebar_navigation"]

    badges = {
        str(item["title"]): item["badge"]
        for group in groups
        for item in group["items"]
        if item.get("badge")
    }
    assert badges == {"Orders": 3, "Import problems": 3}


@pytest.mark.parametrize(
    ("page", "query", "title"),
    [
        ("orders_order", {}, "Ship by"),
        ("orders_order", {"view": "all"}, "Ordered"),
        ("orders_shipment", {}, "Shipped"),
        ("orders_importproblem", {}, "Last seen"),
        ("orders_importrun", {}, "Asked for"),
        ("orders_sending", {}, "Asked for"),
        ("orders_trackingfile", {}, "Uploaded"),
        ("stores_store", {}, "Name"),
    ],
)
def test_the_arrow_stands_on_the_column_that_sorts(admin_client, page, query, title):
    answer = admin_client.get(reverse(f"admin:{page}_changelist"), query)

    listed = answer.context["cl"]
    [headed] = [
        one for one in result_headers(listed) if one["sortable"] and one["sorted"]
    ]
    assert str(headed["text"]).capitalize() == title
