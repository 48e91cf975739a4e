"""The page where a change of zone is looked at, saved, and undone."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.contrib.admin.models import LogEntry
from django.db.models.signals import pre_save
from django.urls import reverse
from django.utils import timezone as clock

from backoffice.kit.admin import row_url
from orders import jobs
from orders.importing import replays
from orders.models import Job, Order, Replay
from stores import leases
from stores.models import Store
from tests.factories import OrderFactory, StoreFactory
from tests.support.order_pages import staff
from tests.support.payloads import ORDER_2017, ORDER_2021
from tests.support.replaying import bring, everything, naive

pytestmark = pytest.mark.django_db


def settings_page(store: Store, client) -> dict:
    """Return what the store's settings page would send as it is."""
    form = client.get(reverse("admin:stores_store_change", args=[store.pk]))
    fields = form.context["adminform"].form
    return {
        name: value
        for name, value in ((field.name, field.value()) for field in fields)
        if value not in (None, False)
    }


def test_another_zone_is_looked_at_before_it_is_saved(admin_client):
    store = StoreFactory()
    bring(store, naive(1), ORDER_2017)
    page = reverse("admin:stores_store_change", args=[store.pk])
    data = settings_page(store, admin_client) | {
        "timezone": "America/Los_Angeles",
        "name": "Renamed",
    }

    answer = admin_client.post(page, data)

    text = admin_client.get(answer["Location"]).content.decode()
    store.refresh_from_db()
    assert (store.name, store.timezone) == ("Renamed", "UTC")
    assert "Of the newest 2 orders, 1 would get another date." in text
    assert "+7 h" in text
    admin_client.post(answer["Location"], {"timezone": "Nowhere", "step": "apply"})
    assert Store.objects.get().timezone == "UTC"
    done = admin_client.post(
        answer["Location"],
        {"timezone": "America/Los_Angeles", "step": "apply"},
        follow=True,
    )
    assert "1 stored order says something else now." in done.content.decode()
    assert Store.objects.get().timezone == "America/Los_Angeles"
    assert "Undo" in done.content.decode()
    undo = {"step": "undo", "replay": Replay.objects.get().pk}
    admin_client.post(reverse("admin:stores_store_replay", args=[store.pk]), undo)
    assert Store.objects.get().timezone == "UTC"


def test_a_change_may_count_for_orders_to_come_alone(admin_client):
    store = StoreFactory()
    bring(store, naive(1))
    page = reverse("admin:stores_store_replay", args=[store.pk])
    wanted = {"timezone": "UTC", "import_variation_as_option": "on", "step": "save"}

    admin_client.post(page, wanted)

    assert Store.objects.get().import_variation_as_option
    assert store.orders.get().line_items.get(position=0).options == {}
    assert not Replay.objects.exists()


@pytest.mark.parametrize(
    ("marketplace", "promise"),
    [("tophatter", "those of the last three days"), ("woocommerce", "that change")],
)
def test_orders_to_come_are_those_that_the_marketplace_lists(
    admin_client, marketplace, promise
):
    store = StoreFactory(marketplace=marketplace)
    OrderFactory(store=store)
    wanted = {"timezone": "Asia/Kolkata", "step": "save"}

    shown = admin_client.get(replay_page(store, timezone="Asia/Kolkata")).text
    saved = admin_client.post(replay_page(store), wanted, follow=True).text

    assert (promise in shown, "three days" in shown) == (
        True,
        marketplace == "tophatter",
    )
    assert ("three days" in saved) == (marketplace == "tophatter")
    assert "The settings are saved." in saved


def test_who_may_not_change_stores_changes_nothing(client):
    store = StoreFactory()
    staff(client, "view_store")
    page = reverse("admin:stores_store_replay", args=[store.pk])

    answer = client.post(page, {"timezone": "Asia/Kolkata", "step": "save"})

    assert answer.status_code == 403
    assert Store.objects.get().timezone == "UTC"


def test_what_is_no_time_zone_is_refused_in_words(admin_client):
    store = StoreFactory()
    page = reverse("admin:stores_store_replay", args=[store.pk])

    answer = admin_client.post(page, {"step": "apply"}, follow=True)

    assert "Choose a time zone in the store’s settings first" in (
        answer.content.decode()
    )


def test_a_step_that_does_not_exist_is_refused(admin_client):
    store = StoreFactory()
    page = reverse("admin:stores_store_replay", args=[store.pk])

    answer = admin_client.post(page, {"timezone": "Asia/Kolkata", "step": "sing"})

    assert answer.status_code == 400
    assert Store.objects.get().timezone == "UTC"


def test_a_page_left_open_undoes_no_later_change(admin_client):
    store = StoreFactory()
    bring(store, naive(1))
    page = replay_page(store)
    for zone in ("Asia/Kolkata", "Asia/Tokyo"):
        admin_client.post(page, {"timezone": zone, "step": "apply"})
    earlier = Replay.objects.earliest("pk")

    answer = admin_client.post(
        page, {"step": "undo", "replay": earlier.pk}, follow=True
    )

    assert "This change cannot be undone any more." in answer.content.decode()
    assert Store.objects.get().timezone == "Asia/Tokyo"


def test_the_store_page_leads_to_orders_that_are_read_with_earlier_settings(
    admin_client,
):
    store = StoreFactory()
    bring(store, naive(1), naive(2))
    wanted = {"timezone": "Asia/Kolkata", "step": "save"}
    admin_client.post(replay_page(store), wanted)
    page = reverse("admin:stores_store_change", args=[store.pk])

    text = admin_client.get(page).content.decode()

    assert "2 stored orders are still read with earlier settings." in text
    assert urlencode({"timezone": "Asia/Kolkata"}) in text


def test_saving_the_settings_leaves_what_others_wrote_meanwhile(admin_client):
    store = StoreFactory()
    page = reverse("admin:stores_store_change", args=[store.pk])
    data = settings_page(store, admin_client) | {"name": "Renamed"}

    def meanwhile(**_kwargs):
        Store.objects.update(connection="refused", connection_error="Go away.")

    pre_save.connect(meanwhile, sender=Store)
    try:
        admin_client.post(page, data)
    finally:
        pre_save.disconnect(meanwhile, sender=Store)

    store.refresh_from_db()
    assert store.name == "Renamed"
    assert (store.connection, store.connection_error) == ("refused", "Go away.")


def replay_page(store: Store, **wanted: str) -> str:
    page = reverse("admin:stores_store_replay", args=[store.pk])
    return f"{page}?{urlencode(wanted)}"


def test_the_other_settings_are_saved_at_once_and_it_is_said(admin_client):
    store = StoreFactory()
    bring(store, naive(1))
    page = reverse("admin:stores_store_change", args=[store.pk])
    data = settings_page(store, admin_client) | {"timezone": "Asia/Kolkata"}

    alone = admin_client.post(page, data, follow=True).content.decode()
    beside = admin_client.post(page, data | {"name": "Renamed"}, follow=True)

    assert "This change is not saved yet." in alone
    assert "The other settings are saved." not in alone
    assert "The other settings are saved." in beside.content.decode()


def test_the_history_names_only_the_settings_that_were_saved(admin_client):
    store = StoreFactory()
    bring(store, naive(1))
    data = settings_page(store, admin_client) | {
        "timezone": "America/Los_Angeles",
        "phone": "+1 555 0100",
    }

    admin_client.post(reverse("admin:stores_store_change", args=[store.pk]), data)

    assert LogEntry.objects.get().get_change_message() == "Changed Phone."


def test_without_stored_orders_a_zone_is_saved_directly(admin_client):
    store = StoreFactory()
    data = settings_page(store, admin_client) | {"timezone": "Asia/Kolkata"}

    admin_client.post(reverse("admin:stores_store_change", args=[store.pk]), data)

    assert Store.objects.get().timezone == "Asia/Kolkata"


@pytest.mark.parametrize(
    ("wanted", "summary"),
    [
        (
            {"timezone": "Asia/Kolkata", "import_variation_as_option": "on"},
            "Of the newest 3 orders, 1 would get another date and 2 other options.",
        ),
        (
            {"timezone": "UTC", "import_variation_as_option": "on"},
            "Of the newest 3 orders, 2 would get other options.",
        ),
        ({"timezone": "UTC"}, "Nothing would change on the newest 3 orders."),
    ],
)
def test_the_rehearsal_is_summed_up(admin_client, wanted, summary):
    store = StoreFactory()
    bring(store, naive(1), ORDER_2021, ORDER_2017)

    text = admin_client.get(replay_page(store, **wanted)).content.decode()

    assert summary in text


def test_times_with_an_offset_are_pointed_out(admin_client):
    store = StoreFactory()
    bring(store, ORDER_2021)

    page = admin_client.get(replay_page(store, timezone="Asia/Kolkata"))

    assert "carry their own offset" in page.content.decode()


def test_orders_that_stay_as_they_are_are_counted(admin_client):
    store = StoreFactory()
    bring(store, naive(1), naive(2))
    Order.objects.filter(marketplace_order_id="2").update(payload={"order_id": 2})
    page = replay_page(store, timezone="Asia/Kolkata")

    answer = admin_client.post(
        page, {"timezone": "Asia/Kolkata", "step": "apply"}, follow=True
    )

    text = answer.content.decode()
    assert "1 stored order says something else now." in text
    assert "1 order cannot be read again and stays as it is." in text


@pytest.mark.parametrize("step", ["apply", "save", "undo"])
def test_during_an_import_the_page_says_to_wait(admin_client, step):
    store = StoreFactory()
    bring(store, naive(1))
    admin_client.post(replay_page(store), {"timezone": "Asia/Kolkata", "step": "apply"})
    wanted = {"timezone": "Asia/Tokyo", "replay": Replay.objects.get().pk}
    leases.acquire(store)

    page = admin_client.post(replay_page(store), wanted | {"step": step}, follow=True)

    assert "is already running for" in page.content.decode()
    assert Store.objects.get().timezone == "Asia/Kolkata"


def test_many_orders_are_read_by_a_job_and_so_is_the_way_back(
    admin_client, monkeypatch
):
    monkeypatch.setattr(replays, "MOST_AT_ONCE", 1)
    store = StoreFactory()
    bring(store, naive(1), naive(2))
    before = everything(store)
    wanted = {"timezone": "Asia/Kolkata", "step": "apply"}

    begun = admin_client.post(replay_page(store), wanted)
    job = Job.objects.get()
    meanwhile = admin_client.post(replay_page(store), wanted, follow=True)
    jobs.work_on(job, clock.now() + timedelta(minutes=1))
    page = admin_client.get(begun.url).content.decode()
    read = everything(store)
    undo = {"step": "undo", "replay": Replay.objects.get().pk}
    undoing = admin_client.post(replay_page(store), undo)
    jobs.work_on(Job.objects.first(), clock.now() + timedelta(minutes=1))

    assert begun.url == row_url(job)
    assert "are being read again" in meanwhile.content.decode()
    assert "2 stored orders say something else now." in page
    assert undoing.url == row_url(Job.objects.first()) != begun.url
    assert read != before
    assert everything(store) == before
