"""Tracking numbers from a carrier's file: what the lines mean, and what is taken."""

import csv
import io

import pytest
from django_q.brokers import get_broker

from orders.models import Order, Shipment, TrackingFile
from orders.tracking_files import files
from orders.tracking_files.columns import guess
from orders.tracking_files.files import read_file, refused_csv, take_file
from orders.tracking_files.lines import judge
from tests.factories import OrderFactory, StoreFactory
from tests.support.order_pages import NUMBER
from tests.support.tracking_files import COLUMNS, HEADER, NOW, as_file, ship, stored


def judged(*rows, carrier="", mapping=COLUMNS):
    lines = [[number, list(row)] for number, row in enumerate(rows, 2)]
    return judge(lines, mapping, carrier, NOW)


@pytest.mark.parametrize(
    "header",
    [
        ["Order number", "Carrier", "Tracking number", "Ship date"],
        ["N° de commande", "Transporteur", "Numéro de suivi", "Date d’expédition"],
        ["marketplace_order_id", "carrier", "tracking_number", "shipped_at"],
        ["ORDER ID", "Shipping Carrier", "Tracking #", "Shipped at"],
    ],
)
def test_columns_are_known_by_their_names(header):
    lines = [[2, ["1", "OnTrac", "A12345", "2026-11-20"]]]

    assert guess(["Weight", *header], [[2, ["9", *lines[0][1]]]]) == {
        "order": 1,
        "carrier": 2,
        "tracking_number": 3,
        "shipped_at": 4,
    }


def test_dates_that_read_in_two_ways_are_left_out():
    assert "shipped_at" not in guess(
        ["Order", "Tracking", "Ship date"], [[2, ["1", "A12345", "03/04/2026"]]]
    )


@pytest.mark.django_db
def test_the_columns_chosen_last_are_remembered():
    stored(["x", "1"], header=["A", "B"])
    TrackingFile.objects.update(
        mapping={"order": 1, "tracking_number": 0}, carrier="TNT"
    )

    again = read_file("next.csv", as_file(["y", "2"], header=["A", "B"]))
    other = read_file("next.csv", as_file(["y", "2"], header=["A", "C"]))

    assert (again.mapping, again.carrier) == ({"order": 1, "tracking_number": 0}, "TNT")
    assert (other.mapping, other.carrier) == ({}, "")


@pytest.mark.django_db
def test_a_paid_order_ships():
    order = OrderFactory()

    (line,) = judged([str(order), NUMBER, "ontrac"])

    assert (line.result, line.sentence) == ("ready", f"Ships with OnTrac {NUMBER}.")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "row", "reason"),
    [
        ({}, ["", NUMBER, "OnTrac"], "has no order number"),
        ({}, ["{order}", "", "OnTrac"], "has no tracking number"),
        ({}, ["404", NUMBER, "OnTrac"], "There is no order 404 here"),
        ({}, ["{order}", NUMBER, ""], "names no carrier"),
        ({}, ["{order}", NUMBER, "Owl"], "does not accept the carrier “Owl”"),
        ({}, ["{order}", "A\ue0001", "OnTrac"], "is not a tracking number"),
        ({}, ["{order}", "9.4E+21", "OnTrac"], "without all its digits"),
        ({}, ["{order}", "9,4E+21", "OnTrac"], "without all its digits"),
        ({}, ["{order}", "9400111899562170000000", "USPS"], "without all its digits"),
        ({}, ["{order}", "n/a", "OnTrac"], "is not a tracking number"),
        ({}, ["{order}", "#N/A", "OnTrac"], "is an error of the spreadsheet"),
        ({}, ["{order}", "#{order}", "OnTrac"], "is the number of an order of"),
        ({}, ["{order}", "Order 0{order}", "OnTrac"], "is the number of an order of"),
        (
            {"marketplace_state": "cancelled"},
            ["{order}", "A12345", "OnTrac"],
            "is cancelled",
        ),
        (
            {"marketplace_state": "awaiting_payment"},
            ["{order}", "A12345", "OnTrac"],
            "is not paid yet",
        ),
        ({"held_at": NOW}, ["{order}", "A12345", "OnTrac"], "is on hold"),
        (
            {"marketplace_state": "shipped"},
            ["{order}", "A12345", "OnTrac"],
            "has shipped",
        ),
    ],
)
def test_what_cannot_ship_says_why(fields, row, reason):
    order = OrderFactory(**fields)

    (line,) = judged([cell.format(order=order) for cell in row])

    assert line.result == "refused"
    assert reason in line.sentence


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("carrier", "cell", "number"),
    [
        ("USPS", "9400 1118 9956 2173 4065 94", "9400111899562173406594"),
        ("China Post", "RB 123 456 785 CN", "RB123456785CN"),
        ("Japan Post", "1234-5678-9012", "123456789012"),
        ("Swiss Post", "99.60.012345.12345678", "996001234512345678"),
        ("OnTrac", "D1001-1234.5", "D1001-1234.5"),
    ],
)
def test_a_number_ships_without_what_groups_it(carrier, cell, number):
    order = OrderFactory()
    file = stored([str(order), cell, carrier])

    before, after = judged([str(order), cell, carrier]), take_file(file)
    again = judged([str(order), number, carrier])

    assert before[0].sentence == f"Ships with {carrier} {number}."
    assert after[0].sentence == f"Shipped with {carrier} {number}."
    assert order.shipments.get().tracking_number == number
    assert order.shipments.get().notification == "pending"
    assert again[0].result == judged([str(order), cell, carrier])[0].result == "done"


@pytest.mark.django_db
def test_an_order_number_of_two_stores_is_not_guessed():
    for name in ("East", "West"):
        OrderFactory(store=StoreFactory(name=name), marketplace_order_id="7")

    (line,) = judged(["7", NUMBER, "OnTrac"])

    assert "in several stores (East, West)" in line.sentence


@pytest.mark.django_db
def test_several_lines_of_an_order_count_once_or_contradict():
    same, other = OrderFactory.create_batch(2)

    lines = judged(
        [str(same), "A12345", "OnTrac"],
        [str(same), "a-12345", "OnTrac"],
        [str(other), "B12345", "OnTrac"],
        [str(other), "B22345", "OnTrac"],
    )

    assert [line.result for line in lines] == ["ready", "done", "refused", "refused"]
    assert lines[1].sentence == "The same as line 2."
    assert "on several lines" in lines[2].sentence


@pytest.mark.django_db
def test_an_order_with_and_without_zeros_before_its_number_is_one():
    order, other = OrderFactory.create_batch(2)

    lines = judged(
        [f"00{order}", "A12345", "OnTrac"],
        [str(order), "A22345", "OnTrac"],
        [f"0{other}", "B12345", "OnTrac"],
        [str(other), "B12345", "OnTrac"],
    )

    assert [line.result for line in lines] == ["refused", "refused", "ready", "done"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("number", "notification", "result", "sentence"),
    [
        ("A12345", "accepted", "done", "has this number already"),
        ("B22345", "refused", "change", "OnTrac A12345 becomes OnTrac B22345"),
        ("B22345", "not_sent", "change", "OnTrac A12345 becomes OnTrac B22345"),
        ("B22345", "accepted", "refused", "cannot be changed any more"),
        ("B22345", "unconfirmed", "refused", "cannot be changed any more"),
    ],
)
def test_an_order_that_shipped_here(number, notification, result, sentence):
    order = OrderFactory()
    ship(order, "A12345", notification=notification)

    (line,) = judged([str(order), number, "OnTrac"])

    assert line.result == result
    assert sentence in line.sentence


@pytest.mark.django_db
def test_today_has_come():
    order = OrderFactory()
    today = NOW.date().isoformat()

    (line,) = judged(
        [str(order), "A12345", "OnTrac", today], mapping=COLUMNS | {"shipped_at": 3}
    )

    assert line.sentence != f"The day {today} has not come yet."
    assert line.shipped_at.date().isoformat() == today


@pytest.mark.django_db
def test_a_day_is_noon_in_the_zone_of_the_store():
    order = OrderFactory(store=StoreFactory(timezone="America/Los_Angeles"))
    mapping = COLUMNS | {"shipped_at": 3}

    (day,) = judged([str(order), "A12345", "OnTrac", "2026-11-20"], mapping=mapping)
    (future,) = judged([str(order), "A12345", "OnTrac", "2999-12-20"], mapping=mapping)
    (odd,) = judged([str(order), "A12345", "OnTrac", "20/11/2026"], mapping=mapping)

    assert day.shipped_at.isoformat() == "2026-11-20T12:00:00-08:00"
    assert "has not come yet" in future.sentence
    assert "“20/11/2026” is not a day" in odd.sentence


@pytest.mark.django_db
def test_judging_costs_the_same_queries_whatever_the_length(
    django_assert_num_queries,
):
    orders = OrderFactory.create_batch(50)

    with django_assert_num_queries(2):
        judged(*([str(order), f"A12345{order.pk}", "OnTrac"] for order in orders))


@pytest.mark.django_db
def test_good_lines_are_taken_whatever_the_others_are(admin_user):
    good, wrong, cancelled = OrderFactory.create_batch(3)
    Order.objects.filter(pk=cancelled.pk).update(marketplace_state="cancelled")
    ship(wrong, "TYPO12345")
    file = stored(
        [str(good), "A12345", "OnTrac"],
        ["404", "A22345", "OnTrac"],
        [str(wrong), "A32345", "TNT"],
        [str(cancelled), "A42345", "OnTrac"],
    )

    lines = take_file(file, admin_user)

    assert [line.result for line in lines] == [
        *("shipped", "refused", "corrected", "refused")
    ]
    assert str(good.shipments.get()) == "OnTrac A12345"
    assert good.shipments.get().shipped_by == admin_user
    assert (str(wrong.shipments.get()), Shipment.objects.count()) == ("TNT A32345", 2)
    assert file.taken_at
    assert file.results[1] == ["refused", "There is no order 404 here."]


@pytest.mark.django_db
def test_a_file_is_taken_once():
    order, late = OrderFactory.create_batch(2)
    Order.objects.filter(pk=late.pk).update(held_at=NOW)
    file = stored([str(order), "A12345", "OnTrac"], [str(late), "A22345", "OnTrac"])
    take_file(file)
    Order.objects.filter(pk=late.pk).update(held_at=None)

    lines = take_file(TrackingFile.objects.get())

    assert [line.result for line in lines] == ["shipped", "refused"]
    assert Shipment.objects.count() == 1


@pytest.mark.django_db
def test_after_a_crash_the_rest_is_taken():
    first, second = OrderFactory.create_batch(2)
    file = stored([str(first), "A12345", "OnTrac"], [str(second), "A22345", "OnTrac"])
    ship(first, "A12345", notification="pending")

    lines = take_file(file)

    assert [line.result for line in lines] == ["done", "shipped"]
    assert Shipment.objects.count() == 2


@pytest.mark.django_db
def test_what_changed_since_it_was_judged_is_refused_or_done():
    order, other = OrderFactory.create_batch(2)
    lines = judged([str(order), "A12345", "OnTrac"], [str(other), "A22345", "OnTrac"])
    ship(order, "A12345", notification="pending")
    Order.objects.filter(pk=other.pk).update(marketplace_state="cancelled")

    taken = [files.take_line(line, None) for line in lines]

    assert [line.result for line in taken] == ["done", "refused"]


@pytest.mark.django_db
def test_refused_lines_come_back_with_the_reason_and_no_formula():
    file = stored(["404", "A12345", "OnTrac", "=1+1"], header=[*HEADER, "Note"])

    text = b"".join(refused_csv(file, take_file(file))).decode("utf-8-sig")

    assert list(csv.DictReader(io.StringIO(text, newline=""))) == [
        {
            "Order": "404",
            "Tracking": "A12345",
            "Carrier": "OnTrac",
            "Note": "'=1+1",
            "Why": "There is no order 404 here.",
        }
    ]


@pytest.mark.django_db
def test_a_number_in_doubt_ships_here_and_its_notice_waits_for_a_last_look():
    good, doubtful = OrderFactory.create_batch(2)
    file = stored([str(good), NUMBER, "USPS"], [str(doubtful), "A12345", "USPS"])

    lines = take_file(file)

    assert [line.result for line in lines] == ["shipped", "shipped"]
    assert "waits for a last look. “A12345” does not look like" in lines[1].sentence
    assert good.shipments.get().notification == "pending"
    assert doubtful.shipments.get().notification == "not_sent"


@pytest.mark.django_db
def test_a_correction_in_doubt_is_not_sent_by_itself():
    refused, unsent = OrderFactory.create_batch(2)
    ship(refused, "TYPO12345", carrier="USPS")
    ship(unsent, "TYPO22345", carrier="USPS", notification="not_sent")

    lines = judged([str(refused), "A12345", "USPS"], [str(unsent), "A22345", "USPS"])

    assert [line.result for line in lines] == ["refused", "change"]
    assert "by hand: “A12345” does not look like a number" in lines[0].sentence


@pytest.mark.django_db
def test_taken_lines_are_handed_to_the_queue(django_capture_on_commit_callbacks):
    file = stored([str(OrderFactory()), NUMBER, "USPS"])
    get_broker().purge_queue()

    with django_capture_on_commit_callbacks(execute=True):
        take_file(file)

    assert get_broker().queue_size() == 1
