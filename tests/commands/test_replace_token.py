"""replace_token: the new token from a file or standard input, then the lost time."""

import io
import sys
from datetime import timedelta

import pytest
from django.utils import timezone as clock

from orders.models import ImportRun
from orders.tasks import run_import
from stores.models import Store
from stores.tokens import decrypt
from tests.factories import StoreFactory
from tests.support.commands import run

pytestmark = pytest.mark.django_db


@pytest.fixture
def refused(tophatter) -> Store:
    return StoreFactory(
        name="Main store",
        connection="refused",
        auto_import=False,
        last_import_at=clock.now() - timedelta(days=9),
        last_import_attempt_at=clock.now(),
    )


@pytest.fixture
def typed(monkeypatch):
    """Return a function that puts a text on standard input."""
    return lambda text: monkeypatch.setattr(sys, "stdin", io.StringIO(text))


def test_the_lost_time_is_read_after_a_new_token(refused, tophatter, typed, capsys):
    lost = tophatter.add_order(created_at=clock.now() - timedelta(days=8))
    typed(f"{tophatter.token}\n")

    status = run("replace_token", "Main store")
    planned = ImportRun.objects.get()
    run_import(planned.pk)

    said = capsys.readouterr().out
    assert status == 0
    assert planned.trigger == "command"
    assert f"Import {planned.pk} brings in its orders since" in said
    assert tophatter.token not in said
    assert refused.orders.get().marketplace_order_id == str(lost["order_id"])


def test_a_token_in_a_file_that_is_refused_leaves_the_old_one(
    refused, tophatter, tmp_path, capsys
):
    path = tmp_path / "token.txt"
    path.write_text("1" * 32)

    status = run("replace_token", "Main store", "--token-file", str(path))

    said = capsys.readouterr().err
    assert status == 1
    assert "refused the access token" in said
    assert "1" * 32 not in said
    kept = Store.objects.get().token_ciphertext
    assert decrypt(kept).reveal() == decrypt(refused.token_ciphertext).reveal()
    assert not ImportRun.objects.exists()


def test_a_store_that_is_off_gets_its_token_and_no_import(
    refused, tophatter, typed, capsys
):
    Store.objects.update(is_active=False)
    typed(tophatter.token)

    assert run("replace_token", "Main store") == 0

    assert "It is switched off, so nothing comes in." in capsys.readouterr().out
    assert not ImportRun.objects.exists()


def test_an_unknown_store_is_wrong_usage(refused, capsys):
    assert run("replace_token", "Other store") == 2
    assert "There is no store “Other store”" in capsys.readouterr().err


def test_a_token_that_was_taken_for_a_file_is_not_repeated(refused, capsys):
    status = run("replace_token", "Main store", "--token-file", "2" * 32)

    assert status == 2
    assert "2" * 32 not in capsys.readouterr().err
