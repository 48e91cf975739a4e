"""Every order the marketplace lists is accounted for, and differences are named."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone as clock

from backoffice.health import beat
from orders import importing, notifying, shipping
from orders.auditing import accounting, listings
from orders.auditing.accounting import Fate
from orders.importing import windows
from orders.models import ImportRun, Order, Reconciliation, Shipment
from stores.models import Store
from tests.support.counting import days_ago
from tests.support.coverage import was_read

pytestmark = pytest.mark.django_db
NUMBER = "9400111899562173406594"


@pytest.fixture
def store(store) -> Store:
    """A store that was read for weeks."""
    was_read(store, 40, 1)
    return store


def differences(store) -> dict[str, str]:
    """Return the kind and the step of each difference, by order number."""
    return {
        one.marketplace_order_id: (one.kind.value, one.step.value)
        for one in accounting.open_differences(store)
    }


def counted(store) -> dict[str, int]:
    names = ("seen", *Fate.values)
    found = accounting.days(store)
    return {name: sum(getattr(day, name) for day in found) for name in names}


def shipped(order: Order, **fields) -> Shipment:
    return shipping.ship_order(order, carrier="USPS", tracking_number=NUMBER, **fields)


def brought_in(store, tophatter, **fields) -> Order:
    raw = tophatter.add_order(**{"created_at": days_ago(2)} | fields)
    importing.refresh_store(store)
    return Order.objects.get(marketplace_order_id=raw["order_id"])


def test_seen_is_what_is_here_skipped_rejected_and_unexplained(store, tophatter):
    tophatter.add_order(created_at=days_ago(1))
    tophatter.add_order(**dict.fromkeys(("address1", "city", "postal_code")))
    tophatter.add_order(created_at=days_ago(1), product_quantity="none")
    importing.refresh_store(store)
    lost = tophatter.add_order(created_at=days_ago(20))

    listings.reconcile(store)

    assert counted(store) == {
        "seen": 4,
        "here": 1,
        "skipped": 1,
        "rejected": 1,
        "unexplained": 1,
    }
    assert accounting.unexplained(listings.last_listing(store)) == 1
    assert differences(store) == {str(lost["order_id"]): ("not_here", "import")}


def test_every_day_has_its_line_and_days_are_the_stores(store, tophatter):
    Store.objects.update(timezone="Pacific/Auckland")
    store.refresh_from_db()
    evening = datetime.combine(days_ago(4).date(), datetime.min.time(), UTC)
    tophatter.add_order(created_at=evening + timedelta(hours=23))
    importing.refresh_store(store)

    listings.reconcile(store)

    found = accounting.days(store)
    assert len(found) == 31
    assert found[0].day == clock.now().astimezone(store.zone).date()
    (busy,) = [day.day for day in found if day.seen]
    assert busy == evening.date() + timedelta(days=1)


def test_an_order_that_comes_in_later_is_explained_at_once(store, tophatter):
    lost = tophatter.add_order(created_at=days_ago(20))
    listings.reconcile(store)

    importing.import_one(store, str(lost["order_id"]))

    assert counted(store)["here"] == 1
    assert accounting.unexplained(listings.last_listing(store)) == 0
    assert differences(store) == {}


def test_what_was_placed_since_the_last_import_needs_nobody(store, tophatter):
    importing.refresh_store(store)
    tophatter.add_order()

    listings.reconcile(store)

    assert counted(store)["unexplained"] == 1
    assert accounting.unexplained(listings.last_listing(store)) == 0


def test_an_order_the_marketplace_does_not_list_is_named(store, tophatter):
    order = brought_in(store, tophatter)
    del tophatter.accounts[tophatter.token][int(order.marketplace_order_id)]

    listings.reconcile(store)

    assert differences(store) == {order.marketplace_order_id: ("not_there", "import")}


def test_shipped_there_but_not_here(store, tophatter):
    order = brought_in(store, tophatter)
    tophatter.order(order.marketplace_order_id).update(
        status="shipped", carrier="usps", tracking_number="TH-1"
    )

    listings.reconcile(store)

    (found,) = accounting.open_differences(store)
    assert (found.kind, found.step) == ("shipped_there", "import")
    assert "as shipped with TH-1; here it is “Awaiting shipment”" in found.text


@pytest.mark.parametrize(
    ("notification", "step"), [("refused", "send"), ("not_sent", "send")]
)
def test_shipped_here_but_not_there(store, tophatter, notification, step):
    order = brought_in(store, tophatter)
    shipped(order, shipped_at=days_ago(1))
    Shipment.objects.update(notification=notification, not_sent_because="store")

    listings.reconcile(store)

    assert differences(store) == {order.marketplace_order_id: ("shipped_here", step)}


def test_accepted_here_and_open_there_again_is_only_looked_at(store, tophatter):
    order = brought_in(store, tophatter)
    shipment = shipped(order, shipped_at=days_ago(1))
    notifying.send_tracking(shipment)
    Shipment.objects.update(notified_at=days_ago(1))
    Order.objects.update(rechecked_at=None, changed_at=days_ago(1))
    Order.objects.update(imported_at=days_ago(1))
    tophatter.order(order.marketplace_order_id).update(
        status="paid", carrier=None, tracking_number=None
    )

    listings.reconcile(store)

    assert differences(store) == {order.marketplace_order_id: ("shipped_here", "open")}


@pytest.mark.parametrize("notification", ["pending", "unconfirmed"])
def test_a_notice_on_its_way_is_no_difference(store, tophatter, notification):
    order = brought_in(store, tophatter)
    shipped(order, shipped_at=days_ago(1))
    Shipment.objects.update(notification=notification)

    listings.reconcile(store)

    assert differences(store) == {}


def test_another_number_is_named(store, tophatter):
    order = brought_in(store, tophatter)
    shipped(order, shipped_at=days_ago(1))
    Shipment.objects.update(notification="not_sent", not_sent_because="store")
    tophatter.order(order.marketplace_order_id).update(
        status="shipped", carrier="usps", tracking_number="OTHER"
    )

    listings.reconcile(store)

    (found,) = accounting.open_differences(store)
    assert (found.kind, found.step) == ("other_number", "open")
    assert "shows OTHER, which cannot be changed there" in found.text


@pytest.mark.parametrize("ours", ["ug-1234.56", f"42094022{NUMBER}"])
def test_a_number_that_the_marketplace_tidied_is_no_difference(store, tophatter, ours):
    order = brought_in(store, tophatter)
    shipped(order, shipped_at=days_ago(1))
    Shipment.objects.update(
        notification="not_sent", not_sent_because="store", tracking_number=ours
    )
    tidy = ours.removeprefix("42094022").replace("-", "").replace(".", "").upper()
    tophatter.order(order.marketplace_order_id).update(
        status="shipped", carrier="usps", tracking_number=tidy
    )
    importing.refresh_store(store)

    listings.reconcile(store)

    assert differences(store) == {}


def test_another_status_is_named_and_an_import_closes_it(store, tophatter):
    order = brought_in(store, tophatter)
    tophatter.order(order.marketplace_order_id).update(status="refunded")
    listings.reconcile(store)
    assert differences(store) == {
        order.marketplace_order_id: ("other_status", "import")
    }

    importing.import_one(store, order.marketplace_order_id)

    assert differences(store) == {}


def test_another_number_is_named_once_the_order_is_known_as_shipped(store, tophatter):
    order = brought_in(store, tophatter)
    shipped(order, shipped_at=days_ago(1))
    Shipment.objects.update(notification="not_sent", not_sent_because="store")
    tophatter.order(order.marketplace_order_id).update(
        status="shipped", carrier="usps", tracking_number="OTHER"
    )
    importing.refresh_store(store)

    listings.reconcile(store)

    assert differences(store) == {order.marketplace_order_id: ("other_number", "open")}


def test_what_has_changed_since_the_listing_is_no_difference(store, tophatter):
    order = brought_in(store, tophatter)
    listings.reconcile(store)
    tophatter.order(order.marketplace_order_id).update(status="refunded")

    importing.refresh_store(store)

    assert Order.objects.get().status == "cancelled"
    assert differences(store) == {}


def test_importing_an_order_that_is_unchanged_settles_it(store, tophatter):
    order = brought_in(store, tophatter)
    orders = tophatter.accounts[tophatter.token]
    raw = orders.pop(int(order.marketplace_order_id))
    listings.reconcile(store)
    orders[raw["order_id"]] = raw

    importing.import_one(store, order.marketplace_order_id)

    assert differences(store) == {}


def test_an_order_that_was_re_checked_since_the_listing_is_no_difference(
    store, tophatter
):
    order = brought_in(store, tophatter)
    orders = tophatter.accounts[tophatter.token]
    raw = orders.pop(int(order.marketplace_order_id))
    listings.reconcile(store)
    assert differences(store) == {order.marketplace_order_id: ("not_there", "import")}

    orders[raw["order_id"]] = raw
    ids, kind = [order.marketplace_order_id], ImportRun.Kind.RECHECK
    importing.execute(windows.plan_orders(store, ids, "schedule", kind))

    assert differences(store) == {}


def test_what_is_alike_on_both_sides_is_no_difference(store, tophatter):
    order = brought_in(store, tophatter)
    shipment = shipped(order)
    notifying.send_tracking(shipment)
    tophatter.add_order(status="refunded", created_at=days_ago(2))
    tophatter.add_order(status="pending_verification", created_at=days_ago(2))
    tophatter.add_order(status="what_is_this", created_at=days_ago(2))
    importing.refresh_store(store)

    listings.reconcile(store)

    assert differences(store) == {}


def test_a_hold_is_no_difference(store, tophatter):
    order = brought_in(store, tophatter)
    shipping.hold(order, reason="Asks the buyer.")

    listings.reconcile(store)

    assert differences(store) == {}


def test_one_stores_orders_explain_no_others(store, tophatter):
    other = Store.objects.create(
        name="Other", token_ciphertext=store.token_ciphertext, token_fingerprint="x"
    )
    brought_in(store, tophatter)
    was_read(other, 40, 1)

    listings.reconcile(other)

    assert counted(other)["unexplained"] == 1
    assert len(accounting.open_differences()) == 1


def test_check_sync_fails_over_an_order_that_nothing_explains(store, tophatter, capsys):
    beat()
    importing.refresh_store(store)
    tophatter.add_order(created_at=days_ago(20))
    listings.reconcile(store)

    with pytest.raises(SystemExit) as exit_status:
        call_command("check_sync", "--json")

    assert exit_status.value.code == 1
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["cause"] == "unexplained"


def test_check_sync_says_when_a_store_was_not_listed_for_days(store, tophatter, capsys):
    beat()
    importing.refresh_store(store)
    listing = listings.reconcile(store)
    type(listing).objects.update(started_at=days_ago(4))

    with pytest.raises(SystemExit):
        call_command("check_sync", "--json")

    assert json.loads(capsys.readouterr().out)["cause"] == "not_reconciled"


def test_check_sync_says_when_a_store_could_never_be_listed(store, tophatter, capsys):
    beat()
    importing.refresh_store(store)
    tophatter.fault("500", times=None, on="orders")
    Store.objects.update(token_set_at=days_ago(5))
    listings.reconcile(store)
    call_command("check_sync")
    Reconciliation.objects.update(started_at=days_ago(5))
    # Of those that fail, the first one says since when.
    listings.reconcile(store)

    with pytest.raises(SystemExit):
        call_command("check_sync", "--json")

    said = capsys.readouterr().out.splitlines()[-1]
    assert json.loads(said)["cause"] == "not_reconciled"


def test_a_store_that_is_not_listed_any_more_raises_no_alarm(store, tophatter):
    beat()
    importing.refresh_store(store)
    listings.reconcile(store)
    Reconciliation.objects.update(started_at=days_ago(5))
    Store.objects.update(last_import_at=None, auto_import=False)

    call_command("check_sync")


def test_what_is_still_open_there_differs_also_after_it_was_read_again(
    store, tophatter
):
    Store.objects.update(auto_send_tracking=False)
    order = brought_in(store, tophatter)
    shipped(order)
    listings.reconcile(store)
    before = differences(store)

    importing.import_one(store, order.marketplace_order_id)

    assert before == {order.marketplace_order_id: ("shipped_here", "send")}
    assert differences(store) == before


def test_what_nobody_imports_by_hand_is_missed_after_a_day(store, tophatter):
    tophatter.add_order(created_at=days_ago(2))
    tophatter.add_order(created_at=days_ago(0.5))
    Store.objects.update(last_import_at=days_ago(3), auto_import=False)

    listings.reconcile(Store.objects.get())

    assert accounting.unexplained(Reconciliation.objects.get()) == 1


def test_the_differences_cost_the_same_whatever_their_number(
    store, tophatter, django_assert_max_num_queries
):
    for _ in range(12):
        brought_in(store, tophatter)
    for raw in tophatter.orders():
        raw["status"] = "refunded"
    listings.reconcile(store)

    with django_assert_max_num_queries(8):
        found = accounting.open_differences(store)

    assert len(found) == 12
