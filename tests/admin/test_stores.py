"""Stores in the admin: connect, set up, import, replace the token."""

import re
from datetime import date
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone as clock

from backoffice.health import beat
from orders.models import ImportRun
from stores.models import Store
from stores.tokens import decrypt
from tests.factories import OrderFactory, StoreFactory, UserFactory
from tests.support.queues import purge, waiting
from tests.support.store_pages import link_to_run, step

pytestmark = pytest.mark.django_db

ADD = "admin:stores_store_add"
SUBMITTED = {"_form_submitted": "True"}


def page(store: Store) -> str:
    return reverse("admin:stores_store_change", args=[store.pk])


def staff(client, *permissions: str):
    user = UserFactory()
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client.force_login(user)
    return user


def connect(client, token: str, name: str = "Second store"):
    data = {"name": name, "marketplace": "tophatter", "access_token": token}
    return client.post(reverse(ADD), data)


def test_a_wrong_token_is_said_beside_its_field_and_nothing_is_stored(
    admin_client, tophatter
):
    answer = connect(admin_client, "0" * 32)

    text = answer.content.decode()
    assert "refused the access token" in text
    assert "0" * 32 not in text
    assert not Store.objects.exists()


def test_a_right_token_opens_the_settings_and_asks_for_the_orders(
    admin_client, tophatter, django_capture_on_commit_callbacks
):
    purge()
    with django_capture_on_commit_callbacks(execute=True):
        answer = connect(admin_client, tophatter.token)

    store = Store.objects.get()
    assert answer.url == page(store)
    assert decrypt(store.token_ciphertext).reveal() == tophatter.token
    assert [task["func"] for task in waiting()] == ["orders.tasks.run_import"]
    assert link_to_run() in admin_client.get(answer.url).content.decode()


@pytest.mark.parametrize(("language", "word"), [("en", "Connect"), ("fr", "Connecter")])
def test_the_page_to_connect_tests_first_and_then_connects(
    admin_client, language, word
):
    url = f"{reverse(ADD)}?marketplace=tophatter"

    answer = admin_client.get(url, headers={"Accept-Language": language})

    shown = answer.text.partition('id="store_form"')[2].partition("</form>")[0]
    steps = re.findall(r'<button[^>]*value="(\w+)"[^>]*>\s*(.*?)\s*</button>', shown)
    assert [step for step, _words in steps] == ["test", "connect"]
    assert steps[1][1] == word


def test_a_second_store_of_the_same_token_is_refused_with_a_link(
    admin_client, store, tophatter
):
    answer = connect(admin_client, tophatter.token)

    assert f'href="{page(store)}"' in answer.content.decode()
    assert Store.objects.count() == 1


def test_a_second_token_of_the_same_account_is_refused_with_a_link(
    admin_client, tophatter
):
    raw = tophatter.add_order()
    other = StoreFactory(access_token="e" * 32)
    OrderFactory(store=other, marketplace_order_id=str(raw["order_id"]))

    answer = connect(admin_client, tophatter.token)

    assert f'href="{page(other)}"' in answer.content.decode()
    assert Store.objects.count() == 1


def test_the_settings_page_shows_four_characters_of_the_token(
    admin_client, store, tophatter
):
    text = admin_client.get(page(store)).content.decode()

    assert f"…{tophatter.token[-4:]}" in text
    assert tophatter.token not in text
    assert store.token_ciphertext not in text


def test_the_settings_are_saved(admin_client, store):
    data = {
        "name": "Renamed",
        "timezone": "America/Los_Angeles",
        "auto_import": "on",
        "import_interval": "30",
        "import_variation_as_option": "on",
    }

    admin_client.post(page(store), data)

    store.refresh_from_db()
    assert (store.name, store.timezone) == ("Renamed", "America/Los_Angeles")
    assert (store.import_interval, store.import_variation_as_option) == (30, True)
    assert (store.is_active, store.auto_send_tracking) == (False, False)


def test_an_unknown_zone_is_refused(admin_client, store):
    data = {"name": "Store", "timezone": "Mars/Base", "import_interval": "15"}

    answer = admin_client.post(page(store), data)

    assert "errors" in answer.content.decode()
    store.refresh_from_db()
    assert store.timezone == "UTC"


def test_a_dialog_changes_nothing_before_it_is_submitted(admin_client, store):
    for name in ("import_orders", "replace_token", "disconnect_store"):
        answer = admin_client.get(step(store, name))
        assert answer.status_code == 200

    store.refresh_from_db()
    assert store.token_ciphertext
    assert not ImportRun.objects.exists()


def test_import_now_opens_the_imports_page_which_fills(admin_client, store, tophatter):
    from orders.tasks import run_import

    beat()
    tophatter.add_order()

    answer = admin_client.post(step(store, "import_orders"), SUBMITTED)
    run = ImportRun.objects.get()
    waiting = admin_client.get(answer.url).content.decode()
    run_import(run.pk)
    progress = reverse("admin:orders_importrun_progress", args=[run.pk])
    done = admin_client.get(progress).content.decode()

    assert answer.url == reverse("admin:orders_importrun_change", args=[run.pk])
    assert (run.kind, run.trigger) == ("refresh", "manual")
    assert "waits for its turn" in waiting
    assert 'hx-trigger="every 1s"' in waiting
    assert "1 order seen, and it is here" in done
    assert "hx-trigger" not in done


def test_import_now_on_the_list_starts_each_chosen_store(admin_client, store):
    other = StoreFactory()
    data = {"action": "import_now", "_selected_action": [store.pk, other.pk]}

    admin_client.post(reverse("admin:stores_store_changelist"), data)

    runs = ImportRun.objects.values_list("store_id", "kind", "trigger")
    assert sorted(runs) == [
        (store.pk, "refresh", "manual"),
        (other.pk, "refresh", "manual"),
    ]


def test_days_are_imported_in_the_stores_zone(admin_client, store):
    Store.objects.update(timezone="America/Los_Angeles")
    data = SUBMITTED | {"start": "2026-11-01", "end": "2026-11-02"}

    admin_client.post(step(store, "import_orders"), data)

    run = ImportRun.objects.get()
    assert run.kind == "range"
    assert run.window_start.isoformat() == "2026-11-01T07:00:00+00:00"
    assert run.window_end.isoformat() == "2026-11-03T08:00:00+00:00"


def test_orders_are_imported_by_their_numbers(admin_client, store):
    data = SUBMITTED | {"order_ids": "101, 102\n103 101"}

    admin_client.post(step(store, "import_orders"), data)

    run = ImportRun.objects.get()
    assert (run.kind, run.order_ids) == ("orders", ["101", "102", "103"])


@pytest.mark.parametrize(
    ("zone", "is_asked"), [("Pacific/Kiritimati", True), ("Pacific/Pago_Pago", False)]
)
def test_a_day_has_come_when_it_has_in_the_stores_zone(
    admin_client, store, zone, is_asked
):
    Store.objects.update(timezone=zone)
    StoreFactory(timezone="Pacific/Kiritimati")
    ahead = clock.now().astimezone(ZoneInfo("Pacific/Kiritimati")).date()

    admin_client.post(
        step(store, "import_orders"), SUBMITTED | {"start": ahead.isoformat()}
    )

    assert ImportRun.objects.exists() == is_asked


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"start": "2026-11-02", "end": "2026-11-01"}, "lies before the first"),
        ({"end": "2026-11-01"}, "Give the first day too"),
        ({"start": "2026-11-01", "order_ids": "1"}, "either days or order numbers"),
        ({"start": f"{date.today().year + 1}-01-01"}, "has not come yet"),
        ({"start": "yesterday"}, "Enter a valid date"),
        ({"order_ids": "9" * 51}, "is not an order number"),
        ({"order_ids": " ".join(map(str, range(300)))}, "At most 200"),
    ],
)
def test_a_senseless_import_is_refused_in_words(admin_client, store, fields, reason):
    answer = admin_client.post(step(store, "import_orders"), SUBMITTED | fields)

    assert reason in answer.content.decode()
    assert not ImportRun.objects.exists()


def test_an_import_that_waits_for_a_dead_worker_says_so(admin_client, store):
    answer = admin_client.post(step(store, "import_orders"), SUBMITTED)

    text = admin_client.get(answer.url).content.decode()

    assert "The worker is not running" in text
    assert "Import here and now" in text


def test_an_import_runs_in_the_request_when_no_worker_does(
    admin_client, store, tophatter
):
    tophatter.add_order()
    admin_client.post(step(store, "import_orders"), SUBMITTED)
    run = ImportRun.objects.get()
    url = reverse("admin:orders_importrun_run_here", args=[run.pk])

    by_get = admin_client.get(url)
    answer = admin_client.post(url, follow=True)

    run.refresh_from_db()
    assert by_get.status_code == 405
    assert (run.status, run.created) == ("complete", 1)
    assert "1 order seen, and it is here" in answer.content.decode()


def test_a_new_token_keeps_the_store_and_its_orders(admin_client, tophatter):
    store = StoreFactory(access_token="e" * 32, connection="refused")
    order = OrderFactory(store=store)
    data = SUBMITTED | {"access_token": tophatter.token}

    answer = admin_client.post(step(store, "replace_token"), data)

    store.refresh_from_db()
    assert answer.url == page(store)
    assert store.connection == "connected"
    assert store.token_ending == tophatter.token[-4:]
    assert store.orders.get() == order


def test_a_wrong_new_token_leaves_the_old_one(admin_client, store, tophatter):
    data = SUBMITTED | {"access_token": "1" * 32}

    answer = admin_client.post(step(store, "replace_token"), data)

    assert "refused the access token" in answer.content.decode()
    store.refresh_from_db()
    assert decrypt(store.token_ciphertext).reveal() == tophatter.token


def test_a_disconnected_store_keeps_its_orders_and_no_token(admin_client, store):
    order = OrderFactory(store=store)

    admin_client.post(step(store, "disconnect_store"), SUBMITTED)

    store.refresh_from_db()
    assert (store.token_ciphertext, store.token_ending) == ("", "")
    assert not store.is_active
    assert store.orders.get() == order


def test_a_viewer_sees_stores_and_changes_nothing(client, store):
    staff(client, "view_store")

    text = client.get(page(store)).content.decode()
    refused = [
        client.post(step(store, name), SUBMITTED).status_code
        for name in ("import_orders", "replace_token", "disconnect_store")
    ]
    data = {"action": "import_now", "_selected_action": [store.pk]}
    client.post(reverse("admin:stores_store_changelist"), data)

    assert "Replace token" not in text
    assert "Import now" not in text
    assert refused == [403, 403, 403]
    assert client.get(reverse(ADD)).status_code == 403
    assert not ImportRun.objects.exists()


def test_import_now_is_a_permission_of_its_own(client, store):
    staff(client, "view_store", "import_now", "view_importrun")

    answer = client.post(step(store, "import_orders"), SUBMITTED)

    assert answer.status_code == 302
    assert client.post(step(store, "replace_token"), SUBMITTED).status_code == 403


def test_a_store_cannot_be_deleted(admin_client, store):
    answer = admin_client.post(reverse("admin:stores_store_delete", args=[store.pk]))

    assert answer.status_code == 403
    assert Store.objects.exists()
