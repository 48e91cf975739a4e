"""The commands for operators: what they print, what they do, how they end."""

import io
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.core.management import (
    call_command,
    get_commands,
    load_command_class,
)
from django.core.management.base import CommandError
from django.db import connection
from django.utils import timezone as clock
from django.utils.module_loading import import_string
from django_q.models import Schedule

from backoffice.health import beat
from stores import tokens
from stores.models import Store
from tests.factories import StoreFactory
from tests.support.commands import lines, run

OF_DJANGO = ("changepassword", "createsuperuser")
OURS = sorted(
    name
    for name, app in get_commands().items()
    if app in {"backoffice", "stores", "orders"}
    # Django's own, made fit for us: its help is Django's.
    and name not in {*OF_DJANGO, "makemessages", "migrate"}
)
MINUTELY = {"heartbeat", "refresh due stores", "send due notices"}

pytestmark = pytest.mark.django_db


@pytest.fixture
def typed(monkeypatch):
    """Return a function that puts a text on standard input."""
    return lambda text: monkeypatch.setattr(sys, "stdin", io.StringIO(text))


@pytest.fixture
def shell(tmp_path, tophatter) -> Callable[..., subprocess.CompletedProcess]:
    """Return a function that runs manage.py as an operator does, on a new database."""
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "backoffice.settings",
        "DATABASE_URL": f"sqlite:///{tmp_path / 'db.sqlite3'}",
        "REDIS_URL": "",
        "TOPHATTER_API_URL": tophatter.url,
    }
    return lambda *arguments, typed="": subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=django_settings.BASE_DIR,
        env=environment,
        input=typed,
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("name", OURS)
def test_each_command_helps_with_an_example(name, capsys):
    with pytest.raises(SystemExit) as ending:
        call_command(name, "--help")

    assert ending.value.code == 0
    said = " ".join(capsys.readouterr().out.split())
    assert f"Example: manage.py {name}" in said


@pytest.mark.parametrize(
    "arguments",
    [
        ["connect_store", "Main store"],
        ["import_orders"],
        ["import_orders", "Main store"],
        ["ship_order", "Main store", "1", "--carrier=USPS", "--tracking=1"],
        ["send_tracking"],
        ["check_sync"],
        ["setup_schedules"],
        ["rotate_tokens"],
    ],
)
def test_without_its_tables_each_command_says_what_to_run(arguments, typed):
    typed("a" * 32)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE stores_store RENAME TO gone_stores")
        cursor.execute("ALTER TABLE django_q_schedule RENAME TO gone_schedules")

    with pytest.raises(CommandError, match="lacks tables or columns") as error:
        call_command(*arguments)

    assert error.value.returncode == 1


def test_a_store_is_connected_by_a_token_from_standard_input(tophatter, typed, capsys):
    typed(f"{tophatter.token}\n")

    status = run(
        "connect_store",
        "Main store",
        "--timezone=America/Los_Angeles",
        "--variation-as-option",
    )

    store = Store.objects.get()
    assert status == 0
    assert (store.name, store.timezone) == ("Main store", "America/Los_Angeles")
    assert store.import_variation_as_option
    assert tokens.decrypt(store.token_ciphertext).reveal() == tophatter.token
    said = "".join(capsys.readouterr())
    assert said.startswith("Main store is connected to Tophatter;")
    assert tophatter.token not in said


def test_a_store_is_connected_by_a_token_from_a_file(tophatter, tmp_path):
    path = tmp_path / "token.txt"
    path.write_text(f"{tophatter.token}\n")

    status = run("connect_store", "Main store", "--token-file", str(path))

    assert status == 0
    store = Store.objects.get()
    assert (store.timezone, store.import_variation_as_option) == ("UTC", False)


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_token_file_that_cannot_be_read_is_wrong_usage(tmp_path, content, capsys):
    path = tmp_path / "token.txt"
    if content:
        path.write_bytes(content)

    status = run("connect_store", "Main store", "--token-file", str(path))

    assert status == 2
    assert f"The file {path} cannot be read" in capsys.readouterr().err


def test_an_unknown_zone_is_wrong_usage(tophatter, typed, capsys):
    typed(tophatter.token)

    status = run("connect_store", "Main store", "--timezone=Mars/Base")

    assert status == 2
    assert "Mars/Base is not a time zone" in capsys.readouterr().err
    assert not tophatter.requests


@pytest.mark.parametrize(
    ("token", "reason"),
    [("0" * 32, "refused the access token (401)"), ("", "Enter the access token.")],
)
def test_a_token_that_fails_is_said(tophatter, typed, token, reason, capsys):
    typed(token)

    status = run("connect_store", "Main store")

    assert status == 1
    assert reason in capsys.readouterr().err
    assert not Store.objects.exists()


@pytest.mark.parametrize(
    "typed_so",
    [["{}"], ["--token", "{}"], ["--token={}"], ["--tok={}"], ["-t{}"]],
)
def test_a_token_is_never_an_argument(tophatter, shell, typed_so):
    arguments = [one.format(tophatter.token) for one in typed_so]

    ended = shell("connect_store", "Main store", *arguments)

    assert ended.returncode == 2
    assert "unrecognized arguments" in ended.stderr
    assert tophatter.token not in ended.stdout + ended.stderr
    assert not tophatter.requests


def test_a_token_instead_of_its_file_is_not_repeated(capsys):
    status = run("connect_store", "Main store", "--token-file", "0a" * 16)

    said = capsys.readouterr()
    assert status == 2
    assert "The file … cannot be read" in said.err
    assert "0a0a" not in said.out + said.err


@pytest.mark.parametrize("command", [*OURS, *OF_DJANGO])
def test_no_command_takes_an_abbreviated_option(command):
    ours = load_command_class(get_commands()[command], command)

    assert not ours.create_parser("manage.py", command).allow_abbrev


@pytest.mark.parametrize(
    "arguments",
    [
        ["createsuperuser", "--username", "ada", "--password", "open sesame"],
        ["createsuperuser", "--password=open sesame"],
        ["changepassword", "ada", "open sesame"],
    ],
)
def test_a_password_on_the_line_is_not_repeated(arguments):
    name, *others = arguments
    command = load_command_class(get_commands()[name], name)

    with pytest.raises(CommandError, match="unrecognized arguments") as caught:
        command.create_parser("manage.py", name).parse_args(others)

    assert "sesame" not in str(caught.value)


@pytest.mark.sweep
def test_a_real_shell_sees_sentences_and_statuses(tophatter, shell):
    tophatter.add_order()
    before = shell("import_orders")
    shell("migrate", "--verbosity=0")

    wrong = shell("connect_store", "Main store", typed="0" * 32)
    connected = shell("connect_store", "Main store", typed=tophatter.token)
    unknown = shell("import_orders", "Nowhere")
    imported = shell("import_orders", "--json")

    statuses = [one.returncode for one in (before, wrong, connected, unknown, imported)]
    assert statuses == [1, 1, 0, 2, 0]
    assert "Run “manage.py migrate”" in before.stderr
    assert "refused the access token" in wrong.stderr
    assert "There is no store “Nowhere”" in unknown.stderr
    assert lines(imported.stdout)[0]["created"] == 1
    said = "".join(one.stdout + one.stderr for one in (before, wrong, connected))
    assert "Traceback" not in said
    assert tophatter.token not in said


def test_all_is_well_when_nothing_is_wrong(capsys):
    beat()
    StoreFactory(last_import_at=clock.now())

    status = run("check_sync")

    assert status == 0
    assert capsys.readouterr().out == "All is well.\n"


def test_nothing_wrong_is_no_line_of_json(capsys):
    beat()

    status = run("check_sync", "--json")

    assert (status, capsys.readouterr().out) == (0, "")


def test_what_is_wrong_is_a_line_each(capsys):
    since = clock.now() - timedelta(hours=3)
    StoreFactory(name="Main store", last_import_at=since)

    status = run("check_sync")

    worker, late = capsys.readouterr().out.splitlines()
    assert status == 1
    assert worker.startswith("The worker has never run;")
    assert late.startswith("Main store is late: no complete import since")


def test_what_is_wrong_is_an_object_each(capsys):
    StoreFactory(
        name="Main store",
        connection="refused",
        connection_error="Tophatter refused.",
        refused_since=clock.now(),
    )

    status = run("check_sync", "--json")

    worker, refused = lines(capsys.readouterr().out)
    assert status == 1
    assert list(worker) == list(refused) == ["cause", "store", "message"]
    assert (worker["cause"], worker["store"]) == ("worker", None)
    assert (refused["cause"], refused["store"]) == ("refused", "Main store")


def test_the_schedules_are_set_up_once(capsys):
    first = run("setup_schedules")
    rows = list(Schedule.objects.order_by("pk").values())

    second = run("setup_schedules")

    assert (first, second) == (0, 0)
    assert list(Schedule.objects.order_by("pk").values()) == rows
    assert len(rows) == len({row["name"] for row in rows})
    assert {row["name"] for row in rows if row["minutes"] == 1} >= MINUTELY
    assert capsys.readouterr().out.count("is there already.") == len(rows)


def test_each_schedule_runs_a_function_that_exists(capsys):
    run("setup_schedules")

    for schedule in Schedule.objects.all():
        assert callable(import_string(schedule.func))


def test_an_operators_cadence_stays(capsys):
    run("setup_schedules")
    chosen = clock.now() + timedelta(days=2)
    Schedule.objects.filter(name="re-check open orders").update(
        schedule_type=Schedule.HOURLY, next_run=chosen, repeats=0
    )

    run("setup_schedules")

    schedule = Schedule.objects.get(name="re-check open orders")
    assert (schedule.schedule_type, schedule.repeats) == (Schedule.HOURLY, 0)
    assert schedule.next_run == chosen


def test_a_schedule_that_was_deleted_comes_back_alone(capsys):
    run("setup_schedules")
    count = Schedule.objects.count()
    Schedule.objects.filter(name="heartbeat").delete()

    run("setup_schedules")

    assert Schedule.objects.count() == count
    assert "“heartbeat” is scheduled." in capsys.readouterr().out


def test_a_program_throws_away_what_it_no_longer_needs(manage):
    """Only while it starts it does not look for that."""
    program = manage("shell", "-v", "0", "-c", "import gc; print(gc.isenabled())")

    assert program.communicate()[0] == "True\n"
