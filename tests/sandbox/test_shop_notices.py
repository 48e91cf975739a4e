"""The practice shops take ship notices, and 2xx proves as little as at real ones."""

import pytest

from stores.sandbox.shops.server import Shop
from tests.support.shops import NUMBER, call, item, notice_body, notify

TWO = [{"quantity": 2}]


@pytest.fixture
def woo():
    with Shop("woo") as shop:
        yield shop


@pytest.fixture
def magento():
    with Shop("magento") as shop:
        yield shop


def test_a_notice_is_kept_with_all_that_it_said():
    with Shop() as shop:
        order = shop.add_order(lines=TWO)
        body = notice_body(order.id, order.number, item(order))
        more = b"<ShipDate>11/26/2026</ShipDate><NotifyCustomer>true</NotifyCustomer>"
        body = body.replace(b"<Items>", more + b"<Items>")

        notify(shop, order, body)

        [notice] = shop.notices
        assert (notice.order_id, notice.order_number) == (order.id, order.number)
        assert (notice.carrier, notice.service) == ("USPS", "Ground")
        assert notice.tracking_number == NUMBER
        [line] = notice.lines
        assert (line.line_item_id, line.sku) == (order.lines[0].id, "EX-HEADSET")
        assert line.quantity == 2
        assert notice.ship_date == "11/26/2026"
        assert notice.notifies_buyer
        assert [one["tracking_number"] for one in order.tracking] == [NUMBER]


@pytest.mark.parametrize(
    ("profile", "status"),
    [
        ("guide", 404),
        ("woo", 200),
        ("magento", 400),
        ("nop", 200),
        ("craft", 404),
        ("spree", 400),
    ],
)
def test_an_unknown_order_is_answered_as_each_shop_does(profile, status):
    with Shop(profile) as shop:
        known, other = shop.add_order(), shop.add_order()
        del shop.orders[other.id]

        answer = notify(shop, other)

        assert answer.status == status
        assert [notice.effect for notice in shop.notices] == ["unknown"]
        assert known.tracking == []
        if status == 200:
            assert answer.body == b""


@pytest.mark.parametrize("profile", ["guide", "nop", "craft", "spree"])
def test_a_second_notice_overwrites_the_first_at_most_shops(profile):
    with Shop(profile) as shop:
        order = shop.add_order()
        notify(shop, order)

        answer = notify(shop, order, tracking_number="OTHER")

        assert answer.status == 200
        assert [one["tracking_number"] for one in order.tracking] == ["OTHER"]
        assert [one.effect for one in shop.notices] == ["shipped", "repeated"]


def test_craft_says_that_all_went_well_in_json():
    with Shop("craft") as shop:
        assert notify(shop, shop.add_order()).text == '{"success": true}'


def test_a_notice_without_credentials_is_no_notice():
    for profile in ("guide", "woo", "magento"):
        with Shop(profile) as shop:
            order = shop.add_order()

            call(
                shop,
                "POST",
                notice_body(order.id, order.number),
                is_open=False,
                action="shipnotify",
                order_number=order.number,
                carrier="USPS",
            )

            assert shop.notices == []
            assert order.status == shop.words["to_ship"]


def test_a_notice_is_posted(woo):
    order = woo.add_order()

    answer = call(
        woo, "GET", action="shipnotify", order_number=order.number, carrier="USPS"
    )

    assert answer.status == 400
    assert woo.notices == []


def test_woocommerce_completes_an_order_without_a_body(woo):
    order = woo.add_order(lines=TWO)

    assert notify(woo, order, b"").status == 200
    assert order.status == "completed"


def test_woocommerce_does_nothing_more_than_note_a_body_without_items(woo):
    order = woo.add_order()

    answer = notify(woo, order, notice_body(order.id, order.number))

    assert answer.status == 200
    assert order.status == "processing"
    assert len(order.notes) == 1
    assert woo.notices[0].effect == "noted"


def test_woocommerce_wants_the_id_of_each_line(woo):
    order = woo.add_order()
    items = "<Item><SKU>EX-HEADSET</SKU><Quantity>1</Quantity></Item>"

    answer = notify(woo, order, notice_body(order.id, order.number, items))

    assert answer.status == 200
    assert order.status == "processing"


def test_at_woocommerce_half_and_half_are_a_whole_even_when_it_is_the_same_half(woo):
    order = woo.add_order(lines=TWO)
    half = notice_body(order.id, order.number, item(order, 1))

    notify(woo, order, half)
    status_between = order.status
    notify(woo, order, half)

    assert status_between == "processing"
    assert order.status == "completed"
    assert [one.effect for one in woo.notices] == ["noted", "shipped"]


def test_woocommerce_counts_the_pieces_of_a_second_notice_again(woo):
    order = woo.add_order(lines=TWO)

    notify(woo, order)
    notify(woo, order)

    assert order.pieces_shipped == 4
    assert len(order.notes) == 2
    assert [one.effect for one in woo.notices] == ["shipped", "repeated"]


def test_woocommerce_notes_broken_xml_and_says_nothing(woo):
    order = woo.add_order()

    answer = notify(woo, order, b"<ShipNotice><OrderID>")

    assert answer.status == 200
    assert order.status == "processing"
    assert len(order.notes) == 1


def test_woocommerce_refuses_a_notice_without_a_carrier(woo):
    order = woo.add_order()

    assert notify(woo, order, carrier="").status == 400
    assert order.notes == []
    assert woo.notices[0].effect == "refused"


def test_woocommerce_believes_the_body_s_order_id_more_than_the_query(woo):
    first, second = woo.add_order(), woo.add_order()
    body = notice_body(second.id, second.number, item(second))

    notify(woo, first, body)

    assert (first.status, second.status) == ("processing", "completed")


def test_magento_finds_the_order_by_its_number_in_the_order_id(magento):
    order = magento.add_order()
    items = item(order)

    by_id = notify(magento, order, notice_body(order.id, order.number, items))
    by_number = notify(magento, order, notice_body(order.number, order.number, items))

    assert (by_id.status, by_number.status) == (400, 200)
    assert order.status == "complete"


def test_magento_refuses_a_second_notice(magento):
    order = magento.add_order()
    notify(magento, order)

    answer = notify(magento, order)

    assert answer.status == 400
    assert "<fault>" in answer.text
    assert "already shipped" in answer.text
    assert [one.effect for one in magento.notices] == ["shipped", "refused"]
    assert len(order.tracking) == 1


def test_magento_wants_a_body(magento):
    order = magento.add_order()

    assert notify(magento, order, b"").status == 400
    assert order.status == "processing"


def test_magento_ships_lines_by_their_sku_and_no_more_than_are_left(magento):
    order = magento.add_order(lines=[{"quantity": 2}, {"sku": "MUG"}])
    number = order.number

    strange = item(order).replace("EX-HEADSET", "STRANGE")
    refused = notify(magento, order, notice_body(number, number, strange))
    part = notify(magento, order, notice_body(number, number, item(order)))
    between = order.status
    again = notify(magento, order, notice_body(number, number, item(order)))
    rest = notify(magento, order, notice_body(number, number, item(order, place=1)))

    statuses = [answer.status for answer in (refused, part, again, rest)]
    assert statuses == [400, 200, 400, 200]
    assert (between, order.status) == ("processing", "complete")


def test_magento_refuses_an_order_that_is_held(magento):
    order = magento.add_order(status="held")

    assert notify(magento, order).status == 400
    assert order.status == "holded"


def test_nopcommerce_knows_an_order_by_its_long_number_alone():
    with Shop("nop") as shop:
        order = shop.add_order()

        answer = notify(shop, order, order_number=order.id)

        assert (answer.status, answer.body) == (200, b"")
        assert order.status == "paid"


def test_a_notice_makes_the_order_a_changed_one(woo):
    order = woo.add_order()
    before = order.modified_at = order.modified_at.replace(year=2020)

    notify(woo, order)

    assert order.modified_at > before
