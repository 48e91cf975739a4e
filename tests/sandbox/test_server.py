"""The practice marketplace is called, lists orders and remembers as the real one."""

import json
import re
import socket
from datetime import UTC, datetime
from pathlib import Path

import pytest

from stores.sandbox.seed import seed
from stores.sandbox.server import Sandbox
from tests.support.vendor import NUMBER, ROOT, get, get_with_body, ids, post, send

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize("path", ["orders/retrieve.json", "orders/retrieve"])
@pytest.mark.parametrize("ask", [get, get_with_body])
def test_a_read_takes_query_or_body_with_and_without_json(tophatter, ask, path):
    order = tophatter.add_order()

    answer = ask(tophatter, path, order_id=order["order_id"])

    assert answer.status == 200
    assert answer.json == order


def test_an_answer_looks_like_the_recorded_ones(tophatter):
    answer = get(tophatter, "orders.json")

    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert answer.headers["Cache-Control"] == "max-age=0, private, must-revalidate"
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert answer.headers["Etag"].startswith('W/"')
    assert re.fullmatch(r"[0-9a-f-]{36}", answer.headers["X-Request-Id"])
    assert float(answer.headers["X-Runtime"]) >= 0


@pytest.mark.parametrize("path", ["orders.json", "orders/retrieve.json", "products"])
@pytest.mark.parametrize("token", ["", "0" * 32])
def test_without_a_known_token_orders_and_products_are_refused(tophatter, path, token):
    answer = get_with_body(tophatter, path, access_token=token)

    assert answer.status == 401
    assert answer.message


def test_an_account_sees_its_own_orders_only(tophatter):
    order = tophatter.add_order()
    other = tophatter.add_account()

    listed = get(tophatter, "orders.json", access_token=other)
    retrieved = get(
        tophatter, "orders/retrieve", access_token=other, order_id=order["order_id"]
    )

    assert listed.json == []
    assert retrieved.status == 404


@pytest.mark.parametrize(
    ("parameters", "names"),
    [
        ({"foo": 1}, "foo"),
        ({"foo": 1, "bar": 2}, "foo, bar"),
        ({"created_at_start": "2026-01-01"}, "created_at_start"),
    ],
)
def test_unknown_parameters_are_refused_in_the_documented_words(
    tophatter, parameters, names
):
    answer = get_with_body(tophatter, "orders.json", **parameters)

    assert answer.status == 400
    assert answer.message == (
        f"The following parameters were provided but are not recognized: {names}."
    )


def test_empty_parameters_count_as_not_given(tophatter):
    tophatter.add_order()

    answer = get(tophatter, "orders.json", filter="", sort="", page="", per_page="")

    assert len(answer.json) == 1


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ROOT + "nothing.json"),
        ("GET", ROOT + "orders/120000001.json"),
        ("POST", ROOT + "orders.json"),
        ("GET", ROOT + "orders/fulfill.json"),
        ("GET", "/elsewhere"),
        ("POST", "/"),
    ],
)
def test_an_unknown_path_is_a_page_of_html(tophatter, method, path):
    answer = send(tophatter, method, path, f"access_token={tophatter.token}")

    assert answer.status == 404
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "<html>" in answer.text


@pytest.mark.parametrize("method", ["DELETE", "PUT", "PATCH", "OPTIONS", "BREW"])
@pytest.mark.parametrize("path", [ROOT + "orders.json", ROOT + "products", "/"])
def test_a_method_that_is_none_is_refused_in_json(tophatter, method, path):
    answer = send(tophatter, method, path, f"access_token={tophatter.token}&name=x")

    assert answer.status == 405
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert answer.message == f"The method {method} is not allowed."


def test_a_request_that_is_none_is_refused_in_json(tophatter):
    with socket.create_connection(("127.0.0.1", tophatter.port)) as connection:
        connection.sendall(b"GET / HTTP/x\r\n\r\n")
        answer = connection.makefile().read()

    assert list(json.loads(answer)) == ["message"]


def test_a_request_is_kept_without_its_token(tophatter):
    get(tophatter, "orders.json", page=1)
    get_with_body(tophatter, "orders.json", page=2)

    in_url, in_body = tophatter.requests
    assert (in_url.query, in_url.body, in_url.token_in_url) == ({"page": "1"}, {}, True)
    assert (in_body.query, in_body.body) == ({}, {"page": "2"})
    assert in_body.has_token
    assert not in_body.token_in_url
    assert tophatter.token not in f"{in_url}{in_body}"


def test_the_list_is_a_bare_array_newest_first(tophatter):
    first, second = tophatter.add_order(), tophatter.add_order()

    answer = get(tophatter, "orders.json")

    assert answer.json == [second, first]


def test_a_page_has_fifty_orders_unless_asked_otherwise(tophatter):
    for _ in range(51):
        tophatter.add_order()

    assert len(get(tophatter, "orders.json").json) == 50
    assert len(get(tophatter, "orders.json", page=2).json) == 1
    assert get(tophatter, "orders.json", page=3).json == []
    assert len(get(tophatter, "orders.json", per_page=1000).json) == 51


def test_a_marketplace_may_serve_smaller_pages_than_asked_for(tophatter):
    tophatter.largest_page = 2
    for _ in range(3):
        tophatter.add_order()

    pages = [
        ids(get(tophatter, "orders.json", page=page, per_page=1000))
        for page in (1, 2, 3)
    ]

    assert [len(page) for page in pages] == [2, 1, 0]
    assert get(tophatter, "orders.json", per_page=1001).status == 400


def test_pages_follow_one_another(tophatter):
    known = [tophatter.add_order()["order_id"] for _ in range(5)]

    pages = [
        ids(get(tophatter, "orders.json", sort="id_asc", page=page, per_page=2))
        for page in (1, 2, 3)
    ]

    assert pages == [known[:2], known[2:4], known[4:]]


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"per_page": 1001}, "per_page"),
        ({"per_page": 0}, "per_page"),
        ({"page": 0}, "page"),
        ({"page": -1}, "page"),
        ({"page": "one"}, "page"),
        ({"filter": "paid"}, "filter"),
        ({"sort": "id"}, "sort"),
    ],
)
def test_a_parameter_of_a_wrong_form_is_refused(tophatter, parameters, words):
    answer = get(tophatter, "orders.json", **parameters)

    assert answer.status == 400
    assert words in answer.message


@pytest.mark.parametrize(
    ("name", "statuses"),
    [
        ("fulfilled", ["shipped"]),
        ("unfulfilled", ["paid"]),
        ("refunded", ["refunded"]),
        (
            "pending_order_consolidation_decision",
            ["pending_consolidation_decision"],
        ),
        ("skipped_order_consolidation", []),
    ],
)
def test_a_filter_keeps_the_orders_of_its_status(tophatter, name, statuses):
    for status in (
        "paid",
        "shipped",
        "refunded",
        "processing_payment",
        "pending_verification",
        "pending_consolidation_decision",
    ):
        tophatter.add_order(status=status)

    answer = get(tophatter, "orders.json", filter=name)

    assert [order["status"] for order in answer.json] == statuses


def test_orders_are_sorted_by_payment_also_when_one_is_unpaid(tophatter):
    late = tophatter.add_order(paid_at=NOON)["order_id"]
    unpaid = tophatter.add_order(paid_at=None)["order_id"]
    early = tophatter.add_order(paid_at=NOON.replace(hour=1))["order_id"]

    rising = get(tophatter, "orders.json", sort="paid_at_asc")
    falling = get(tophatter, "orders.json", sort="paid_at_desc")

    assert ids(rising) == [unpaid, early, late]
    assert ids(falling) == [late, early, unpaid]


def test_a_date_parameter_is_known_only_when_it_was_given_a_name():
    with Sandbox(date_parameter="created_after") as tophatter:
        tophatter.add_order(created_at=NOON)
        new = tophatter.add_order(created_at=NOON.replace(day=23))["order_id"]

        answer = get(tophatter, "orders.json", created_after="2026-11-23")
        elsewhere = get(tophatter, "products.json", created_after="2026-11-23")

    assert ids(answer) == [new]
    assert elsewhere.status == 400


def test_orders_and_tokens_survive_a_restart(tmp_path):
    state = tmp_path / "sandbox.json"
    with Sandbox(state_file=state) as first:
        order = first.add_order(customer_name="Zoë 🎧")
        post(
            first,
            "orders/fulfill.json",
            order_id=order["order_id"],
            carrier="USPS",
            tracking_number=NUMBER,
        )

    with Sandbox(state_file=state) as second:
        (remembered,) = get(second, "orders.json").json
        following = second.add_order()

    assert second.token == first.token
    assert remembered == order
    assert remembered["tracking_number"] == NUMBER
    assert following["order_id"] == order["order_id"] + 1


def test_a_broken_state_file_stops_the_start(tmp_path):
    state: Path = tmp_path / "sandbox.json"
    state.write_text('{"half":')

    with pytest.raises(ValueError, match="Expecting value"):
        Sandbox(state_file=state)


@pytest.mark.parametrize("profile", ["2017", "2021"])
def test_believable_orders_are_listed_whole(profile):
    with Sandbox(profile=profile) as tophatter:
        seed(tophatter, 40)
        orders = get(tophatter, "orders.json", sort="paid_at_desc").json

    assert len(orders) == 42
    assert {"paid", "shipped", "refunded"} < {order["status"] for order in orders}
