"""People are told once of each alarm, and once of its end."""

import json
import logging
from datetime import timedelta

import pytest
from django.core import mail
from django.core.management import call_command
from django.utils import timezone as clock
from django_q.models import Failure, Success

from backoffice.health import beat
from backoffice.kit.logs import JsonFormatter
from backoffice.models import Preferences
from orders import importing, notifying, pruning
from orders.models import Alert, ImportProblem, ImportRun, Order, Shipment, TrackingFile
from orders.shipping import ship_order
from orders.work import alerts
from stores.models import Store
from tests.factories import OrderFactory, StoreFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def addressed(settings):
    settings.ALERT_EMAILS = ["owner@example.com"]
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


def subjects() -> list[str]:
    return [message.subject for message in mail.outbox]


def test_a_refused_token_is_told_once_and_its_end_once(store, tophatter):
    beat()
    tophatter.fault("401", times=None)
    for _ in range(3):
        importing.refresh_store(store)
        alerts.announce(clock.now())
    tophatter.clear_faults()
    importing.refresh_store(store)

    alerts.announce(clock.now())
    alerts.announce(clock.now())

    assert len(mail.outbox) == 2
    assert subjects()[0].startswith(f"Back office: {store} is refused since")
    assert subjects()[1].startswith(f"Over: {store} is refused since")
    assert mail.outbox[0].to == ["owner@example.com"]
    assert tophatter.token not in str([message.body for message in mail.outbox])


def test_every_cause_has_its_mail(store, tophatter):
    late = StoreFactory(last_import_at=clock.now() - timedelta(hours=2))
    long_ago = clock.now() - timedelta(hours=2)
    waiting, refused = OrderFactory.create_batch(2, store=store)
    for order in (waiting, refused):
        ship_order(order, carrier="USPS", tracking_number=f"A12345{order.pk}")
    Shipment.objects.filter(order=waiting).update(queued_at=long_ago)
    Shipment.objects.filter(order=refused).update(notification="refused")
    Store.objects.filter(pk=store.pk).update(
        connection="refused", refused_since=long_ago
    )

    alerts.announce(clock.now())

    told = " ".join(subjects())
    assert len(mail.outbox) == 5
    assert "The worker has never run" in told
    assert f"{store} is refused" in told
    assert f"{late} is late" in told
    assert "waits for a person" in told
    assert "unsent for over an hour" in told


def test_the_worker_says_nothing_of_itself_and_cron_does(db):
    alerts.announce(clock.now(), from_the_worker=True)
    by_the_worker = len(mail.outbox)

    with pytest.raises(SystemExit):
        call_command("check_sync", "--alert")
    with pytest.raises(SystemExit):
        call_command("check_sync", "--alert")
    beat()
    alerts.announce(clock.now(), from_the_worker=True)

    assert by_the_worker == 0
    assert [subject.partition(" ")[0] for subject in subjects()] == ["Back", "Over:"]


def test_who_chose_a_language_is_told_in_it(settings):
    settings.ALERT_EMAILS = ["owner@example.com", "Ada <Ada@example.com>"]
    ada = UserFactory(email="ada@Example.com")
    Preferences.objects.create(user=ada, language="fr")
    Preferences.objects.create(user=UserFactory(), language="fr")
    alerts.announce(clock.now())
    beat()

    alerts.announce(clock.now())

    told = [(one.to[0], one.subject.split(":")[0].strip()) for one in mail.outbox]
    assert told == [
        ("owner@example.com", "Back office"),
        ("Ada <Ada@example.com>", "Back-office"),
        ("owner@example.com", "Over"),
        ("Ada <Ada@example.com>", "Fin d’alerte"),
    ]
    for english, french in (mail.outbox[:2], mail.outbox[2:]):
        assert "The worker has never run" in english.subject
        assert "The worker has never run" in english.body
        assert "n’a jamais tourné" in french.subject
        assert "n’a jamais tourné" in french.body


def test_a_mail_that_cannot_leave_goes_the_next_time(db, settings):
    working = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    alerts.announce(clock.now())
    settings.EMAIL_BACKEND = working

    alerts.announce(clock.now())

    assert len(mail.outbox) == 1
    assert Alert.objects.get().told_at


def test_who_cannot_be_reached_keeps_nobody_from_being_told_once(settings):
    settings.EMAIL_BACKEND = "tests.support.mailing.GoneAddress"
    settings.ALERT_EMAILS = ["owner@example.com", "gone@example.com"]
    gone = UserFactory(email="gone@example.com")
    Preferences.objects.create(user=gone, language="fr")

    for _ in range(3):
        alerts.announce(clock.now())

    assert [one.to for one in mail.outbox] == [["owner@example.com"]]


def test_an_alarm_that_passed_unmailed_is_not_told_of(db, settings):
    settings.ALERT_EMAILS = []
    alerts.announce(clock.now())
    beat()
    alerts.announce(clock.now())
    settings.ALERT_EMAILS = ["owner@example.com"]

    alerts.announce(clock.now())

    assert not mail.outbox
    assert Alert.objects.get().cleared_at


def test_the_monitors_page_counts_and_names_nobody(
    client, admin_client, store, tophatter
):
    beat()
    importing.refresh_store(store)
    well = admin_client.get("/healthz/sync")
    order = OrderFactory(store=store, customer_name="Jane Private")
    shipment = ship_order(order, carrier="USPS", tracking_number="SECRET-NUMBER-12345")
    tophatter.fault("422", on="orders/retrieve")
    notifying.send_tracking(shipment)

    ill = admin_client.get("/healthz/sync")
    told_to_strangers = client.get("/healthz/sync")

    assert (well.status_code, well.json()["status"]) == (200, "ok")
    assert ill.status_code == 503
    facts = ill.json()
    assert facts["alarms"] == ["tracking_refused"]
    assert facts["stores"]["connected"] == 1
    assert facts["outbox"]["refused"] == 1
    assert told_to_strangers.status_code == 503
    assert told_to_strangers.json() == {"status": "error"}
    text = ill.content.decode()
    assert not any(
        word in text
        for word in ("Jane", "SECRET", store.name, tophatter.token, "Los Altos")
    )


def test_staff_who_are_not_superusers_are_told_as_much_as_strangers(client, store):
    beat()
    importing.refresh_store(store)
    client.force_login(UserFactory(is_staff=True))

    answer = client.get("/healthz/sync")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_what_is_old_goes_and_what_stands_stays(store, settings):
    now = clock.now()
    old, young = now - timedelta(days=100), now - timedelta(days=10)
    for moment in (old, old, young):
        run = ImportRun.objects.create(
            store=store, status="complete", started_at=moment, finished_at=moment
        )
    facts = {"store": store, "kind": "no_address", "message": "No street."}
    for number, resolved_at in enumerate([old, young, None]):
        ImportProblem.objects.create(
            marketplace_order_id=str(number),
            first_seen_at=old,
            last_seen_at=old,
            resolved_at=resolved_at,
            **facts,
        )
    for model in (Success, Failure):
        for number, moment in enumerate([old, now]):
            model.objects.create(
                id=f"{model.__name__}{number}",
                name="a task",
                func="f",
                started=moment,
                stopped=moment,
                success=model is Success,
            )
    order = OrderFactory(store=store, imported_at=old, ordered_at=old)
    file = TrackingFile.objects.create(name="new.csv")
    TrackingFile.objects.create(name="old.csv")
    TrackingFile.objects.exclude(pk=file.pk).update(uploaded_at=old)

    counts = pruning.prune(now)

    assert (counts["import_runs"], counts["problems"], counts["queue"]) == (2, 1, 2)
    assert ImportRun.objects.get() == run
    assert TrackingFile.objects.get() == file
    assert ImportProblem.objects.count() == 2
    assert Order.objects.get() == order


def test_the_newest_run_of_a_quiet_store_stays(store):
    old = clock.now() - timedelta(days=400)
    run = ImportRun.objects.create(
        store=store, status="complete", started_at=old, finished_at=old
    )

    pruning.prune(clock.now())

    assert ImportRun.objects.get() == run


def test_a_run_and_a_sending_are_one_line_each_with_their_ids(store, tophatter, caplog):
    caplog.set_level(logging.INFO, logger="orders")
    tophatter.add_order(customer_name="Jane Private")
    run = importing.refresh_store(store)
    order = Order.objects.get()
    shipment = ship_order(order, carrier="USPS", tracking_number="A12345")
    notifying.send_tracking(shipment)

    lines = [json.loads(JsonFormatter().format(record)) for record in caplog.records]

    assert [line["logger"] for line in lines] == [
        "orders.importing.runs",
        "orders.notifying.outbox",
    ]
    assert lines[0] | {"store_id": store.pk, "run_id": run.pk} == lines[0]
    assert lines[1] | {"store_id": store.pk, "shipment_id": shipment.pk} == lines[1]
    assert lines[1]["order_id"] == order.pk
    text = caplog.text
    assert not any(
        word in text for word in (tophatter.token, "Jane", "Example Street", "94022")
    )
