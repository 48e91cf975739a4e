"""What comes in from shops: by change, each order once, whatever the shop does."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest

from orders import importing, notifying, shipping, tasks
from orders.importing import rereading, windows
from orders.models import ImportProblem, ImportRun, Order, Shipment
from stores import connecting
from stores.marketplaces.base import MarketplaceUnavailable
from stores.models import Store
from stores.sandbox.shops.server import Shop
from tests.support.connected_shops import (
    CARTS,
    connect_shop,
    connected_shop,
    was_read_lately,
)
from tests.support.shops import export

pytestmark = pytest.mark.django_db

NUMBER = "1Z999AA10123456784"
EVERY_SHOP = [*CARTS, "woo-rest"]
# The other ones list what was placed, or what is still open.
BY_CHANGE = [name for name in EVERY_SHOP if name != "nop"]


@pytest.fixture(params=EVERY_SHOP)
def connected(request):
    with connected_shop(request.param) as (shop, store):
        yield shop, store


def list_action(shop: Shop) -> str:
    """Return what a request for a list is called at the shop."""
    return "rest" if shop.profile_name == "woo-rest" else "export"


def here(store: Store) -> set[str]:
    """Return the store's orders by the numbers that people know them by."""
    return {order.number for order in Order.objects.filter(store=store)}


def there(shop: Shop) -> set[str]:
    return {order.number for order in shop.orders.values()}


def assert_each_has_one_outcome(run: ImportRun) -> None:
    outcomes = (getattr(run, name) for name in ImportRun.COUNTS[1:])
    assert sum(outcomes) == run.seen


@pytest.mark.parametrize("profile", BY_CHANGE)
def test_an_old_order_that_changes_comes_however_long_ago_it_was_placed(profile):
    with connected_shop(profile) as (shop, store):
        long_ago = datetime.now(UTC) - timedelta(days=200)
        old = shop.add_order(created_at=long_ago)
        before = importing.refresh_store(store)
        shop.change_order(old, note="Leave it with the neighbour.")

        run = importing.refresh_store(store)

    assert (before.status, before.seen) == ("complete", 0)
    assert (run.status, run.seen, run.created) == ("complete", 1, 1)
    assert Order.objects.get().number == old.number
    assert Order.objects.get().ordered_at < long_ago + timedelta(days=2)


def test_an_order_that_is_here_is_updated_when_it_changes(connected):
    shop, store = connected
    ours = shop.add_order()
    importing.refresh_store(store)
    shop.change_order(ours, note="Leave it with the neighbour.")

    run = importing.refresh_store(store)

    assert (run.seen, run.updated) == (1, 1), run.error
    assert "neighbour" in Order.objects.get().buyer_note


@pytest.mark.parametrize("profile", ["woo", "craft", "woo-rest"])
def test_two_shops_may_have_the_same_numbers_and_the_same_password(profile):
    with Shop(profile=profile) as first, Shop(profile=profile) as second:
        second.keys = first.keys
        stores = [connect_shop(first, name="First"), connect_shop(second, name="Other")]
        first.add_order(buyer="Ann Example")
        second.add_order(buyer="Bob Example")
        for store in stores:
            importing.refresh_store(store)
        order = Order.objects.get(store=stores[1])

        shipment = shipping.ship_order(
            order=order, carrier="UPS", tracking_number=NUMBER, send=True
        )
        notifying.send_tracking(shipment)

    assert first.secrets == second.secrets
    ids = Order.objects.values_list("marketplace_order_id", flat=True)
    assert len(ids) == 2
    assert len(set(ids)) == 1
    assert Shipment.objects.get().notification == "accepted"
    assert not first.notices
    assert {one.effect for one in second.notices} == {"shipped"}


@pytest.mark.parametrize("fault", ["shrinking", "shifting"])
@pytest.mark.parametrize("profile", EVERY_SHOP)
def test_pages_that_move_while_they_are_read_lose_no_order(profile, fault):
    with Shop(profile=profile, page_size=8) as shop:
        store = connect_shop(shop)
        # WooCommerce itself has a hundred on a page.
        placed_at = datetime.now(UTC) - timedelta(hours=2)
        for minute in range(230 if profile == "woo-rest" else 30):
            moment = placed_at + timedelta(seconds=20 * minute)
            shop.add_order(created_at=moment)
        shop.fault(fault, times=3, on=list_action(shop))

        runs = [importing.refresh_store(store) for _ in range(2)]

    assert [run.status for run in runs] == ["complete", "complete"]
    assert there(shop) <= here(store)
    assert not shop.faults
    for run in runs:
        assert_each_has_one_outcome(run)


def fail_from_page(shop: Shop, place: int) -> None:
    """Have the nth page and all that follow be an error."""
    asked = []

    def look(request) -> None:
        if request.action == list_action(shop):
            asked.append(request)
            if len(asked) == place:
                shop.fault("html_500", times=None, on=request.action)

    shop.on_request = look


@pytest.mark.parametrize("profile", ["woo", "craft", "nop", "woo-rest"])
def test_a_page_that_fails_leaves_the_time_of_the_last_import_as_it_was(profile):
    with Shop(profile=profile, page_size=20) as shop:
        store = connect_shop(shop)
        importing.refresh_store(store)
        mark = Store.objects.get().last_import_at
        for _ in range(130 if profile == "woo-rest" else 50):
            shop.add_order()
        fail_from_page(shop, 2)
        failed = importing.refresh_store(store)
        kept = Store.objects.get()
        shop.on_request = lambda request: None
        shop.clear_faults()

        run = importing.refresh_store(store)

    assert (failed.status, failed.pages) == ("partial", 1)
    assert "(500)" in failed.error
    assert "The next import tries again." in failed.error
    assert kept.last_import_at == mark
    assert (run.status, run.created + failed.created) == ("complete", len(shop.orders))
    assert here(store) == there(shop)


@pytest.mark.parametrize("junk", ["control_character", "bad_byte", "bare_ampersand"])
@pytest.mark.parametrize("profile", [*CARTS])
def test_junk_in_one_order_costs_none(profile, junk):
    with connected_shop(profile) as (shop, store):
        for _ in range(5):
            shop.add_order()
        shop.fault(junk, times=None, place=2)

        run = importing.refresh_store(store)

    assert (run.status, run.seen, run.created) == ("complete", 5, 5), run.error
    assert here(store) == there(shop)


def test_an_order_of_broken_xml_costs_only_itself_and_comes_once_it_is_mended():
    with connected_shop("guide") as (shop, store):
        for _ in range(5):
            shop.add_order()
        beginning, end, rest = export(shop).text.partition("</CustomerNotes>")
        shop.fault("body", times=None, on="export", text=f"{beginning}</Oops>{rest}")
        was_read_lately(store)

        broken = importing.refresh_store(store)
        problems = list(ImportProblem.objects.values_list("kind", flat=True))
        shop.clear_faults()
        mended = importing.refresh_store(store)

    assert end
    assert (broken.status, broken.created, broken.rejected) == ("complete", 4, 1)
    assert_each_has_one_outcome(broken)
    assert problems == ["unreadable"]
    assert (mended.created, mended.unchanged, mended.rejected) == (1, 4, 0)
    assert here(store) == there(shop)


def test_a_last_change_that_is_always_now_updates_nothing():
    with connected_shop("nop") as (shop, store):
        for _ in range(3):
            shop.add_order()
        before = importing.refresh_store(store)
        # Its clock, which shows, goes on by hours.
        shop.site_zone = ZoneInfo("Asia/Tokyo")

        run = importing.refresh_store(store)

    assert (before.created, run.unchanged, run.updated) == (3, 3, 0)


@pytest.mark.parametrize("fault", ["dates_in_los_angeles", "window_in_los_angeles"])
@pytest.mark.parametrize("profile", [*CARTS])
def test_times_of_los_angeles_lose_no_order(profile, fault):
    with connected_shop(profile) as (shop, store):
        shop.fault(fault, times=None)
        shop.add_order()
        first = importing.refresh_store(store)
        for hours in (0, 5):
            placed_at = datetime.now(UTC) - timedelta(hours=hours)
            shop.add_order(created_at=placed_at)

        second = importing.refresh_store(store)

    assert (first.created, second.created) == (1, 2)
    assert here(store) == there(shop)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("doctype_bomb", "XML with a DOCTYPE or entities, which is refused"),
        ("gzip_bomb", "did not answer (AnswerTooLarge)"),
        ("truncated", "a list of orders that breaks off"),
        ("empty", "an empty answer"),
        ("html_200", "(HTML)"),
    ],
)
def test_what_is_no_list_of_orders_fails_in_words(fault, words):
    with connected_shop("woo") as (shop, store):
        shop.add_order()
        shop.fault(fault, times=None, on="export")
        read_until = was_read_lately(store)

        run = importing.refresh_store(store)

    assert run.status == "failed"
    assert words in run.error
    assert (run.seen, Order.objects.count()) == (0, 0)
    assert Store.objects.get().last_import_at == read_until


def test_a_shop_that_repeats_its_first_page_is_called_what_it_is():
    with Shop(profile="woo", page_size=5) as shop:
        store = connect_shop(shop)
        for _ in range(50):
            shop.add_order()
        shop.fault("repeat_page", times=None)

        run = importing.refresh_store(store)

    assert run.status == "partial"
    assert "repeats itself" in run.error
    assert run.seen == run.created == 5


@pytest.mark.parametrize("profile", ["woo", "nop", "woo-rest"])
def test_pages_without_end_end_in_words(profile):
    with connected_shop(profile) as (shop, store):
        shop.add_order()
        shop.fault("endless", times=None, on=list_action(shop))
        pages = store.connect(most_pages=4).list_orders(None, None)

        with pytest.raises(MarketplaceUnavailable, match="without end") as caught:
            list(pages)

    assert "after 4 pages" in str(caught.value)


@pytest.mark.parametrize("profile", ["woo", "guide", "woo-rest"])
def test_a_redirect_is_not_followed_and_its_host_is_named(profile):
    with connected_shop(profile) as (shop, store):
        shop.add_order()
        target = "https://www.shop.example/there?auth_key=told-to-nobody"
        shop.fault("redirect", times=None, location=target)

        run = importing.refresh_store(store)

    assert run.status == "failed"
    assert "https://www.shop.example" in run.error
    assert "told-to-nobody" not in run.error
    assert urlsplit(shop.url).query not in run.error or profile != "woo"


def test_a_lost_header_is_said_as_refused_credentials_and_heals(connected):
    shop, store = connected
    shop.add_order()
    importing.refresh_store(store)
    shop.fault("lost_authorization", times=None)

    run = importing.refresh_store(store)
    refused = Store.objects.get()
    shop.clear_faults()
    healed = importing.refresh_store(store)

    assert run.status == "failed"
    if shop.name == "nop":
        # It answers nothing to whoever it does not know, and else when it is broken.
        assert "an empty answer" in run.error
        assert refused.connection == "connected"
    else:
        assert "refused" in run.error or "does not know the consumer key" in run.error
        assert refused.connection == "refused"
    assert refused.connection_error == run.error
    assert (healed.status, healed.unchanged) == ("complete", 1)
    assert Store.objects.get().connection == "connected"


def test_a_long_time_is_read_week_by_week_until_now():
    with connected_shop("woo") as (shop, store):
        shop.add_order(created_at=datetime.now(UTC) - timedelta(days=20))
        shop.add_order()

        importing.refresh_store(store)

    read = list(
        ImportRun.objects.order_by("pk").values_list("window_start", "window_end")
    )
    assert len(read) == 5
    assert max(end - start for start, end in read) == timedelta(days=7)
    assert all(
        start < before for (start, _), (_, before) in zip(read[1:], read, strict=False)
    )
    assert here(store) == there(shop)


def test_the_queue_reads_on_at_once_after_a_long_time():
    with connected_shop("woo") as (shop, store):
        shop.add_order()
        first = importing.queue_run(windows.plan_refresh(store, "manual"))

        tasks.run_import(first.pk)

    waiting = ImportRun.objects.get(started_at=None)
    assert waiting.window_start < Store.objects.get().last_import_at
    assert waiting.trigger == "manual"


@pytest.mark.parametrize("is_read_by", ["an import", "a replay"])
def test_another_cart_gives_the_orders_that_are_here_its_meanings(is_read_by):
    with connected_shop("magento", cart="craft") as (shop, store):
        shop.add_order()
        importing.refresh_store(store)
        before = Order.objects.get()

        connecting.reconnect(store, {"cart": "magento"})
        if is_read_by == "an import":
            importing.refresh_store(Store.objects.get())
        else:
            rereading.read_again(Store.objects.get(), [before.pk])

    after = Order.objects.get()
    assert (before.marketplace_status, before.status) == ("processing", "needs_review")
    assert after.status == "awaiting_shipment"
    assert not rereading.read_otherwise(Store.objects.get()).exists()
