"""One unmistakable token lives through everything, and is found nowhere again."""

import logging
import traceback

import pytest
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import connection
from django.urls import reverse

from backoffice.models import UserSession
from orders import importing, notifying, tasks
from orders.importing import runs
from orders.models import ImportRun, Order, Shipment
from orders.shipping import ship_order
from stores import connecting, probing, tokens
from stores.models import Store
from tests.support import queues

CANARY = "canary-that-must-never-sing"
# How the marketplace fails; it repeats the token where it can.
FAULTS = [
    ("401", {"message": f"The token {CANARY} is not valid."}),
    ("422", {"message": CANARY}),
    ("503", {"message": CANARY}),
    ("reset", {}),
    ("html", {}),
    ("truncated", {}),
    ("object", {}),
    ("redirect", {"location": f"http://127.0.0.1:9/?access_token={CANARY}"}),
]

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(tophatter):
    """A practice marketplace with an order, whose account has the canary's token."""
    tophatter.accounts = {CANARY: {}}
    tophatter.add_order()
    return tophatter


@pytest.fixture
def logged(caplog):
    """Return a function that gives all that was logged, with nothing held back."""
    for name in (None, "urllib3", "django", "django-q"):
        caplog.set_level(logging.DEBUG, logger=name)
    plain = logging.Formatter("{name} {message}", style="{")
    return lambda: "\n".join(
        f"{plain.format(record)} {vars(record)}" for record in caplog.records
    )


def connect(token: str = CANARY) -> Store:
    return connecting.connect(
        name="Main store", marketplace="tophatter", access_token=token
    )


def refusals(account) -> list[Exception]:
    """Return every way in which a store is not connected."""
    errors = []
    for fault, options in FAULTS:
        account.fault(fault, times=None, **options)
        with pytest.raises(ValidationError) as error:
            connect()
        account.clear_faults()
        errors.append(error.value)
    for token in (f"{CANARY}ü", f"{CANARY} two", f"{CANARY}-wrong"):
        with pytest.raises(ValidationError) as error:
            connect(token)
        errors.append(error.value)
    return errors


def live(account, commits) -> Store:
    """Connect, import, fail in every way, ship, send, and wait in the queue."""
    store = connect()
    importing.refresh_store(store)
    for fault, options in FAULTS:
        account.fault(fault, times=None, **options)
        importing.refresh_store(store)
        account.clear_faults()
    importing.import_one(store, "404")
    shipment = ship_order(Order.objects.get(), carrier="USPS", tracking_number="A12345")
    for fault, options in FAULTS[:3]:
        account.fault(fault, on="orders/fulfill", **options)
        notifying.request_sending(Shipment.objects.all(), retry_refused=True)
        notifying.send_tracking(shipment)
    runs.plan_refresh(store, "manual").save()
    Store.objects.update(last_import_attempt_at=None)
    queues.purge()
    with commits(execute=True):
        tasks.refresh_due_stores()
        tasks.send_due_notices()
    return Store.objects.get()


def test_no_refusal_holds_the_token(account):
    errors = refusals(account)

    told = [
        text
        for error in errors
        for text in (str(error), repr(error), *traceback.format_exception(error))
    ]
    assert len(errors) == len(FAULTS) + 3
    assert not [text for text in told if CANARY in text]


def test_no_line_of_the_log_holds_the_token(
    account, logged, django_capture_on_commit_callbacks
):
    refusals(account)
    live(account, django_capture_on_commit_callbacks)

    text = logged()
    assert "urllib3.connectionpool" in text
    assert CANARY not in text


def test_no_column_of_the_database_holds_the_token(
    account, django_capture_on_commit_callbacks
):
    store = live(account, django_capture_on_commit_callbacks)

    with connection.cursor() as cursor:
        rows = {}
        for table in connection.introspection.table_names():
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            rows[table] = repr(cursor.fetchall())
    assert [table for table, text in rows.items() if CANARY in text] == []
    assert store.token_ciphertext in rows["stores_store"]
    assert tokens.decrypt(store.token_ciphertext).reveal() == CANARY
    assert ImportRun.objects.exclude(error="").count() >= len(FAULTS) - 1
    assert Shipment.objects.exists()


def test_no_task_holds_more_than_primary_keys(
    account, django_capture_on_commit_callbacks
):
    live(account, django_capture_on_commit_callbacks)

    waiting = queues.waiting()
    assert len(waiting) >= 2
    assert CANARY not in repr(waiting)
    assert all(type(pk) is int for task in waiting for pk in task["args"])
    assert not [task for task in waiting if task["kwargs"]]


def test_the_token_travels_in_the_body_alone(
    account, django_capture_on_commit_callbacks
):
    live(account, django_capture_on_commit_callbacks)

    assert len(account.requests) > 20
    assert all(request.has_token for request in account.requests)
    assert not [request for request in account.requests if request.token_in_url]
    assert CANARY not in repr(account.requests)


@pytest.mark.sweep
def test_no_page_of_the_admin_holds_the_token(
    account, admin_client, django_capture_on_commit_callbacks
):
    live(account, django_capture_on_commit_callbacks)
    addresses = [reverse("admin:index"), reverse("admin:stores_store_add")]
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        addresses.append(reverse(f"{name}_changelist"))
        addresses += [
            reverse(f"{name}_change", args=[row.pk]) for row in model.objects.all()[:5]
        ]
    store = Store.objects.get()
    for step in ("import_orders", "replace_token", "disconnect_store"):
        addresses.append(reverse(f"admin:stores_store_{step}", args=[store.pk]))

    answers = {address: admin_client.get(address) for address in addresses}

    assert {answer.status_code for answer in answers.values()} == {200}
    assert [url for url, one in answers.items() if CANARY in one.content.decode()] == []
    assert not [
        url
        for url, one in answers.items()
        if store.token_ciphertext in one.content.decode()
    ]


def test_a_refused_token_is_not_given_back(account, admin_client):
    token = f"{CANARY}-wrong"
    data = {"name": "Second", "marketplace": "tophatter", "access_token": token}

    page = admin_client.post(reverse("admin:stores_store_add"), data)

    assert "refused the access token" in page.content.decode()
    assert CANARY not in page.content.decode()


def test_an_accepted_token_is_not_given_back(account, admin_client):
    data = {"name": "Second", "marketplace": "tophatter", "access_token": CANARY}
    connected = admin_client.post(reverse("admin:stores_store_add"), data, follow=True)
    replace = reverse("admin:stores_store_replace_token", args=[Store.objects.get().pk])
    data = {"_form_submitted": "True", "access_token": CANARY}

    replaced = admin_client.post(replace, data, follow=True)

    assert "Second is connected" in connected.content.decode()
    assert "has a new access token" in replaced.content.decode()
    assert CANARY not in connected.content.decode() + replaced.content.decode()
    assert CANARY not in repr([one.get_decoded() for one in UserSession.objects.all()])


def test_nothing_shows_the_token_when_printed(account):
    store = connect()

    things = [
        store,
        vars(store),
        store.connect(),
        tokens.decrypt(store.token_ciphertext),
        importing.refresh_store(store),
        probing.probe_account("tophatter", store.account()),
        Store.objects.values().get(),
    ]

    assert not [one for one in things if CANARY in f"{one} {one!r}"]
