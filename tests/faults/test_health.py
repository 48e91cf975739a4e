"""The back office knows, and says, when it is not well."""

import json
import logging
import sys
from datetime import timedelta

import pytest
from cryptography.fernet import Fernet
from django.core.checks import Error, Warning, run_checks
from django.db import OperationalError, connection
from django.utils import timezone as clock

from backoffice import health
from backoffice.checks import least_retry
from backoffice.kit.logs import JsonFormatter, ScrubbingFormatter
from backoffice.models import Heartbeat
from orders.models import ImportProblem, Shipment
from orders.shipping import ship_order
from orders.work import alarms
from tests.factories import OrderFactory, StoreFactory

HEALTHZ = "/healthz"
TOKEN = "0123456789abcdef" * 2
CLUSTER = {
    "workers": 2,
    "timeout": 100,
    "queue_limit": 1,
    "bulk": 1,
    "retry": 210,
    "max_attempts": 1,
    "ack_failures": True,
    "catch_up": False,
    "orm": "default",
}
SQLITE = {
    "ENGINE": "django.db.backends.sqlite3",
    "NAME": "any.sqlite3",
    "OPTIONS": {"transaction_mode": "IMMEDIATE"},
}


def found() -> list[str]:
    """Return the ids of our own system checks' findings."""
    return [
        check.id.removeprefix("backoffice.")
        for check in run_checks()
        if check.id.startswith("backoffice.")
    ]


def raised(**after: float) -> list[tuple[str, str]]:
    """Return the causes and sentences that stand after that time from now."""
    return [
        (alarm.cause, alarm.message)
        for alarm in alarms.raised(clock.now() + timedelta(**after))
    ]


def record(message: str, *arguments: object, error=None) -> logging.LogRecord:
    return logging.LogRecord(
        "orders", logging.ERROR, "file.py", 1, message, arguments, error
    )


def problem(store, number: str, kind: str, **fields) -> ImportProblem:
    now = clock.now()
    return ImportProblem.objects.create(
        store=store,
        marketplace_order_id=number,
        kind=kind,
        first_seen_at=now,
        last_seen_at=now,
        **fields,
    )


def shipment(store, number: str, notification: str, hours: float) -> Shipment:
    """Return a shipment in that state whose notice waits for so many hours."""
    shipment = ship_order(
        OrderFactory(store=store), carrier="USPS", tracking_number=number
    )
    Shipment.objects.filter(pk=shipment.pk).update(
        notification=notification, queued_at=clock.now() - timedelta(hours=hours)
    )
    return shipment


@pytest.mark.django_db
def test_each_beat_moves_the_one_row():
    Heartbeat.objects.create(
        name=health.WORKER, beat_at=clock.now() - timedelta(days=1)
    )

    health.beat()
    health.beat()

    beat = Heartbeat.objects.get()
    assert clock.now() - beat.beat_at < timedelta(minutes=1)
    assert health.worker_last_seen() == beat.beat_at


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("seconds", "is_alive"), [(0, True), (239, True), (240, False), (86400, False)]
)
def test_a_worker_is_alive_for_four_minutes_after_a_beat(seconds, is_alive):
    now = clock.now()
    Heartbeat.objects.create(
        name=health.WORKER, beat_at=now - timedelta(seconds=seconds)
    )

    assert health.worker_is_alive(now) == is_alive


@pytest.mark.django_db
def test_a_worker_that_never_beat_is_not_alive():
    assert not health.worker_is_alive()


@pytest.mark.django_db
def test_the_web_process_says_that_it_is_well(client):
    answer = client.get(HEALTHZ)

    assert answer.status_code == 200
    assert answer.json() == {"status": "ok"}
    assert client.head(HEALTHZ).status_code == 200
    assert client.post(HEALTHZ).status_code == 405


@pytest.mark.django_db
def test_a_database_that_is_away_is_said(client):
    def refuse(*call):
        raise OperationalError("gone to " + TOKEN)

    with connection.execute_wrapper(refuse):
        answer = client.get(HEALTHZ)

    assert answer.status_code == 503
    assert answer.json() == {"status": "error", "cause": "unknown"}


@pytest.mark.django_db
def test_health_is_answered_without_a_redirect_to_https(client, settings):
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_REDIRECT_EXEMPT = [r"^healthz"]

    assert client.get(HEALTHZ).status_code == 200
    assert client.get("/login/").status_code == 301


@pytest.mark.django_db
def test_nothing_is_raised_when_all_is_well():
    health.beat()
    store = StoreFactory(last_import_at=clock.now())
    shipment(store, "A12345", "pending", hours=0.9)
    shipment(store, "A22345", "accepted", hours=9)
    problem(store, "1", "no_address")
    problem(store, "2", "unreadable", resolved_at=clock.now())
    StoreFactory(is_active=False, connection="refused")

    assert raised() == []


@pytest.mark.django_db
def test_a_worker_that_stopped_is_raised_with_its_last_beat():
    health.beat()

    ((cause, sentence),) = raised(minutes=5)

    assert cause == "worker"
    assert sentence.startswith("The worker has not run since 20")


@pytest.mark.django_db
def test_a_worker_that_never_ran_is_raised():
    ((cause, sentence),) = raised()

    assert cause == "worker"
    assert sentence.startswith("The worker has never run;")


@pytest.mark.django_db
def test_a_refused_store_is_raised_with_the_marketplaces_words():
    health.beat()
    StoreFactory(
        name="Main store",
        connection="refused",
        connection_error="Tophatter refused the access token (401): gone",
        refused_since=clock.now(),
    )

    ((cause, sentence),) = raised()

    assert cause == "refused"
    assert sentence.startswith("Main store is refused since 20")
    assert "replace its access token" in sentence
    assert sentence.endswith("(401): gone")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"last_import_at": clock.now() - timedelta(days=1)}, "no complete import sin"),
        ({"token_set_at": clock.now() - timedelta(days=1)}, "has been complete yet"),
    ],
)
def test_a_late_store_is_raised_with_the_last_failure(fields, words):
    health.beat()
    StoreFactory(name="Main store", connection_error="Has a problem (503).", **fields)

    ((cause, sentence),) = raised()

    assert cause == "late"
    assert sentence.startswith("Main store is late:")
    assert words in sentence
    assert "Has a problem (503)." in sentence


@pytest.mark.django_db
def test_notices_that_wait_for_a_person_are_counted_by_store():
    health.beat()
    store = StoreFactory(name="Main store", last_import_at=clock.now())
    shipment(store, "A12345", "refused", hours=0)
    shipment(store, "A22345", "refused", hours=0)

    words = "The tracking of 2 orders of Main store waits for a person."
    assert raised() == [("tracking_refused", words)]


@pytest.mark.django_db
def test_notices_that_nobody_sent_for_an_hour_are_counted_by_store():
    health.beat()
    store = StoreFactory(name="Main store", last_import_at=clock.now())
    shipment(store, "A12345", "pending", hours=1.1)
    shipment(store, "A22345", "unconfirmed", hours=1.1)

    words = "The tracking of 2 orders of Main store is unsent for over an hour."
    assert raised() == [("tracking_unsent", words)]


@pytest.mark.django_db
def test_rejected_orders_are_counted_by_store():
    health.beat()
    store = StoreFactory(name="Main store", last_import_at=clock.now())
    problem(store, "1", "unreadable")

    words = "1 order of Main store was rejected; the import problems say why."
    assert raised() == [("rejected", words)]


def test_the_settings_of_the_tests_pass_every_check():
    assert found() == []


def test_the_least_retry_covers_the_tasks_that_wait_in_front():
    one_worker = {"timeout": 300, "workers": 1, "queue_limit": 1, "bulk": 1}

    assert least_retry(one_worker) == 910
    assert least_retry(one_worker | {"workers": 2}) == 610
    assert least_retry(one_worker | {"workers": 2, "queue_limit": 9}) == 1810


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        ({}, []),
        ({"timeout": None}, ["E001"]),
        ({"retry": 209}, ["E002"]),
        ({"workers": 1}, ["E002"]),
        ({"max_attempts": 3}, ["W001"]),
        ({"ack_failures": False}, ["W001"]),
        ({"catch_up": True}, ["W002"]),
    ],
)
def test_a_queue_that_loses_or_doubles_tasks_is_found(settings, change, finding):
    settings.Q_CLUSTER = CLUSTER | change

    assert found() == finding


@pytest.mark.parametrize(
    ("cluster", "database", "finding"),
    [
        ({}, {}, []),
        ({"redis": "redis://127.0.0.1"}, {}, ["E003"]),
        ({}, {"OPTIONS": {}}, ["E004"]),
        ({}, {"ENGINE": "django.db.backends.postgresql", "OPTIONS": {}}, []),
        (
            {},
            {
                "ENGINE": "django.db.backends.postgresql",
                "OPTIONS": {"pool": True},
            },
            ["E005"],
        ),
        (
            {"redis": "redis://127.0.0.1"},
            {"ENGINE": "django.db.backends.postgresql"},
            [],
        ),
    ],
)
def test_a_database_that_fails_the_queue_is_found(
    settings, monkeypatch, cluster, database, finding
):
    settings.Q_CLUSTER = CLUSTER | cluster
    monkeypatch.setitem(settings.DATABASES, "default", SQLITE | database)

    assert found() == finding


@pytest.mark.parametrize(
    ("name", "value", "finding"),
    [
        ("TOKEN_ENCRYPTION_KEYS", [], "E006"),
        ("TOKEN_ENCRYPTION_KEYS", ["too short"], "E006"),
        ("TOKEN_ENCRYPTION_KEYS", [Fernet.generate_key().decode(), "ü"], "E006"),
        ("TOPHATTER_API_URL", "http://tophatter.com/merchant_api/v1", "E007"),
        ("TOPHATTER_API_URL", "https://user:pass@tophatter.com/", "E007"),
        ("TOPHATTER_API_URL", "https://tophatter.com/?a=1", "E007"),
        ("TOPHATTER_API_URL", "tophatter.com", "E007"),
        ("ALLOW_PRIVATE_MARKETPLACE", False, "E007"),
    ],
)
def test_a_setting_that_endangers_tokens_is_found(settings, name, value, finding):
    setattr(settings, name, value)

    assert found() == [finding]


def test_each_finding_has_a_hint(settings, monkeypatch):
    settings.Q_CLUSTER = {"redis": "redis://127.0.0.1", "timeout": 1, "retry": 1}
    bad = SQLITE | {"OPTIONS": {"pool": True}}
    monkeypatch.setitem(settings.DATABASES, "default", bad)
    settings.TOKEN_ENCRYPTION_KEYS = []
    settings.TOPHATTER_API_URL = ""

    ours = [one for one in run_checks() if one.id.startswith("backoffice.")]

    assert {type(one) for one in ours} == {Error, Warning}
    assert len(ours) == 8
    assert all(one.hint for one in ours)


@pytest.mark.parametrize("formatter", [ScrubbingFormatter(), JsonFormatter()])
@pytest.mark.parametrize(
    "message",
    [
        f"token {TOKEN} refused",
        "GET /orders.json?access_token=secret-token&page=1",
        'GET "/orders.json?access_token=secret-token"',
        "{'access_token': 'secret-token', 'page': '1'}",
        '{"access_token": "secret-token"}',
        "access_token: secret-token",
    ],
)
def test_no_line_of_the_log_shows_a_token(formatter, message):
    line = formatter.format(record("%s", message))

    assert "****" in line
    assert TOKEN not in line
    assert "secret-token" not in line


@pytest.mark.parametrize("formatter", [ScrubbingFormatter(), JsonFormatter()])
def test_no_traceback_in_the_log_shows_a_token(formatter):
    try:
        raise ValueError(f"access_token=secret-token and {TOKEN}")
    except ValueError:
        line = formatter.format(record("failed", error=sys.exc_info()))

    assert "Traceback" in line
    assert TOKEN not in line
    assert "secret-token" not in line


def test_a_scrubbed_line_is_still_json():
    message = 'GET "/orders.json?access_token=secret-token"\nand more'

    facts = json.loads(JsonFormatter().format(record(message)))

    assert facts["message"] == 'GET "/orders.json?access_token=****"\nand more'
    assert (facts["level"], facts["logger"]) == ("ERROR", "orders")


def test_what_is_no_token_stays_in_the_log():
    message = "Shipment 9400111899562173406594 of order 120000001 accepted"

    assert ScrubbingFormatter().format(record(message)) == message
