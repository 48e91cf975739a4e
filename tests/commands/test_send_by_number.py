"""send_tracking --order says of every number why it was or was not sent."""

from datetime import timedelta

import pytest
from django.utils import timezone as clock

from orders import importing
from orders.models import Order, OrderEvent, Shipment
from orders.shipping import ship_order
from stores.models import Store
from tests.factories import OrderFactory, StoreFactory
from tests.support.commands import lines, run
from tests.support.order_pages import NUMBER
from tests.support.sendings import ODD

KEYS = ["store", "order", "carrier", "tracking_number", "notification", "error"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def kept(store, tophatter):
    """A shipment that somebody chose not to tell of."""
    tophatter.add_order()
    importing.refresh_store(store)
    return ship_order(
        Order.objects.get(), carrier="USPS", tracking_number=NUMBER, send=False
    )


def test_what_was_kept_by_choice_goes_by_its_number_alone(kept, tophatter):
    unnamed = run("send_tracking")
    before = Shipment.objects.get().notification

    named = run("send_tracking", "--order", f"#{kept.order}")

    assert (unnamed, before, named) == (0, "not_sent", 0)
    assert Shipment.objects.get().notification == "accepted"
    assert tophatter.fulfillments[0]["tracking_number"] == NUMBER


@pytest.mark.parametrize(
    ("because", "says"),
    [
        ("doubt", "1 shipment waits for somebody to name its order with --order."),
        ("store", "1 shipment waits for somebody to name its order with --order."),
        ("choice", ""),
    ],
)
def test_what_goes_by_its_number_alone_is_said(kept, capsys, because, says):
    Shipment.objects.update(not_sent_because=because)

    status = run("send_tracking")

    said = capsys.readouterr().out.splitlines()
    assert status == 0
    assert said == [one for one in ("There is nothing to send.", says) if one]


def test_a_dry_run_of_a_number_sends_nothing(kept, tophatter):
    assert run("send_tracking", "--dry-run", "--order", str(kept.order)) == 0
    assert Shipment.objects.get().notification == "not_sent"


def test_each_number_is_told_why_it_was_or_was_not_sent(kept, tophatter, capsys):
    store = kept.order.store
    accepted, refused, unshipped, doubtful = (
        OrderFactory(store=store, marketplace_order_id=str(number))
        for number in range(1, 5)
    )
    facts = {"carrier": "USPS", "shipped_at": clock.now()}
    accepted.shipments.create(
        notification="accepted", tracking_number="A12345", **facts
    )
    refused.shipments.create(
        notification="refused",
        notification_error="No.",
        tracking_number="A22345",
        **facts,
    )
    doubtful.shipments.create(
        notification="not_sent",
        not_sent_because="doubt",
        tracking_number=ODD,
        **facts,
    )
    numbers = ["404", accepted, refused, unshipped, doubtful, kept.order]

    status = run("send_tracking", "--json", "--order", *map(str, numbers))

    said = lines(capsys.readouterr().out)
    assert status == 1
    assert all(list(facts) == KEYS for facts in said)
    assert [facts["order"] for facts in said] == [str(one) for one in numbers]
    assert [facts["notification"] for facts in said] == [
        *(None, "accepted", "refused", None, "not_sent", "accepted")
    ]
    for facts, reason in zip(
        said,
        [
            "There is no order 404 here;",
            "has accepted the shipment",
            "was refused, and --retry-refused sends it again: No.",
            "has not shipped here",
            "does not look like a number of USPS. Nothing is sent;",
            "",
        ],
        strict=True,
    ):
        assert reason in facts["error"]
    assert len(tophatter.fulfillments) == 1


def test_a_number_of_an_order_that_may_not_ship_says_why(kept, capsys):
    cancelled = OrderFactory(
        store=kept.order.store,
        marketplace_state="cancelled",
        marketplace_status="refunded",
    )

    status = run("send_tracking", "--order", str(cancelled))

    said = capsys.readouterr().out
    assert status == 1
    assert f"Order {cancelled} is cancelled (refunded)." in said
    assert "ship it first" not in said


def test_a_number_that_is_accepted_already_is_all_well(kept, capsys):
    Shipment.objects.update(notification="accepted", not_sent_because="")

    status = run("send_tracking", "--order", str(kept.order), str(kept.order))

    assert status == 0
    assert capsys.readouterr().out.count("has accepted the shipment") == 1


def test_a_number_of_several_stores_wants_its_store(kept, tophatter, capsys):
    other = StoreFactory(name="Other")
    OrderFactory(store=other, marketplace_order_id=str(kept.order))

    unnamed = run("send_tracking", "--order", str(kept.order))
    said = capsys.readouterr().out
    named = run("send_tracking", kept.order.store.name, "--order", str(kept.order))

    assert (unnamed, named) == (1, 0)
    assert f"is in several stores (Other, {kept.order.store}); name the store" in said
    assert len(tophatter.fulfillments) == 1


def test_a_number_of_a_store_that_is_off_wants_its_store(kept, capsys):
    Store.objects.update(is_active=False)

    unnamed = run("send_tracking", "--order", str(kept.order))
    said = capsys.readouterr().out
    named = run("send_tracking", kept.order.store.name, "--order", str(kept.order))

    assert (unnamed, named) == (1, 0)
    assert "is switched off or was not named" in said


def test_a_number_in_doubt_goes_with_a_reason_that_the_history_keeps(kept, tophatter):
    Shipment.objects.update(tracking_number=ODD)
    number = ["--order", str(kept.order)]
    without = run("send_tracking", *number)

    status = run("send_tracking", *number, "--despite-doubt", "It is right")

    assert (without, status) == (1, 0)
    assert tophatter.fulfillments[0]["tracking_number"] == ODD
    assert OrderEvent.objects.get(kind="overridden").text.endswith("It is right")


def test_a_notice_that_another_process_is_sending_is_said_to(kept, tophatter, capsys):
    later = clock.now() + timedelta(minutes=1)
    Shipment.objects.update(
        notification="pending", not_sent_because="", claim="x", claimed_until=later
    )

    status = run("send_tracking", "--json", "--order", str(kept.order))

    (facts,) = lines(capsys.readouterr().out)
    assert status == 1
    assert "Another process is sending this notice" in facts["error"]
    assert not tophatter.fulfillments


def test_a_reason_despite_a_doubt_is_one_of_named_orders():
    assert run("send_tracking", "--despite-doubt", "It is right") == 2
