"""move_to_postgres: everything arrives as it was, whatever interrupts it."""

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial

import psycopg
import pytest
from django.db import connection

from tests.support.programs import database_url, kill, wait_until

pytestmark = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="needs PostgreSQL"
)

# Each kind of row and of value that an import and a shipment do not make.
FILL = r"""
from datetime import timedelta
from decimal import Decimal
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone as clock
from django_q.tasks import async_task
from backoffice.kit.sentences import Sentence
from orders.models import ImportProblem, Order, OrderEvent
from stores.models import Logo, Store

store = Store.objects.get()
user = User.objects.create_superuser("anna", "anna@example.com", "a long password")
user.groups.set(Group.objects.all())
content_type = ContentType.objects.get(app_label="orders", model="order").pk
LogEntry.objects.create(user=user, content_type_id=content_type, object_id="1",
    object_repr="Überweisung “1”", action_flag=2, change_message="[]")
session = SessionStore()
session["key"] = "value"
session.save()
Logo.objects.create(store=store, image=bytes(range(256)))
store.connection_error = Sentence("The store “%(name)s” is gone.", {"name": "Zoë"})
store.save(update_fields=["connection_error", "connection_error_facts"])
order = Order.objects.first()
order.payload = {"b": [1, 1.10, -0.0, 1e20, 12345678901234567890, None, True],
    "a": "漢字 \\ \" \u2028 🎁", "": {}}
order.refund_amount = Decimal("12.30")
order.save(update_fields=["payload", "refund_amount"])
gone = User.objects.create(username="gone")
gone.delete()
async_task("orders.tasks.refresh_due_stores")
print("filled")
"""


@pytest.fixture
def target(transactional_db):
    """An empty PostgreSQL database."""
    url = database_url() + "_moved"
    server = database_url().rpartition("/")[0] + "/postgres"
    name = connection.settings_dict["NAME"] + "_moved"

    def ask(*statements: str) -> None:
        with psycopg.connect(server, autocommit=True) as database:
            for sql in statements:
                database.execute(sql)

    ask(
        f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)',
        f'CREATE DATABASE "{name}"',
    )
    yield url
    ask(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture
def manage(manage):
    """Start programs whose queue lies in their database: SQLite goes without Redis."""
    return partial(manage, REDIS_URL="")


@pytest.fixture
def place(manage, tophatter, tmp_path):
    """An SQLite installation that has worked: orders, shipments, people, schedules."""
    path = tmp_path / "db.sqlite3"
    token = tmp_path / "token.txt"
    token.write_text(tophatter.token)
    placed_at = datetime.now(UTC) - timedelta(hours=1)
    for _ in range(2500):
        tophatter.add_order(created_at=placed_at, paid_at=placed_at)
    first = str(tophatter.orders()[0]["order_id"])
    for command in [
        ("migrate", "-v0"),
        ("setup_schedules",),
        ("connect_store", "Main store", "--token-file", str(token)),
        ("import_orders", "Main store"),
        (
            "ship_order",
            "Main store",
            first,
            *SHIPPED,
            "9400111899562173406594",
        ),
        ("shell", "-c", FILL),
    ]:
        said(manage(*command, DATABASE_URL=f"sqlite:///{path}"))
    return path


SHIPPED = ("--carrier", "USPS", "--tracking")


def said(process) -> str:
    text, _ = process.communicate(timeout=170)
    assert process.returncode == 0, text
    return text


def refused(process) -> str:
    text, _ = process.communicate(timeout=170)
    assert process.returncode == 1, text
    assert "Traceback" not in text
    return " ".join(text.split())


def rows(target: str, sql: str) -> list[tuple]:
    with psycopg.connect(target) as database:
        return database.execute(sql).fetchall()


def count(target: str) -> int:
    try:
        return rows(target, "SELECT count(*) FROM orders_order")[0][0]
    except psycopg.Error:
        return 0


def dump(manage, url: str) -> list[dict]:
    """Return all rows by Django's own export, which knows nothing of the move."""
    text = said(manage("dumpdata", DATABASE_URL=url))
    facts = json.loads(text[text.index("[") :])
    return sorted(facts, key=lambda row: (row["model"], str(row["pk"])))


@pytest.mark.timeout(600)
def test_a_killed_move_goes_on_and_the_installation_works_there(
    manage, tophatter, place, target
):
    source = f"sqlite:///{place}"
    before = dump(manage, source)

    killed = manage("move_to_postgres", target, DATABASE_URL=source)
    wait_until(lambda: count(target) >= 500, 120, "the first batch of orders")
    kill(killed)
    assert 0 < count(target) < 2500
    text = said(manage("move_to_postgres", target, DATABASE_URL=source))
    after = dump(manage, target)

    assert "DIFFERENT" not in text
    assert len(before) > 5000
    assert after == before
    assert not place.exists()
    assert place.with_name("db.sqlite3.moved").exists()
    newest = rows(target, "SELECT max(id) FROM auth_user")[0][0]
    assert rows(target, "SELECT last_value FROM auth_user_id_seq")[0][0] > newest
    _work_goes_on(manage, tophatter, target)


def _work_goes_on(manage, tophatter, target: str) -> None:
    placed_at = datetime.now(UTC) - timedelta(minutes=30)
    new = tophatter.add_order(created_at=placed_at, paid_at=placed_at)
    number = str(new["order_id"])
    text = said(manage("import_orders", "Main store", DATABASE_URL=target))
    assert "1 created" in text
    arguments = ("Main store", number, *SHIPPED, "9400111899562173406017")
    said(manage("ship_order", *arguments, DATABASE_URL=target))
    manage("qcluster", DATABASE_URL=target)
    beat = "SELECT count(*) FROM backoffice_heartbeat"
    wait_until(lambda: rows(target, beat)[0][0], 120, "a beat of the schedule")


def test_a_source_that_changed_after_the_interruption_is_copied_anew(
    manage, place, target
):
    source = f"sqlite:///{place}"
    killed = manage("move_to_postgres", target, DATABASE_URL=source)
    wait_until(lambda: count(target) >= 500, 120, "the first batch of orders")
    kill(killed)
    with closing(sqlite3.connect(place)) as database:
        database.execute("UPDATE orders_order SET customer_name = 'Zoë' WHERE id = 1")
        database.commit()

    said(manage("move_to_postgres", target, DATABASE_URL=source))

    name = rows(target, "SELECT customer_name FROM orders_order WHERE id = 1")
    assert name == [("Zoë",)]


def test_a_row_that_postgres_cannot_hold_is_named(manage, place, target):
    with closing(sqlite3.connect(place)) as database:
        database.execute(
            "UPDATE orders_order SET customer_name = 'A' || char(0) WHERE id = 7"
        )
        database.commit()

    text = refused(
        manage("move_to_postgres", target, DATABASE_URL=f"sqlite:///{place}")
    )

    assert "the row 7 of the table orders_order" in text
    assert place.exists()


def test_a_running_program_or_rows_of_others_are_refused(manage, place, target):
    source = f"sqlite:///{place}"
    with closing(sqlite3.connect(place)) as other:
        other.execute("SELECT count(*) FROM stores_store").fetchone()
        text = refused(manage("move_to_postgres", target, DATABASE_URL=source))
    assert "Another program has the SQLite database open." in text

    with psycopg.connect(target, autocommit=True) as database:
        database.execute("CREATE TABLE invoices AS SELECT 1 AS number")
    text = refused(manage("move_to_postgres", target, DATABASE_URL=source))

    assert "already holds rows (invoices)" in text
    tables = rows(target, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    assert tables == [("invoices",)]
    assert place.exists()
