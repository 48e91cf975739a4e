"""Stores of several marketplaces: shown beside each other, each with its limits."""

import json
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone as clock

from orders import importing, tasks
from orders.auditing import accounting, listings, recheck, zone_doctor
from orders.auditing.differences import DifferenceKind
from orders.auditing.zone_doctor import ZoneVerdict
from orders.documents import slips
from orders.finding import live
from orders.models import ImportProblem, ImportRun, Order
from orders.work import alarms, to_do
from stores.models import Store
from stores.sandbox.shops.practice import fill
from tests.factories import OrderFactory, StoreFactory
from tests.support.connected_shops import connected_shop
from tests.support.counting import days_ago
from tests.support.coverage import was_read

pytestmark = pytest.mark.django_db
ORDERS = "admin:orders_order_changelist"
SHIPMENTS = "admin:orders_shipment_changelist"
IMPORTS = "admin:orders_importrun_changelist"
LISTS = (ORDERS, SHIPMENTS, IMPORTS)


@pytest.fixture
def shop_store():
    with connected_shop("woo") as (shop, store):
        fill(shop, 40)
        yield store


def custom_store(**settings) -> Store:
    """Return a store of a shop that is not asked for anything."""
    return StoreFactory(
        marketplace="custom_store",
        connection_settings={"cart": "woocommerce", **settings},
        token_fingerprint="",
    )


def parcel(order: Order):
    Order.objects.filter(pk=order.pk).update(has_shipment=True)
    return order.shipments.create(
        carrier="USPS",
        tracking_number="9400111899562173406594",
        shipped_at=days_ago(2),
        notification="accepted",
        notified_at=days_ago(2),
    )


def listed_by(store: Store, order_id: str, **facts) -> object:
    """Return a complete listing of a store that holds one order."""
    store.last_import_at = clock.now()
    store.save()
    began = facts.pop("started_at", clock.now() - timedelta(minutes=5))
    listing = store.reconciliations.create(
        status="complete",
        window_start=days_ago(30),
        started_at=began,
        finished_at=began,
    )
    listing.orders.create(
        **{"marketplace_order_id": order_id, "marketplace_state": "shipped"} | facts
    )
    return listing


def text_of(client, name: str, **query: str) -> str:
    return client.get(reverse(name), query).content.decode()


def test_lists_name_the_marketplace_where_there_are_several(admin_client):
    for store in (StoreFactory(), custom_store()):
        parcel(OrderFactory(store=store))
        was_read(store, 1, 0)

    for name in LISTS:
        query = {"view": "all"} if name == ORDERS else {}
        text = text_of(admin_client, name, **query)

        assert "column-store_and_marketplace" in text
        assert "Custom Store" in text
        assert "marketplace=custom_store" in text or 'name="marketplace"' in text


def test_a_filter_leaves_the_rows_of_one_marketplace(admin_client):
    stores = [StoreFactory(), custom_store()]
    for store in stores:
        parcel(OrderFactory(store=store))
        was_read(store, 1, 0)

    for name in LISTS:
        query = {"view": "all"} if name == ORDERS else {}
        answer = admin_client.get(
            reverse(name), {**query, "marketplace": "custom_store"}
        )
        (row,) = answer.context["cl"].result_list

        assert getattr(row, "store", None) or row.order.store == stores[1]


def test_with_one_marketplace_there_is_neither_column_nor_filter(admin_client):
    store = StoreFactory()
    parcel(OrderFactory(store=store))
    was_read(store, 1, 0)

    for name in LISTS:
        text = text_of(admin_client, name)

        assert "column-store_and_marketplace" not in text
        assert 'name="marketplace"' not in text


def test_orders_of_both_come_in_and_stand_in_one_list(
    store, tophatter, shop_store, admin_client
):
    tophatter.add_order()
    for one in (store, shop_store):
        importing.refresh_store(one)

    text = text_of(admin_client, ORDERS, view="all")

    kinds = set(Order.objects.values_list("store__marketplace", flat=True))
    assert kinds == {"tophatter", "custom_store"}
    for order in Order.objects.all()[:3]:
        assert order.number in text


def test_single_orders_are_not_asked_of_a_shop_that_shows_lists(
    shop_store, admin_client
):
    importing.refresh_store(shop_store)
    order = Order.objects.first()
    page = admin_client.get(reverse("admin:orders_order_change", args=[order.pk]))
    again = admin_client.post(
        reverse("admin:orders_order_import_again", args=[order.pk]),
        {"_form_submitted": "True"},
        follow=True,
    )
    asked = admin_client.post(
        reverse("admin:stores_store_import_orders", args=[shop_store.pk]),
        {"_form_submitted": "True", "order_ids": "42"},
    )

    reason = "cannot be asked for single orders"
    assert "Import again" not in page.content.decode()
    assert reason in again.content.decode()
    assert reason in asked.content.decode()
    assert not ImportRun.objects.filter(kind="orders").exists()


def test_the_command_refuses_single_orders_of_such_a_shop(shop_store, capsys):
    with pytest.raises(SystemExit):
        call_command("import_orders", shop_store.name, "--order", "42")

    assert "cannot be asked for single orders" in capsys.readouterr().err
    assert not ImportRun.objects.exists()


def test_a_shop_that_cannot_be_asked_is_an_object_of_json_too(shop_store, capsys):
    with pytest.raises(SystemExit) as ended:
        call_command("import_orders", shop_store.name, "--json", "--order", "42")

    facts = json.loads(capsys.readouterr().out)
    assert ended.value.code == 1
    assert (facts["store"], facts["status"]) == (shop_store.name, "failed")
    assert "cannot be asked for single orders" in facts["error"]


def test_the_command_asks_the_others_all_the_same(store, tophatter, capsys):
    custom_store()
    number = tophatter.add_order()["order_id"]

    with pytest.raises(SystemExit):
        call_command("import_orders", "--order", str(number))

    assert Order.objects.get().marketplace_order_id == str(number)
    assert "cannot be asked for single orders" in capsys.readouterr().err


def test_finding_an_order_says_which_stores_cannot_be_asked(store, tophatter):
    shop = custom_store()

    found = live.find_live("59010920")

    assert [one.store for one in found if one.order] == []
    (told,) = [one for one in found if "lists alone" in one.sentence]
    assert told.sentence.endswith(f"order 59010920: {shop.name}.")


def test_a_number_that_no_marketplace_of_ours_has_is_not_asked_for():
    StoreFactory()
    before = live.may_be_known("WC-1042")
    custom_store()

    assert (before, live.may_be_known("WC-1042")) == (False, True)


def test_old_open_orders_of_such_a_shop_are_not_asked_for_again():
    order = OrderFactory(store=custom_store(), ordered_at=days_ago(9))
    other = OrderFactory(ordered_at=days_ago(9))

    assert recheck.stores_to_recheck(clock.now()) == [other.store]
    assert recheck.plan_recheck(order.store, clock.now()) is None
    tasks.recheck_store(order.store_id)
    assert not ImportRun.objects.exists()


def test_an_order_that_a_list_of_changes_does_not_hold_is_not_called_missing(
    admin_client,
):
    shop, usual = custom_store(), StoreFactory()
    for one in (shop, usual):
        OrderFactory(
            store=one,
            marketplace_order_id="1",
            ordered_at=days_ago(3),
            imported_at=days_ago(3),
            changed_at=days_ago(3),
        )
        listed_by(one, "2", ordered_at=days_ago(2), day=days_ago(2).date())

    kinds = {
        one: {found.kind for found in accounting.open_differences(one)}
        for one in (shop, usual)
    }
    text = text_of(admin_client, "admin:orders_order_accounting", store=str(shop.pk))

    assert DifferenceKind.NOT_THERE not in kinds[shop]
    assert DifferenceKind.NOT_THERE in kinds[usual]
    assert "lists what has changed since" in text
    assert "does not show tracking numbers" in text


def test_what_has_changed_lately_is_awaited_and_no_alarm():
    shop = custom_store()
    listing = listed_by(shop, "2", ordered_at=days_ago(20))
    unexplained = accounting.unexplained(listing)

    Store.objects.update(last_import_at=clock.now() - timedelta(hours=1))
    shop.refresh_from_db()
    listing = listings.last_listing(shop)

    assert unexplained == 1
    assert accounting.unexplained(listing) == 0
    (found,) = accounting.open_differences(shop)
    assert "may have changed after the last import" in found.text


def test_an_old_order_that_has_changed_counts_in_a_listing(shop_store):
    importing.refresh_store(shop_store)
    old = Order.objects.first()
    now = clock.now()
    Store.objects.update(last_import_at=now)
    shop_store.refresh_from_db()
    was_read(shop_store, 1, 0)

    listing = listings.reconcile(shop_store)

    assert listing.status == "complete"
    assert listing.seen == listing.orders.count() > 0
    assert old.marketplace_order_id in set(
        listing.orders.values_list("marketplace_order_id", flat=True)
    )
    assert accounting.unexplained(listing) == 0


def test_numbers_are_compared_where_they_are_shown_alone():
    kinds = {}
    for store in (custom_store(), StoreFactory()):
        order = OrderFactory(
            store=store,
            marketplace_order_id="1",
            marketplace_state="shipped",
            imported_at=days_ago(3),
            changed_at=days_ago(3),
            ordered_at=days_ago(3),
        )
        parcel(order)
        listed_by(store, "1", ordered_at=days_ago(3))
        found = accounting.open_differences(store)
        kinds[store.marketplace] = {one.kind for one in found}

    assert kinds == {
        "custom_store": set(),
        "tophatter": {DifferenceKind.OTHER_NUMBER},
    }


def test_the_bar_speaks_of_changes_where_lists_are_of_changes(admin_client):
    texts = {}
    for store in (custom_store(), StoreFactory()):
        was_read(store, 3, 0)
        page = reverse("admin:stores_store_change", args=[store.pk])
        texts[store.marketplace] = admin_client.get(page).content.decode()

    assert "Every order that changed from" in texts["custom_store"]
    assert "Every order placed from" in texts["tophatter"]


def test_the_doctor_does_not_guess_from_a_list_of_changes(shop_store):
    importing.refresh_store(shop_store)
    importing.refresh_store(shop_store)

    found = zone_doctor.examine(shop_store)

    assert (found.verdict, found.zone) == (ZoneVerdict.UNSEEN, None)
    assert len(found.witnesses) > 5
    assert all(one.after is None for one in found.witnesses)


def test_the_doctor_still_sees_orders_from_the_future(shop_store):
    Store.objects.update(timezone="America/Los_Angeles")
    shop_store.refresh_from_db()
    importing.refresh_store(shop_store)
    Order.objects.update(imported_at=clock.now() - timedelta(days=6))

    assert zone_doctor.examine(shop_store).verdict == ZoneVerdict.FUTURE


def test_items_of_which_no_piece_is_left_are_named_once_with_the_order(shop_store):
    importing.refresh_store(shop_store)

    found = ImportProblem.objects.filter(kind="partly_read")
    assert found
    for problem in found:
        order = Order.objects.get(marketplace_order_id=problem.marketplace_order_id)
        assert f"Of order {order.number}, no piece is left to pack of" in str(
            problem.message
        )
        assert order.line_items.exists()


def test_a_discount_is_an_amount_and_on_no_paper(shop_store, admin_client):
    importing.refresh_store(shop_store)
    orders = list(Order.objects.prefetch_related("line_items"))
    (order, *_others) = [
        one for one in orders if "spring10" in json.dumps(one.payload).lower()
    ]
    page = admin_client.get(reverse("admin:orders_order_change", args=[order.pk]))
    pick = slips.pick_list(orders, clock.now())

    assert "−2.50" in page.content.decode() or "-2.50" in page.content.decode()
    assert "spring10" not in str(pick).lower()
    assert "total-discount" not in str(pick).lower()


def test_a_deadline_says_that_it_counts_from_the_order(admin_client):
    shop, usual = (OrderFactory(store=one) for one in (custom_store(), StoreFactory()))

    texts = [
        admin_client.get(
            reverse("admin:orders_order_change", args=[one.pk])
        ).content.decode()
        for one in (shop, usual)
    ]
    listed = text_of(admin_client, ORDERS)

    said = "does not tell when an order was paid"
    assert [said in text for text in texts] == [True, False]
    assert listed.count(said) == 1


def test_nothing_of_such_a_shop_is_an_alarm(shop_store):
    importing.refresh_store(shop_store)
    tasks.recheck_open_orders()
    tasks.reconcile_store(shop_store.pk)
    tasks.examine_zones()
    tasks.keep_figures()

    named = {"gap", "zone", "unexplained", "unlisted"}
    raised = {one.cause for one in alarms.raised(clock.now()) if one.store}
    assert raised.isdisjoint(named)
    kinds = {one.kind for one in to_do.standing(clock.now())}
    assert kinds.isdisjoint({"difference", "gap", "zone"})
