"""The search index is whole, whoever writes, and comes back when it was lost."""

import sqlite3
from contextlib import closing
from io import StringIO

import pytest
from django.core.checks import Tags, run_checks
from django.core.management import call_command
from django.db import connection, models

from orders import search_index
from orders.finding import searching
from orders.models import Order
from tests.factories import OrderFactory

is_sqlite = connection.vendor == "sqlite"
on_sqlite = pytest.mark.skipif(not is_sqlite, reason="a table of SQLite")
on_postgres = pytest.mark.skipif(is_sqlite, reason="an extension of PostgreSQL")


def found(*words: str) -> list[Order]:
    """Return what the index finds; without it, this fails."""
    assert search_index.is_whole()
    return list(searching.search(Order.objects.order_by("pk"), words).rows)


def keys_in_index(word: str) -> list[int]:
    """Return what SQLite's index holds of three letters, right or not."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rowid FROM orders_search WHERE orders_search MATCH %s", [word]
        )
        return [key for (key,) in cursor.fetchall()]


def migrated() -> str:
    said = StringIO()
    call_command("migrate", stdout=said)
    return said.getvalue()


def write(sql: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


@pytest.mark.django_db
def test_what_others_write_is_found_and_what_they_take_away_is_not():
    changed, deleted, kept = OrderFactory.create_batch(3)
    write("UPDATE orders_order SET search_text = 'adalovelace '")
    write("UPDATE orders_order SET search_text = 'grace ' WHERE id = %s", changed.pk)
    write("DELETE FROM orders_order WHERE id = %s", deleted.pk)

    assert found("lovelace") == [kept]
    assert found("grace") == [changed]
    assert found("losaltos") == []
    if is_sqlite:
        assert keys_in_index("ada") == [kept.pk]


@pytest.mark.django_db
def test_an_order_that_is_written_over_is_found_by_its_new_words():
    order = OrderFactory(customer_name="Old Name")
    order.search_text = "newname "
    Order.objects.bulk_create(
        [order],
        update_conflicts=True,
        update_fields=["search_text"],
        unique_fields=["store", "marketplace_order_id"],
    )

    assert found("newname") == [order]
    assert found("oldname") == []


@on_sqlite
@pytest.mark.django_db
def test_a_row_that_replaces_another_is_found_by_its_own_words_alone():
    order = OrderFactory(customer_name="Old Name")
    columns = ", ".join(
        f'"{field.column}"'
        for field in Order._meta.concrete_fields
        if not field.generated
    )
    values = columns.replace('"search_text"', "'newname '")
    # SQLite tells no trigger of the row that goes.
    write(f"REPLACE INTO orders_order ({columns}) SELECT {values} FROM orders_order")

    assert found("newname") == [order]
    assert found("oldname") == []


@on_sqlite
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_table_that_is_made_anew_gets_its_index_back():
    order = OrderFactory(customer_name="Ada Lovelace")
    field = Order._meta.get_field("hold_reason")
    longer = models.CharField(max_length=300, blank=True)
    longer.set_attributes_from_name("hold_reason")
    with connection.schema_editor() as editor:
        editor.alter_field(Order, field, longer)
        editor.alter_field(Order, longer, field)
    Order.objects.update(search_text="gracehopper ")

    assert not search_index.is_whole()
    assert list(searching.search(Order.objects.all(), ["hopper"]).rows) == [order]
    assert "1 of 1 orders" in migrated()
    assert found("hopper") == [order]
    assert keys_in_index("ada") == []


@on_sqlite
@pytest.mark.django_db
def test_an_index_that_is_half_filled_is_filled_from_there(monkeypatch):
    monkeypatch.setattr(search_index, "A_TIME", 2)
    first, changed, deleted, *others = OrderFactory.create_batch(6)
    write("INSERT INTO orders_search (orders_search) VALUES ('delete-all')")
    write(
        "INSERT INTO orders_search (rowid, search_text) SELECT id, search_text "
        "FROM orders_order WHERE id <= %s",
        first.pk,
    )
    write("UPDATE orders_search_filled SET last = %s", first.pk)
    write("UPDATE orders_order SET search_text = 'grace ' WHERE id = %s", changed.pk)
    write("UPDATE orders_order SET search_text = 'grace ' WHERE id = %s", first.pk)
    write("DELETE FROM orders_order WHERE id = %s", deleted.pk)
    is_whole = search_index.is_whole()
    by_reading = list(searching.search(Order.objects.order_by("pk"), ["grace"]).rows)

    search_index.build("default", print)

    assert not is_whole
    assert by_reading == found("grace") == [first, changed]
    assert found("losaltos") == others
    assert keys_in_index("gra") == [first.pk, changed.pk]
    assert keys_in_index("alt") == [order.pk for order in others]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_flush_leaves_nothing_behind():
    OrderFactory(customer_name="Ada Lovelace")

    call_command("flush", interactive=False, verbosity=0)

    assert found("lovelace") == []
    if is_sqlite:
        assert keys_in_index("ada") == []


@on_sqlite
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_backup_has_the_index_too(tmp_path):
    order = OrderFactory(customer_name="Ada Lovelace")

    call_command("backup", str(tmp_path / "copy.sqlite3"), stdout=StringIO())

    with closing(sqlite3.connect(tmp_path / "copy.sqlite3")) as copy:
        copy.execute("UPDATE orders_order SET search_text = search_text || 'more '")
        by_words = "SELECT rowid FROM orders_search WHERE orders_search MATCH ?"
        assert copy.execute(by_words, ["lov AND mor"]).fetchall() == [(order.pk,)]


@on_sqlite
@pytest.mark.django_db
def test_an_sqlite_without_full_text_searches_and_writes_without():
    def refuse(action: int, *_names: object) -> int:
        is_new_table = action == sqlite3.SQLITE_CREATE_VTABLE
        return sqlite3.SQLITE_DENY if is_new_table else sqlite3.SQLITE_OK

    said: list[str] = []
    connection.connection.set_authorizer(refuse)
    try:
        search_index.build("default", said.append)
    finally:
        connection.connection.set_authorizer(None)
    order = OrderFactory(customer_name="Ada Lovelace")

    [sentence] = said
    assert sentence == (
        "Searches have no index and are slow with many orders (not authorized). Run "
        "migrate with SQLite 3.34 or later, which has FTS5."
    )
    assert not search_index.is_whole()
    assert list(searching.search(Order.objects.all(), ["lovelace"]).rows) == [order]
    assert [one.id for one in warnings()] == ["backoffice.W003"]
    search_index.build("default", print)
    assert found("lovelace") == [order]
    assert warnings() == []


@on_postgres
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_role_that_may_not_have_the_extension_searches_without():
    order = OrderFactory(customer_name="Ada Lovelace")
    said: list[str] = []
    write("DROP EXTENSION pg_trgm CASCADE")
    # It may read all, and make nothing.
    write("SET ROLE pg_read_all_data")
    try:
        search_index.build("default", said.append)
        by_reading = list(searching.search(Order.objects.all(), ["lovelace"]).rows)
    finally:
        write("RESET ROLE")
        found_before = warnings()
        told = migrated()

    [sentence] = said
    assert sentence.startswith(
        "Searches have no index and are slow with many orders (permission denied to "
        'create extension "pg_trgm"). Let a superuser run CREATE EXTENSION pg_trgm'
    )
    assert by_reading == [order]
    assert [one.id for one in found_before] == ["backoffice.W003"]
    assert "The index for searches is being built." in told
    assert found("lovelace") == [order]
    assert warnings() == []


@on_postgres
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_an_index_that_was_interrupted_is_made_anew():
    order = OrderFactory(customer_name="Ada Lovelace")
    write(
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = "
        "'orders_search'::regclass"
    )

    assert not search_index.is_whole()
    assert "The index for searches is being built." in migrated()
    assert found("lovelace") == [order]


def warnings() -> list:
    return run_checks(
        tags=[Tags.database], include_deployment_checks=True, databases=["default"]
    )
