"""Keys that are lost or wrong: a sentence with the remedy, wherever one is needed."""

from html import unescape

import pytest
from cryptography.fernet import Fernet
from django.urls import reverse

from backoffice.checks import check_secrets
from orders import importing, notifying, tasks
from orders.models import ImportRun, Shipment
from orders.shipping import ship_order
from tests.factories import OrderFactory
from tests.support.commands import run
from tests.support.store_pages import step

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["lost", "wrong"])
def remedy(request, settings):
    """Return what is to be said, once the key of the tokens is gone."""
    if request.param == "lost":
        settings.TOKEN_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
        return "add the key it was saved with"
    settings.TOKEN_ENCRYPTION_KEYS = ["no key"]
    return "holds no valid keys: put back the ones"


@pytest.fixture
def waiting(store, remedy):
    """A store with an order to ship and a notice that waits."""
    shipped = OrderFactory(store=store)
    ship_order(shipped, carrier="USPS", tracking_number="9400111899562173406594")
    return OrderFactory(store=store)


def test_tasks_say_it_on_their_rows(store, waiting, remedy, tophatter):
    tasks.refresh_store(store.pk)
    tasks.send_notices(store.pk)
    tasks.recheck_store(store.pk)
    tasks.reconcile_store(store.pk)
    tasks.read_pictures(store.pk)

    store.refresh_from_db()
    assert remedy in store.connection_error
    assert remedy in ImportRun.objects.earliest("pk").error
    assert remedy in Shipment.objects.get().notification_error
    assert not tophatter.requests


def test_commands_say_it(store, waiting, remedy, capsys, tophatter):
    number = waiting.marketplace_order_id
    statuses = {
        name: run(name, *arguments)
        for name, arguments in {
            "import_orders": [store.name],
            "send_tracking": [store.name],
            "ship_order": [
                *(store.name, number, "--carrier", "USPS"),
                *("--tracking", "9400111899562173406600"),
            ],
            "find_order": ["404"],
            "check_sync": [],
            "rotate_tokens": [],
        }.items()
    }

    told = "".join(capsys.readouterr())
    assert set(statuses.values()) <= {1}
    assert told.count(remedy) >= 3
    assert "Traceback" not in told
    assert not tophatter.requests


def test_pages_say_it(store, waiting, remedy, admin_client, tophatter):
    importing.refresh_store(store)
    shipment = Shipment.objects.get()
    notifying.send_tracking(shipment)
    find = {"q": "404", "live": "1"}
    importing_now = {"_form_submitted": "True", "order_ids": "404"}

    answers = {
        "store": admin_client.get(step(store, "change")),
        "order": admin_client.get(
            reverse("admin:orders_order_change", args=[shipment.order_id])
        ),
        "run": admin_client.get(
            reverse("admin:orders_importrun_change", args=[ImportRun.objects.get().pk])
        ),
        "find": admin_client.get(reverse("admin:orders_order_find"), find),
        "import": admin_client.post(step(store, "import_orders"), importing_now),
    }

    told = {name: unescape(answer.content.decode()) for name, answer in answers.items()}
    assert {answer.status_code for answer in answers.values()} <= {200, 302}
    assert [name for name in told if remedy not in told[name]] == ["import"]
    assert not tophatter.requests


def test_the_checks_say_it(settings):
    settings.TOKEN_ENCRYPTION_KEYS = ["no key"]

    assert [one.id for one in check_secrets()] == ["backoffice.E006"]
