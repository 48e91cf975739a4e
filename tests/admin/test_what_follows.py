"""What is said of a parcel's notice promises nothing that does not happen."""

import pytest
from django.urls import reverse
from django.utils import timezone as clock

from backoffice.health import beat
from orders import shipping
from orders.models import Order, Shipment
from orders.tracking_files.files import take_file
from stores.models import Store
from tests.factories import OrderFactory
from tests.support.order_pages import (
    LIST,
    NUMBER,
    SUBMITTED,
    grid,
    page,
    parcel,
    row,
    step,
)
from tests.support.sendings import NUMBERS, ODD
from tests.support.tracking_files import stored

pytestmark = pytest.mark.django_db

TOLD = "The marketplace is told now."
# How a store does, and what a notice of it waits for.
WAITS = [
    ({"is_active": False}, "is switched off."),
    ({"connection": "refused"}, "refuses the access token of"),
    ({"auto_send_tracking": False}, "The notice waits for somebody to send it."),
]


@pytest.fixture
def order() -> Order:
    beat()
    return OrderFactory()


def messages(answer) -> str:
    return " ".join(str(message) for message in answer.context["messages"])


def test_a_notice_that_goes_at_once_is_said_to(admin_client, order):
    answer = admin_client.post(step(order, "ship"), parcel(), follow=True)

    assert messages(answer) == f"Order {order} is shipped: USPS {NUMBER}. {TOLD}"


@pytest.mark.parametrize(("facts", "says"), WAITS)
def test_a_notice_that_waits_is_said_to_on_the_orders_and_the_shipments_page(
    admin_client, order, facts, says
):
    Store.objects.update(**facts)

    answer = admin_client.post(step(order, "ship"), parcel(), follow=True)

    assert TOLD not in messages(answer)
    assert says in messages(answer)
    for row_of in (order, Shipment.objects.get()):
        assert says in admin_client.get(page(row_of)).text


@pytest.mark.parametrize(("facts", "says"), WAITS)
def test_a_corrected_parcel_says_what_its_notice_waits_for(
    admin_client, order, facts, says
):
    send = None if "auto_send_tracking" in facts else True
    Store.objects.update(**facts)
    order.refresh_from_db()
    shipment = shipping.ship_order(
        order, carrier="USPS", tracking_number=NUMBER, send=send
    )
    data = SUBMITTED | {"carrier": "USPS", "tracking_number": NUMBERS[1]}

    answer = admin_client.post(step(shipment, "correct"), data, follow=True)

    assert says in messages(answer)
    assert TOLD not in messages(answer)


@pytest.mark.parametrize("notification", ["pending", "refused"])
def test_a_corrected_parcel_in_doubt_is_said_to_wait(admin_client, order, notification):
    shipment = shipping.ship_order(order, carrier="USPS", tracking_number=NUMBER)
    Shipment.objects.update(notification=notification)
    data = SUBMITTED | {"carrier": "USPS", "tracking_number": "ABC1234567"}

    answer = admin_client.post(step(shipment, "correct"), data, follow=True)

    assert "The notice waits for a last look. “ABC1234567” does" in messages(answer)
    assert TOLD not in messages(answer)
    assert Shipment.objects.get().notification == "not_sent"


def test_a_corrected_parcel_without_doubt_is_told_now(admin_client, order):
    admin_client.post(step(order, "ship"), parcel(tracking_number=ODD))
    data = SUBMITTED | {"carrier": "USPS", "tracking_number": NUMBER}

    answer = admin_client.post(
        step(Shipment.objects.get(), "correct"), data, follow=True
    )

    assert TOLD in messages(answer)
    assert Shipment.objects.get().notification == "pending"


def test_without_a_worker_nothing_is_told_now(admin_client):
    order = OrderFactory()

    answer = admin_client.post(step(order, "ship"), parcel(), follow=True)

    assert "waits for the worker, which is not running" in messages(answer)
    assert "waits for the worker" in admin_client.get(page(order)).text


@pytest.mark.parametrize(("facts", "says"), WAITS)
def test_a_row_of_the_grid_says_what_its_notice_waits_for(
    admin_client, order, facts, says
):
    Store.objects.update(**facts)
    day = {"shipped_at": clock.localdate().isoformat()}

    answer = admin_client.post(grid(order), day | row(order, "USPS", NUMBER))

    assert says in answer.text


@pytest.mark.parametrize(("facts", "says"), WAITS)
def test_a_line_of_a_file_says_what_its_notice_waits_for(order, facts, says):
    Store.objects.update(**facts)

    (line,) = take_file(stored([str(order), NUMBER, "USPS"]))

    assert line.sentence.startswith(f"Shipped with USPS {NUMBER}. ")
    assert says in line.sentence


def test_what_somebody_chooses_to_keep_here_is_not_told_from_any_page(
    admin_client, order
):
    other = OrderFactory(store=order.store)
    day = {"shipped_at": clock.localdate().isoformat(), "is_kept_here": "on"}

    admin_client.post(step(order, "ship"), parcel(is_kept_here="on"))
    answer = admin_client.post(grid(other), day | row(other, "USPS", ODD))

    reasons = Shipment.objects.values_list("not_sent_because", flat=True)
    assert list(reasons) == ["choice", "choice"]
    assert "By choice, Tophatter is not told" in answer.text
    assert "waits for a last look" not in answer.text


def test_the_list_names_no_next_attempt_of_a_store_that_sends_nothing(
    admin_client, order
):
    shipping.ship_order(order, carrier="USPS", tracking_number=NUMBER)
    shipments = page(order).partition("order/")[0] + "shipment/"
    cell = 'class="field-next_attempt'
    before = admin_client.get(shipments).text.partition(cell)[2].partition("</td>")[0]

    Store.objects.update(is_active=False)

    after = admin_client.get(shipments).text.partition(cell)[2].partition("</td>")[0]
    assert "<time" in before
    assert "<time" not in after


def test_what_may_not_ship_is_not_said_to_be_marked_first(admin_client):
    orders = [OrderFactory(marketplace_state="cancelled"), OrderFactory()]
    data = {"action": "send_chosen", "_selected_action": [one.pk for one in orders]}

    text = admin_client.post(f"{reverse(LIST)}?view=all", data, follow=True).text

    assert "1 order has no shipment here and may not ship; its page says why." in text
    assert "1 order has no shipment here yet; mark it as shipped first." in text
