"""What people call an order by, beside the marketplace's key."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse
from django.utils import timezone as clock

from orders import importing
from orders.documents import slips
from orders.finding.called import MeansSeveral, keys_called, order_called
from orders.finding.here import find_here
from orders.models import Order, Shipment
from orders.models.told import by_number
from orders.notifying.by_number import meant_by
from orders.shipping import ReasonNeeded, ship_order
from orders.tracking_files.files import read_file
from orders.tracking_files.lines import judge
from tests.factories import OrderFactory, StoreFactory
from tests.support.order_pages import NUMBER
from tests.support.plans import count_rows, explained, reading_no_table_whole
from tests.support.tracking_files import COLUMNS, NOW, as_file

pytestmark = pytest.mark.django_db


@pytest.fixture
def order():
    return OrderFactory(marketplace_order_id="253", order_number="WC-1042")


def judged(*rows):
    lines = [[number, list(row)] for number, row in enumerate(rows, 2)]
    return judge(lines, COLUMNS, "USPS", NOW)


def test_an_order_is_found_by_its_key_and_by_its_number_with_an_index_each(order):
    OrderFactory()
    if connection.vendor == "postgresql":
        # What an earlier test counted stays there, rolled back or not.
        count_rows()

    with reading_no_table_whole() as asked:
        found = by_number(Order.objects.called(["253", "WC-1042", "9"]))

    assert found == {"253": [order], "WC-1042": [order]}
    plan = "\n".join(explained(asked.captured_queries[0]["sql"]))
    assert "orders_order_shown_number" in plan
    assert "orders_order_number" in plan


def test_the_number_is_said_and_the_key_still_finds_it(order):
    (by_key,) = find_here("253", clock.now())
    (by_name,) = find_here("WC-1042", clock.now())

    assert by_key.order == by_name.order == order
    assert by_key.sentence.startswith("Order WC-1042 of")
    # What the marketplace is asked for.
    assert by_key.order_id == "253"


def test_a_store_takes_the_key_first_and_then_the_number():
    store = StoreFactory()
    first = OrderFactory(store=store, marketplace_order_id="7", order_number="9")
    other = OrderFactory(store=store, marketplace_order_id="8", order_number="7")
    OrderFactory(marketplace_order_id="9")

    assert order_called(store, "7") == first
    assert order_called(store, "9") == first
    assert order_called(store, "8") == other
    assert order_called(store, "10") is None
    assert keys_called(store, ["9", "7", "10"]) == ["7", "10"]
    # As people write it.
    assert order_called(store, "#9") == order_called(store, " # 9") == first
    assert keys_called(store, ["#9", "#10"]) == ["7", "10"]


def test_a_number_that_two_orders_of_a_store_have_is_not_guessed():
    store = StoreFactory()
    for key in ("1", "2"):
        OrderFactory(store=store, marketplace_order_id=key, order_number="42")

    with pytest.raises(MeansSeveral, match="any of these orders: 1, 2;"):
        order_called(store, "42")


def test_a_file_may_hold_either_and_both_are_one_order(order):
    by_name, by_key = judged(["WC-1042", NUMBER, "USPS"], ["253", NUMBER, "USPS"])

    assert (by_name.result, by_name.order) == ("ready", order)
    assert by_key.sentence == "The same as line 2."


def test_lines_that_name_one_order_in_two_ways_may_not_contradict_each_other(order):
    lines = judged(["WC-1042", NUMBER, ""], ["253", "9400111899562173406600", ""])

    assert {line.result for line in lines} == {"refused"}
    assert "on several lines with other numbers" in lines[0].sentence


def test_orders_of_two_stores_with_one_key_are_told_apart_by_their_numbers(order):
    other = OrderFactory(marketplace_order_id="253", order_number="B-1")

    lines = judged(
        ["WC-1042", NUMBER, ""],
        ["B-1", "9400111899562173406600", ""],
        ["253", NUMBER, ""],
    )

    assert [line.order for line in lines] == [order, other, None]
    assert "is in several stores" in lines[2].sentence


def test_a_number_that_is_another_order_s_key_is_not_guessed_in_a_file():
    store = StoreFactory()
    OrderFactory(store=store, marketplace_order_id="7", order_number="9")
    OrderFactory(store=store, marketplace_order_id="8", order_number="7")

    (line,) = judged(["7", NUMBER, ""])

    assert line.result == "refused"
    assert line.sentence == "“7” may mean any of these orders: 8, 9; name the one."


def test_the_column_of_numbers_is_known_by_what_it_holds(order):
    header = ["A", "B"]
    file = read_file("carrier.csv", as_file([NUMBER, "WC-1042"], header=header))

    assert file.mapping["order"] == 1


def test_the_order_s_number_is_no_tracking_number(order):
    Order.objects.update(order_number="100001042")

    with pytest.raises(ReasonNeeded, match="is the number of an order"):
        ship_order(order, carrier="USPS", tracking_number="100001042")


@pytest.mark.parametrize("number", ["253", "WC-1042"])
def test_the_command_ships_by_either(order, number, capsys):
    call_command(
        *("ship_order", order.store.name, number, "--carrier", "USPS"),
        *("--tracking", NUMBER, "--no-send"),
    )

    assert Shipment.objects.get().order == order
    assert "Order WC-1042 is shipped here" in capsys.readouterr().out


def test_the_command_says_which_orders_a_number_may_mean():
    store = StoreFactory()
    for key in ("1", "2"):
        OrderFactory(store=store, marketplace_order_id=key, order_number="42")

    with pytest.raises(CommandError, match="any of these orders: 1, 2;"):
        call_command(
            *("ship_order", store.name, "42", "--carrier", "USPS"),
            *("--tracking", NUMBER, "--no-send"),
        )


def test_a_notice_is_named_by_either(order):
    order.shipments.create(
        carrier="USPS",
        tracking_number=NUMBER,
        shipped_at=clock.now(),
        notification="not_sent",
        not_sent_because="store",
    )

    found = meant_by(["253", "WC-1042"], [order.store])

    assert [one.shipment.order for one in found] == [order, order]


def test_a_notice_s_number_that_may_mean_two_orders_of_a_store_is_not_guessed():
    store = StoreFactory()
    OrderFactory(store=store, marketplace_order_id="7", order_number="9")
    OrderFactory(store=store, marketplace_order_id="8", order_number="7")

    (found,) = meant_by(["7"], [store])

    assert found.reason == "“7” may mean any of these orders: 8, 9; name the one."


def test_the_number_is_on_paper_and_in_its_bars(order):
    (slip,) = slips.slips_of([order], clock.now())
    pick = slips.pick_list([order], clock.now())

    assert slip.number == "WC-1042"
    assert slip.barcode == slips.barcode("WC-1042")
    assert pick.orders[0].number == "WC-1042"


def test_an_order_that_is_here_is_imported_by_what_it_is_called(store, tophatter):
    order_id = tophatter.add_order()["order_id"]
    importing.refresh_store(store)
    Order.objects.update(order_number="T-1", digest="")

    call_command("import_orders", store.name, "--order", "T-1")

    assert store.import_runs.first().order_ids == [str(order_id)]


def test_pages_show_the_number_and_the_order_s_page_both(order, admin_client):
    listed = admin_client.get(reverse("admin:orders_order_changelist"))
    searched = admin_client.get(
        reverse("admin:orders_order_changelist"), {"q": "wc-1042"}
    )
    page = admin_client.get(reverse("admin:orders_order_change", args=[order.pk]))

    assert "WC-1042" in listed.content.decode()
    assert list(searched.context["cl"].result_list) == [order]
    text = page.content.decode()
    assert "WC-1042" in text
    assert "ID at the marketplace" in text
    assert ">253<" in text
