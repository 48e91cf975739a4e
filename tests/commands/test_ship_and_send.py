"""ship_order and send_tracking: what they send, what they print, how they end."""

from datetime import timedelta

import pytest
from django.utils import timezone as clock

from orders import importing
from orders.models import Order, OrderEvent, Shipment
from orders.shipping import ship_order
from stores.models import Store
from tests.factories import OrderFactory, StoreFactory
from tests.support.commands import lines, run
from tests.support.sendings import ODD

NUMBER = "9400111899562173406594"
KEYS = ["store", "order", "carrier", "tracking_number", "notification", "error"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def shipment(store, tophatter):
    """A shipment that waits, of an order that is paid at the marketplace."""
    tophatter.add_order()
    importing.refresh_store(store)
    shipment = ship_order(Order.objects.get(), carrier="USPS", tracking_number=NUMBER)
    tophatter.requests.clear()
    return shipment


def test_a_parcel_is_sent_at_once_and_the_answer_said(store, tophatter, capsys):
    raw = tophatter.add_order()
    importing.refresh_store(store)

    status = run(
        "ship_order",
        store.name,
        str(raw["order_id"]),
        "--carrier=usps",
        f"--tracking={NUMBER}",
    )

    assert status == 0
    assert tophatter.fulfillments[0]["tracking_number"] == NUMBER
    assert capsys.readouterr().out == (
        f"Tophatter shows order {raw['order_id']} as shipped: USPS {NUMBER}.\n"
    )


def test_a_parcel_may_be_kept_from_the_marketplace(store, tophatter, capsys):
    order = OrderFactory(store=store)

    status = run(
        "ship_order",
        store.name,
        str(order),
        "--carrier=USPS",
        "--tracking=A12345",
        "--no-send",
    )

    assert status == 0
    assert "the marketplace is not told" in capsys.readouterr().out
    assert Shipment.objects.get().notification == "not_sent"
    assert not tophatter.requests


@pytest.mark.parametrize(
    ("carrier", "state", "reason"),
    [
        ("Pigeon Post", "awaiting_shipment", "does not accept the carrier"),
        ("USPS", "cancelled", "is cancelled"),
    ],
)
def test_a_parcel_that_may_not_go_is_said(store, carrier, state, reason, capsys):
    order = OrderFactory(store=store, marketplace_state=state)

    status = run(
        "ship_order",
        store.name,
        str(order),
        f"--carrier={carrier}",
        "--tracking=A12345",
    )

    assert status == 1
    assert reason in capsys.readouterr().err
    assert not Shipment.objects.exists()


def test_a_refusal_of_the_marketplace_is_said(store, tophatter, capsys):
    raw = tophatter.add_order()
    importing.refresh_store(store)
    tophatter.fault("422", on="orders/fulfill", message="No such label.")

    status = run(
        "ship_order",
        store.name,
        str(raw["order_id"]),
        "--carrier=USPS",
        f"--tracking={NUMBER}",
    )

    assert status == 1
    assert "No such label." in capsys.readouterr().err
    assert Shipment.objects.get().notification == "refused"


def test_a_doubtful_number_is_refused_with_the_way_to_send_it(store, tophatter, capsys):
    order = OrderFactory(store=store)

    status = run(
        "ship_order", store.name, str(order), "--carrier=USPS", f"--tracking={ODD}"
    )

    assert status == 1
    assert capsys.readouterr().err == (
        f"“{ODD}” does not look like a number of USPS. Nothing is recorded; "
        "--despite-doubt REASON sends it all the same.\n"
    )
    assert not Shipment.objects.exists()
    assert not OrderEvent.objects.exists()
    assert not tophatter.requests


@pytest.mark.parametrize(
    "number", ["9.40011E+21", "9,40011E+21", "4.00011E+13", "9400111899562170000000"]
)
def test_a_number_that_a_spreadsheet_cut_is_refused_and_not_recorded(
    store, tophatter, capsys, number
):
    order = OrderFactory(store=store)
    parcel = ["--carrier=USPS", f"--tracking={number}"]

    assert run("ship_order", store.name, str(order), *parcel) == 1
    assert run("ship_order", store.name, str(order), *parcel, "--no-send") == 1

    error = capsys.readouterr().err
    assert f"“{number}” is a number without all its digits" in error
    assert "--despite-doubt REASON sends it all the same." in error
    assert not Shipment.objects.exists()
    assert not tophatter.requests


def test_what_is_no_number_goes_for_a_reason_that_the_history_keeps(store, tophatter):
    raw = tophatter.add_order()
    importing.refresh_store(store)

    status = run(
        "ship_order",
        store.name,
        str(raw["order_id"]),
        "--carrier=Yanwen",
        "--tracking=1234567890123450",
        "--despite-doubt=It ends in zero",
    )

    assert status == 0
    assert tophatter.fulfillments[0]["tracking_number"] == "1234567890123450"
    assert OrderEvent.objects.get(kind="overridden").text.endswith(
        "Reason: It ends in zero"
    )


def test_what_is_no_number_is_kept_here_for_a_reason(store, tophatter, capsys):
    order = OrderFactory(store=store)
    parcel = ["--carrier=Yanwen", "--tracking=none", "--no-send"]

    assert run("ship_order", store.name, str(order), *parcel) == 1
    status = run(
        "ship_order", store.name, str(order), *parcel, "--despite-doubt=Picked up"
    )

    assert status == 0
    assert Shipment.objects.get().notification == "not_sent"
    assert OrderEvent.objects.get(kind="overridden").text.endswith("Reason: Picked up")
    assert "--despite-doubt REASON records it all the same." in capsys.readouterr().err
    assert not tophatter.requests


@pytest.mark.parametrize(
    ("carrier", "typed", "sent"),
    [
        ("USPS", "9400 1118 9956 2173 4065 94", "9400111899562173406594"),
        ("USPS", "420940229400111899562173406594", "420940229400111899562173406594"),
        ("China Post", "RB\u00a0123 456 785 CN", "RB123456785CN"),
        ("Swiss Post", "99.60.012345.12345678", "996001234512345678"),
        ("Yanwen", "UG-1234.5", "UG-1234.5"),
    ],
)
def test_a_number_is_sent_without_what_groups_it(
    store, tophatter, carrier, typed, sent
):
    raw = tophatter.add_order()
    importing.refresh_store(store)
    parcel = [f"--carrier={carrier}", f"--tracking={typed}"]

    status = run("ship_order", store.name, str(raw["order_id"]), *parcel)

    assert status == 0
    assert tophatter.fulfillments[0]["tracking_number"] == sent
    assert Shipment.objects.get().tracking_number == sent


def test_a_doubtful_number_that_is_not_to_be_sent_is_recorded(store, tophatter):
    order = OrderFactory(store=store)
    parcel = ["--carrier=USPS", f"--tracking={ODD}", "--no-send"]

    status = run("ship_order", store.name, str(order), *parcel)

    assert status == 0
    assert Shipment.objects.get().notification == "not_sent"
    assert not tophatter.requests


def test_a_doubtful_number_goes_for_a_reason_that_the_history_keeps(
    store, tophatter, capsys
):
    raw = tophatter.add_order()
    importing.refresh_store(store)

    status = run(
        "ship_order",
        store.name,
        str(raw["order_id"]),
        "--carrier=USPS",
        f"--tracking={ODD}",
        "--despite-doubt= UPS carries it for USPS ",
    )

    event = OrderEvent.objects.get(kind="overridden")
    assert status == 0
    assert tophatter.fulfillments[0]["tracking_number"] == ODD
    assert event.order == Order.objects.get()
    assert event.text == (
        f"“{ODD}” does not look like a number of USPS. Reason: UPS carries it for USPS"
    )


def test_a_reason_without_a_doubt_leaves_no_trace(store, tophatter):
    raw = tophatter.add_order()
    importing.refresh_store(store)

    status = run(
        "ship_order",
        store.name,
        str(raw["order_id"]),
        "--carrier=USPS",
        f"--tracking={NUMBER}",
        "--despite-doubt=To be sure",
    )

    assert status == 0
    assert not OrderEvent.objects.filter(kind="overridden").exists()


def test_a_blank_reason_is_none(store, tophatter):
    order = OrderFactory(store=store)

    status = run(
        "ship_order",
        store.name,
        str(order),
        "--carrier=USPS",
        f"--tracking={ODD}",
        "--despite-doubt= ",
    )

    assert status == 1
    assert not tophatter.requests
    assert not OrderEvent.objects.filter(kind="overridden").exists()


def test_an_order_that_is_not_here_is_said_with_the_way_to_get_it(store, capsys):
    status = run("ship_order", store.name, "404", "--carrier=USPS", "--tracking=A12345")

    assert status == 1
    assert "import it with import_orders --order 404." in capsys.readouterr().err


def test_what_waits_is_sent_due_or_not(shipment, tophatter, capsys):
    Shipment.objects.update(next_attempt_at=clock.now() + timedelta(hours=6))

    status = run("send_tracking")

    shipment.refresh_from_db()
    assert status == 0
    assert shipment.notification == "accepted"
    assert len(tophatter.fulfillments) == 1
    line = f"{shipment.order.store} {shipment.order} USPS {NUMBER}: Accepted\n"
    assert capsys.readouterr().out == line


def test_a_sending_in_json_is_one_object_a_shipment(shipment, capsys):
    status = run("send_tracking", "--json")

    said = capsys.readouterr()
    (facts,) = lines(said.out)
    assert (status, said.err) == (0, "")
    assert list(facts) == KEYS
    assert list(facts.values()) == [
        shipment.order.store.name,
        str(shipment.order),
        "USPS",
        NUMBER,
        "accepted",
        "",
    ]


def test_a_dry_run_lists_and_sends_nothing(shipment, tophatter, capsys):
    before = Shipment.objects.values().get()

    status = run("send_tracking", "--dry-run", "--json")

    (facts,) = lines(capsys.readouterr().out)
    assert status == 0
    assert facts["notification"] == "pending"
    assert Shipment.objects.values().get() == before
    assert not tophatter.requests


def test_a_sending_that_fails_is_said(shipment, tophatter, capsys):
    tophatter.fault("503", times=None)

    status = run("send_tracking", "--json")

    (facts,) = lines(capsys.readouterr().out)
    assert status == 1
    assert facts["notification"] == "pending"
    assert "has a problem (503)" in facts["error"]


def test_a_refused_notice_goes_again_only_when_asked_for(shipment, tophatter, capsys):
    tophatter.fault("422", on="orders/fulfill")
    refused = run("send_tracking")
    without = run("send_tracking")
    said = capsys.readouterr().out

    status = run("send_tracking", "--retry-refused")

    shipment.refresh_from_db()
    assert (refused, without, status) == (1, 0, 0)
    assert said.endswith("There is nothing to send.\n")
    assert shipment.notification == "accepted"


def test_only_the_shipments_of_the_named_orders_go(shipment, tophatter):
    other = OrderFactory(store=shipment.order.store, marketplace_order_id="7")
    ship_order(other, carrier="USPS", tracking_number="A12345")

    status = run("send_tracking", "--order", str(shipment.order))

    shipment.refresh_from_db()
    assert status == 0
    assert shipment.notification == "accepted"
    assert other.shipments.get().attempts == 0


def test_only_the_shipments_of_the_named_store_go(shipment, tophatter, capsys):
    other = StoreFactory(name="Other")

    status = run("send_tracking", other.name)

    shipment.refresh_from_db()
    assert status == 0
    assert capsys.readouterr().out == "There is nothing to send.\n"
    assert shipment.notification == "pending"


def test_a_store_that_is_off_sends_only_by_its_name(shipment, capsys):
    Store.objects.update(is_active=False)
    unnamed = run("send_tracking")

    named = run("send_tracking", shipment.order.store.name)

    shipment.refresh_from_db()
    assert (unnamed, named) == (0, 0)
    assert capsys.readouterr().out.startswith("There is nothing to send.\n")
    assert shipment.notification == "accepted"


@pytest.mark.parametrize(
    "arguments",
    [
        ["send_tracking", "Nowhere"],
        ["ship_order", "Nowhere", "1", "--carrier=USPS", "--tracking=A12345"],
    ],
)
def test_a_store_that_is_unknown_is_wrong_usage(arguments, capsys):
    status = run(*arguments)

    assert status == 2
    assert "There is no store “Nowhere”;" in capsys.readouterr().err
