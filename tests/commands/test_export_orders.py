"""export_orders: the list's export from the command line."""

import io
import os
import pty
import stat
import subprocess
import sys
import termios
from contextlib import suppress

import pytest
from django.core.management import CommandError, call_command
from django.db.models.signals import post_save
from openpyxl import load_workbook

from orders import jobs
from orders.models import Job, Order
from tests.factories import OrderFactory, StoreFactory
from tests.support.programs import MANAGE, database_url

pytestmark = pytest.mark.django_db


def test_orders_of_the_stores_named_are_written(tmp_path, capsys):
    store, other = StoreFactory(name="Main"), StoreFactory(name="Other")
    OrderFactory.create_batch(3, store=store)
    OrderFactory(store=other)
    file = tmp_path / "orders.csv"

    call_command("export_orders", str(file), "Main")

    lines = file.read_text("utf-8-sig").splitlines()
    numbers = [line.split(",")[1] for line in lines[1:]]
    assert numbers == [str(order) for order in Order.objects.filter(store=store)]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    out, err = capsys.readouterr()
    assert "is written" in out
    # No bar where nobody looks.
    assert err == ""


def test_items_are_written_as_a_workbook(tmp_path):
    OrderFactory().line_items.create(position=0, sku="MUG", quantity=2)
    file = tmp_path / "items.xlsx"

    call_command("export_orders", str(file), "--what", "line-items")

    sheet = load_workbook(io.BytesIO(file.read_bytes())).active
    header, row = ([cell.value for cell in cells] for cells in sheet.rows)
    assert row[header.index("sku")] == "MUG"


@pytest.mark.parametrize(
    ("name", "said"), [("orders.pdf", "neither"), ("there.csv", "was not written")]
)
def test_a_file_that_cannot_be_is_said(tmp_path, name, said):
    (tmp_path / "there.csv").write_text("kept")

    with pytest.raises(CommandError, match=said):
        call_command("export_orders", str(tmp_path / name))

    assert (tmp_path / "there.csv").read_text() == "kept"
    assert not Job.objects.exists()


def test_a_job_that_was_stopped_leaves_no_half_file(tmp_path):
    OrderFactory()
    file = tmp_path / "orders.csv"

    def meanwhile(instance: Job, **_kwargs) -> None:
        jobs.ask_to_stop(instance)

    post_save.connect(meanwhile, sender=Job)
    try:
        with pytest.raises(CommandError, match="Somebody stopped this job"):
            call_command("export_orders", str(file))
    finally:
        post_save.disconnect(meanwhile, sender=Job)

    assert not file.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_on_a_terminal_a_bar_shows_how_far_it_is(tmp_path):
    OrderFactory.create_batch(3)
    near, far = pty.openpty()
    termios.tcsetwinsize(far, (24, 80))

    subprocess.run(
        [sys.executable, str(MANAGE), "export_orders", str(tmp_path / "o.csv")],
        env=os.environ
        | {
            "DJANGO_SETTINGS_MODULE": "backoffice.settings",
            "DATABASE_URL": database_url(),
        },
        stderr=far,
        check=True,
    )

    os.close(far)
    shown = b""
    # The end of a terminal nobody writes to is an error.
    with suppress(OSError):
        while piece := os.read(near, 10_000):
            shown += piece
    assert b"3/3 " in shown
