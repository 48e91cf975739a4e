"""“Import now” above the list of orders: all active stores, for those who may."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone as clock

from backoffice.health import beat
from orders.models import ImportRun
from stores.models import Store
from tests.factories import StoreFactory
from tests.support.order_pages import LIST, SUBMITTED, staff
from tests.support.store_pages import step

pytestmark = pytest.mark.django_db

IMPORT = "admin:orders_order_import_now"


def test_the_last_orders_of_all_active_stores_are_asked_for(admin_client):
    active = [StoreFactory(auto_import=False), StoreFactory(connection="refused")]
    StoreFactory(is_active=False)
    beat()

    listed = admin_client.get(reverse(LIST)).content.decode()
    answer = admin_client.post(reverse(IMPORT), SUBMITTED, follow=True)

    runs = ImportRun.objects.all()
    assert f'hx-get="{reverse(IMPORT)}"' in listed
    assert sorted(run.store.pk for run in runs) == [one.pk for one in active]
    assert {(run.kind, run.trigger) for run in runs} == {("refresh", "manual")}
    assert "The imports of 2 stores have started." in answer.content.decode()


def test_without_a_worker_no_import_has_started(admin_client):
    StoreFactory.create_batch(2)

    answer = admin_client.post(reverse(IMPORT), SUBMITTED, follow=True)

    assert "The imports of 2 stores wait for the worker" in answer.text
    assert "started." not in answer.text


def test_the_import_of_the_only_store_is_shown_at_once(admin_client, store):
    answer = admin_client.post(reverse(IMPORT), SUBMITTED)

    run = ImportRun.objects.get()
    assert answer.url == reverse("admin:orders_importrun_change", args=[run.pk])


def test_an_import_that_waits_or_is_at_work_is_not_asked_for_twice(admin_client, store):
    other = StoreFactory()
    beat()
    Store.objects.filter(pk=other.pk).update(lease_until=clock.now() + timedelta(1))
    at_work = ImportRun.objects.create(store=other, started_at=clock.now())
    first = admin_client.post(reverse(IMPORT), SUBMITTED, follow=True)
    admin_client.post(reverse(IMPORT), SUBMITTED)
    second = admin_client.get(reverse(LIST))

    assert f"An import of {other} is already running since" in first.text
    assert "The import of 1 store has started." in first.text
    assert f"An import of {store} waits already since" in second.text
    assert f"An import of {other} is already running since" in second.text
    assert "has started." not in second.text
    assert ImportRun.objects.exclude(pk=at_work.pk).get().store == store


def test_other_days_and_a_dead_import_keep_nobody_from_importing(admin_client, store):
    ImportRun.objects.create(store=store, started_at=clock.now())
    one, url = SUBMITTED | {"start": "2026-11-01"}, step(store, "import_orders")

    for form in (SUBMITTED, one, one | {"start": "2026-11-02"}, one, SUBMITTED):
        admin_client.post(url, form)

    kinds = ImportRun.objects.filter(started_at=None).order_by("pk")
    assert [run.kind for run in kinds] == ["refresh", "range", "range"]


def test_without_an_active_store_it_says_so(admin_client, store):
    Store.objects.update(is_active=False)

    answer = admin_client.post(reverse(IMPORT), SUBMITTED, follow=True)

    assert "There is no active store to import from." in answer.content.decode()
    assert not ImportRun.objects.exists()


def test_a_look_at_the_dialog_imports_nothing(admin_client, store):
    text = admin_client.get(reverse(IMPORT)).content.decode()

    assert "all active stores" in text
    assert not ImportRun.objects.exists()


def test_it_is_for_those_who_may_import(client, store):
    staff(client, "view_order")

    listed = client.get(reverse(LIST)).content.decode()
    answer = client.post(reverse(IMPORT), SUBMITTED)

    assert reverse(IMPORT) not in listed
    assert answer.status_code == 403
    assert not ImportRun.objects.exists()
