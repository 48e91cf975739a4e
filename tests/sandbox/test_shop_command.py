"""“manage.py sandbox --shop” serves practice shops beside the practice marketplace."""

import json
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest

from stores.sandbox.shops.practice import PRACTICE_KEYS, SPECIALS, fill, what_to_type
from stores.sandbox.shops.profiles import PROFILES
from stores.sandbox.shops.server import Shop
from tests.support.programs import free_port, start
from tests.support.shops import basic, export, send_raw


def lines_of(program, count: int) -> list[str]:
    return [program.stdout.readline().strip() for _line in range(count)]


@pytest.mark.slow
def test_the_command_serves_shops_with_what_it_said_to_type(manage, tmp_path):
    port, other = free_port(), free_port()
    shops = ["--shop", f"woo:{port}", "--shop", f"guide:{other}"]
    place = ["--port", str(free_port()), "--state", str(tmp_path / "practice.json")]
    program = manage("sandbox", "--orders", "12", *place, *shops)
    told = lines_of(program, 9)

    woo, key = told[4], told[5].removeprefix("auth_key: ")
    query = urlencode({"action": "export", "auth_key": key})
    address = woo.removeprefix("Practice shop woo: ")
    window = "&start_date=01/01/2020+00:00&end_date=01/01/2100+00:00"
    with urlopen(f"{address}&{query}{window}") as answer:
        listed = answer.read().decode()
    password = told[8].removeprefix("password: ")
    headers = basic(told[7].removeprefix("user: "), password)
    guide = told[6].removeprefix("Practice shop guide: ")
    with urlopen(Request(f"{guide}?action=export{window}", headers=headers)) as answer:
        guided = answer.read().decode()

    assert address == f"http://127.0.0.1:{port}/?wc-api=wc_shipstation"
    assert listed.count("<Order>") == 11
    assert guided.count("<Order>") == 12
    with urlopen(told[0].rpartition(" ")[2]) as answer:
        page = answer.read().decode()
    assert f'<a href="http://127.0.0.1:{port}/">woo</a>' in page
    kept = json.loads((tmp_path / f"practice-guide-{other}.json").read_text())
    assert len(kept) == 12


@pytest.mark.slow
@pytest.mark.parametrize("shop", ["amazon", "woo:x", ":8701"])
def test_a_shop_that_nobody_knows_is_wrong_usage(shop):
    program = start("sandbox", "--shop", shop, "--port", str(free_port()))
    text, _ = program.communicate(timeout=60)

    assert program.returncode == 2
    assert f"“{shop}” is none of these" in text
    assert "guide, woo, woo-rest" in text


@pytest.mark.slow
def test_a_taken_port_and_a_file_of_something_else_are_said(tmp_path):
    place = tmp_path / "practice.json"
    with Shop() as shop:
        taken = ["--shop", f"guide:{shop.port}"]
        program = start("sandbox", "--port", str(free_port()), *taken)
        text, _ = program.communicate(timeout=60)
        assert f"Port {shop.port} is taken; choose another one with --shop." in text
    port = free_port()
    (tmp_path / f"practice-guide-{port}.json").write_text("{}x")
    state = ["--state", str(place), "--shop", f"guide:{port}"]
    program = start("sandbox", "--port", str(free_port()), *state)

    text, _ = program.communicate(timeout=60)

    assert program.returncode == 1
    assert f"practice-guide-{port}.json does not hold a practice shop." in text


@pytest.mark.parametrize("profile", list(PROFILES))
def test_what_to_type_opens_the_shop_of_the_profile(profile):
    with Shop(profile, secrets=PRACTICE_KEYS) as shop:
        typed = what_to_type(profile, shop.port)

        assert typed.address == shop.url
        assert (typed.secrets, typed.settings) == (shop.secrets, shop.settings)
        assert typed.password == next(iter(shop.secrets.values()))
        if profile == "woo-rest":
            keys = basic(*typed.secrets.values())
            assert send_raw(shop, "GET", "/wp-json/wc/v3/orders", headers=keys).body
        else:
            assert export(shop).orders == []


def test_a_shop_is_filled_with_everything_that_goes_wrong():
    with Shop() as shop, Shop() as again:
        fill(shop, 3 * len(SPECIALS))
        fill(again, 3 * len(SPECIALS))
        orders = list(shop.orders.values())

        words = {order.status for order in orders}
        assert words == {*shop.words.values(), "mystery"}
        assert any(order.fees for order in orders)
        assert any(order.discounts for order in orders)
        assert any(len(order.lines) > 1 for order in orders)
        assert any(not line.quantity for one in orders for line in one.lines)
        assert any(order.address is None for order in orders)
        assert [order.buyer for order in orders] == [
            order.buyer for order in again.orders.values()
        ]
        pictures = {line.picture for order in orders for line in order.lines}
        with urlopen(pictures.pop()) as answer:
            assert answer.headers["Content-Type"] == "image/svg+xml"
