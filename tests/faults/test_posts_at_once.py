"""Four press the same button at the same moment: it is done once, and nothing fails."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.urls import reverse

from orders import shipping
from orders.admin import exports
from orders.models import (
    ImportRun,
    Job,
    Order,
    OrderEvent,
    Sending,
    Shipment,
    TrackingFile,
)
from stores.models import Store
from tests.factories import OrderFactory, StoreFactory, UserFactory
from tests.support.forms import filled_in
from tests.support.order_pages import NUMBER, SUBMITTED, page, parcel, step
from tests.support.store_pages import step as store_step

pytestmark = pytest.mark.django_db(transaction=True)

MANY = 4


@pytest.fixture
def order(tophatter) -> Order:
    store = StoreFactory(access_token=tophatter.token, auto_send_tracking=False)
    return OrderFactory(store=store)


@pytest.fixture
def people() -> list[Client]:
    """Four superusers, each with a browser that shows failures as a page."""
    found = []
    for _ in range(MANY):
        found.append(Client(raise_request_exception=False))
        found[-1].force_login(UserFactory(is_superuser=True))
    return found


def at_once(people: list[Client], post: Callable[[int, Client], object]) -> list:
    """Have all of them post at the same moment; return the answers."""
    start = Barrier(len(people))

    def try_it(one: int) -> object:
        try:
            start.wait()
            return post(one, people[one])
        finally:
            connection.close()

    with ThreadPoolExecutor(len(people)) as pool:
        return list(pool.map(try_it, range(len(people))))


def codes(answers: list) -> list[int]:
    return sorted(answer.status_code for answer in answers)


def test_an_order_ships_once_with_one_of_four_numbers(people, order):
    url = step(order, "ship")
    numbers = [f"94001118995621734065{n:02d}" for n in range(MANY)]

    answers = at_once(
        people, lambda n, one: one.post(url, parcel(tracking_number=numbers[n]))
    )

    assert Shipment.objects.count() == 1
    assert set(codes(answers)) <= {200, 302}


def test_a_file_that_four_take_ships_each_order_once(people, order):
    file = TrackingFile.objects.create(
        name="numbers.csv",
        header=["Order", "Number"],
        lines=[[2, [order.marketplace_order_id, NUMBER]]],
        mapping={"order": 0, "tracking_number": 1},
        carrier="USPS",
    )

    answers = at_once(people, lambda n, one: one.post(step(file, "take"), {}))

    assert Shipment.objects.count() == 1
    assert codes(answers) == [302] * MANY
    assert TrackingFile.objects.get().taken_at


def test_a_note_and_a_long_export_of_one_person_are_asked_for_once(
    people, order, monkeypatch
):
    monkeypatch.setattr(exports, "MOST_AT_ONCE", 0)
    same = people[:1] * MANY
    data = filled_in(people[0].get(page(order)).text, text="Call her")
    export = reverse("admin:orders_order_export")

    notes = at_once(same, lambda n, one: one.post(step(order, "note"), data))
    exported = at_once(
        same, lambda n, one: one.post(export, {"what": "orders", "format": "csv"})
    )

    assert codes(notes) == codes(exported) == [302] * MANY
    assert OrderEvent.objects.filter(kind="note").count() == 1
    assert Job.objects.count() == 1


def test_an_import_is_asked_for_once_and_the_others_are_told(people, order):
    urls = [store_step(order.store, "import_orders"), step(order, "import_again")]

    for url in urls:
        answers = at_once(people, lambda n, one, url=url: one.post(url, SUBMITTED))

        assert codes(answers) == [302] * MANY
        assert len({answer.url for answer in answers}) == 1

    assert sorted(ImportRun.objects.values_list("kind", flat=True)) == [
        "orders",
        "refresh",
    ]
    told = [one.get(reverse("account")).text for one in people]
    words = f"An import of {order.store} waits already since"
    assert sum(text.count(words) for text in told) == 2 * (MANY - 1)


def test_a_last_look_is_asked_for_once_and_the_others_are_told(people, order):
    shipping.ship_order(order, carrier="USPS", tracking_number=NUMBER, send=False)

    answers = at_once(people, lambda n, one: one.post(step(order, "send"), SUBMITTED))

    assert codes(answers) == [302] * MANY
    assert len({answer.url for answer in answers}) == 1
    assert Sending.objects.count() == 1
    told = [one.get(reverse("account")).text for one in people]
    words = "The last look at these shipments is asked for already."
    assert sum(words in text for text in told) == MANY - 1


def test_a_store_is_connected_once(people, tophatter):
    data = {"marketplace": "tophatter", "access_token": tophatter.token}
    url = reverse("admin:stores_store_add")

    answers = at_once(people, lambda n, one: one.post(url, data | {"name": f"S{n}"}))

    assert Store.objects.count() == 1
    assert set(codes(answers)) <= {200, 302}
    told = [one.get(reverse("account")).text for one in people]
    pages = [answer.text for answer in answers if answer.status_code == 200]
    said = [text for text in told + pages if "already connected" in text]
    assert len(said) == MANY - 1


def test_of_four_new_tokens_one_is_taken_and_three_are_asked_again(
    people, order, tophatter
):
    url = store_step(order.store, "replace_token")
    shown = filled_in(people[0].get(url).text)
    tokens = [tophatter.add_account() for _ in range(MANY)]

    answers = at_once(
        people, lambda n, one: one.post(url, shown | {"access_token": tokens[n]})
    )

    assert codes(answers) == [200] * (MANY - 1) + [302]
    said = [answer.text for answer in answers if answer.status_code == 200]
    assert all("changed the access token of" in text for text in said)
    (taken,) = [n for n in range(MANY) if answers[n].status_code == 302]
    assert Store.objects.get().token_ending == tokens[taken][-4:]


def test_of_four_who_give_rights_none_undoes_another(people):
    jane = UserFactory(username="jane")
    groups = [Group.objects.create(name=f"group {n}") for n in range(MANY)]
    url = reverse("admin:auth_user_change", args=[jane.pk])
    shown = filled_in(people[0].get(url).text)

    answers = at_once(
        people, lambda n, one: one.post(url, shown | {"groups": [groups[n].pk]})
    )

    assert codes(answers) == [200] * (MANY - 1) + [302]
    (given,) = [n for n in range(MANY) if answers[n].status_code == 302]
    kept = User.objects.get(username="jane").groups.get()
    assert kept == groups[given]
