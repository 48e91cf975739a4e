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
from stores.sandbox.shops import faults as shop_faults
from stores.sandbox.shops.server import Shop
from tests.support import queues
from tests.support.programs import PATIENCE, command_of, wait_until

CANARY = "canary-that-must-never-sing"
# What follows the question mark in the address of a shop.
QUERY_CANARY = "qu3ry-canary-that-must-never-sing"
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
SHOP_OPTIONS = {
    "body": {"text": f"<Orders>{CANARY}{QUERY_CANARY}</Orders>", "code": 400},
    "status": {"code": 401, "text": f'{{"message": "The key {CANARY} …"}}'},
    "redirect": {"location": f"http://127.0.0.1:9/?key={QUERY_CANARY}"},
    "slow": {"seconds": 0.01},
    "drip": {"seconds": 0},
    "hanging": {"seconds": 0.01},
    "gzip_bomb": {"megabytes": 40},
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


def log_everything(caplog) -> None:
    for name in (None, "urllib3", "requests", "django", "django-q"):
        caplog.set_level(logging.DEBUG, logger=name)


def everything_in_the_database() -> str:
    with connection.cursor() as cursor:
        found = []
        for table in connection.introspection.table_names():
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            found.append(repr(cursor.fetchall()))
    return "".join(found)


def left_behind(caplog, folder: Path) -> dict[str, str]:
    """Return all that is left on this machine, by where it is."""
    left = {
        "database": everything_in_the_database(),
        # Which a database keeps packed.
        "tasks": repr([vars(task) for task in Task.objects.all()]),
        "sessions": repr([one.get_decoded() for one in Session.objects.all()]),
    }
    copy = folder / "copy.sqlite3"
    if connection.vendor == "sqlite":
        call_command("backup", str(copy))
        files = Path(connection.settings_dict["NAME"]).parent.iterdir()
        for file in [copy, *files]:
            left[file.name] = file.read_bytes().decode("latin-1")
    dump = io.StringIO()
    call_command("dumpdata", stdout=dump)
    left["dump"] = dump.getvalue()
    for what in ("orders", "line-items", "shipments"):
        file = folder / f"{what}.csv"
        call_command("export_orders", str(file), "--what", what)
        left[what] = file.read_text()
    plain = logging.Formatter("{name} {message}", style="{")
    left["log"] = "\n".join(
        f"{plain.format(record)} {vars(record)}" for record in caplog.records
    )
    left["mails"] = "".join(str(one.message()) for one in mail.outbox)
    return left


@pytest.mark.sweep
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_nothing_that_is_left_behind_holds_the_token(
    account, admin_client, caplog, settings, tmp_path
):
    settings.ALERT_EMAILS = ["ann@example.com"]
    log_everything(caplog)
    store = connect(admin_client)
    live(account, store)
    settings.TOPHATTER_API_URL = f"{account.url}?old"
    Store.objects.update(last_import_attempt_at=None, backoff_until=None)
    assert cluster.hide_secrets.__module__ == "backoffice.cluster"
    for task in ("orders.tasks.refresh_store", f"{__name__}.repeat_the_token"):
        work_off(task, store.pk)

    left = left_behind(caplog, tmp_path)

    assert [place for place, text in left.items() if CANARY in text] == []
    assert "urllib3.util.retry" in left["log"]
    assert Order.objects.filter(marketplace_order_id="7", ship_to_address1="****")
    # The other one is told in words that its address is none.
    assert Task.objects.filter(success=False).count() == 1
    assert "Subject: " in left["mails"]


def live_at_shop(shop: Shop, store: Store) -> None:
    """Play every fault of a practice shop against lists, and some against notices."""
    is_rest = shop.profile_name == "woo-rest"
    lists, notices = ("rest", "rest_notice") if is_rest else ("export", "shipnotify")
    told = ["body", "status", "redirect", "error_after_apply"]
    # Of an address, WooCommerce's own REST is never sent a query.
    known = CANARY if is_rest else QUERY_CANARY
    for _ in told:
        shop.add_order(note=f"My keys are {CANARY}, {known}.")
    importing.refresh_store(store)
    for fault, order in zip(told, Order.objects.all(), strict=True):
        shop.fault(fault, on=notices, **SHOP_OPTIONS.get(fault, {}))
        shipment = ship_order(order, carrier="USPS", tracking_number=NUMBER)
        notifying.send_tracking(shipment)
        shop.clear_faults()
    for fault in shop_faults.FAULTS:
        shop.fault(fault, on=lists, **SHOP_OPTIONS.get(fault, {}))
        importing.refresh_store(store)
        shop.clear_faults()


@pytest.mark.sweep
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("profile", ["guide", "woo-rest"])
def test_nothing_that_is_left_behind_holds_a_secret_of_a_shop(
    profile, admin_client, caplog, settings, tmp_path
):
    """Neither the password nor what follows the address's question mark."""
    settings.ALERT_EMAILS = ["ann@example.com"]
    log_everything(caplog)
    secrets = dict.fromkeys(("password", "consumer_secret"), CANARY)
    with Shop(profile, secrets=secrets) as shop:
        marketplace = "woocommerce" if profile == "woo-rest" else "custom_store"
        data = {"name": "Main store", "marketplace": marketplace, "timezone": "UTC"}
        data |= {"cart": "other", "auth": "auto", "key_in": "header", **shop.settings}
        data |= shop.secrets | {"address": f"{shop.address}?key={QUERY_CANARY}"}
        admin_client.post(reverse("admin:stores_store_add"), data)
        live_at_shop(shop, Store.objects.get())
        alerts.announce(clock.now())

        left = left_behind(caplog, tmp_path)

    for secret in (CANARY, QUERY_CANARY):
        assert [place for place, text in left.items() if secret in text] == []
    assert "urllib3" in left["log"]
    assert "My keys are ****, ****." in left["database"]
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
