"""Slips that were printed: the mark, the warning of a reprint, and void slips."""

import pytest
from django.urls import reverse
from django.utils import timezone as clock

from orders.documents import slips
from orders.models import Correction, Order, OrderEvent, PackingSlip
from tests.factories import StoreFactory, UserFactory
from tests.support.order_pages import LIST, page, staff
from tests.support.papers import PICK_LIST, SLIPS, ask, order, pages

pytestmark = pytest.mark.django_db


def page_of(client, *orders: Order) -> str:
    chosen = ",".join(str(one.pk) for one in orders)
    return client.get(f"{reverse(SLIPS)}?orders={chosen}").content.decode()


def printed(**fields) -> Order:
    made = order(**fields)
    slips.mark_printed([made], UserFactory())
    return made


def move(made: Order) -> Order:
    """Let the marketplace say another address."""
    Order.objects.filter(pk=made.pk).update(ship_to_city="Reno")
    return Order.objects.get(pk=made.pk)


@pytest.mark.parametrize("kind", ["pdf", "page"])
def test_a_printed_slip_knows_when_and_by_whom(admin_client, admin_user, kind):
    made = order()

    ask(admin_client, SLIPS, made, **{"as": kind})

    slip = made.slips.get()
    assert slip.printed_by == admin_user
    assert slip.printed_at <= clock.now()
    assert slip.address == made.address
    event = made.events.get()
    assert (event.kind, event.by) == (OrderEvent.Kind.PRINTED, admin_user)


def test_looking_and_a_pick_list_mark_nothing(admin_client):
    made = order()

    page_of(admin_client, made)
    ask(admin_client, PICK_LIST, made)

    assert not PackingSlip.objects.exists()


def test_a_reprint_is_warned_of_and_says_so_on_paper(admin_client):
    made = printed()

    text = page_of(admin_client, made)
    (paper,) = pages(ask(admin_client, SLIPS, made))

    assert "printing again is a reprint" in text
    assert f"by {made.slips.last().printed_by}." in text
    assert "Reprint" in paper
    assert made.slips.count() == 2


def test_a_first_print_is_not_warned_of(admin_client):
    text = page_of(admin_client, order())

    assert "reprint" not in text


def test_a_slip_is_void_once_the_address_changes_until_it_is_printed_anew(
    admin_client,
):
    made, other = printed(), printed()
    assert slips.void_slip_ids([made, other]) == set()

    moved = move(made)

    assert slips.void_slip_ids([moved, other]) == {made.pk}
    assert "That slip is void" in page_of(admin_client, moved)
    assert "Slip void" in admin_client.get(reverse(LIST)).content.decode()
    assert "is void: the order" in admin_client.get(page(moved)).content.decode()
    slips.mark_printed([moved], None)
    assert slips.void_slip_ids([moved, other]) == set()


def test_a_slip_is_void_once_staff_correct_the_address():
    made = printed()
    Correction.objects.create(
        order=made, ship_to_name="J", made_at=clock.now(), decided_at=clock.now()
    )

    assert slips.void_slip_ids([Order.objects.get(pk=made.pk)]) == {made.pk}


def test_a_cancelled_order_makes_its_slip_void_and_gets_no_other(admin_client):
    good, made = order(), printed()
    Order.objects.filter(pk=made.pk).update(marketplace_state="cancelled")

    text = page_of(admin_client, made, good)
    papers = pages(ask(admin_client, SLIPS, made, good))

    assert "1 order is cancelled and left out." in text
    assert "Left out: a cancelled order gets no slip." in text
    assert len(papers) == 1
    assert f"Order {good}" in papers[0]
    assert slips.void_slip_ids([Order.objects.get(pk=made.pk)]) == {made.pk}
    assert made.slips.count() == 1


@pytest.mark.parametrize("name", [SLIPS, PICK_LIST])
def test_nothing_but_cancelled_orders_prints_nothing(admin_client, name):
    made = order(marketplace_state="cancelled")

    answer = ask(admin_client, name, made)

    assert "1 order is cancelled and left out." in answer.content.decode()
    assert not PackingSlip.objects.exists()


def test_the_page_without_orders_says_what_to_do(admin_client):
    assert "No orders are chosen" in page_of(admin_client)


def test_orders_of_several_stores_are_told_apart(admin_client):
    first, second = order(), order(store=StoreFactory(name="The other shop"))

    alone, both = page_of(admin_client, second), page_of(admin_client, first, second)

    assert ">The other shop</p>" not in alone
    assert both.count(">The other shop</p>") == 1


def test_hand_made_keys_find_nothing_and_break_nothing(admin_client):
    text = admin_client.post(
        reverse(SLIPS), {"orders": f"x,-1,,{'9' * 40},{10**17}"}
    ).content.decode()

    assert "No orders are chosen" in text


@pytest.mark.parametrize("name", [SLIPS, PICK_LIST])
def test_who_may_not_ship_may_not_print(client, name):
    staff(client, "view_order")
    made = order()

    answer = ask(client, name, made)

    assert answer.status_code == 403
    assert client.get(f"{reverse(name)}?orders={made.pk}").status_code == 403
    assert not PackingSlip.objects.exists()
    assert "print_chosen" not in client.get(reverse(LIST)).content.decode()


def test_who_may_ship_may_print(client):
    staff(client, "view_order", "ship_order")

    assert len(pages(ask(client, SLIPS, order()))) == 1


def test_the_mark_of_void_slips_costs_one_query(django_assert_num_queries):
    made = [printed() for _ in range(3)]
    for one in made:
        move(one)
    orders = Order.objects.in_order_of([one.pk for one in made])

    with django_assert_num_queries(1):
        void = slips.void_slip_ids(orders)

    assert void == {one.pk for one in made}


def test_a_hundred_slips_cost_as_many_queries_as_one(
    admin_client, django_assert_max_num_queries
):
    orders = [order() for _ in range(30)]

    with django_assert_max_num_queries(20):
        ask(admin_client, SLIPS, *orders)
