"""Where the pictures of products are is asked of the marketplace, never downloaded."""

from datetime import timedelta

import pytest
from django.utils import timezone as clock

from orders import importing, tasks
from orders.importing import pictures
from orders.models import LineItem, Order, ProductPicture
from stores.models import Store
from stores.sandbox.server import Sandbox
from tests.factories import OrderFactory, StoreFactory
from tests.support import queues
from tests.support.connector_calls import PRODUCT, serve_product

pytestmark = pytest.mark.django_db

PLACE = "https://images.example.com/0e98"


def order_of(store: Store, product_id: str, days_ago: float = 0) -> Order:
    order = OrderFactory(store=store, ordered_at=clock.now() - timedelta(days_ago))
    order.line_items.create(position=0, quantity=1, product_id=product_id)
    return order


def asked(sandbox: Sandbox) -> list[str]:
    """Return the products the marketplace was asked for, the first one first."""
    return [
        request.body["identifier"]
        for request in sandbox.requests
        if request.path == "products/retrieve"
    ]


def known() -> dict[str, str]:
    return dict(ProductPicture.objects.values_list("product_id", "url"))


@pytest.fixture
def imported(store, tophatter) -> Store:
    """A store with one imported order, of a number far from the factory's."""
    tophatter.add_order(order_id=900_000_001)
    importing.refresh_store(store)
    tophatter.requests.clear()
    return store


def test_an_item_knows_its_product(store, tophatter):
    upsell = {"description": "Carrying case", "amount": "7.0"}
    tophatter.add_order(upsells=[upsell])

    importing.refresh_store(store)

    items = LineItem.objects.values_list("name", "product_id")
    assert list(items) == [("Example Headset", PRODUCT), ("Carrying case", "")]


def test_an_order_stored_before_learns_its_product(imported):
    LineItem.objects.update(product_id="")
    Order.objects.update(read_with="1 UTC plain")

    run = importing.refresh_store(imported)

    assert run.updated == 1
    assert LineItem.objects.get().product_id == PRODUCT
    assert not Order.objects.get().events.exists()


@pytest.mark.parametrize("product", [["no", "text"], {"id": 1}, True, None, ""])
def test_an_order_whose_product_cannot_be_read_comes_in(store, tophatter, product):
    tophatter.add_order(product_identifier=product)

    run = importing.refresh_store(store)

    assert run.created == 1
    assert LineItem.objects.get().product_id == ""
    assert pictures.unknown_products(store) == []


def test_the_address_of_a_picture_is_read_and_kept(imported, tophatter):
    pictures.record_pictures(imported)

    picture = ProductPicture.objects.get()
    assert (picture.store, picture.product_id) == (imported, PRODUCT)
    assert picture.url == f"{tophatter.pictures_url}/{PRODUCT}/square.svg"
    assert clock.now() - picture.read_at < timedelta(minutes=1)
    assert asked(tophatter) == [PRODUCT]
    assert pictures.unknown_products(imported) == []


def test_a_hostile_address_is_stored_as_no_picture(imported, tophatter):
    serve_product(tophatter, primary_image="javascript:alert(1)")

    pictures.record_pictures(imported)

    assert known() == {PRODUCT: ""}


def test_a_product_the_marketplace_does_not_know_has_no_picture(imported, tophatter):
    tophatter.accounts[tophatter.token].clear()

    pictures.record_pictures(imported)
    pictures.record_pictures(imported)

    assert known() == {PRODUCT: ""}
    assert asked(tophatter) == [PRODUCT]


def test_a_refused_question_does_not_hide_the_other_pictures(imported, tophatter):
    order_of(imported, "OLDER", days_ago=1)
    tophatter.add_order(product_identifier="OLDER")
    tophatter.fault("400", on="products/retrieve")

    pictures.record_pictures(imported)

    assert asked(tophatter) == [PRODUCT, "OLDER"]
    assert known()[PRODUCT] == ""
    assert known()["OLDER"].endswith("/OLDER/square.svg")


@pytest.mark.parametrize("fault", ["503", "html", "truncated", "reset"])
def test_an_answer_that_fails_is_asked_for_again_later(imported, tophatter, fault):
    order_of(imported, "OLDER", days_ago=1)
    tophatter.add_order(product_identifier="OLDER")
    # A reset connection is tried again on the spot, twice.
    tophatter.fault(fault, times=3 if fault == "reset" else 1, on="products/retrieve")

    pictures.record_pictures(imported)
    first = known()
    pictures.record_pictures(imported)

    assert list(first) == ["OLDER"]
    assert set(known()) == {PRODUCT, "OLDER"}


def test_a_marketplace_that_is_down_is_left_alone_soon(imported, tophatter):
    for place in range(9):
        order_of(imported, f"MUG-{place}")
    tophatter.fault("503", times=None, on="products/retrieve")

    pictures.record_pictures(imported)

    assert len(asked(tophatter)) == pictures.MOST_FAILURES
    assert known() == {}


@pytest.mark.parametrize("code", ["401", "403", "429"])
def test_a_refused_token_or_a_wish_for_quiet_ends_the_questions(
    imported, tophatter, code
):
    order_of(imported, "OLDER", days_ago=1)
    tophatter.fault(code, times=None, on="products/retrieve")

    pictures.record_pictures(imported)

    assert len(asked(tophatter)) == 1
    assert known() == {}
    # A token may open the orders and not the products.
    assert Store.objects.get().connection == "connected"


@pytest.mark.parametrize(
    "values",
    [{"connection": "refused"}, {"is_active": False}, {"token_ciphertext": "torn"}],
)
def test_a_store_that_is_not_connected_asks_nothing(imported, tophatter, values):
    Store.objects.update(**values)

    pictures.record_pictures(Store.objects.get())

    assert asked(tophatter) == []


def test_questions_end_with_the_time_and_go_on_next_time(imported, tophatter):
    for place in range(1, 6):
        order_of(imported, f"MUG-{place}", days_ago=place)
    tophatter.fault("slow", times=None, on="products/retrieve", seconds=1)

    pictures.record_pictures(imported, budget=1.5)

    # All six would take four times as long.
    first = len(asked(tophatter))
    assert 1 <= first <= 2
    tophatter.clear_faults()
    pictures.record_pictures(imported)
    assert asked(tophatter) == [PRODUCT, *(f"MUG-{place}" for place in range(1, 6))]


def test_products_of_the_newest_orders_come_first_and_fifty_at_a_time(store):
    for place in range(60):
        order_of(store, f"MUG-{place:02}", days_ago=place / 10)
        order_of(store, "MUG-00", days_ago=place / 10)

    products = pictures.unknown_products(store)

    assert products == [f"MUG-{place:02}" for place in range(50)]


def test_a_picture_is_asked_for_again_after_thirty_days(imported, tophatter):
    ProductPicture.objects.create(
        store=imported,
        product_id=PRODUCT,
        url=f"{PLACE}/old.jpg",
        read_at=clock.now() - timedelta(days=29),
    )
    assert pictures.unknown_products(imported) == []
    ProductPicture.objects.update(read_at=clock.now() - timedelta(days=31))

    pictures.record_pictures(imported)

    assert known()[PRODUCT].endswith("/square.svg")
    assert pictures.unknown_products(imported) == []


def test_a_picture_that_cannot_be_read_again_stays(imported, tophatter):
    ProductPicture.objects.create(
        store=imported,
        product_id=PRODUCT,
        url=f"{PLACE}/old.jpg",
        read_at=clock.now() - timedelta(days=31),
    )
    tophatter.fault("503", times=None, on="products/retrieve")

    pictures.record_pictures(imported)

    assert known() == {PRODUCT: f"{PLACE}/old.jpg"}
    assert pictures.unknown_products(imported) == [PRODUCT]


def test_products_of_old_orders_and_of_other_stores_are_not_asked_for(store):
    order_of(store, "OLD", days_ago=31)
    order_of(StoreFactory(), "OTHER")
    order_of(store, "")

    assert pictures.unknown_products(store) == []
    assert not pictures.is_any_unknown(store)


def test_each_store_has_pictures_of_its_own(imported):
    ProductPicture.objects.create(
        store=StoreFactory(), product_id=PRODUCT, url=PLACE, read_at=clock.now()
    )

    assert pictures.unknown_products(imported) == [PRODUCT]
    assert pictures.picture_urls(LineItem.objects.all(), imported) == {}


def test_nobody_downloads_a_picture(imported, tophatter):
    with Sandbox() as elsewhere:
        serve_product(tophatter, primary_image=f"{elsewhere.url}/orders.json")

        pictures.record_pictures(imported)

        assert known() == {PRODUCT: f"{elsewhere.url}/orders.json"}
        assert not elsewhere.requests
    assert [request.path for request in tophatter.requests] == ["products/retrieve"]


def test_the_pictures_of_items_are_found_by_one_query(store, django_assert_num_queries):
    items = [
        order_of(store, product).line_items.get()
        for product in ("MUG", "MUG", "LAMP", "TOTE", "")
    ]
    for product, url in (("MUG", f"{PLACE}/1.jpg"), ("LAMP", "")):
        ProductPicture.objects.create(
            store=store, product_id=product, url=url, read_at=clock.now()
        )

    with django_assert_num_queries(1):
        urls = pictures.picture_urls(items, store)

    assert urls == {"MUG": f"{PLACE}/1.jpg"}


@pytest.fixture
def refresh(store, django_capture_on_commit_callbacks):
    """Return a function that imports as a worker does and returns what it queues."""

    def call() -> list[tuple]:
        queues.purge()
        with django_capture_on_commit_callbacks(execute=True):
            tasks.refresh_store(store.pk)
        Store.objects.update(last_import_attempt_at=None, last_import_at=None)
        return [(task["func"], *task["args"]) for task in queues.waiting()]

    return call


def test_pictures_are_read_in_a_task_after_the_import(store, tophatter, refresh):
    tophatter.add_order()

    waiting = refresh()

    assert waiting == [("orders.tasks.read_pictures", store.pk)]
    assert asked(tophatter) == []
    tasks.read_pictures(store.pk)
    assert list(known()) == [PRODUCT]
    assert refresh() == []


def test_an_import_that_failed_asks_for_no_pictures(store, tophatter, refresh):
    order_of(store, PRODUCT)
    tophatter.fault("503", times=None, on="orders")

    assert refresh() == []
