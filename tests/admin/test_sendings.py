"""The page of a sending fills, asks for reasons, sends, and tells what came of it."""

from datetime import timedelta
from functools import partial

import pytest
from django.urls import reverse
from django.utils import timezone as clock

from backoffice.health import beat
from orders.models import Order, Sending, Shipment
from orders.notifying import sendings
from tests.factories import OrderFactory
from tests.support.order_pages import LIST, SUBMITTED, page, staff, step
from tests.support.sendings import (
    NUMBERS,
    ODD,
    begin,
    looks,
    ship_unsent,
    soon,
    work_off,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def ship(store, tophatter):
    return partial(ship_unsent, store, tophatter)


def url(one: Sending, name: str) -> str:
    return reverse(f"admin:orders_sending_{name}", args=[one.pk])


def text_of(client, one: Sending) -> str:
    return client.get(page(one)).content.decode()


def polled(client, one: Sending) -> str:
    """Return the part of the page that fills."""
    return client.get(url(one, "progress")).content.decode()


def reason(one: Sending, text: str) -> dict[str, str]:
    return {f"reason-{one.lines.get(look='amber').pk}": text}


def test_the_list_of_orders_leads_to_the_last_look(admin_client, ship):
    first, second = ship(*NUMBERS[:2])
    data = {
        "action": "send_chosen",
        "_selected_action": [first.order_id, second.order_id],
    }

    answer = admin_client.post(f"{reverse(LIST)}?view=all", data)

    one = Sending.objects.get()
    assert answer.url == page(one)
    assert one.asked_by.username == "admin"
    assert looks(one) == ["waiting", "waiting"]
    assert set(Shipment.objects.values_list("notification", flat=True)) == {"not_sent"}


def test_what_has_not_shipped_is_counted_and_the_rest_is_sent(admin_client, ship):
    (shipment,) = ship(NUMBERS[0])
    unshipped = [OrderFactory(), OrderFactory()]
    data = {
        "action": "send_chosen",
        "_selected_action": [shipment.order_id, *(one.pk for one in unshipped)],
    }

    text = admin_client.post(f"{reverse(LIST)}?view=all", data, follow=True)

    assert [line.shipment for line in Sending.objects.get().lines.all()] == [shipment]
    assert "2 orders have no shipment here yet; mark them as shipped first." in (
        text.content.decode()
    )


def test_where_nothing_has_shipped_the_step_before_is_named(admin_client):
    order = OrderFactory()
    data = {"action": "send_chosen", "_selected_action": [order.pk]}
    places = [(reverse(LIST), data), (step(order, "send"), SUBMITTED)]

    for url_of_step, form in places:
        text = admin_client.post(url_of_step, form, follow=True).content.decode()

        assert "1 order has no shipment here yet; mark it as shipped first." in text
        assert "nothing to send" not in text
    assert not Sending.objects.exists()


def test_the_list_of_shipments_and_both_pages_do_too(admin_client, ship):
    (shipment,) = ship(NUMBERS[0])
    data = {"action": "send_chosen", "_selected_action": [shipment.pk]}
    places = [
        (reverse("admin:orders_shipment_changelist"), data),
        (step(shipment, "send"), SUBMITTED),
        (step(shipment.order, "send"), SUBMITTED),
        (reverse("admin:orders_sending_ask"), {"shipment": [shipment.pk]}),
    ]

    for place, form in places:
        answer = admin_client.post(place, form)
        assert answer.url == page(Sending.objects.get(looked_at=None))
        Sending.objects.update(looked_at=clock.now())

    assert Sending.objects.count() == len(places)


def test_a_look_that_is_asked_for_already_is_shown_and_no_other_made(
    admin_client, client, ship
):
    first, second = ship(*NUMBERS[:2])
    url = reverse("admin:orders_sending_ask")
    asked = admin_client.post(url, {"shipment": [first.pk, second.pk]})
    staff(client, "view_shipment", "send_tracking")

    again = client.post(url, {"shipment": [first.pk, second.pk]}, follow=True)
    fewer = client.post(url, {"shipment": [first.pk]}, follow=True)

    said = "The last look at these shipments is asked for already."
    assert again.redirect_chain[-1][0] == asked.url
    assert said in again.text
    assert said not in fewer.text
    assert Sending.objects.count() == 2


def test_the_page_fills_while_the_orders_are_looked_at(admin_client, ship):
    ship(*NUMBERS[:2])
    one = sendings.start_sending(Shipment.objects.all(), None)

    before = text_of(admin_client, one)
    one.lines.filter(pk=one.lines.first().pk).update(look="green")
    part = polled(admin_client, one)

    assert "0 of 2 looked at." in before
    assert f'hx-get="{url(one, "progress")}"' in before
    assert "1 of 2 looked at." in part
    assert "hx-get" in part


def test_the_last_look_is_shown_in_groups_and_stops_polling(
    admin_client, ship, tophatter
):
    ship(NUMBERS[0], ODD, NUMBERS[1])
    tophatter.orders()[2]["status"] = "refunded"
    one = begin()

    text = polled(admin_client, one)

    assert "1 can go, 1 in doubt, 1 cannot go." in text
    assert "does not look like a number of USPS" in text
    assert "is cancelled (refunded)" in text
    assert 'name="reason-' in text
    assert "hx-get" not in text
    assert all(str(order) in text for order in Order.objects.all())


def test_what_buyers_and_marketplaces_wrote_is_escaped(admin_client, ship, tophatter):
    ship(NUMBERS[0])
    tophatter.orders()[0].update(
        status="shipped",
        tracking_number="<script>alert(1)</script>",
        customer_name="<script>alert(2)</script>",
    )

    text = text_of(admin_client, begin())

    assert "&lt;script&gt;alert(1)" in text
    assert "&lt;script&gt;alert(2)" in text
    assert "<script>alert" not in text


def test_confirming_sends_and_the_page_tells_what_came_of_it(
    admin_client, ship, tophatter
):
    ship(NUMBERS[0], ODD, NUMBERS[1])
    one = begin()

    answer = admin_client.post(url(one, "confirm"), reason(one, "As agreed"))
    sent = polled(admin_client, one)
    tophatter.fault("422", on="orders/fulfill", message="No such label.")
    work_off()
    settled = polled(admin_client, one)

    assert answer.url == page(one)
    assert "Sending: 0 done, 3 to go." in sent
    assert "hx-get" in sent
    assert "2 of 3 accepted; the row of the other one says why." in settled
    assert "No such label." in settled
    assert "Sent despite a doubt: As agreed" in settled
    assert "hx-get" not in settled
    assert len(tophatter.fulfillments) == 2


def test_all_accepted_is_one_sentence(admin_client, ship):
    ship(*NUMBERS[:2])
    one = begin()
    admin_client.post(url(one, "confirm"))
    work_off()

    assert "All 2 shipments are accepted." in text_of(admin_client, one)


def test_what_was_left_out_says_why_and_can_be_looked_at_again(
    admin_client, ship, tophatter
):
    ship(NUMBERS[0], ODD)
    one = begin()
    admin_client.post(url(one, "confirm"), reason(one, "  "))
    work_off()

    text = text_of(admin_client, one)
    answer = admin_client.post(url(one, "look_again"))

    assert "1 of 2 accepted" in text
    assert "does not look like a number of USPS" in text
    other = Sending.objects.first()
    assert other != one
    assert answer.url == page(other)
    assert other.lines.get().shipment.tracking_number == ODD


def test_looking_again_keeps_what_was_typed(admin_client, ship):
    ship(NUMBERS[0], ODD)
    one = begin()

    admin_client.post(url(one, "look_again"), reason(one, "Half a rea"))
    waiting = looks(one)
    sendings.look_over(one, soon())

    assert waiting == ["green", "waiting"]
    assert 'value="Half a rea"' in text_of(admin_client, one)


def test_without_a_worker_the_page_works_itself(admin_client, ship, tophatter):
    ship(NUMBERS[0])
    one = sendings.start_sending(Shipment.objects.all(), None)

    stuck = text_of(admin_client, one)
    admin_client.post(url(one, "look_here"))
    looked = looks(one)
    admin_client.post(url(one, "confirm"))
    stuck_again = text_of(admin_client, one)
    admin_client.post(url(one, "look_here"))

    assert "Look here and now" in stuck
    assert looked == ["green"]
    assert "Send here and now" in stuck_again
    assert len(tophatter.fulfillments) == 1
    assert "1 shipment is accepted." in text_of(admin_client, one)


def test_a_look_left_lying_can_be_ended_by_hand(admin_client, ship):
    ship(NUMBERS[0])
    one = sendings.start_sending(Shipment.objects.all(), None)
    beat()
    working = text_of(admin_client, one)
    hours_ago = clock.now() - timedelta(hours=2)
    Sending.objects.update(asked_at=hours_ago)

    assert "Look here and now" not in working
    assert "left lying" in text_of(admin_client, one)


def test_a_shipper_may_send_what_is_green_and_gives_no_reasons(client, ship, tophatter):
    staff(client, "send_tracking", "view_order")
    ship(NUMBERS[0], ODD)
    one = begin()

    text = text_of(client, one)
    forged = client.post(url(one, "confirm"), reason(one, "Forged"))
    still_open = Sending.objects.get().confirmed_at is None
    client.post(url(one, "confirm"))

    assert "A manager may send it all the same" in text
    assert 'name="reason-' not in text
    assert (forged.status_code, still_open) == (403, True)
    assert list(one.lines.values_list("is_sent", flat=True)) == [True, False]


def test_a_viewer_neither_sees_nor_sends(client, ship):
    staff(client, "view_order", "view_shipment", "view_sending")
    (shipment,) = ship(NUMBERS[0])
    one = begin()
    posts = ["confirm", "look_again", "look_here"]

    refused = [client.post(url(one, name)).status_code for name in posts]
    ask = client.post(reverse("admin:orders_sending_ask"), {"shipment": shipment.pk})
    seen = [
        client.get(place).status_code
        for place in (
            page(one),
            url(one, "progress"),
            reverse("admin:orders_sending_changelist"),
        )
    ]

    assert refused == [403] * 3
    assert ask.status_code == 403
    assert seen == [403] * 3
    assert Sending.objects.get().confirmed_at is None
    start = client.get(reverse("admin:index")).content.decode()
    assert reverse("admin:orders_sending_changelist") not in start


def test_nothing_changes_by_looking_at_an_address(admin_client, ship):
    ship(NUMBERS[0])
    one = begin()

    codes = [
        admin_client.get(url(one, name)).status_code
        for name in ("confirm", "look_again", "look_here")
    ]

    assert codes == [405] * 3
    assert admin_client.get(reverse("admin:orders_sending_ask")).status_code == 405
    assert Sending.objects.get().confirmed_at is None


def test_a_sending_that_is_gone_is_not_found(admin_client, ship):
    ship(NUMBERS[0])
    one = begin()
    address = url(one, "progress")
    one.delete()

    assert admin_client.get(address).status_code == 404


def test_the_page_costs_the_same_queries_whatever_its_length(
    admin_client, ship, django_assert_max_num_queries
):
    ship(*NUMBERS[:2])
    few = begin()
    # What is left to do is worked out by the first page of some minutes.
    admin_client.get(page(few))
    with django_assert_max_num_queries(30) as short:
        admin_client.get(page(few))
    ship(*NUMBERS[2:12])
    many = begin()
    # What has shipped is counted anew once.
    admin_client.get(page(few))

    with django_assert_max_num_queries(30) as long:
        admin_client.get(page(many))

    assert len(long) == len(short)


def test_the_list_of_sendings_tells_how_many_went(
    admin_client, ship, django_assert_max_num_queries
):
    ship(NUMBERS[0], ODD)
    one = begin()
    admin_client.post(url(one, "confirm"))
    work_off()
    listed = reverse("admin:orders_sending_changelist")
    admin_client.get(listed)
    with django_assert_max_num_queries(30) as few:
        text = admin_client.get(listed).content.decode()
    for _ in range(10):
        sendings.start_sending(Shipment.objects.filter(notification="not_sent"), None)
        Sending.objects.update(looked_at=clock.now())

    with django_assert_max_num_queries(30) as many:
        admin_client.get(listed)

    assert "Confirmed" in text
    assert len(many) == len(few)


def test_too_many_at_once_are_sent_back_to_the_list(admin_client, store):
    Order.objects.bulk_create(OrderFactory.build_batch(501, store=store))
    Shipment.objects.bulk_create(
        Shipment(
            order=order,
            carrier="USPS",
            tracking_number="A12345",
            shipped_at=clock.now(),
            notification="not_sent",
            not_sent_because="store",
        )
        for order in Order.objects.all()
    )
    listed = reverse("admin:orders_shipment_changelist")
    data = {
        "action": "send_chosen",
        "select_across": "1",
        "index": "0",
        "_selected_action": [Shipment.objects.first().pk],
    }

    answer = admin_client.post(listed, data, follow=True)

    assert "At most 500 shipments are sent at a time" in answer.content.decode()
    assert not Sending.objects.exists()
