"""Processes that die while they speak to a shop: it is told once, nothing is lost."""

from collections import Counter
from threading import Timer

import pytest

from orders import importing, notifying, tasks
from orders.importing import runs
from orders.models import ImportRun, Order, Shipment
from orders.shipping import ship_order
from stores.models import Store
from stores.sandbox.shops.server import Shop
from tests.support.connected_shops import connect_shop, was_read_lately
from tests.support.killing import hours_pass, kill_at_call, two_minutes_pass
from tests.support.programs import wait_until

pytestmark = pytest.mark.sweep

NUMBER = "9400111899562173406594"
# By the name of a trial, a shop; "bare" has WooCommerce's own REST alone.
SHOPS = {
    "woo": {"profile": "woo"},
    "spree": {"profile": "spree"},
    "rest": {"profile": "woo-rest"},
    "bare": {"profile": "woo-rest", "has_plugin": False},
}
ONCE = ["shipped"]
# A note for the buyer, and the word of status.
NOTE_AND_WORD = ["noted", "shipped"]
# What spree no longer lists may not have arrived, and a second notice does no harm.
REPEATED = ["shipped", "repeated"]
# At which shop, at which call of a kind, whether the shop still gets the call, whether
# a person has to look there, and what notices did in the end.
KILLS = [
    *[("woo", "export", call, True, False, ONCE) for call in (1, 2)],
    ("woo", "shipnotify", 1, True, False, ONCE),
    ("woo", "shipnotify", 1, False, True, ONCE),
    ("spree", "export", 1, True, False, ONCE),
    ("spree", "export", 2, True, False, REPEATED),
    ("spree", "shipnotify", 1, True, False, REPEATED),
    ("spree", "shipnotify", 1, False, False, ONCE),
    ("rest", "rest", 1, True, False, ONCE),
    # The order's notes are read between the mark that it is told now and the telling.
    ("rest", "rest", 2, True, True, ONCE),
    ("rest", "rest", 3, True, False, ONCE),
    ("rest", "rest_notice", 1, True, False, ONCE),
    ("rest", "rest_notice", 1, False, True, ONCE),
    ("bare", "rest", 1, True, False, NOTE_AND_WORD),
    ("bare", "rest", 2, True, True, NOTE_AND_WORD),
    ("bare", "rest", 3, True, False, NOTE_AND_WORD),
    # The first asks for the plug-in, the second is the note, the third the word.
    ("bare", "rest_notice", 1, True, True, NOTE_AND_WORD),
    ("bare", "rest_notice", 2, True, True, NOTE_AND_WORD),
    ("bare", "rest_notice", 2, False, True, NOTE_AND_WORD),
    ("bare", "rest_notice", 3, True, False, NOTE_AND_WORD),
    ("bare", "rest_notice", 3, False, True, NOTE_AND_WORD),
]


@pytest.fixture
def serve(transactional_db):
    """Serve practice shops, each connected as a store."""
    shops = []

    def begin(kind: str, **options):
        shop = Shop(**SHOPS[kind], **options)
        shop.start()
        shops.append(shop)
        return shop, connect_shop(shop, name="The shop")

    yield begin
    for shop in shops:
        shop.stop()


@pytest.mark.parametrize(("kind", "action", "call", "is_taken", "waits", "told"), KILLS)
def test_a_sender_killed_at_any_call_tells_the_shop_once(
    serve, manage, kind, action, call, is_taken, waits, told
):
    shop, store = serve(kind)
    shop.add_order()
    importing.refresh_store(store)
    shipment = ship_order(Order.objects.get(), carrier="USPS", tracking_number=NUMBER)
    process = manage("send_tracking")
    kill_at_call(shop, process, action, call, is_taken)
    process.wait(120)
    shipment.refresh_from_db()
    after_the_kill = shipment.notification, shipment.attempts

    two_minutes_pass()
    has_waited = hours_pass(shipment).notification == "refused"
    told_by_itself = [one.effect for one in shop.notices]
    if has_waited:
        notifying.request_sending(Shipment.objects.all(), retry_refused=True)
        hours_pass(shipment)

    assert after_the_kill == ("pending", 1)
    assert has_waited == waits, shipment.notification_error
    assert "shipped" not in told_by_itself or not has_waited
    assert shipment.notification == "accepted", shipment.notification_error
    assert [one.effect for one in shop.notices] == told


@pytest.mark.parametrize(("kind", "action"), [("woo", "export"), ("rest", "rest")])
def test_an_import_killed_between_two_pages_keeps_the_first_and_loses_none(
    serve, manage, kind, action
):
    shop, store = serve(kind)
    for _ in range(250):
        shop.add_order()
    read_until = was_read_lately(store)
    process = manage("import_orders", "The shop")
    kill_at_call(shop, process, action, call=2)
    process.wait(120)
    kept = Order.objects.count()
    mark = Store.objects.get().last_import_at

    with pytest.raises(importing.AlreadyRunning):
        importing.refresh_store(store)
    two_minutes_pass()
    closed = runs.close_dead_runs()
    run = importing.refresh_store(store)

    assert (kept, mark, closed) == (100, read_until, 1)
    assert (run.status, run.created, run.unchanged) == ("complete", 150, 100)
    assert "died" in ImportRun.objects.get(status="failed").error
    assert_all_here_once(shop)


@pytest.mark.parametrize("delay", [0.05, 0.15, 0.3])
def test_an_import_killed_while_it_stores_a_page_leaves_no_half_order(
    serve, manage, delay
):
    shop, store = serve("woo")
    for _ in range(100):
        shop.add_order()
    was_read_lately(store)
    process = manage("import_orders", "The shop")
    shop.on_request = lambda request: Timer(delay, process.kill).start()
    process.wait(120)

    half = Order.objects.filter(line_items=None).count()
    two_minutes_pass()
    run = importing.refresh_store(store)

    assert half == 0
    assert run.status == "complete"
    assert_all_here_once(shop)


def assert_all_here_once(shop: Shop) -> None:
    here = sorted(Order.objects.values_list("marketplace_order_id", flat=True))
    assert here == sorted(shop.orders)
    for run in ImportRun.objects.all():
        outcomes = (getattr(run, name) for name in ImportRun.COUNTS[1:])
        assert sum(outcomes) == run.seen


@pytest.mark.parametrize(
    ("kind", "action", "call"),
    [("woo", "shipnotify", 9), ("woo", "export", 20), ("rest", "rest_notice", 9)],
)
def test_eight_senders_killed_at_any_call_tell_of_each_order_once(
    serve, manage, kind, action, call
):
    shop, store = serve(kind)
    Store.objects.update(notices_at_once=8)
    for _ in range(20):
        shop.add_order()
    importing.refresh_store(store)
    for order in Order.objects.all():
        ship_order(order, carrier="USPS", tracking_number=f"SENT{order.pk:08d}")
    cluster = manage("qcluster")
    kill_at_call(shop, cluster, action, call)
    tasks.send_due_notices()
    cluster.wait(120)
    claimed = Shipment.objects.unsent().exclude(claimed_until=None).count()

    two_minutes_pass()
    manage("qcluster")
    tasks.send_due_notices()
    wait_until(all_are_answered, 60, "the end of the sending")
    told_by_itself = Counter(one.effect for one in shop.notices)
    refused = Shipment.objects.filter(notification="refused")
    notifying.request_sending(refused, retry_refused=True)
    wait_until(all_are_answered, 60, "what a person asked for")

    assert claimed > 1
    assert set(told_by_itself) == {"shipped"}
    assert set(Shipment.objects.values_list("notification", flat=True)) == {"accepted"}
    assert Counter(one.order.id for one in shop.notices) == Counter([*shop.orders])


def all_are_answered() -> bool:
    """Have read soon what is read over minutes; say whether nothing waits for that."""
    if Shipment.objects.unclaimed().unsent().update(next_attempt_at=None):
        tasks.send_due_notices()
    return not Shipment.objects.unsent().exists()
