"""One token lives through every fault there is, and is found nowhere on this machine.

Beside `test_secrets`, which looks at each place by itself, this one looks at all that
is left behind: files, copies, exports, mails, what programs are called.
"""

import io
import json
import logging
from multiprocessing import Queue, Value
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.management import call_command
from django.db import connection
from django.urls import reverse
from django.utils import timezone as clock
from django_q.models import Task
from django_q.monitor import monitor
from django_q.tasks import async_task
from django_q.worker import worker

from backoffice import cluster
from orders import importing, notifying
from orders.models import Order
from orders.shipping import ship_order
from orders.work import alerts
from stores.models import Store
from stores.sandbox.faults import FAULTS, STATUSES
from tests.support import queues
from tests.support.programs import PATIENCE, command_of, wait_until

CANARY = "canary-that-must-never-sing"
NUMBER = "9400111899562173406594"
ECHO = json.dumps(
    [
        {
            "order_id": 7,
            "status": "paid",
            "created_at": "2026-11-24T10:00:00Z",
            "customer_name": f"Jane {CANARY}",
            "product_name": CANARY,
            "product_identifier": CANARY,
            "address1": CANARY,
            "annotation": {"of": [CANARY]},
        }
    ]
)
# What a fault is told, so that it repeats the token where it can, and is quick.
OPTIONS = {
    **{str(code): {"message": f"The token {CANARY} …"} for code in STATUSES},
    "slow": {"seconds": 0.01},
    "drip": {"seconds": 0.0001},
    "body": {"text": ECHO},
    "wire": {"text": f"HTTP/1.1 500 {CANARY}\r\nX-Token: {CANARY}\r\n\r\n{CANARY}"},
    "gzip_bomb": {"megabytes": 40},
    "redirect": {"location": f"http://127.0.0.1:9/?access_token={CANARY}"},
}


@pytest.fixture
def account(tophatter):
    """A practice marketplace with an order, whose account has the canary's token."""
    tophatter.accounts = {CANARY: {}}
    tophatter.add_order()
    return tophatter


def connect(client) -> Store:
    """Connect a store on its page, and replace its token there."""
    data = {"name": "Main store", "marketplace": "tophatter", "access_token": CANARY}
    client.post(reverse("admin:stores_store_add"), data)
    store = Store.objects.get()
    replace = reverse("admin:stores_store_replace_token", args=[store.pk])
    client.post(replace, {"_form_submitted": "True", "access_token": CANARY})
    return store


def live(account, store: Store) -> None:
    """Play every fault against every kind of call, and run tasks that fail."""
    importing.refresh_store(store)
    order = Order.objects.get()
    shipment = ship_order(
        order, carrier="USPS", tracking_number="9400111899562173406594"
    )
    for fault in FAULTS:
        options = OPTIONS.get(fault, {})
        # Reads are tried again on the spot, which takes a second.
        times = 3 if fault in ("500", "reset") else 1
        account.fault(fault, times=times, on="orders", **options)
        importing.refresh_store(store)
        account.fault(fault, times=1, on="orders/retrieve", **options)
        importing.import_one(store, order.marketplace_order_id)
        account.fault(fault, times=1, on="orders/fulfill", **options)
        notifying.send_tracking(shipment)
        account.clear_faults()
    alerts.announce(clock.now())


def repeat_the_token(store_id: int) -> None:
    raise ValueError(f"{CANARY} is wrong, access_token={CANARY}")


def work_off(name: str, *arguments: int) -> None:
    """Have the queue's own worker do a task and its monitor keep what came of it."""
    tasks, results = Queue(), Queue()
    queues.purge()
    async_task(name, *arguments)
    tasks.put(queues.waiting()[0])
    tasks.put("STOP")
    worker(tasks, results, Value("f", -1))
    results.put("STOP")
    monitor(results)
    queues.purge()


def everything_in_the_database() -> str:
    with connection.cursor() as cursor:
        found = []
        for table in connection.introspection.table_names():
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            found.append(repr(cursor.fetchall()))
    return "".join(found)


@pytest.mark.django_db(transaction=True)
def test_nothing_that_is_left_behind_holds_the_token(
    account, admin_client, caplog, settings, tmp_path
):
    settings.ALERT_EMAILS = ["ann@example.com"]
    for name in (None, "urllib3", "requests", "django", "django-q"):
        caplog.set_level(logging.DEBUG, logger=name)
    store = connect(admin_client)
    live(account, store)
    settings.TOPHATTER_API_URL = f"{account.url}?old"
    Store.objects.update(last_import_attempt_at=None, backoff_until=None)
    assert cluster.hide_secrets.__module__ == "backoffice.cluster"
    for task in ("orders.tasks.refresh_store", f"{__name__}.repeat_the_token"):
        work_off(task, store.pk)

    left = {
        "database": everything_in_the_database(),
        # Which a database keeps packed.
        "tasks": repr([vars(task) for task in Task.objects.all()]),
        "sessions": repr([one.get_decoded() for one in Session.objects.all()]),
    }
    copy = tmp_path / "copy.sqlite3"
    if connection.vendor == "sqlite":
        call_command("backup", str(copy))
        files = Path(connection.settings_dict["NAME"]).parent.iterdir()
        for file in [copy, *files]:
            left[file.name] = file.read_bytes().decode("latin-1")
    dump = io.StringIO()
    call_command("dumpdata", stdout=dump)
    left["dump"] = dump.getvalue()
    for what in ("orders", "line-items", "shipments"):
        file = tmp_path / f"{what}.csv"
        call_command("export_orders", str(file), "--what", what)
        left[what] = file.read_text()
    plain = logging.Formatter("{name} {message}", style="{")
    left["log"] = "\n".join(
        f"{plain.format(record)} {vars(record)}" for record in caplog.records
    )
    left["mails"] = "".join(str(one.message()) for one in mail.outbox)

    assert [place for place, text in left.items() if CANARY in text] == []
    assert "urllib3.util.retry" in left["log"]
    assert Order.objects.filter(marketplace_order_id="7", ship_to_address1="****")
    # The other one is told in words that its address is none.
    assert Task.objects.filter(success=False).count() == 1
    assert "Subject: " in left["mails"]


@pytest.mark.django_db(transaction=True)
def test_no_program_is_called_by_the_token(manage, account, tmp_path):
    file = tmp_path / "token"
    file.write_text(CANARY)
    account.fault("slow", times=None, seconds=2)

    program = manage("connect_store", "Main store", "--token-file", str(file))
    wait_until(lambda: account.requests, PATIENCE, "The first call")

    own = Path(f"/proc/{program.pid}")
    assert "connect_store" in command_of(program.pid)
    assert CANARY not in command_of(program.pid) + (own / "environ").read_text()
    account.clear_faults()
    said, _nothing = program.communicate(timeout=PATIENCE)
    assert "is connected" in said
    assert CANARY not in said
