"""The practice marketplace shows late, takes twice and lists as nobody expects."""

from datetime import timedelta
from typing import NamedTuple

import pytest

from stores.sandbox.listings import LISTINGS
from stores.sandbox.server import Sandbox
from tests.support.programs import free_port, start
from tests.support.vendor import NUMBER, Answer, get, ids, post


class Elsewhere(NamedTuple):
    """A marketplace in another process."""

    port: int
    token: str


FOR_MINUTES = timedelta(minutes=5)


def fulfill(sandbox: Sandbox, order_id: int, number: str = NUMBER) -> Answer:
    return post(
        sandbox,
        "orders/fulfill.json",
        order_id=order_id,
        carrier="USPS",
        tracking_number=number,
    )


def shown(sandbox: Sandbox, order_id: int) -> list[tuple[str, str | None]]:
    """Return what an order's page and the list show of it."""
    one = get(sandbox, "orders/retrieve.json", order_id=order_id).json
    listed = get(sandbox, "orders.json").json
    rows = [one, *(row for row in listed if row["order_id"] == order_id)]
    return [(row["status"], row["tracking_number"]) for row in rows]


def test_an_accepted_notice_is_shown_late(tophatter):
    tophatter.lag = FOR_MINUTES
    order_id = tophatter.add_order()["order_id"]

    answer = fulfill(tophatter, order_id)
    meanwhile = shown(tophatter, order_id)
    unfulfilled = ids(get(tophatter, "orders.json", filter="unfulfilled"))
    tophatter.lag = timedelta()

    assert (answer.status, answer.json["status"]) == (200, "shipped")
    assert answer.json["tracking_number"] == NUMBER
    assert meanwhile == [("paid", None)] * 2
    assert unfulfilled == [order_id]
    assert shown(tophatter, order_id) == [("shipped", NUMBER)] * 2


def test_a_lag_ends_by_itself(tophatter):
    tophatter.lag = timedelta(seconds=0.2)
    order_id = tophatter.add_order()["order_id"]

    fulfill(tophatter, order_id)
    while shown(tophatter, order_id) != [("shipped", NUMBER)] * 2:
        pass

    assert tophatter.lag


def test_a_notice_whose_answer_is_lost_is_shown_late_too(tophatter):
    tophatter.lag = FOR_MINUTES
    tophatter.fault("lost_answer", on="orders/fulfill")
    order_id = tophatter.add_order()["order_id"]

    with pytest.raises(ConnectionError):
        fulfill(tophatter, order_id)
    meanwhile = shown(tophatter, order_id)
    tophatter.lag = timedelta()

    assert meanwhile == [("paid", None)] * 2
    assert shown(tophatter, order_id) == [("shipped", NUMBER)] * 2
    assert len(tophatter.fulfillments) == 1


def test_another_order_is_shown_as_it_is_meanwhile(tophatter):
    tophatter.lag = FOR_MINUTES
    fulfill(tophatter, tophatter.add_order()["order_id"])
    other = tophatter.add_order()

    other["status"] = "refunded"

    assert shown(tophatter, other["order_id"]) == [("refunded", None)] * 2


def test_a_second_notice_is_taken_silently_where_it_was_switched_on(tophatter):
    order_id = tophatter.add_order()["order_id"]
    fulfill(tophatter, order_id)

    refused = fulfill(tophatter, order_id, "OTHER")
    tophatter.takes_twice = True
    taken = fulfill(tophatter, order_id, "OTHER")

    assert (refused.status, taken.status) == (400, 200)
    assert [one["tracking_number"] for one in tophatter.fulfillments] == [
        NUMBER,
        "OTHER",
    ]
    assert shown(tophatter, order_id) == [("shipped", "OTHER")] * 2


def test_a_refunded_order_is_not_shipped_by_a_marketplace_that_takes_twice(tophatter):
    tophatter.takes_twice = True
    order_id = tophatter.add_order(status="refunded")["order_id"]

    assert fulfill(tophatter, order_id).status == 400
    assert not tophatter.fulfillments


def pages(sandbox: Sandbox, **given: str) -> list[list[int]]:
    """Return the pages of two by their orders' places, the oldest order being 1."""
    first = min(order["order_id"] for order in sandbox.orders())
    found = []
    for page in range(1, 6):
        answer = get(sandbox, "orders.json", page=page, per_page=2, **given)
        found.append([order_id - first + 1 for order_id in ids(answer)])
    return found


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ascending", [[1, 2], [3, 4], [5, 6], [7], []]),
        ("stray", [[1, 7], [6, 5], [4, 3], [2], []]),
        ("older_half_first", [[4, 3], [2, 1], [7, 6], [5], []]),
        ("page_twice", [[7, 6], [7, 6], [5, 4], [3, 2], [1]]),
    ],
)
def test_a_list_may_be_in_another_order(tophatter, name, expected):
    for _ in range(7):
        tophatter.add_order()

    tophatter.list_as(name)

    assert pages(tophatter) == expected
    assert pages(tophatter, sort="id_desc")[0] == [7, 6]


def test_a_random_list_is_whole_and_the_same_for_each_page(tophatter):
    for _ in range(7):
        tophatter.add_order()
    tophatter.list_as("random")

    first, second = pages(tophatter), pages(tophatter)

    listed = [place for page in first for place in page]
    assert first == second
    assert sorted(listed) == [1, 2, 3, 4, 5, 6, 7]
    assert listed not in (sorted(listed), sorted(listed, reverse=True))


def test_each_account_has_its_own_listing(tophatter):
    other = tophatter.add_account()
    known = [tophatter.add_order(other)["order_id"] for _ in range(2)]
    tophatter.list_as("ascending")

    assert ids(get(tophatter, "orders.json", access_token=other)) == known[::-1]


def test_a_listing_nobody_knows_is_refused(tophatter):
    with pytest.raises(ValueError, match="no listing 'upwards': ascending, random"):
        tophatter.list_as("upwards")


@pytest.mark.parametrize("name", LISTINGS)
def test_an_empty_account_lists_nothing(tophatter, name):
    tophatter.list_as(name)

    assert get(tophatter, "orders.json").json == []


@pytest.mark.slow
def test_the_command_starts_a_marketplace_that_is_late_and_lists_anyhow(manage):
    port = free_port()
    habits = ["--lag", "300", "--takes-twice", "--list", "ascending"]
    habits += ["--largest-page", "3"]
    program = manage("sandbox", "--port", str(port), "--orders", "3", *habits)
    lines = [program.stdout.readline() for _ in range(3)]
    elsewhere = Elsewhere(port, lines[2].split()[-1])

    first, *others = get(elsewhere, "orders.json").json
    answers = [fulfill(elsewhere, first["order_id"]) for _ in range(2)]

    assert first["order_id"] < others[0]["order_id"] < others[1]["order_id"]
    assert [answer.json["status"] for answer in answers] == ["shipped", "shipped"]
    assert shown(elsewhere, first["order_id"]) == [("paid", None)] * 2


@pytest.mark.slow
@pytest.mark.parametrize("lag", ["-1", "86401", "nan", "soon"])
def test_a_lag_that_is_no_number_of_seconds_is_wrong_usage(lag):
    program = start("sandbox", "--lag", lag)

    text, _ = program.communicate(timeout=60)

    assert program.returncode == 2
    assert f"invalid seconds value: '{lag}'" in text
