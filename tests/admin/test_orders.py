"""Orders and shipments in the admin: look, ship, hold, release, send, correct."""

from datetime import date, timedelta
from itertools import chain
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone as clock

from orders import search_text
from orders.importing.triage import NAMELESS
from orders.models import ImportProblem, ImportRun, Order, Shipment
from tests.factories import OrderFactory, StoreFactory
from tests.support.order_pages import (
    LIST,
    NUMBER,
    SUBMITTED,
    grid,
    page,
    parcel,
    staff,
    step,
)

pytestmark = pytest.mark.django_db


def test_the_list_shows_orders_and_escapes_what_buyers_wrote(admin_client):
    order = OrderFactory(customer_name="<script>alert(1)</script>")

    text = admin_client.get(reverse(LIST)).content.decode()

    assert order.marketplace_order_id in text
    assert "<script>alert(1)" not in text
    assert "&lt;script&gt;alert(1)" in text


def test_the_list_costs_the_same_queries_whatever_its_length(
    admin_client, django_assert_max_num_queries
):
    OrderFactory.create_batch(2)
    # What is left to do is worked out by the first page of some minutes.
    admin_client.get(reverse(LIST))
    with django_assert_max_num_queries(35) as few:
        admin_client.get(reverse(LIST))
    OrderFactory.create_batch(40)
    # Their stores are counted for the first time.
    admin_client.get(reverse(LIST))

    with django_assert_max_num_queries(35) as many:
        admin_client.get(reverse(LIST))

    assert len(many) == len(few)


@pytest.mark.parametrize("wanted", [NUMBER, "MUG-77", "Jane", "Los Altos"])
def test_one_box_finds_number_buyer_tracking_sku_and_city(admin_client, wanted):
    order = OrderFactory()
    order.line_items.create(position=0, sku="MUG-77", name="Mug", quantity=1)
    order.shipments.create(
        carrier="USPS", tracking_number=NUMBER, shipped_at=clock.now()
    )
    search_text.write(order)
    other = OrderFactory(customer_name="X", ship_to_name="X", ship_to_city="X")

    text = admin_client.get(reverse(LIST), {"q": wanted}).content.decode()

    assert order.marketplace_order_id in text
    assert other.marketplace_order_id not in text


def test_the_order_page_shows_what_was_received_and_lets_nobody_type(admin_client):
    order = OrderFactory(payload={"order_id": 1, "note": "<b>bold</b>"})

    text = admin_client.get(page(order)).content.decode()

    assert "&lt;b&gt;bold&lt;/b&gt;" in text
    assert "Los Altos CA 94022" in text
    assert 'name="customer_name"' not in text
    assert admin_client.post(page(order), {}).status_code == 403


@pytest.mark.parametrize(
    ("fields", "shown", "hidden"),
    [
        ({}, {"ship", "hold"}, {"release", "send"}),
        ({"marketplace_state": "cancelled"}, set(), {"ship", "hold", "release"}),
        ({"held_at": clock.now()}, {"release"}, {"ship", "hold"}),
    ],
)
def test_the_page_offers_the_steps_that_fit(admin_client, fields, shown, hidden):
    order = OrderFactory(**fields)

    text = admin_client.get(page(order)).content.decode()

    base = page(order).removesuffix("change/")
    offered = {name for name in shown | hidden if f'href="{base}{name}/"' in text}
    assert offered == shown


def test_a_dialog_ships_nothing_before_it_is_submitted(admin_client):
    order = OrderFactory()

    for name in ("ship", "hold_order", "release", "send", "import_again"):
        assert admin_client.get(step(order, name)).status_code == 200

    order.refresh_from_db()
    assert order.status == "awaiting_shipment"
    assert not Shipment.objects.exists()
    assert not ImportRun.objects.exists()


def test_an_order_is_held_with_a_reason_and_released(admin_client):
    order = OrderFactory()
    until = clock.localdate() + timedelta(days=2)
    data = SUBMITTED | {"reason": "Ask the buyer", "until": until.isoformat()}

    admin_client.post(step(order, "hold_order"), data)
    held = Order.objects.get()
    text = admin_client.get(page(order)).content.decode()
    admin_client.post(step(order, "release"), SUBMITTED)

    assert (held.status, held.hold_until) == ("on_hold", until)
    assert "Ask the buyer" in text
    assert Order.objects.get().status == "awaiting_shipment"


def test_a_hold_ends_on_a_day_to_come(admin_client):
    order = OrderFactory()
    data = SUBMITTED | {"reason": "Ask", "until": date(2020, 1, 1).isoformat()}

    answer = admin_client.post(step(order, "hold_order"), data)

    assert "ends on a day to come" in answer.content.decode()
    assert Order.objects.get().held_at is None


@pytest.mark.parametrize(
    ("zone", "is_held"), [("Pacific/Kiritimati", False), ("Pacific/Pago_Pago", True)]
)
def test_the_day_to_come_is_one_of_the_store(admin_client, zone, is_held):
    order = OrderFactory(store__timezone=zone)
    ahead = clock.now().astimezone(ZoneInfo("Pacific/Kiritimati")).date()
    data = SUBMITTED | {"reason": "Ask", "until": ahead.isoformat()}

    admin_client.post(step(order, "hold_order"), data)

    assert bool(Order.objects.get().held_at) == is_held


@pytest.mark.parametrize("key", ["abc", "99999999", "9" * 24, "%00"])
@pytest.mark.parametrize(
    "address",
    [
        "/orders/order/{}/hold/",
        "/orders/order/{}/ship/",
        "/orders/shipment/{}/correct/",
        "/stores/store/{}/import/",
    ],
)
def test_a_step_of_no_row_is_not_found(admin_client, address, key):
    address = address.format(key)
    data = SUBMITTED | {"reason": "Ask", "start": "2026-11-01"}

    assert admin_client.post(address, data).status_code == 404


def test_an_order_is_imported_again(admin_client):
    order = OrderFactory()

    admin_client.post(step(order, "import_again"), SUBMITTED)

    run = ImportRun.objects.get()
    assert (run.kind, run.order_ids) == ("orders", [order.marketplace_order_id])


def test_open_problems_are_listed_and_imported_again(admin_client):
    store = StoreFactory()
    now = clock.now()
    facts = {"store": store, "first_seen_at": now, "last_seen_at": now}
    problem = ImportProblem.objects.create(
        marketplace_order_id="77", kind="no_address", message="No street.", **facts
    )
    ImportProblem.objects.create(
        marketplace_order_id="78", kind="no_address", resolved_at=now, **facts
    )
    url = reverse("admin:orders_importproblem_changelist")
    data = {"action": "import_again", "_selected_action": [problem.pk]}

    text = admin_client.get(url).content.decode()
    admin_client.post(url, data)

    assert "No street." in text
    assert ">78<" not in text
    assert ImportRun.objects.get().order_ids == ["77"]


def import_again(admin_client, *numbers: str) -> str:
    """Choose open problems of these numbers, all of them, and import them again."""
    seen = {"first_seen_at": clock.now(), "last_seen_at": clock.now()}
    facts = {"store": StoreFactory(), "kind": "unreadable", **seen}
    ImportProblem.objects.bulk_create(
        ImportProblem(marketplace_order_id=number, **facts) for number in numbers
    )
    url = reverse("admin:orders_importproblem_changelist")
    chosen = list(ImportProblem.objects.values_list("pk", flat=True))
    data = {"action": "import_again", "_selected_action": chosen[:50]}
    return admin_client.post(url, data | {"select_across": "1"}, follow=True).text


@pytest.mark.parametrize(
    ("count", "sizes"), [(200, [200]), (201, [200, 1]), (450, [200, 200, 50])]
)
def test_many_problems_are_imported_again_in_parts(admin_client, count, sizes):
    numbers = [str(number) for number in range(count)]

    text = import_again(admin_client, *numbers)

    runs = [run.order_ids for run in ImportRun.objects.order_by("pk")]
    assert [len(ids) for ids in runs] == sizes
    assert sorted(chain.from_iterable(runs)) == sorted(numbers)
    assert f"{count} orders are asked for again." in text


def test_an_order_without_a_number_is_not_asked_for(admin_client):
    text = import_again(admin_client, f"{NAMELESS}0123456789ab", "77")

    assert ImportRun.objects.get().order_ids == ["77"]
    assert "1 order is asked for again." in text
    assert "1 order without a number cannot be asked for." in text


def test_a_viewer_sees_orders_and_changes_nothing(client):
    staff(client, "view_order", "view_shipment")
    order = OrderFactory()
    posts = [
        (step(order, "ship"), parcel()),
        (step(order, "hold_order"), SUBMITTED | {"reason": "No"}),
        (step(order, "release"), SUBMITTED),
        (step(order, "send"), SUBMITTED),
        (step(order, "import_again"), SUBMITTED),
        (grid(order), {}),
    ]

    text = client.get(page(order)).content.decode()
    refused = [client.post(url, data).status_code for url, data in posts]
    for action in ("ship_chosen", "release_chosen", "send_chosen"):
        client.post(reverse(LIST), {"action": action, "_selected_action": [order.pk]})

    assert "Mark as shipped" not in client.get(reverse(LIST)).content.decode()
    assert "/ship/" not in text
    assert refused == [403] * len(posts)
    assert not Shipment.objects.exists()


def test_the_login_without_a_page_in_mind_leads_to_the_start(client, admin_user):
    data = {"username": "admin", "password": "password"}

    answer = client.post(reverse("admin:login"), data)

    assert answer.url == reverse("admin:index")


def test_a_stranger_is_sent_to_the_login(client):
    order = OrderFactory()

    answers = [client.get(url) for url in (reverse(LIST), page(order), grid(order))]

    assert all("/login/" in answer.url for answer in answers)


def test_the_queues_pages_are_for_superusers_alone_and_read_only(client, admin_client):
    from django_q.models import Schedule

    Schedule.objects.create(name="probe", func="os.getcwd")
    staff(client, "view_schedule", "add_schedule", "delete_failure", "view_failure")
    url = reverse("admin:django_q_schedule_changelist")

    refused = client.get(url)
    seen = admin_client.get(url)
    added = admin_client.post(reverse("admin:django_q_schedule_add"), {"func": "x"})

    assert refused.status_code == 403
    assert "probe" in seen.content.decode()
    assert added.status_code == 403
