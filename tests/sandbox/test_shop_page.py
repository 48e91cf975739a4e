"""People see and steer a practice shop on its page."""

import json
from urllib.parse import urlencode

import pytest

from stores.sandbox.server import Sandbox
from stores.sandbox.shops.faults import FAULTS
from stores.sandbox.shops.profiles import PROFILES
from stores.sandbox.shops.server import Shop
from tests.support.shops import NUMBER, export, notify, send_raw


@pytest.fixture
def shop():
    with Shop("woo") as shop:
        yield shop


def press(shop: Shop, path: str, headers: dict[str, str] | None = None, **form: str):
    return send_raw(shop, "POST", path, urlencode(form).encode(), headers)


def test_the_page_shows_orders_and_notices_with_their_texts_escaped(shop):
    order = shop.add_order(
        buyer="<script>alert(1)</script>", lines=[{"name": '"><img src=x>'}]
    )
    notify(shop, order, tracking_number="</table>")
    notify(shop, order)

    text = send_raw(shop, "GET", "/").text

    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "<script" not in text
    assert "<img" not in text
    assert text.count("</table>") == 2
    assert text.count("repeated") == 1
    assert NUMBER in text


@pytest.mark.parametrize("profile", list(PROFILES))
def test_the_page_says_what_to_connect_and_shows_no_secret(profile):
    with Shop(profile) as shop:
        shop.add_order()
        export(shop)
        shop.fault("slow")

        text = send_raw(shop, "GET", "/").text
        state = send_raw(shop, "GET", "/sandbox/state.json").text

        assert f"<code>{shop.url}</code>" in text
        for name, secret in shop.keys.items():
            assert name == "user" or secret not in text + state
        for name in shop.secrets:
            assert f"<li>{name}: (a secret)</li>" in text
        for name, value in shop.settings.items():
            assert f"<li>{name}: {value}</li>" in text


def test_the_state_tells_orders_notices_and_faults(shop):
    order = shop.add_order()
    notify(shop, order)
    shop.fault("slow", times=3)

    state = json.loads(send_raw(shop, "GET", "/sandbox/state.json").body)

    assert state["profile"] == "woo"
    assert [(one["id"], one["status"]) for one in state["orders"]] == [
        (order.id, "completed")
    ]
    [notice] = state["notices"]
    assert (notice["order"], notice["tracking_number"]) == (order.id, NUMBER)
    assert notice["effect"] == "shipped"
    assert [(one["name"], one["times"]) for one in state["faults"]] == [("slow", 3)]


def test_a_fault_is_switched_on_and_cleared_by_forms(shop):
    answer = press(shop, "/sandbox/fault", name="html_500", times="on", on="export")

    assert (answer.status, answer.headers["Location"]) == (303, "/")
    assert "html_500 (on)" in send_raw(shop, "GET", "/").text
    assert [export(shop).status, export(shop).status] == [500, 500]
    assert press(shop, "/sandbox/clear").status == 303
    assert export(shop).status == 200


def test_an_unknown_fault_and_an_unknown_page_are_refused(shop):
    assert press(shop, "/sandbox/fault", name="earthquake").status == 404
    assert send_raw(shop, "GET", "/elsewhere").status == 404
    assert shop.faults == []


def test_every_fault_can_be_chosen(shop):
    text = send_raw(shop, "GET", "/").text

    assert all(f"<option>{name}</option>" in text for name in FAULTS)


def test_a_new_order_comes_by_a_button(shop):
    assert press(shop, "/sandbox/orders").status == 303
    assert export(shop).numbers == ["1001"]


def test_another_page_s_forms_and_other_names_are_refused(shop):
    foreign = {"Origin": "https://evil.example"}
    renamed = {"Host": "evil.example"}

    assert press(shop, "/sandbox/orders", foreign).status == 403
    assert send_raw(shop, "GET", "/", headers=renamed).status == 403
    assert not shop.orders


def test_no_script_runs_on_the_page(shop):
    answer = send_raw(shop, "GET", "/")

    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "script-src" not in policy


def test_pictures_are_drawn(shop):
    answer = send_raw(shop, "GET", "/pictures/MUG-01/square.svg")

    assert answer.headers["Content-Type"] == "image/svg+xml"
    assert b">M0<" in answer.body


def test_the_practice_marketplace_links_to_the_shops_beside_it(shop):
    with Sandbox() as sandbox:
        before = send_raw(sandbox, "GET", "/").text
        sandbox.neighbours = {"woo": f"{shop.root}/"}

        text = send_raw(sandbox, "GET", "/").text

        assert "Practice shops" not in before
        assert f'<a href="{shop.root}/">woo</a>' in text
