"""People see and steer the practice marketplace on its page."""

from urllib.parse import urlencode

import pytest

from stores.sandbox.faults import FAULTS
from tests.support.vendor import get, send


def test_the_page_shows_orders_with_their_names_escaped(tophatter):
    tophatter.add_order(
        customer_name="<script>alert(1)</script>",
        product_name='"><img src=x>',
        tracking_number="</table>",
    )

    answer = send(tophatter, "GET", "/")

    assert answer.status == 200
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in answer.text
    assert "<script" not in answer.text
    assert "<img" not in answer.text
    assert answer.text.count("</table>") == 1


def test_the_page_says_where_the_api_is_and_shows_no_token(tophatter):
    other = tophatter.add_account()
    tophatter.fault("401", times=None)

    text = send(tophatter, "GET", "/").text
    state = send(tophatter, "GET", "/sandbox/state.json").text

    assert tophatter.url in text
    assert f"Account 2, whose token ends in <code>{other[-4:]}</code>" in text
    for token in (tophatter.token, other):
        assert token not in text + state
        assert token[:8] not in text + state


def test_a_fault_is_switched_on_by_a_form(tophatter):
    form = urlencode({"name": "503", "times": "2", "on": "orders"})

    answer = send(tophatter, "POST", "/sandbox/fault", form)

    assert (answer.status, answer.headers["Location"]) == (303, "/")
    assert "503 (2×)" in send(tophatter, "GET", "/").text
    assert get(tophatter, "metadata.json").status == 200
    statuses = [get(tophatter, "orders.json").status for _ in range(3)]
    assert statuses == [503, 503, 200]


def test_a_fault_may_stay_until_it_is_cleared(tophatter):
    send(tophatter, "POST", "/sandbox/fault", "name=500&times=on&on=")
    while_on = [get(tophatter, "orders.json").status for _ in range(3)]

    answer = send(tophatter, "POST", "/sandbox/clear")

    assert while_on == [500, 500, 500]
    assert answer.status == 303
    assert get(tophatter, "orders.json").status == 200


def test_a_fault_nobody_knows_is_refused(tophatter):
    answer = send(tophatter, "POST", "/sandbox/fault", "name=earthquake")

    assert answer.status == 404
    assert not tophatter.faults


def test_a_test_that_names_an_unknown_fault_is_told_the_known_ones(tophatter):
    with pytest.raises(ValueError, match="no fault 'earthquake': 400, 401"):
        tophatter.fault("earthquake")


def test_every_fault_can_be_chosen_on_the_page(tophatter):
    text = send(tophatter, "GET", "/").text

    assert all(f"<option>{name}</option>" in text for name in FAULTS)


def test_an_order_is_added_by_a_button(tophatter):
    token = tophatter.add_account()

    answer = send(tophatter, "POST", "/sandbox/orders", "account=2")

    assert answer.status == 303
    assert len(tophatter.orders(token)) == 1
    assert not tophatter.orders()


def test_an_order_is_not_added_to_an_unknown_account(tophatter):
    answer = send(tophatter, "POST", "/sandbox/orders", "account=3")

    assert answer.status == 404


def test_the_state_can_be_read_as_json(tophatter):
    order = tophatter.add_order()
    tophatter.fault("503", times=None)

    state = send(tophatter, "GET", "/sandbox/state.json").json

    assert state["accounts"] == [{"account": "1", "orders": [order]}]
    assert [fault["name"] for fault in state["faults"]] == ["503"]
    assert state["fulfillments"] == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/sandbox/state.json"),
        ("POST", "/sandbox/fault"),
        ("POST", "/sandbox/clear"),
    ],
)
@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:80", ""])
def test_under_a_foreign_name_the_page_is_closed(tophatter, method, path, host):
    answer = send(tophatter, method, path, "name=503", {"Host": host})

    assert answer.status == 403
    assert tophatter.token not in answer.text
    assert not tophatter.faults


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "localhost:8700"])
def test_under_this_computers_names_the_page_is_open(tophatter, host):
    assert send(tophatter, "GET", "/", headers={"Host": host}).status == 200


@pytest.mark.parametrize("button", ["fault", "clear", "orders"])
@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "http://127.0.0.1:8000", "http://localhost", "null"],
)
def test_a_page_from_elsewhere_presses_no_button(tophatter, button, origin):
    tophatter.fault("500", times=None)
    form = urlencode({"name": "503", "account": "1"})

    answer = send(tophatter, "POST", f"/sandbox/{button}", form, {"Origin": origin})

    assert answer.status == 403
    assert [fault.name for fault in tophatter.faults] == ["500"]
    assert not tophatter.orders()


def test_the_pages_own_buttons_work(tophatter):
    own = {"Origin": f"http://127.0.0.1:{tophatter.port}"}

    answer = send(tophatter, "POST", "/sandbox/orders", "account=1", own)

    assert answer.status == 303
    assert len(tophatter.orders()) == 1


def test_the_page_runs_no_script_and_its_style_is_its_own(tophatter):
    headers = send(tophatter, "GET", "/").headers

    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; form-action 'self'; ")
    assert "style-src 'sha256-" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
