"""Orders and shipments in the admin: look, ship, hold, release, send, correct."""

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone as clock
from django_q.brokers import get_broker

from orders import importing, notifying
from orders.models import ImportProblem, ImportRun, Order, Shipment
from tests.factories import OrderFactory, StoreFactory, UserFactory

pytestmark = pytest.mark.django_db

LIST = "admin:orders_order_changelist"
NUMBER = "9400100000000000000000"
SUBMITTED = {"_form_submitted": "True"}


def page(row) -> str:
    return reverse(f"admin:orders_{row._meta.model_name}_change", args=[row.pk])


def step(row, name: str) -> str:
    return reverse(f"admin:orders_{row._meta.model_name}_{name}", args=[row.pk])


def grid(*orders: Order) -> str:
    chosen = ",".join(str(order.pk) for order in orders)
    return f"{reverse('admin:orders_order_ship_grid')}?orders={chosen}"


def row(order: Order, carrier: str, number: str) -> dict[str, str]:
    return {
        f"order-{order.pk}-carrier": carrier,
        f"order-{order.pk}-tracking_number": number,
    }


def parcel(**fields) -> dict[str, str]:
    today = clock.localdate().isoformat()
    defaults = {"carrier": "USPS", "tracking_number": NUMBER, "shipped_at": today}
    return SUBMITTED | defaults | fields


def staff(client, *permissions: str):
    user = UserFactory()
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client.force_login(user)
    return user


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
    with django_assert_max_num_queries(30) as few:
        admin_client.get(reverse(LIST))
    OrderFactory.create_batch(40)

    with django_assert_max_num_queries(30) as many:
        admin_client.get(reverse(LIST))

    assert len(many) == len(few)


@pytest.mark.parametrize("wanted", [NUMBER, "MUG-77", "Jane", "Los Altos"])
def test_one_box_finds_number_buyer_tracking_sku_and_city(admin_client, wanted):
    order = OrderFactory()
    order.line_items.create(position=0, sku="MUG-77", name="Mug", quantity=1)
    order.shipments.create(
        carrier="USPS", tracking_number=NUMBER, shipped_at=clock.now()
    )
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


def test_shipping_an_order_tells_the_marketplace(admin_client, store, tophatter):
    tophatter.add_order()
    importing.refresh_store(store)
    order = Order.objects.get()

    answer = admin_client.post(step(order, "ship"), parcel())
    shipment = Shipment.objects.get()
    notifying.send_tracking(shipment)

    assert answer.url == page(order)
    assert shipment.shipped_by.username == "admin"
    assert tophatter.orders()[0]["tracking_number"] == NUMBER


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"carrier": "Owl"}, "Owl is not one of the available choices"),
        ({"tracking_number": ""}, "This field is required"),
        ({"tracking_number": "12 34"}, "is not a tracking number"),
        ({"shipped_at": "2999-01-01"}, "has not come yet"),
    ],
)
def test_a_wrong_parcel_is_refused_beside_its_field(admin_client, fields, reason):
    order = OrderFactory()

    answer = admin_client.post(step(order, "ship"), parcel(**fields))

    assert reason in answer.content.decode()
    assert not Shipment.objects.exists()


def test_a_cancelled_order_does_not_ship_from_an_old_dialog(admin_client):
    order = OrderFactory(marketplace_state="cancelled", marketplace_status="refunded")

    answer = admin_client.post(step(order, "ship"), parcel())

    assert "is cancelled (refunded)" in answer.content.decode()
    assert not Shipment.objects.exists()


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


def test_held_orders_are_released_together(admin_client):
    held = OrderFactory.create_batch(2, held_at=clock.now(), hold_reason="Ask")
    data = {
        "action": "release_chosen",
        "_selected_action": [order.pk for order in held],
    }

    text = admin_client.post(reverse(LIST), data, follow=True).content.decode()

    assert "2 orders are released" in text
    assert set(Order.objects.values_list("status", flat=True)) == {"awaiting_shipment"}


def test_the_grid_ships_the_rows_that_are_right_and_says_why_others_are_not(
    admin_client,
):
    good, typo, cancelled, empty = OrderFactory.create_batch(4)
    Order.objects.filter(pk=cancelled.pk).update(marketplace_state="cancelled")
    data = {
        "shipped_at": clock.localdate().isoformat(),
        **row(good, "USPS", "A1"),
        **row(typo, "USPS", "B 2"),
        **row(cancelled, "FedEx", "C3"),
        **row(empty, "USPS", ""),
    }

    answer = admin_client.post(grid(good, typo, cancelled, empty), data)

    text = answer.content.decode()
    assert "1 order is shipped" in text
    assert "2 orders are not shipped" in text
    assert "“B 2” is not a tracking number" in text
    assert f"Order {cancelled} is cancelled" in text
    assert Shipment.objects.get().order == good


def test_the_list_leads_to_the_grid_in_its_order(admin_client):
    first, second = OrderFactory.create_batch(2)
    data = {"action": "ship_chosen", "_selected_action": [first.pk, second.pk]}

    answer = admin_client.post(reverse(LIST), data)

    assert answer.url == grid(second, first)
    assert admin_client.get(answer.url).status_code == 200


def test_the_grid_without_orders_says_what_to_do(admin_client):
    text = admin_client.get(grid()).content.decode()

    assert "No orders are chosen" in text


def test_tracking_is_sent_by_hand_once_it_was_refused(
    admin_client, store, tophatter, django_capture_on_commit_callbacks
):
    from orders.tasks import send_notice

    tophatter.add_order()
    importing.refresh_store(store)
    admin_client.post(step(Order.objects.get(), "ship"), parcel())
    tophatter.fault("422", on="orders/fulfill")
    shipment = Shipment.objects.get()
    notifying.send_tracking(shipment)

    answer = admin_client.post(step(shipment, "send"), SUBMITTED)
    send_notice(shipment.pk)

    shipment.refresh_from_db()
    assert answer.url == page(shipment)
    assert shipment.notification == "accepted"


def test_sending_what_is_accepted_says_so_and_sends_nothing(admin_client):
    order = OrderFactory(marketplace_state="shipped")
    order.shipments.create(
        carrier="USPS",
        tracking_number=NUMBER,
        shipped_at=clock.now(),
        notification="accepted",
    )
    data = {"action": "send_chosen", "_selected_action": [order.pk]}

    text = admin_client.post(reverse(LIST), data, follow=True).content.decode()

    assert "There is nothing to send" in text
    assert Shipment.objects.get().notification == "accepted"


def test_a_shipment_is_corrected_until_it_is_sent(admin_client):
    order = OrderFactory()
    shipment = order.shipments.create(
        carrier="USPS",
        tracking_number="TYPO",
        shipped_at=clock.now(),
        notification="refused",
    )
    data = SUBMITTED | {"carrier": "FedEx", "tracking_number": NUMBER}

    admin_client.post(step(shipment, "correct"), data)
    corrected = Shipment.objects.get()
    Shipment.objects.update(notification="accepted")
    answer = admin_client.post(
        step(shipment, "correct"), data | {"tracking_number": "OTHER"}
    )

    assert (str(corrected), corrected.notification) == (f"FedEx {NUMBER}", "pending")
    assert "cannot be changed any more" in answer.content.decode()
    assert Shipment.objects.get().tracking_number == NUMBER


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


def test_thousands_of_orders_are_sent_without_making_anybody_wait(
    admin_client, django_assert_max_num_queries
):
    store = StoreFactory()
    Order.objects.bulk_create(OrderFactory.build_batch(5000, store=store))
    now = clock.now()
    Shipment.objects.bulk_create(
        Shipment(
            order=order,
            carrier="USPS",
            tracking_number="A1",
            shipped_at=now,
            notification="not_sent",
        )
        for order in Order.objects.all()
    )
    data = {
        "action": "send_chosen",
        "select_across": "1",
        "index": "0",
        "_selected_action": [Order.objects.first().pk],
    }

    with django_assert_max_num_queries(200):
        admin_client.post(reverse(LIST), data)

    # A hundred wait in the queue, the others for the next sweeps.
    assert get_broker().queue_size() <= 100
    assert Shipment.objects.due(clock.now()).count() == 5000
