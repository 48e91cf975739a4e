"""The page with everything that needs a person."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone as clock

from orders.models import ImportRun, WorkMark
from orders.work import causes, to_do
from tests.factories import UserFactory
from tests.support.order_pages import staff
from tests.support.work_causes import CAUSES, gap, refused_notice

pytestmark = pytest.mark.django_db
PAGE = "admin:orders_order_work"
MARK = "admin:orders_order_work_mark"


def test_the_page_shows_all_with_what_to_do_and_every_page_the_number(admin_client):
    for make in CAUSES.values():
        make()

    text = admin_client.get(reverse(PAGE)).content.decode()
    start = admin_client.get("/").content.decode()

    for kind in CAUSES:
        assert str(causes.CAUSES[kind].title) in text
    assert "First read why; then correct the shipment" in text
    assert "Import this gap" in text
    assert "Replace token" in text
    assert f"data-work-count>{len(CAUSES)}<" in start


def test_nothing_to_do_is_said(admin_client):
    text = admin_client.get(reverse(PAGE)).content.decode()

    assert "Nothing needs a person." in text
    assert "data-work-count>0<" in text


def mark(client, step: str, **fields):
    (item,) = to_do.standing(clock.now())
    data = {"kind": item.kind, "cause": item.cause, "step": step, **fields}
    return client.post(reverse(MARK), data, follow=True)


def test_an_item_is_taken_snoozed_woken_and_given_up(client):
    refused_notice()
    user = staff(client, "view_order", "ship_order")

    mark(client, "take")
    assert WorkMark.objects.get().owner == user
    mine = client.get(reverse(PAGE), {"show": "mine"}).content.decode()
    assert f"taken by {user}" in mine

    mark(client, "snooze", days="3")
    assert WorkMark.objects.get().snoozed_until > clock.now() + timedelta(days=2)
    assert "Nothing needs a person." in client.get(reverse(PAGE)).content.decode()

    mark(client, "wake", show="snoozed")
    mark(client, "give_up")
    assert WorkMark.objects.get().owner is None
    assert "nobody has taken it" in client.get(reverse(PAGE)).content.decode()


def test_what_another_has_taken_is_not_taken_away(client):
    refused_notice()
    other = UserFactory(username="other")
    (item,) = to_do.standing(clock.now())
    to_do.take_item(item.kind, item.cause, other)
    staff(client, "view_order", "ship_order")

    text = mark(client, "take").content.decode()

    assert "other has taken this already." in text
    assert WorkMark.objects.get().owner == other


@pytest.mark.parametrize("fields", [{"days": "400"}, {"days": "x"}, {}])
def test_a_snooze_has_one_of_three_lengths(client, fields):
    refused_notice()
    staff(client, "view_order", "ship_order")

    assert mark(client, "snooze", **fields).status_code == 400
    assert not WorkMark.objects.exists()


def test_what_somebody_let_sleep_longer_sleeps_on(client):
    refused_notice()
    staff(client, "view_order", "ship_order")
    mark(client, "snooze", days="7")
    until = WorkMark.objects.get().snoozed_until

    other = mark(client, "snooze", days="1").text
    same = mark(client, "snooze", days="7").text

    assert "This is snoozed already; wake it to choose other days." in other
    assert WorkMark.objects.get().snoozed_until - until < timedelta(minutes=1)
    assert "This is snoozed already" not in same


def test_what_is_done_already_is_said(client):
    staff(client, "view_order", "ship_order")

    data = {"kind": "notice", "cause": "7", "step": "take"}
    text = client.post(reverse(MARK), data, follow=True).content.decode()

    assert "its cause is gone" in text
    assert not WorkMark.objects.exists()


def test_who_may_only_look_marks_nothing(client):
    refused_notice()
    staff(client, "view_order")

    text = client.get(reverse(PAGE)).content.decode()

    assert "The tracking of order" in text
    assert 'value="take"' not in text
    assert client.post(reverse(MARK), {}).status_code == 403


def test_who_may_see_no_orders_sees_no_list_and_no_number(client):
    staff(client, "view_store")

    assert client.get(reverse(PAGE)).status_code == 403
    assert "data-work-count" not in client.get("/").content.decode()


def test_the_page_costs_as_many_queries_for_many_items(
    admin_client, django_assert_max_num_queries
):
    for make in CAUSES.values():
        for _ in range(3):
            make()
    admin_client.get(reverse(PAGE))

    with django_assert_max_num_queries(48):
        admin_client.get(reverse(PAGE))


def test_a_gap_is_imported_from_the_list(admin_client):
    store = gap()
    text = admin_client.get(reverse(PAGE)).content.decode()
    start = text.split('name="start" value="')[1].split('"')[0]

    url = reverse("admin:stores_store_gap", args=[store.pk])
    admin_client.post(url, {"start": start})

    assert ImportRun.objects.filter(started_at=None, store=store).exists()
