"""PostgreSQL: no statement waits without end, and migrate is not cut short."""

import json
import time

import pytest
from django.db import OperationalError, connection, transaction

from stores.models import Store
from tests.factories import StoreFactory
from tests.support.holding import another_session_holds
from tests.support.programs import database_url, wait_until

pytestmark = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="time-outs of PostgreSQL"
)

SHOW = """
import json
from django.db import connection
with connection.cursor() as cursor:
    facts = {}
    for name in ("lock_timeout", "statement_timeout",
                 "idle_in_transaction_session_timeout"):
        cursor.execute(f"SHOW {name}")
        facts[name] = cursor.fetchone()[0]
print(json.dumps(facts))
"""


def facts_of(process) -> dict[str, str]:
    text, _ = process.communicate(timeout=60)
    return json.loads(text.splitlines()[-1])


def test_every_program_has_the_time_outs(manage):
    assert facts_of(manage("shell", "-c", SHOW)) == {
        "lock_timeout": "20s",
        "statement_timeout": "2min",
        "idle_in_transaction_session_timeout": "2min",
    }


def test_the_address_of_the_database_may_set_its_own_time_outs(manage):
    url = database_url() + "?options=-c%20lock_timeout%3D3s&connect_timeout=4"

    facts = facts_of(manage("shell", "-c", SHOW, DATABASE_URL=url))

    assert (facts["lock_timeout"], facts["statement_timeout"]) == ("3s", "2min")


def test_a_row_that_somebody_holds_is_not_waited_for_without_end(transactional_db):
    store = StoreFactory()

    with another_session_holds("stores_store"), connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '1s'")
        started_at = time.monotonic()
        with pytest.raises(OperationalError, match="lock timeout"):
            Store.objects.filter(pk=store.pk).update(name="Other")
        waited = time.monotonic() - started_at
        cursor.execute("RESET lock_timeout")

    assert 0.9 < waited < 20
    assert Store.objects.get().name == store.name


def test_migrate_is_not_cut_short_and_leaves_the_time_outs_behind(manage):
    url = database_url() + "?options=-c%20statement_timeout%3D1s"

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE django_migrations")
        migrate = manage("migrate", DATABASE_URL=url)
        wait_until(
            lambda: migrate.poll() is not None or waits_for_longer(cursor, "2s"),
            60,
            "a statement of migrate waiting for the lock",
        )
    text, _ = migrate.communicate(timeout=120)

    assert migrate.returncode == 0, text
    assert facts_of(manage("shell", "-c", SHOW))["statement_timeout"] == "2min"


def waits_for_longer(cursor, time: str) -> bool:
    cursor.execute(
        "SELECT count(*) FROM pg_locks JOIN pg_database ON oid = database "
        "WHERE datname = current_database() AND NOT granted "
        "AND waitstart < clock_timestamp() - %s::interval",
        [time],
    )
    return bool(cursor.fetchone()[0])
