"""The page of the order accounting: numbers that lead to their rows, and buttons."""

import csv
import io

import pytest
from django.urls import reverse

from orders import importing
from orders.auditing import listings
from orders.models import ImportRun, Order, Reconciliation
from tests.factories import StoreFactory
from tests.support import queues
from tests.support.counting import days_ago
from tests.support.coverage import was_read
from tests.support.order_pages import staff

pytestmark = pytest.mark.django_db


def page(store, name: str = "", **query: str) -> str:
    url = reverse(f"admin:orders_order_accounting{name}")
    return (
        f"{url}?{'&'.join(f'{k}={v}' for k, v in {'store': store.pk, **query}.items())}"
    )


def text(answer) -> str:
    return answer.content.decode()


@pytest.fixture
def lost(store, tophatter) -> str:
    """Return the number of an order that is at the marketplace and not here."""
    was_read(store, 40, 1)
    tophatter.add_order(created_at=days_ago(1))
    homeless = {"address1": None, "city": None, "postal_code": None}
    tophatter.add_order(created_at=days_ago(1), **homeless)
    importing.refresh_store(store)
    raw = tophatter.add_order(created_at=days_ago(20))
    listings.reconcile(store)
    return str(raw["order_id"])


def test_the_page_names_what_is_missing_and_offers_to_import_it(
    admin_client, store, lost
):
    shown = text(admin_client.get(page(store)))

    assert f"lists order {lost} (Awaiting shipment); it is not here" in shown
    assert reverse("admin:stores_store_import_orders", args=[store.pk]) in shown
    assert f'name="order_ids" value="{lost}"' in shown


def test_the_button_brings_the_order_in(admin_client, store, lost):
    url = reverse("admin:stores_store_import_orders", args=[store.pk])

    admin_client.post(url, {"_form_submitted": "True", "order_ids": lost})
    importing.execute(ImportRun.objects.get(started_at=None))

    assert Order.objects.filter(marketplace_order_id=lost).exists()
    assert "every order says the same here" in text(admin_client.get(page(store)))


@pytest.mark.parametrize(
    ("outcome", "count"),
    [("seen", 3), ("here", 1), ("skipped", 1), ("rejected", 0), ("unexplained", 1)],
)
def test_a_number_leads_to_as_many_rows(admin_client, store, lost, outcome, count):
    rows = admin_client.get(page(store, "_rows", outcome=outcome)).context["rows"]
    cells = admin_client.get(page(store)).context["total"]["cells"]

    assert len(rows) == count
    assert {cell["name"]: cell["count"] for cell in cells}[outcome] == count


def test_the_rows_of_a_day_lead_to_orders_and_problems(admin_client, store, lost):
    day = days_ago(1).date().isoformat()

    shown = text(admin_client.get(page(store, "_rows", outcome="seen", day=day)))

    here = Order.objects.get()
    assert reverse("admin:orders_order_change", args=[here.pk]) in shown
    assert "importproblem" in shown
    assert lost not in shown


@pytest.mark.parametrize(
    "query", [{"outcome": "x"}, {"day": "soon"}, {"day": "2026-02-31"}]
)
def test_what_is_no_number_of_the_page_is_not_found(admin_client, store, lost, query):
    assert admin_client.get(page(store, "_rows", **query)).status_code == 404


def test_the_days_come_as_csv(admin_client, store, lost):
    answer = admin_client.get(page(store, "_file", what="days"))

    lines = list(csv.DictReader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))
    assert len(lines) == 31
    assert {line["time_zone"] for line in lines} == {"UTC"}
    assert sum(int(line["unexplained"]) for line in lines) == 1
    assert sum(int(line["seen"]) for line in lines) == 3


def test_the_differences_come_as_csv(admin_client, store, lost):
    answer = admin_client.get(page(store, "_file", what="differences"))

    (line,) = csv.DictReader(io.StringIO(answer.getvalue().decode("utf-8-sig")))
    assert line["difference"] == "not_here"
    assert line["marketplace_order_id"] == lost
    assert line["ordered_at"].endswith("+00:00")


def test_list_again_asks_the_worker_and_the_page_waits(
    admin_client, store, tophatter, django_capture_on_commit_callbacks
):
    queues.purge()
    url = reverse("admin:orders_order_accounting_reconcile")

    with django_capture_on_commit_callbacks(execute=True):
        answer = admin_client.post(url, {"store": store.pk})
    waiting = text(admin_client.get(answer["Location"]))

    assert [task["args"] for task in queues.waiting()] == [(store.pk,)]
    assert 'hx-trigger="every 2s"' in waiting
    assert "The worker is not running" in waiting

    listings.reconcile(store)

    state = answer["Location"].replace("/accounting/", "/accounting/state/")
    assert "HX-Redirect" in admin_client.get(state)


def test_a_failed_listing_is_said(admin_client, store, tophatter):
    tophatter.fault("500", times=None)
    listings.reconcile(store)

    assert "Tophatter" in text(admin_client.get(page(store)))
    assert Reconciliation.objects.get().error in text(admin_client.get(page(store)))


def test_a_house_without_stores_says_so(admin_client):
    shown = admin_client.get(reverse("admin:orders_order_accounting"))

    assert "No store is connected yet." in text(shown)


def test_who_may_only_look_gets_no_buttons(client, store, lost):
    staff(client, "view_importrun")

    shown = text(client.get(page(store)))

    assert lost in shown
    assert "List again now" not in shown
    assert "as CSV" not in shown
    assert client.get(page(store, "_file", what="days")).status_code == 403
    url = reverse("admin:orders_order_accounting_reconcile")
    assert client.post(url, {"store": store.pk}).status_code == 403


def test_who_may_not_see_imports_sees_no_accounting(client, store):
    staff(client, "view_order")

    for name in ("", "_rows", "_state", "_file"):
        assert client.get(page(store, name)).status_code == 403


@pytest.mark.parametrize("key", ["", "x", "9" * 5000])
def test_an_odd_address_is_answered_all_the_same(admin_client, store, lost, key):
    assert admin_client.get(page(store, after=key)).status_code == 200
    assert admin_client.get(f"{page(store)}&store={key}").status_code in {200, 404}


def test_nothing_is_listed_by_following_a_link(admin_client, store):
    url = reverse("admin:orders_order_accounting_reconcile")

    assert admin_client.get(f"{url}?store={store.pk}").status_code == 405


def test_the_page_costs_as_many_queries_for_many_differences(
    admin_client, store, tophatter, django_assert_max_num_queries
):
    for number in range(30):
        tophatter.add_order(created_at=days_ago(20 + number / 10))
    StoreFactory()
    was_read(store, 40, 1)
    listings.reconcile(store)
    admin_client.get(page(store))

    with django_assert_max_num_queries(45):
        admin_client.get(page(store))
