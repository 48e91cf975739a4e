"""A store that may be read again: what it missed comes in at once, whoever waits."""

from datetime import timedelta

import pytest
from django.utils import timezone as clock

from orders.models import ImportRun
from stores import connecting
from stores.models import Store
from tests.factories import StoreFactory
from tests.support.store_pages import link_to_run, save, step

SUBMITTED = {"_form_submitted": "True"}

pytestmark = pytest.mark.django_db


@pytest.fixture
def silent(tophatter) -> Store:
    """A store that nothing would read again by itself before tomorrow."""
    return StoreFactory(
        access_token="e" * 32,
        connection="refused",
        auto_import=False,
        import_interval=24 * 60,
        last_import_at=clock.now() - timedelta(days=9),
        last_import_attempt_at=clock.now(),
    )


def test_a_new_token_has_the_lost_time_read_at_once(admin_client, silent, tophatter):
    from orders.tasks import run_import

    lost = tophatter.add_order(created_at=clock.now() - timedelta(days=8))
    data = SUBMITTED | {"access_token": tophatter.token}

    answer = admin_client.post(step(silent, "replace_token"), data, follow=True)
    run = ImportRun.objects.get()
    run_import(run.pk)

    assert link_to_run() in answer.content.decode()
    assert (run.kind, run.trigger) == ("refresh", "manual")
    assert silent.orders.get().marketplace_order_id == str(lost["order_id"])


def test_a_new_token_of_a_store_that_is_off_reads_nothing(
    admin_client, silent, tophatter
):
    Store.objects.update(is_active=False)
    data = SUBMITTED | {"access_token": tophatter.token}

    answer = admin_client.post(step(silent, "replace_token"), data, follow=True)

    assert "It is switched off, so nothing comes in." in answer.content.decode()
    assert not ImportRun.objects.exists()


def test_a_store_that_is_switched_on_reads_the_lost_time(admin_client, silent):
    Store.objects.update(is_active=False)

    answer = save(admin_client, silent, auto_import="")
    text = admin_client.get(answer.url).content.decode()
    save(admin_client, silent, auto_import="", company_name="Another")

    run = ImportRun.objects.get()
    assert link_to_run() in text
    assert run.window_start < silent.last_import_at


def test_a_disconnected_store_reads_the_lost_time_with_its_new_token(
    admin_client, silent, tophatter
):
    connecting.disconnect(silent)
    data = SUBMITTED | {"access_token": tophatter.token}

    answer = admin_client.post(step(silent, "replace_token"), data, follow=True)

    assert link_to_run() in answer.content.decode()
    assert ImportRun.objects.get().window_start < silent.last_import_at
    assert Store.objects.get().is_active


def test_a_store_without_a_token_that_is_switched_on_says_what_it_needs(
    admin_client, store
):
    connecting.disconnect(store)

    answer = save(admin_client, store)

    text = admin_client.get(answer.url).content.decode()
    assert "It has no access token" in text
    assert not ImportRun.objects.exists()
